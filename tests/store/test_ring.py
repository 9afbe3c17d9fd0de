"""The ring forgets the oldest and never takes more memory than it may."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from everyframe.store.ring import FrameRing
from everyframe.types import Frame


def noisy(index: int, time: float, size: int) -> Frame:
    luma = np.random.default_rng(index).integers(0, 255, (size, size), dtype=np.uint8)
    return Frame(index, time, luma)


@settings(max_examples=40, deadline=None)
@given(
    steps=st.lists(st.tuples(st.floats(-1.0, 3.0), st.integers(8, 64)), max_size=25),
    seconds=st.floats(0.1, 10),
    max_bytes=st.integers(0, 20_000),
)
def test_both_bounds_hold_after_every_frame(
    steps: list[tuple[float, int]], seconds: float, max_bytes: int
) -> None:
    ring, time = FrameRing(seconds, max_bytes), 100.0
    for index, (step, size) in enumerate(steps):
        time += step
        ring.add(noisy(index, time, size))
        kept = list(ring.frames(-np.inf, np.inf))
        assert 0 <= ring.nbytes <= max_bytes
        assert len(ring) == len(kept)
        times = [frame.time for frame in kept]
        assert times == sorted(times)
        assert all(time - seconds <= kept_time <= time for kept_time in times)
        if kept:
            assert kept[-1].index == index
            assert [frame.index for frame in kept] == list(range(kept[0].index, index + 1))


def test_pictures_come_back_alike(make_frame: Callable[..., Frame]) -> None:
    ring = FrameRing()
    original = make_frame(3, 1.5)
    ring.add(original)
    (kept,) = ring.frames(1.0, 2.0)
    assert (kept.index, kept.time, kept.size, ring.latest) == (3, 1.5, (64, 48), 1.5)
    assert np.abs(kept.luma.astype(int) - original.luma).mean() < 4
    assert kept.rgb().shape == (48, 64, 3)


def test_colours_keep_their_order() -> None:
    red = np.zeros((16, 16, 3), np.uint8)
    red[:, :, 0] = 200
    ring = FrameRing()
    ring.add(Frame(0, 0.0, red[:, :, 0].copy(), to_rgb=lambda: red))
    (kept,) = ring.frames(0.0, 0.0)
    assert kept.rgb()[8, 8, 0] > 150
    assert kept.rgb()[8, 8, 2] < 60


def test_large_pictures_are_kept_small_and_their_size_is_known() -> None:
    ring = FrameRing()
    ring.add(Frame(0, 0.0, np.zeros((1080, 1920), np.uint8)))
    (kept,) = ring.frames(0.0, 0.0)
    assert kept.size == (960, 540)
    assert ring.frame_size == (1920, 1080)


def test_only_what_was_asked_for_is_given(make_frame: Callable[..., Frame]) -> None:
    ring = FrameRing(seconds=10.0)
    for index in range(10):
        ring.add(make_frame(index, float(index)))
    assert [frame.index for frame in ring.frames(2.5, 5.0)] == [3, 4, 5]
