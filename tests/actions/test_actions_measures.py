"""Zones measured on drawn fields whose truth is known."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from everyframe.actions import QUANTITIES, Zone, ZoneMeter
from everyframe.actions.zones import area_of, stretches
from everyframe.errors import SettingError
from everyframe.motion import Field
from everyframe.motion.background import Background
from everyframe.motion.perspective import Perspective

ROWS, COLUMNS, CELL = 30, 40, 8
SIZE = (COLUMNS * CELL, ROWS * CELL)
FLAT = Perspective(16.0, 0.0, 1.0, 100.0)  # everything is 16 px high: two cells
LANE = Zone(name="lane", lane=((0.0, 0.5), (1.0, 0.5)), width=0.1)


def field(
    *boxes: tuple[int, int, int, int, float], time: float = 0.0, luma: float = 120.0, measured: bool = True
) -> Field:
    """Return a field in which boxes ``(row, column, rows, columns, speed to the right)`` move."""
    velocity = np.zeros((ROWS, COLUMNS, 2), np.float32)
    moving = np.zeros((ROWS, COLUMNS), np.float32)
    for row, column, rows, columns, speed in boxes:
        velocity[row : row + rows, column : column + columns, 0] = speed
        moving[row : row + rows, column : column + columns] = 1.0
    return Field(0, time, None, velocity, moving, np.full_like(moving, luma), SIZE, measured)


def zone(**others: object) -> Zone:
    return Zone.model_validate({"name": "half", "polygon": [(0, 0), (0.5, 0), (0.5, 1), (0, 1)], **others})


def test_where_nothing_moves_there_is_nothing() -> None:
    told = ZoneMeter([zone(), LANE], FLAT).step(field())
    assert told == {
        **{f"half.{name}": 0.0 for name in QUANTITIES if name != "queue"},
        **{f"lane.{name}": 0.0 for name in QUANTITIES},
    }


def test_speed_is_in_pixels_and_in_typical_heights() -> None:
    told = ZoneMeter([zone()], FLAT).step(field((4, 4, 4, 4, 32.0), (20, 30, 4, 4, 99.0)))
    assert told["half.speed"] == pytest.approx(32.0)
    assert told["half.pace"] == pytest.approx(2.0)


def test_occupancy_is_a_share_of_the_zone_and_objects_count_by_their_middle() -> None:
    told = ZoneMeter([zone()], FLAT).step(field((0, 0, 15, 20, 5.0), (20, 18, 4, 8, 5.0)))
    assert told["half.occupancy"] == pytest.approx(0.5 + 4 * 2 / (ROWS * COLUMNS / 2))
    assert told["half.count"] == 1.0


def test_without_an_earlier_picture_nothing_is_told() -> None:
    told = ZoneMeter([LANE], FLAT).step(field(measured=False))
    assert all(math.isnan(value) for value in told.values())


def test_a_queue_is_what_stands_from_the_stop_line_on() -> None:
    meter = ZoneMeter([LANE], FLAT)
    slow, quick = 4.0, 80.0
    at_the_line = field((14, 0, 3, 10, slow))
    assert meter.step(at_the_line)["lane.queue"] == pytest.approx(10 * CELL)
    with_a_gap = field((14, 0, 3, 10, slow), (14, 12, 3, 8, slow))
    assert meter.step(with_a_gap)["lane.queue"] == pytest.approx(20 * CELL)
    far_from_it = field((14, 10, 3, 10, slow))
    assert meter.step(far_from_it)["lane.queue"] == 0.0
    flowing = field((14, 0, 3, 10, quick))
    assert meter.step(flowing)["lane.queue"] == 0.0
    beside_it = field((2, 0, 3, 10, slow))
    assert meter.step(beside_it)["lane.queue"] == 0.0


def test_what_stands_still_is_in_the_queue_as_the_background_does_not_know_it() -> None:
    background = Background(9)
    meter = ZoneMeter([LANE], FLAT, background)
    for step in range(200):
        background.step(field(time=step * 0.2))
        background.learn(0.2)
    empty = field(time=40.2)
    background.step(empty)
    assert meter.step(empty)["lane.queue"] == 0.0
    for step in range(40):
        waiting = field(time=40.4 + step * 0.2)
        waiting.luma[13:18, 0:12] = 220.0  # cars that stopped: bright, and without motion
        background.step(waiting)
    told = meter.step(waiting)
    assert 8 * CELL <= told["lane.queue"] <= 16 * CELL
    assert told["lane.speed"] == 0.0
    assert told["lane.occupancy"] > 0.2


@given(st.integers(0, COLUMNS), st.floats(0.0, 7.9))
def test_a_queue_is_as_long_as_what_stands_there(columns: int, speed: float) -> None:
    told = ZoneMeter([LANE], FLAT).step(field((14, 0, 3, columns, speed)))
    assert told["lane.queue"] == pytest.approx(columns * CELL)


def test_stretches_of_a_lane_share_no_cell_and_add_up_to_its_length() -> None:
    bent = Zone(name="bent", lane=((0.1, 0.9), (0.5, 0.5), (0.9, 0.5)), width=0.05)
    parts = stretches(bent, (ROWS, COLUMNS), SIZE)
    covered = np.sum([cells for cells, _ in parts], axis=0)
    assert covered.max() == 1
    whole = math.hypot(0.4 * SIZE[0], 0.4 * SIZE[1]) + 0.4 * SIZE[0]
    assert sum(length for _, length in parts) == pytest.approx(whole)
    assert np.array_equal(area_of(bent, (ROWS, COLUMNS), SIZE), covered > 0)


def test_a_zone_smaller_than_a_cell_is_the_cell_it_lies_in() -> None:
    tiny = zone(polygon=[(0.501, 0.501), (0.503, 0.501), (0.502, 0.503)])
    area = area_of(tiny, (ROWS, COLUMNS), SIZE)
    assert area.sum() == 1
    assert area[15, 20]


def test_a_meter_follows_a_picture_that_changes_its_size() -> None:
    meter = ZoneMeter([zone()], FLAT)
    meter.step(field())
    small = Field(
        1,
        1.0,
        None,
        np.zeros((6, 8, 2), np.float32),
        np.ones((6, 8), np.float32),
        np.zeros((6, 8), np.float32),
        (64, 48),
    )
    assert meter.step(small)["half.occupancy"] == 1.0


def test_two_zones_of_one_name_are_refused() -> None:
    with pytest.raises(SettingError, match="Two zones have the same name"):
        ZoneMeter([zone(), zone()], FLAT)
