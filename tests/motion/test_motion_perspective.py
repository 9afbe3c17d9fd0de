"""How large things are at each height of the picture, learned from what moves."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from everyframe.motion import Field
from everyframe.motion.perspective import Perspective, learn_perspective

SIZE = (320, 240)
SHAPE = (120, 160)  # cells of 2 x 2 pixels


def walkers(base: float, slope: float, count: int, seed: int = 0) -> Iterator[Field]:
    """Yield fields with one upright thing each, whose height is ``base + slope * middle`` in pixels."""
    random = np.random.default_rng(seed)
    for number in range(count):
        middle = random.uniform(40.0, 190.0)
        height = (base + slope * middle) * random.normal(1.0, 0.05)
        top, bottom = round((middle - height / 2) / 2), round((middle + height / 2) / 2)
        left, width = int(random.integers(10, 120)), max(2, round(height / 2 / 3))
        moving = np.zeros(SHAPE, np.float32)
        moving[max(1, top) : bottom, left : left + width] = 1.0
        velocity = np.repeat(20.0 * moving[..., None], 2, axis=2)
        yield Field(number, 0.2 * number, None, velocity, moving, np.zeros_like(moving), SIZE)


@pytest.mark.parametrize(("base", "slope"), [(15.0, 0.2), (30.0, 0.0), (8.0, 0.3)])
def test_the_line_is_found(base: float, slope: float) -> None:
    found = learn_perspective(walkers(base, slope, 600), SIZE[1])
    assert found.slope == pytest.approx(slope, abs=0.04)
    rows = np.array([60.0, 120.0, 180.0])
    assert found.height(rows) == pytest.approx(base + slope * rows, rel=0.12)


def test_pairs_at_one_height_of_the_picture_do_not_tilt_the_line() -> None:
    def one(field: Field) -> Field:
        # Of those in the lower part most walk before somebody, more or less near: one patch, taller than one.
        top = int(np.flatnonzero(field.moving.any(axis=1))[0])
        if field.index % 4 and 50 <= top < 80:
            columns = field.moving.any(axis=0)
            field.moving[max(1, top - 4 - 7 * field.index % 30) : top, columns] = 1.0
        return field

    found = learn_perspective(map(one, walkers(30.0, 0.05, 600)), SIZE[1])
    rows = np.array([60.0, 120.0, 180.0])
    assert found.height(rows) == pytest.approx(30.0 + 0.05 * rows, rel=0.1)


def test_too_little_motion_gives_one_height_for_all() -> None:
    found = learn_perspective(walkers(15.0, 0.2, 30), SIZE[1])
    assert found.slope == 0.0
    assert found.height(50.0) == found.height(200.0) == pytest.approx(SIZE[1] / 6)


def test_what_is_wider_than_tall_does_not_count() -> None:
    def cars() -> Iterator[Field]:
        for number in range(200):
            moving = np.zeros(SHAPE, np.float32)
            moving[40:50, 30:90] = 1.0
            velocity = np.zeros((*SHAPE, 2), np.float32)
            yield Field(number, 0.2 * number, None, velocity, moving, moving, SIZE)

    assert learn_perspective(cars(), SIZE[1]) == learn_perspective([], SIZE[1])


@settings(max_examples=50)
@given(st.floats(-500, 500), st.floats(-2, 2), st.floats(-1e4, 1e4))
def test_heights_stay_within_their_limits(base: float, slope: float, row: float) -> None:
    assert 12.0 <= Perspective(base, slope, 12.0, 80.0).height(row) <= 80.0
