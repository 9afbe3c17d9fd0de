"""Three ways from coarse maps to fine ones."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.nn import functional

from everyframe.errors import SettingError
from everyframe.vision.dense.upsampling import UPSAMPLINGS, fitted, upsampling


@pytest.mark.parametrize("factor", [2, 4, 8, 32])
def test_what_is_learned_begins_as_the_bilinear_one(factor: int) -> None:
    maps = torch.randn(2, 3, 5, 6, generator=torch.Generator().manual_seed(factor))
    learned = upsampling("learned", 3, factor)(maps)
    fixed = functional.interpolate(maps, scale_factor=factor, mode="bilinear", align_corners=False)
    edge = factor  # beyond the outermost cells a transposed convolution sees nothing, interpolation the edge
    inside = (..., slice(edge, -edge), slice(edge, -edge))
    assert torch.allclose(learned[inside], fixed[inside], atol=1e-5)
    assert not torch.allclose(learned, fixed, atol=1e-3)


@given(
    kind=st.sampled_from(UPSAMPLINGS),
    power=st.integers(0, 5),
    height=st.integers(1, 5),
    width=st.integers(1, 5),
)
def test_sizes_are_exact_multiples(kind: str, power: int, height: int, width: int) -> None:
    maps = torch.zeros(1, 2, height, width)
    factor = 2**power
    assert upsampling(kind, 2, factor)(maps).shape == (1, 2, height * factor, width * factor)


def test_only_what_learns_has_weights() -> None:
    weights = {kind: sum(one.numel() for one in upsampling(kind, 4, 2).parameters()) for kind in UPSAMPLINGS}
    assert weights == {"bilinear": 0, "learned": 4 * 16, "resize": 4 * 9}


def test_an_unknown_way_is_refused() -> None:
    with pytest.raises(SettingError, match="upsampling is 'cubic'; choose one of bilinear, learned, resize"):
        upsampling("cubic", 3, 2)


def test_maps_of_another_size_are_fitted() -> None:
    maps, like = torch.ones(1, 2, 3, 4), torch.zeros(1, 5, 7, 9)
    assert fitted(maps, like).shape == (1, 2, 7, 9)
    assert fitted(maps, maps) is maps
