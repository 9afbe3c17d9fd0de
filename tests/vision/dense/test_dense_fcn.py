"""Scores at several strides, fused from coarse to fine."""

from __future__ import annotations

from itertools import product

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from everyframe.vision.dense.design import MODELS, design
from everyframe.vision.dense.making import Segmenting
from everyframe.vision.dense.upsampling import UPSAMPLINGS

TINY = "small/8,8,8,8/1,1,1,1"


@pytest.mark.parametrize(("model", "up"), list(product(MODELS, UPSAMPLINGS)))
def test_every_network_scores_every_pixel(model: str, up: str) -> None:
    network = Segmenting(design(model, TINY, up), 5).eval()
    with torch.inference_mode():
        scores = network(torch.zeros(2, 70, 90, 3, dtype=torch.uint8))
    assert scores.shape == (2, 5, 70, 90)


@settings(max_examples=20)
@given(height=st.integers(1, 80), width=st.integers(1, 80), fused=st.sampled_from([0, 8]))
def test_pictures_may_have_any_size(height: int, width: int, fused: int) -> None:
    network = Segmenting(design("fcn8s", TINY, width=fused), 3).eval()
    with torch.inference_mode():
        assert network(torch.zeros(1, height, width, 3, dtype=torch.uint8)).shape == (1, 3, height, width)


def test_skips_count_and_without_them_there_are_none() -> None:
    whole = Segmenting(design("fcn8s", TINY), 4).network
    assert [whole.trunk.strides[level] for level in whole.levels] == [32, 16, 8]
    assert len(whole.lateral) == 3
    bare = Segmenting(design("atrous8s", TINY), 4).network
    assert len(bare.lateral) == 1
    assert bare.trunk.strides[bare.levels[0]] == 8


def test_coarser_scores_are_trained_too() -> None:
    network = Segmenting(design("fcn4s", TINY, width=8), 4)
    scores = network.network.all_scores(torch.zeros(2, 3, 64, 96))
    assert [tuple(one.shape) for one in scores] == [(2, 4, 64, 96), (2, 4, 2, 3), (2, 4, 4, 6), (2, 4, 8, 12)]
    sum(one.sum() for one in scores).backward()  # type: ignore[union-attr]
    assert all(one.grad is not None for one in network.parameters())


def test_a_picture_moved_by_the_stride_is_seen_alike() -> None:
    """What tiles rely on."""
    torch.manual_seed(0)
    network = Segmenting(design("fcn8s", TINY), 3).eval()
    picture = torch.randint(0, 256, (1, 480, 480, 3), dtype=torch.uint8)
    with torch.inference_mode():
        whole, moved = network(picture), network(picture[:, 32:, 32:])
    reach = 200
    inside = slice(reach, 448 - reach)
    assert torch.allclose(whole[:, :, 32:, 32:][:, :, inside, inside], moved[:, :, inside, inside], atol=1e-4)


def test_colours_are_changed_before_they_are_normalised() -> None:
    network = Segmenting(design("fcn8s", TINY), 3)
    picture = torch.full((1, 4, 4, 3), 100, dtype=torch.uint8)
    same = torch.eye(3, 4)[None]
    twice = torch.cat([2 * torch.eye(3), torch.full((3, 1), 10.0)], dim=1)[None]
    assert torch.allclose(network.normal(picture, same), network.normal(picture))
    assert torch.allclose(network.normal(picture, twice), network.normal(picture * 0 + 210), atol=1e-5)
    lighter = torch.cat([9 * torch.eye(3), torch.zeros(3, 1)], dim=1)[None]
    assert torch.allclose(network.normal(picture, lighter), network.normal(picture * 0 + 255), atol=1e-5)
