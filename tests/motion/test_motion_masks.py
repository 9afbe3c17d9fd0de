"""Within a mask nothing moves and nothing is looked at; without it all is as it was."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from everyframe.errors import SettingError
from everyframe.motion import Field, Motion, open_motion, parse_mask, read_masks
from everyframe.motion.background import Background
from everyframe.motion.masks import MOST_CORNERS, MOST_MASKS, drawn, ignored_in
from everyframe.motion.objects import find_objects

SHAPE = (30, 40)
LEFT = ((0.0, 0.0), (0.5, 0.0), (0.5, 1.0), (0.0, 1.0))
FLAG = ((0.25, 0.2), (0.5, 0.2), (0.5, 0.5), (0.25, 0.5))
SHARES = st.floats(0.0, 1.0)
POLYGONS = st.lists(st.tuples(SHARES, SHARES), min_size=3, max_size=8).map(tuple)


def fields(motion: Motion, frames: list[Any]) -> list[Field]:
    return [field for frame in frames if (field := motion.step(frame)) is not None and field.measured]


@pytest.mark.parametrize("name", ["flow", "codec"])
def test_what_moves_within_a_mask_does_not_move_and_is_no_object(scene: Any, encode: Any, name: str) -> None:
    frames = encode(scene((0.0, 30.0)), bf="0")  # on the left, for it begins there
    seen = fields(open_motion(name), frames)
    masked = fields(open_motion(name, masks=[LEFT]), frames)
    assert any(find_objects(field) for field in seen)
    assert len(masked) == len(seen)
    for field in masked:
        assert not field.moving.any()
        assert not field.velocity.any()
        assert find_objects(field) == []


@pytest.mark.parametrize("name", ["flow", "codec"])
def test_what_moves_beside_a_mask_moves_as_it_did(scene: Any, encode: Any, name: str) -> None:
    corner = ((0.9, 0.0), (1.0, 0.0), (1.0, 0.2))
    frames = encode(scene((0.0, 30.0)), bf="0")
    for field, masked in zip(
        fields(open_motion(name), frames),
        fields(open_motion(name, masks=[corner]), frames),
        strict=True,
    ):
        assert masked.ignored is not None
        kept = ~masked.ignored
        np.testing.assert_array_equal(masked.moving[kept], field.moving[kept])
        np.testing.assert_array_equal(masked.velocity[kept], field.velocity[kept])
        np.testing.assert_array_equal(masked.luma, field.luma)


@given(polygon=POLYGONS)
def test_every_cell_that_a_mask_touches_is_masked(polygon: tuple[tuple[float, float], ...]) -> None:
    ignored = ignored_in([polygon], SHAPE)
    touched = drawn(polygon, SHAPE).reshape(SHAPE[0], 8, SHAPE[1], 8).any(axis=(1, 3))
    assert ignored[touched].all()
    # What has no area may lie on the last edge of the picture, and touches nothing.
    assert ignored.any() or cv2.contourArea(np.array(polygon, np.float32)) < 1e-3


# -- what stands still --------------------------------------------------------------------------------

GROUND = np.random.default_rng(0).uniform(60.0, 160.0, SHAPE).astype(np.float32)
IGNORED = ignored_in([FLAG], SHAPE)


class Camera:
    """Feeds a background with the ground and what the flag looks like."""

    def __init__(self, masked: bool) -> None:
        self.background = Background(10)
        self.masked = masked
        self.random = np.random.default_rng(1)
        self.count = 0

    def see(
        self, seconds: float, flag: float | None = None, *, bag: bool = False, learn: bool = False
    ) -> NDArray[np.float32]:
        """Return how long something stayed at most, in each place."""
        highest = np.zeros(SHAPE, np.float32)
        for _ in range(round(seconds * 5)):
            luma = GROUND + self.random.normal(0.0, 1.0, SHAPE).astype(np.float32)
            if flag is not None:
                luma[6:15, 10:20] = flag
            if bag:
                luma[20:25, 25:30] = 15.0
            still = np.zeros(SHAPE, np.float32)
            field = Field(
                self.count,
                self.count / 5,
                None,
                np.zeros((*SHAPE, 2), np.float32),
                still,
                luma,
                (160, 120),
                ignored=IGNORED if self.masked else None,
            )
            highest = np.maximum(highest, self.background.step(field))
            if learn:
                self.background.learn(0.2)
            self.count += 1
        return highest


@pytest.mark.parametrize("masked", [False, True])
def test_what_stays_within_a_mask_does_not_stay_nor_show_beside_it(masked: bool) -> None:
    camera = Camera(masked)
    camera.see(100.0, learn=True)
    camera.see(5.0)
    stayed = camera.see(20.0, flag=250.0)
    assert (stayed.max() > 10.0) == (not masked)
    assert masked == (stayed.max() == 0.0)


def test_a_mask_drawn_later_changes_nothing_of_what_was_learned() -> None:
    camera = Camera(masked=False)
    camera.see(100.0, flag=200.0, learn=True)
    look = camera.background.settled
    assert look is not None
    learned = look.copy()
    camera.masked = True
    camera.background.reset()
    stayed = camera.see(20.0, flag=20.0)  # the flag is down by now
    assert stayed.max() == 0.0
    assert camera.background.foreign is not None
    assert not camera.background.foreign.any()
    settled, likeness = camera.background.settled, camera.background.likeness()
    assert settled is not None
    assert np.abs(settled - learned).max() < 0.15  # also where the mask is, and beside it
    assert likeness is not None
    assert likeness > 0.9


def test_a_bag_beside_a_mask_still_stays() -> None:
    camera = Camera(masked=True)
    camera.see(100.0, learn=True)
    camera.see(5.0)
    assert camera.see(20.0, flag=250.0, bag=True)[20:25, 25:30].max() > 10.0


# -- reading ------------------------------------------------------------------------------------------


@given(masks=st.lists(POLYGONS, max_size=3))
def test_masks_are_read_as_they_were_written_unless_they_leave_nothing(
    masks: list[tuple[tuple[float, float], ...]],
) -> None:
    told = [[list(corner) for corner in polygon] for polygon in masks]
    if masks and ignored_in(masks, (36, 64)).all():
        with pytest.raises(SettingError, match="leave nothing to watch"):
            read_masks(told)
    else:
        assert read_masks(told) == tuple(masks)


TRIANGLE = [[0.1, 0.1], [0.4, 0.1], [0.4, 0.6]]


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ("all", "masks is no list of polygons; write masks = "),
        ([TRIANGLE, "all"], "masks: mask 2 is no list of corners"),
        ([TRIANGLE[:2]], "masks: mask 1 has 2 corners; draw 3 to 100"),
        ([TRIANGLE * MOST_CORNERS], "mask 1 has 300 corners"),
        ([TRIANGLE] * (MOST_MASKS + 1), "there are 33; draw 32 at most"),
        ([[*TRIANGLE, [0.1, 1.2]]], "masks: mask 1, corner 4 is no"),
        ([[*TRIANGLE, [0.1]]], "mask 1, corner 4"),
        ([[*TRIANGLE, [0.1, float("nan")]]], "mask 1, corner 4"),
        ([[*TRIANGLE, [True, 0.2]]], "mask 1, corner 4"),
        ([[*TRIANGLE, "0.1,0.2"]], "mask 1, corner 4"),
        ([[[0, 0], [1, 0], [1, 1], [0, 1]]], "leave nothing to watch"),
    ],
)
def test_what_is_no_mask_is_refused_in_one_line(told: object, said: str) -> None:
    with pytest.raises(SettingError) as caught:
        read_masks(told)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_mask_of_the_command_line() -> None:
    assert parse_mask("0.1,0.1 0.4,0.1  0.4,0.6") == TRIANGLE
    with pytest.raises(SettingError, match=r"--mask=a,b cannot be read; write corners like"):
        parse_mask("a,b")
