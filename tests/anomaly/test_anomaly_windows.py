"""Rows: what happens in windows of the size of a body."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from everyframe.anomaly.windows import COLUMNS, DOWN, HOUR, RIGHT, SIZE, SPEED, STAY, Windows, X, Y
from everyframe.motion import Field
from everyframe.motion.perspective import Perspective

GRID, PIXELS = (80, 60), (160, 120)
FLAT = Perspective(24.0, 0.0, 6.0, 40.0)
NOTHING = np.zeros(GRID[::-1], np.float32)


def patch(
    velocity: tuple[float, float], rows: slice = slice(20, 32), columns: slice = slice(30, 42)
) -> Field:
    flow = np.zeros((*GRID[::-1], 2), np.float32)
    moving = NOTHING.copy()
    flow[rows, columns] = velocity
    moving[rows, columns] = 1.0
    return Field(0, 0.0, None, flow, moving, np.full_like(NOTHING, 90.0), PIXELS)


@pytest.fixture(scope="module")
def windows() -> Windows:
    return Windows(FLAT, GRID, PIXELS)


def test_nothing_that_moves_is_no_rows(windows: Windows) -> None:
    rows = windows.rows(patch((0.0, 0.0), slice(0, 0), slice(0, 0)), NOTHING, float("nan"))
    assert rows.shape == (0, len(COLUMNS))


def test_rows_lie_where_it_moves_and_say_the_hour(windows: Windows) -> None:
    rows = windows.rows(patch((24.0, 0.0)), NOTHING, 14.5)
    assert len(rows) > 4
    assert abs(rows[:, X].mean() * GRID[0] - 36) < 2.0
    assert abs(rows[:, Y].mean() * GRID[1] - 26) < 2.0
    assert (rows[:, HOUR] == 14.5).all()
    assert (rows[:, STAY] == 0).all()


@given(st.floats(-120, 120), st.floats(-120, 120))
def test_velocity_is_in_typical_heights_per_second(right: float, down: float) -> None:
    rows = Windows(FLAT, GRID, PIXELS).rows(patch((right, down)), NOTHING, float("nan"))
    # In the middle of the patch the window is full: 24 px high, so 24 px/s is one height per second.
    middle = np.hypot(rows[:, X] - 36 / GRID[0], rows[:, Y] - 26 / GRID[1]).argmin()
    assert rows[middle, RIGHT] == pytest.approx(right / 24.0, abs=1e-3)
    assert rows[middle, DOWN] == pytest.approx(down / 24.0, abs=1e-3)
    assert rows[middle, SPEED] == pytest.approx(np.hypot(right, down) / 24.0, abs=1e-3)


def test_a_large_thing_counts_for_more_than_a_hand(windows: Windows) -> None:
    whole = windows.rows(patch((60.0, 0.0)), NOTHING, float("nan"))
    hand = windows.rows(patch((60.0, 0.0), slice(24, 28), slice(34, 38)), NOTHING, float("nan"))
    assert whole[:, SPEED].max() > 2 * hand[:, SPEED].max()
    assert whole[:, SIZE].max() > 2 * hand[:, SIZE].max()


def test_what_stays_is_a_row_that_does_not_move(windows: Windows) -> None:
    stayed: NDArray[np.float32] = NOTHING.copy()
    stayed[40:50, 10:20] = 30.0
    rows = windows.rows(patch((0.0, 0.0), slice(0, 0), slice(0, 0)), stayed, float("nan"))
    assert len(rows) > 0
    assert rows[:, STAY].max() == pytest.approx(30.0)
    assert (rows[:, SPEED] == 0).all()
    assert (rows[:, SIZE] == 0).all()


def test_windows_follow_the_perspective() -> None:
    windows = Windows(Perspective(4.0, 0.25, 4.0, 40.0), GRID, PIXELS)
    assert windows.tall[0] < windows.tall[-1]
    # The same speed in pixels is faster for what is small and far away.
    far = windows.rows(patch((20.0, 0.0), slice(6, 18)), NOTHING, float("nan"))
    near = windows.rows(patch((20.0, 0.0), slice(44, 56)), NOTHING, float("nan"))
    assert far[:, SPEED].max() > 1.5 * near[:, SPEED].max()


def test_rows_hold_the_means_over_windows_that_may_hang_over_the_border() -> None:
    random = np.random.default_rng(3)
    windows = Windows(Perspective(4.0, 0.25, 4.0, 40.0), GRID, PIXELS)
    field = patch((9.0, -4.0), slice(40, 60), slice(60, 80))
    field.velocity[:] *= random.uniform(0.0, 1.0, (*NOTHING.shape, 1))
    field.moving[:] *= random.uniform(0.0, 1.0, NOTHING.shape) > 0.3
    rows = windows.rows(field, NOTHING, float("nan"))
    down, across = windows.places(rows)
    assert len(rows) > 40
    for row, j, i in zip(rows, down.tolist(), across.tolist(), strict=True):
        y, x, tall = 2 * j + 1, 2 * i + 1, float(windows.tall[j])
        looks: list[tuple[float, NDArray[np.float32], float]] = [
            (0.62, field.velocity[..., 0], row[RIGHT] * tall),
            (0.62, field.velocity[..., 1], row[DOWN] * tall),
            (1.7, field.moving, row[SIZE]),
        ]
        for part, plane, found in looks:
            half = max(1, round(tall * part / 2.0 / 2.0))  # cells are 2 px wide and high
            window = plane[max(0, y - half) : y + half + 1, max(0, x - half) : x + half + 1]
            area = max(window.size, 0.5 * (2 * half + 1) ** 2)
            assert found == pytest.approx(float(window.sum()) / area, abs=1e-4)


def test_places_are_the_map_that_rows_came_from(windows: Windows) -> None:
    everything = patch((10.0, 0.0), slice(0, GRID[1]), slice(0, GRID[0]))
    rows = windows.rows(everything, NOTHING, float("nan"))
    j, i = windows.places(rows)
    assert len(rows) == windows.shape[0] * windows.shape[1]
    assert len(set(zip(j.tolist(), i.tolist(), strict=True))) == len(rows)
    assert (j.max() + 1, i.max() + 1) == windows.shape
