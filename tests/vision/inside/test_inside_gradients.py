"""Receptive fields against what gradients say, in networks drawn at random."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from random import Random
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from everyframe.vision.inside import graph_of, reach
from everyframe.vision.inside.graph import Graph

torch = pytest.importorskip("torch")
nn = torch.nn

SIDE = 64


@pytest.fixture(autouse=True, scope="module")
def _one_thread() -> Iterator[None]:
    """Small convolutions wait for threads longer than they compute."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


class Joined(nn.Module):  # type: ignore[name-defined,misc]
    """Two ways whose ends are added or put upon each other, as fine as the finer one."""

    def __init__(self, one: Any, other: Any, stacked: bool) -> None:
        super().__init__()
        self.one, self.other, self.stacked = one, other, stacked

    def forward(self, maps: Any) -> Any:
        one, other = self.one(maps), self.other(maps)
        sides = [max(one.shape[dim], other.shape[dim]) for dim in (2, 3)]
        one, other = (
            part
            if list(part.shape[2:]) == sides
            else nn.functional.interpolate(part, sides, mode="bilinear", align_corners=False)
            for part in (one, other)
        )
        return torch.cat([one, other], 1)[:, ::2] if self.stacked else one + other


class Padded(nn.Module):  # type: ignore[name-defined,misc]
    def __init__(self, by: tuple[int, int, int, int], cut: int) -> None:
        super().__init__()
        self.by, self.cut = by, cut

    def forward(self, maps: Any) -> Any:
        return nn.functional.pad(maps, self.by)[:, :, self.cut :, : maps.shape[3]]


def layer(chance: Random, depth: int = 0) -> Any:
    kinds = ["conv", "pool", "learned", "upsample", "pad", "shuffle", *(["join"] * 2 if depth < 2 else [])]
    kind = chance.choice(kinds)
    kernel = (chance.randint(1, 4), chance.randint(1, 4))
    stride = (chance.randint(1, 2), chance.randint(1, 2))
    if kind == "conv":
        return nn.Conv2d(2, 2, kernel, stride, chance.randint(0, 2), chance.randint(1, 2), bias=False)
    if kind == "pool":  # the mean, since a maximum has a gradient at one place only
        return nn.AvgPool2d(kernel, stride, (kernel[0] // 2, kernel[1] // 2))
    if kind == "learned":  # without holes, which couple rows and columns
        kernel = (max(kernel[0], stride[0]), max(kernel[1], stride[1]))
        return nn.ConvTranspose2d(2, 2, kernel, stride, bias=False)
    if kind == "upsample":
        mode = chance.choice(["nearest", "bilinear"])
        return nn.Upsample(scale_factor=chance.choice([2.0, 3.0, 1.5]), mode=mode)
    if kind == "pad":
        before = (chance.randint(0, 3), chance.randint(0, 3), chance.randint(0, 3), chance.randint(0, 3))
        return Padded(before, chance.randint(0, 2))
    if kind == "shuffle":
        return nn.Sequential(nn.Conv2d(2, 8, 1, bias=False), nn.PixelShuffle(2))
    return Joined(network(chance, depth + 1), network(chance, depth + 1), chance.random() < 0.5)


def network(chance: Random, depth: int = 0) -> Any:
    return nn.Sequential(*(layer(chance, depth) for _ in range(chance.randint(1, 3 - depth))))


def positive(network: Any) -> Any:
    network = network.double()
    with torch.no_grad():
        for weights in network.parameters():
            weights.fill_(0.5)  # nothing cancels, and nothing vanishes
    return network


def extent(network: Any, place: tuple[int, ...], side: int) -> list[tuple[int, int]] | None:
    """Return the first and last rows and columns that a place of the output has a gradient in, if any."""
    picture = torch.ones(1, 2, side, side, dtype=torch.float64, requires_grad=True)
    network(picture)[0, :, place[0], place[1]].sum().backward()
    assert picture.grad is not None
    there = (picture.grad[0].abs().sum(0) > 0).numpy()
    lines = [np.flatnonzero(there.any(axis)) for axis in (1, 0)]
    return [(int(line.min()), int(line.max())) for line in lines] if there.any() else None


def compared(network: Any, graph: Graph) -> int:
    """Hold places around the middle of the output against gradients; return how many could be."""
    last = graph.layers[graph.outputs[0]]
    assert last.sight is not None
    # Where grids that do not fit each other meet, holes of the one may lie within what the other sees.
    exact = not any(layer.path[-1].startswith("upsample") for layer in graph.layers)
    done = 0
    for offset in range(-2, 3):
        place = tuple(min(max(0, length // 2 + offset), length - 1) for length in last.shape[2:])
        found = extent(network, place, graph.size[0])
        if found is None:
            continue  # a hole that a transposed convolution left
        for side, at, ends in zip(last.sight, place, found, strict=True):
            assert side.field is not None
            assert not side.whole
            first, final = (int(one[0]) for one in side.field.at(np.array([at], np.int64)))
            if first >= 0 and final < graph.size[0]:  # the picture does not cut it
                assert first <= ends[0] <= ends[1] <= final
                assert not exact or (first, final) == ends
                done += 1
    return done


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**32))
def test_fields_are_where_the_gradients_are(seed: int) -> None:
    drawn = positive(network(Random(seed)))
    try:
        shape = drawn(torch.ones(1, 2, SIDE, SIDE, dtype=torch.float64)).shape
    except RuntimeError:
        return  # too small for its own kernels
    if max(shape[2:]) < 300 and min(shape[2:]) > 2:
        compared(drawn, graph_of(drawn, (SIDE, SIDE)))


def test_what_is_upsampled_is_exact_for_every_phase() -> None:
    drawn = positive(
        nn.Sequential(
            nn.Conv2d(2, 2, 3, 2, 1),
            nn.Conv2d(2, 2, 3, 2, 1),
            nn.ConvTranspose2d(2, 2, 4, 2, 1),
            nn.Upsample(scale_factor=2.0, mode="bilinear"),
        )
    )
    graph = graph_of(drawn, (SIDE, SIDE))
    assert compared(drawn, graph) == 10
    assert graph.layers[-1].stride == (Fraction(1), Fraction(1))


def test_reach_is_the_farthest_that_a_pixel_sees() -> None:
    drawn = positive(
        nn.Sequential(nn.Conv2d(2, 2, 5, 2, 2), nn.Conv2d(2, 2, 3, 1, 1), nn.ConvTranspose2d(2, 2, 4, 2, 1))
    )
    far = 0
    for row in range(28, 36):
        ends = extent(drawn, (row, row), SIDE)
        assert ends is not None
        far = max(far, row - ends[0][0], ends[0][1] - row)
    assert reach(drawn, (SIDE, SIDE)) == far


def test_what_is_mixed_sees_the_whole_picture() -> None:
    gate = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Conv2d(4, 4, 1), nn.Sigmoid())

    class Gated(nn.Module):  # type: ignore[name-defined,misc]
        def __init__(self) -> None:
            super().__init__()
            self.see, self.gate = nn.Conv2d(3, 4, 3, 2, 1), gate

        def forward(self, maps: Any) -> Any:
            seen = self.see(maps)
            return seen * self.gate(seen)

    last = graph_of(Gated(), (48, 64)).layers[-1]
    assert last.whole
    assert last.field == (3, 3)
    assert last.stride == (Fraction(2), Fraction(2))
    assert reach(Gated(), (48, 64)) == 64
    assert graph_of(nn.GroupNorm(1, 3), (8, 8)).layers[-1].whole
