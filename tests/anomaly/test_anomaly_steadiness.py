"""A knocked camera is not a crowd."""

from __future__ import annotations

import numpy as np
import pytest

from everyframe.anomaly.steadiness import Steadiness, spread, together
from everyframe.motion import Field

GRID = (60, 80)


def field(time: float, cells: np.ndarray[tuple[int, ...], np.dtype[np.bool_]], alike: bool = True) -> Field:
    random = np.random.default_rng(0)
    angle = random.uniform(0, 2 * np.pi, GRID)
    velocity = np.full((*GRID, 2), (100.0, 20.0), np.float32)
    if not alike:
        velocity[..., 0], velocity[..., 1] = 100 * np.cos(angle), 100 * np.sin(angle)
    moving = cells.astype(np.float32)
    return Field(0, time, None, velocity * moving[..., None], moving, np.ones(GRID, np.float32), (160, 120))


def everywhere(share: float) -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
    return np.random.default_rng(1).random(GRID) < share


def somewhere(columns: int) -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
    cells = np.zeros(GRID, bool)
    cells[:, :columns] = True
    return cells


NOTHING = np.zeros(GRID, bool)


def after_quiet(last: Field) -> bool:
    steadiness = Steadiness()
    for number in range(20):
        assert not steadiness.step(field(number / 5, NOTHING))
    return steadiness.step(last)


def test_a_knock_moves_everything_alike() -> None:
    assert after_quiet(field(4.0, everywhere(0.4)))


@pytest.mark.parametrize(
    "last",
    [
        field(4.0, everywhere(0.4), alike=False),  # a crowd breaks into a run
        field(4.0, somewhere(36)),  # a lorry enters
        field(4.0, everywhere(0.1)),  # rain
    ],
    ids=["crowd", "lorry", "rain"],
)
def test_what_happens_in_the_scene_is_not_the_camera(last: Field) -> None:
    assert not after_quiet(last)


def test_where_all_of_the_picture_moves_it_is_the_camera_however_it_moves() -> None:
    assert after_quiet(field(4.0, everywhere(0.9), alike=False))


def test_what_keeps_moving_everywhere_is_the_scene_after_all() -> None:
    steadiness = Steadiness()
    told = [
        steadiness.step(field(number / 5, everywhere(0.4 if number > 10 else 0.0))) for number in range(60)
    ]
    assert told[11]
    assert not any(told[40:])


def test_a_source_that_begins_in_full_motion_is_no_knock() -> None:
    assert not Steadiness().step(field(0.0, everywhere(0.4)))


def test_spread_and_together_are_shares() -> None:
    assert spread(field(0.0, somewhere(40))) == 0.5
    assert together(field(0.0, somewhere(40))) == 1.0
    assert together(field(0.0, everywhere(0.5), alike=False)) < 0.2
    assert together(field(0.0, NOTHING)) == 0.0
