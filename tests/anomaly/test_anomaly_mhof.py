"""Histograms of optical flow over blocks in space and time."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from everyframe.anomaly.detector import Scene
from everyframe.anomaly.mhof import (
    ACROSS,
    BEFORE,
    BINS,
    COLUMNS,
    FAST,
    ORIENTATIONS,
    TYPES,
    MhofLook,
    histograms,
)
from everyframe.anomaly.windows import Rows, Windows
from everyframe.motion.field import Field
from everyframe.motion.perspective import Perspective

SIZE = (160, 120)
GRID = (80, 60)


def windows(slope: float = 0.0, base: float = 20.0) -> Windows:
    return Windows(Perspective(base, slope, 6.0, 60.0), GRID, SIZE)


def scene(
    right: float,
    down: float,
    box: tuple[int, int, int, int] = (30, 20, 12, 16),
    *,
    measured: bool = True,
) -> Scene:
    """Return one moving body, ``box`` being left, top, width and height in cells."""
    velocity, moving = np.zeros((*GRID[::-1], 2), np.float32), np.zeros(GRID[::-1], np.float32)
    left, top, width, height = box
    velocity[top : top + height, left : left + width] = right, down
    moving[top : top + height, left : left + width] = 1.0
    blank = np.zeros_like(moving)
    return Scene(Field(0, 0.0, None, velocity, moving, blank, SIZE, measured), blank, blank, 13.5)


def strongest(rows: Rows | None) -> NDArray[np.float32]:
    """Return the histograms ``(1 + ACROSS + BEFORE, BINS)`` of the row with most motion in its block."""
    assert rows is not None
    row = rows[rows[:, 3 : 3 + BINS].sum(axis=1).argmax(), 3:]
    return row.reshape(-1, BINS)


def test_a_row_is_a_place_an_hour_and_histograms() -> None:
    rows = MhofLook(windows()).rows(scene(10.0, 0.0))
    assert rows is not None
    assert rows.shape[1] == 3 + COLUMNS
    assert rows.dtype == np.float32
    assert (rows[:, 2] == 13.5).all()
    assert np.all((rows[:, 0] > 0.3) & (rows[:, 0] < 0.6))
    assert np.all(rows[:, 3:] > -1e-6)


def test_the_types_take_a_block_with_its_neighbours_and_with_its_past() -> None:
    assert [len(one) for one in TYPES.values()] == [BINS, BINS * (1 + ACROSS), BINS * (1 + BEFORE)]
    assert set(np.concatenate([*TYPES.values()])) == set(range(COLUMNS))


@given(st.integers(0, ORIENTATIONS - 1), st.floats(1.0, 100.0))
def test_the_direction_has_its_bin(direction: int, speed: float) -> None:
    angle = direction * 2 * np.pi / ORIENTATIONS
    field = scene(speed * float(np.cos(angle)), speed * float(np.sin(angle))).field
    found = histograms(field, np.full(GRID[1], 20.0, np.float32)).sum(axis=(0, 1))
    both = found[:ORIENTATIONS] + found[ORIENTATIONS:]
    assert both.argmax() == direction
    assert both.max() > 0.99 * both.sum()


@given(st.floats(-50, 50), st.floats(-50, 50), st.floats(5, 80))
def test_all_bins_together_hold_the_speed(right: float, down: float, tall: float) -> None:
    one = scene(right, down).field
    found = histograms(one, np.full(GRID[1], tall, np.float32))
    expected = np.hypot(right, down) / tall * one.moving
    np.testing.assert_allclose(found.sum(axis=-1), expected, rtol=1e-4, atol=1e-6)


def test_half_is_fast_at_the_boundary_and_more_beyond() -> None:
    def fast(heights: float) -> float:
        found = histograms(scene(20.0 * heights, 0.0).field, np.full(GRID[1], 20.0, np.float32))
        return float(found[..., ORIENTATIONS:].sum() / found.sum())

    assert fast(FAST) == pytest.approx(0.5, abs=1e-4)
    assert fast(FAST / 3) < 0.2
    assert fast(3 * FAST) > 0.8


def test_near_and_far_compare() -> None:
    far, near = (
        strongest(MhofLook(windows(0.0, tall)).rows(scene(tall, 0.0, (40 - n, 30 - n, 2 * n, 2 * n))))
        for tall, n in ((10.0, 8), (20.0, 16))
    )
    np.testing.assert_allclose(far[0], near[0], rtol=1e-3, atol=1e-4)


def test_neighbours_are_above_below_left_and_right() -> None:
    # The body's middle is one block to the left of where this row is.
    rows = MhofLook(windows()).rows(scene(10.0, 0.0, (20, 24, 8, 8)))
    assert rows is not None
    right_most = rows[rows[:, 0].argmax(), 3:].reshape(-1, BINS).sum(axis=1)
    assert right_most[3] > right_most[4]
    assert right_most[4] == pytest.approx(0.0, abs=1e-6)
    lowest = rows[rows[:, 1].argmax(), 3:].reshape(-1, BINS).sum(axis=1)
    assert lowest[1] > lowest[2]


def test_the_past_is_the_same_place_before_the_latest_first() -> None:
    look = MhofLook(windows())
    for speed in (2.0, 4.0, 6.0):
        look.rows(scene(speed, 0.0))
    found = strongest(look.rows(scene(8.0, 0.0))).sum(axis=1)
    assert found[1 + ACROSS :] / found[0] == pytest.approx([0.75, 0.5, 0.25], rel=1e-3)


def test_what_was_before_the_first_moment_is_like_it() -> None:
    look = MhofLook(windows())
    first = strongest(look.rows(scene(5.0, 0.0)))
    np.testing.assert_allclose(first[1 + ACROSS :], np.tile(first[0], (BEFORE, 1)), atol=1e-6)
    look.rows(scene(9.0, 0.0))
    look.reset()
    np.testing.assert_array_equal(strongest(look.rows(scene(5.0, 0.0))), first)


def test_what_was_not_measured_says_nothing_and_breaks_the_past() -> None:
    look = MhofLook(windows())
    look.rows(scene(9.0, 0.0))
    assert look.rows(scene(0.0, 0.0, measured=False)) is None
    found = strongest(look.rows(scene(3.0, 0.0)))
    np.testing.assert_allclose(found[1 + ACROSS :], np.tile(found[0], (BEFORE, 1)), atol=1e-6)


def test_nothing_moves_nothing_is_told_and_where_all_moves_not_too_much() -> None:
    still = MhofLook(windows()).rows(scene(0.0, 0.0, (0, 0, 0, 0)))
    assert still is not None
    assert still.shape == (0, 3 + COLUMNS)
    whole = MhofLook(windows(base=6.0)).rows(scene(5.0, 0.0, (0, 0, *GRID)))
    assert whole is not None
    assert 60 < len(whole) <= 100
    assert whole[:, 1].min() < 0.1 < 0.9 < whole[:, 1].max()
