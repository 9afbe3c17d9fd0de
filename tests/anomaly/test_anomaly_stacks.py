"""Space-time patches."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from everyframe.anomaly.detector import Scene
from everyframe.anomaly.stacks import CHANNELS, COLUMNS, MOMENTS, SIDE, StackLook
from everyframe.anomaly.windows import Windows
from everyframe.motion import Field
from everyframe.motion.perspective import Perspective

SIZE = (320, 240)
GRID = (80, 60)  # cells of 4 x 4 pixels
NEAR_AND_FAR = Perspective(16.0, 0.2, 8.0, 80.0)


def scene(
    middle: tuple[float, float] | None = (160.0, 120.0),
    tall: float = 40.0,
    speed: float = 40.0,
    *,
    index: int = 0,
    measured: bool = True,
) -> Scene:
    """Return a body of 0.6 times its height that moves to the right at ``speed`` px/s, at ``middle`` (px)."""
    moving = np.zeros(GRID[::-1], np.float32)
    if middle is not None:
        moving = np.outer(
            *(
                np.clip(np.minimum(m + half, e + 4) - np.maximum(m - half, e), 0, 4) / 4
                for m, half, e in (
                    (middle[1], tall / 2, np.arange(GRID[1]) * 4.0),
                    (middle[0], 0.3 * tall, np.arange(GRID[0]) * 4.0),
                )
            )
        ).astype(np.float32)
    velocity = np.dstack([moving * speed, np.zeros_like(moving)])
    nothing = np.zeros_like(moving)
    field = Field(index, index / 5, None, velocity, moving, nothing + 90, SIZE, measured)
    return Scene(field, nothing, nothing, 9.0)


def look(perspective: Perspective = NEAR_AND_FAR) -> StackLook:
    return StackLook(Windows(perspective, GRID, SIZE))


def after(look: StackLook, *scenes: Scene) -> NDArray[np.float32]:
    """Return the rows of the last scene."""
    rows = None
    for one in scenes:
        rows = look.rows(one)
    assert rows is not None
    return rows


def strongest(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    patches = rows[:, 3:].reshape(-1, MOMENTS, SIDE, SIDE, CHANNELS)
    best: NDArray[np.float32] = patches[np.abs(patches).sum(axis=(1, 2, 3, 4)).argmax()]
    return best


def test_rows_come_once_there_were_enough_fields_and_hold_where_and_when() -> None:
    one = look()
    for index in range(MOMENTS - 1):
        assert one.rows(scene(index=index)) is None
    rows = one.rows(scene(index=MOMENTS))
    assert rows is not None
    assert rows.shape[1] == 3 + COLUMNS
    assert rows.dtype == np.float32
    assert 3 <= len(rows) <= 100
    assert np.abs(rows[:, 0] - 0.5).max() < 0.25
    assert np.abs(rows[:, 1] - 0.5).max() < 0.25
    assert (rows[:, 2] == 9.0).all()


@pytest.mark.parametrize("how", ["reset", "unmeasured"])
def test_nothing_is_compared_across_a_gap(how: str) -> None:
    one = look()
    after(one, *[scene()] * MOMENTS)
    if how == "reset":
        one.reset()
    else:
        assert one.rows(scene(measured=False)) is None
    assert one.rows(scene()) is None


def test_a_still_scene_has_no_rows() -> None:
    assert after(look(), *[scene(None)] * MOMENTS).shape == (0, 3 + COLUMNS)


def test_the_oldest_field_comes_first() -> None:
    rows = after(look(), *[scene(speed=speed) for speed in (10.0, 20.0, 30.0)])
    fastest = strongest(rows)[..., 0].max(axis=(1, 2))
    np.testing.assert_allclose(fastest / fastest[0], [1.0, 2.0, 3.0], rtol=1e-5)


@given(st.floats(-100, 100).filter(lambda v: abs(v) > 0.1))
@settings(max_examples=20, deadline=None)
def test_samples_are_velocities_in_typical_heights_per_second(speed: float) -> None:
    # 40 px tall at the middle: see NEAR_AND_FAR.
    patch = strongest(after(look(), *[scene(speed=speed)] * MOMENTS))
    peak = patch[np.unravel_index(np.abs(patch).argmax(), patch.shape)]
    assert peak == pytest.approx(speed / 40.0, rel=0.15)
    assert (patch[..., 1] == 0).all()


def test_a_body_fills_as_much_of_a_patch_near_as_far() -> None:
    filled = []
    for y in (80.0, 160.0):
        tall = float(NEAR_AND_FAR.height(y))
        patch = strongest(after(look(), *[scene((160.0, y), tall, speed=tall)] * MOMENTS))
        filled.append(float(patch[..., 0].mean()))
    assert filled[0] == pytest.approx(filled[1], rel=0.15)


def test_what_is_half_outside_is_half_a_body() -> None:
    whole = strongest(after(look(), *[scene()] * MOMENTS))[..., 0].sum()
    half = strongest(after(look(), *[scene((0.0, 120.0))] * MOMENTS))[..., 0].sum()
    assert half == pytest.approx(whole / 2, rel=0.2)


def test_a_crowd_is_sampled_and_another_grid_is_another_source() -> None:
    full = Perspective(16.0, 0.0, 8.0, 80.0)
    one = look(full)
    crowd = scene((160.0, 120.0), tall=600.0)
    assert len(after(one, *[crowd] * MOMENTS)) == 100
    small = np.ones((30, 40), np.float32)
    other = Field(0, 0.0, None, np.dstack([small, small]), small, small, SIZE)
    assert one.rows(Scene(other, small, small, 9.0)) is None
