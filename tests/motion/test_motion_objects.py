"""Connected patches that move."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from everyframe.motion import Field
from everyframe.motion.objects import find_objects


def field(*patches: tuple[int, int, int, int, float, float], shape: tuple[int, int] = (30, 50)) -> Field:
    """Return a field with patches ``(x, y, width, height, right, down)`` in cells of 4 x 4 pixels."""
    moving = np.zeros(shape, np.float32)
    velocity = np.zeros((*shape, 2), np.float32)
    for x, y, width, height, right, down in patches:
        moving[y : y + height, x : x + width] = 1.0
        velocity[y : y + height, x : x + width] = right, down
    luma = np.zeros(shape, np.float32)
    return Field(0, 0.0, None, velocity, moving, luma, (4 * shape[1], 4 * shape[0]))


def test_nothing_moves() -> None:
    assert find_objects(field()) == []


def test_box_velocity_and_order() -> None:
    large, small = find_objects(field((5, 6, 3, 4, 3.0, 4.0), (20, 10, 8, 10, -20.0, 0.0)))
    assert (large.box.x, large.box.y, large.box.width, large.box.height) == (80, 40, 32, 40)
    assert large.velocity == (-20.0, 0.0)
    assert (large.cells, large.at_border) == (80, False)
    assert small.speed == pytest.approx(5.0)
    assert (small.box.x, small.box.y, small.box.width, small.box.height) == (20, 24, 12, 16)
    assert small.spread == pytest.approx(0.0)


def test_things_that_touch_at_a_corner_only_are_two() -> None:
    assert len(find_objects(field((5, 5, 3, 3, 9.0, 0.0), (8, 8, 3, 3, 9.0, 0.0)))) == 2


@pytest.mark.parametrize("patch", [(0, 9, 4, 4), (46, 9, 4, 4), (9, 0, 4, 4), (9, 26, 4, 4)])
def test_what_touches_the_border_is_marked(patch: tuple[int, int, int, int]) -> None:
    (thing,) = find_objects(field((*patch, 5.0, 5.0)))
    assert thing.at_border


def test_limbs_spread_the_velocity() -> None:
    (thing,) = find_objects(field((5, 5, 4, 4, 10.0, 0.0), (5, 9, 4, 4, 30.0, 0.0)))
    assert thing.velocity == (20.0, 0.0)
    assert thing.spread == pytest.approx(10.0)


@given(st.integers(0, 2**32 - 1))
def test_objects_are_parts_of_what_moves(seed: Any) -> None:
    random = np.random.default_rng(seed)
    base = field()
    base.moving[:] = random.random(base.moving.shape) < 0.4
    base.velocity[:] = random.normal(0.0, 50.0, base.velocity.shape)
    things = find_objects(base)
    cells = [thing.cells for thing in things]
    assert cells == sorted(cells, reverse=True)
    assert sum(cells) <= base.moving.sum()
    fastest = np.linalg.norm(base.velocity, axis=2).max()
    for thing in things:
        assert 4 <= thing.cells <= (thing.box.width // 4) * (thing.box.height // 4)
        assert thing.speed <= fastest + 1e-3
        assert thing.box.x >= 0
        assert thing.box.y >= 0
        assert thing.box.x + thing.box.width <= base.size[0]
        assert thing.box.y + thing.box.height <= base.size[1]
