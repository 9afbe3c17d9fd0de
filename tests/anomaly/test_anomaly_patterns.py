"""Patterns of motion of the size of a body."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from everyframe.anomaly.detector import Scene
from everyframe.anomaly.patterns import GRID, PLANES, VALUES, PatternLook
from everyframe.anomaly.windows import Windows
from everyframe.motion.field import Field
from everyframe.motion.perspective import Perspective

CELLS = (80, 60)
SIZE = (160, 120)


def windows(base: float = 24.0, slope: float = 0.0) -> Windows:
    return Windows(Perspective(base, slope, 6.0, 60.0), CELLS, SIZE)


def scene(
    boxes: list[tuple[int, int, int, int, float, float]], time: float = 0.0, *, measured: bool = True
) -> Scene:
    """Return boxes ``(left, top, right, bottom)`` in cells that move at ``(right, down)`` px/s."""
    velocity = np.zeros((*CELLS[::-1], 2), np.float32)
    moving = np.zeros(CELLS[::-1], np.float32)
    for left, top, right, bottom, across, down in boxes:
        velocity[top:bottom, left:right] = across, down
        moving[top:bottom, left:right] = 1.0
    field = Field(0, time, None, velocity, moving, np.full(CELLS[::-1], 90, np.float32), SIZE, measured)
    still = np.zeros_like(moving)
    return Scene(field, still, still, 13.0)


def planes(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    return rows[:, 3:].reshape(len(rows), len(PLANES), *GRID)


def test_in_the_middle_of_something_large_everything_moves_alike() -> None:
    rows = PatternLook(windows()).rows(scene([(20, 10, 60, 50, 48.0, -12.0)]))
    assert rows is not None
    assert rows.shape[1] == 3 + VALUES
    inside = rows[(np.abs(rows[:, 0] - 0.5) < 0.1) & (np.abs(rows[:, 1] - 0.5) < 0.1)]
    assert len(inside) > 0
    for plane, value in zip(planes(inside).swapaxes(0, 1), (2.0, -0.5, 1.0), strict=True):
        np.testing.assert_allclose(plane, value, atol=1e-4)  # typical heights per second
    assert (rows[:, 2] == 13.0).all()


@given(
    left=st.integers(0, 60),
    top=st.integers(0, 40),
    wide=st.integers(4, 20),
    high=st.integers(4, 20),
    base=st.floats(10, 50),
)
@settings(max_examples=30, deadline=None)
def test_cells_are_exact_means(left: int, top: int, wide: int, high: int, base: float) -> None:
    one = windows(base)
    rows = PatternLook(one).rows(scene([(left, top, left + wide, top + high, 30.0, 0.0)]))
    assert rows is not None
    tall = np.float64(one.tall[0])
    for row, found in zip(rows[:3], planes(rows[:3])[:, 2], strict=True):
        x, y = row[0] * CELLS[0], row[1] * CELLS[1]
        edge = 0.15 * tall / 2.0  # pixels to cells
        x_edges = x + edge * (np.arange(GRID[1] + 1) - GRID[1] / 2)
        y_edges = y + edge * (np.arange(GRID[0] + 1) - GRID[0] / 2)
        across = np.diff(np.clip(x_edges, left, left + wide)) / edge
        down = np.diff(np.clip(y_edges, top, top + high)) / edge
        np.testing.assert_allclose(found, down[:, None] * across[None], atol=0.08)


def test_near_and_far_look_the_same() -> None:
    def pattern(tall: float) -> NDArray[np.float32]:
        half = round(tall / 4)  # a square body, half as high as is typical, in cells of two pixels
        box = (40 - half, 30 - half, 40 + half, 30 + half, 2.0 * tall, 0.0)
        rows = PatternLook(windows(tall)).rows(scene([box]))
        assert rows is not None
        middle = np.hypot(rows[:, 0] - 0.5, rows[:, 1] - 0.5).argmin()
        found: NDArray[np.float32] = planes(rows)[middle]
        return found

    np.testing.assert_allclose(pattern(20.0).mean(axis=(1, 2)), pattern(40.0).mean(axis=(1, 2)), atol=0.15)


def test_a_pattern_is_the_mean_of_half_a_second() -> None:
    look = PatternLook(windows())
    box = (20, 10, 60, 50)
    for number, speed in enumerate((0.0, 24.0, 48.0)):
        rows = look.rows(scene([(*box, speed, 0.0)], 0.2 * number))
    assert rows is not None
    middle = np.hypot(rows[:, 0] - 0.5, rows[:, 1] - 0.5).argmin()
    np.testing.assert_allclose(planes(rows)[middle, 0], 1.0, atol=1e-4)
    later = look.rows(scene([(*box, 96.0, 0.0)], 2.0))  # what was before the gap is too long ago
    assert later is not None
    np.testing.assert_allclose(planes(later)[middle, 0], 4.0, atol=1e-4)


@pytest.mark.parametrize("how", ["reset", "back in time"])
def test_what_came_before_is_forgotten(how: str) -> None:
    look, box = PatternLook(windows()), (20, 10, 60, 50)
    look.rows(scene([(*box, -48.0, 0.0)], 7.0))
    if how == "reset":
        look.reset()
    rows = look.rows(scene([(*box, 48.0, 0.0)], 7.2 if how == "reset" else 0.0))
    fresh = PatternLook(windows()).rows(scene([(*box, 48.0, 0.0)]))
    assert rows is not None
    assert fresh is not None
    np.testing.assert_array_equal(rows, fresh)


def test_where_nothing_moves_there_are_no_rows_and_without_motion_nothing_is_new() -> None:
    look = PatternLook(windows())
    nothing = look.rows(scene([]))
    assert nothing is not None
    assert nothing.shape == (0, 3 + VALUES)
    assert look.rows(scene([(0, 0, 40, 40, 9.0, 0.0)], 0.2, measured=False)) is None


def test_a_crowd_is_sampled_from_everywhere() -> None:
    rows = PatternLook(windows()).rows(scene([(0, 0, *CELLS, 30.0, 0.0)]))
    assert rows is not None
    assert len(rows) == 120
    assert rows[:, 1].min() < 0.1
    assert rows[:, 1].max() > 0.9
    assert len(np.unique(rows[:, :2], axis=0)) == 120


def test_beyond_the_picture_nothing_moves() -> None:
    rows = PatternLook(windows()).rows(scene([(0, 10, 10, 50, 30.0, 0.0)]))
    assert rows is not None
    edge = rows[rows[:, 0] < 0.02]
    assert len(edge) > 0
    np.testing.assert_allclose(planes(edge)[..., 0], 0.0, atol=1e-5)
