"""What a place looks like when nothing lingers."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from everyframe.motion import Field
from everyframe.motion.background import Background

SHAPE = (30, 40)
RATE = 5.0
GROUND = np.random.default_rng(0).uniform(60.0, 160.0, SHAPE).astype(np.float32)
BAG = (slice(12, 17), slice(20, 25))


class Camera:
    """Feeds a background with pictures of the ground and of what is put on it."""

    def __init__(self, background: Background, learn: bool = False) -> None:
        self.background, self.learn = background, learn
        self.count = 0
        self.random = np.random.default_rng(1)

    def see(self, seconds: float, paint: Callable[[NDArray[np.float32], float], None]) -> NDArray[np.float32]:
        """Return the highest answer for each place; ``paint`` gets the picture and the seconds so far."""
        highest = np.zeros(SHAPE, np.float32)
        for number in range(round(seconds * RATE)):
            luma = GROUND + self.random.normal(0.0, 1.0, SHAPE).astype(np.float32)
            paint(luma, number / RATE)
            velocity = np.zeros((*SHAPE, 2), np.float32)
            time = self.count / RATE
            field = Field(self.count, time, None, velocity, np.zeros_like(luma), luma, (160, 120))
            highest = np.maximum(highest, self.background.step(field))
            self.count += 1
            if self.learn:
                self.background.learn(1.0 / RATE)
        return highest


def nothing(luma: NDArray[np.float32], at: float) -> None:
    pass


def bag(luma: NDArray[np.float32], at: float) -> None:
    luma[BAG] = 15.0


def cloud(luma: NDArray[np.float32], at: float) -> None:
    luma *= 1.0 - 0.4 * min(1.0, at / 4.0)


def walker(luma: NDArray[np.float32], at: float) -> None:
    left = int(4 * at)  # ten seconds across the picture: over one place in a second
    luma[8:18, left : left + 4] = 15.0


@pytest.fixture
def background() -> Background:
    found = Background(15)
    Camera(found, learn=True).see(120.0, nothing)
    found.reset()
    return found


def test_nothing_is_told_before_anything_was_learned() -> None:
    assert not Camera(Background(15)).see(10.0, bag).any()


def test_an_empty_place_stays_normal(background: Background) -> None:
    assert Camera(background).see(30.0, nothing).max() < 0.5


def test_a_cloud_changes_nothing(background: Background) -> None:
    assert Camera(background).see(30.0, cloud).max() < 0.5


def test_a_bag_that_stays_shows_after_seconds_and_ever_more(background: Background) -> None:
    camera = Camera(background)
    camera.see(5.0, nothing)
    soon = float(camera.see(3.0, bag)[BAG].mean())
    later = float(camera.see(12.0, bag)[BAG].mean())
    assert later > 2.0 * soon > 0.0
    away = np.ones(SHAPE, bool)
    away[3:26, 11:34] = False  # the bag also is part of the surroundings of what is near it
    assert camera.see(1.0, bag)[away].max() < 0.1 * later


def test_who_walks_by_counts_far_less_than_what_stays(background: Background) -> None:
    camera = Camera(background)
    passing = float(camera.see(10.0, walker).max())
    camera.see(20.0, nothing)
    staying = float(camera.see(15.0, bag)[BAG].mean())
    assert passing < 0.3 * staying


def test_what_was_taken_away_is_forgotten(background: Background) -> None:
    camera = Camera(background)
    camera.see(15.0, bag)
    camera.see(40.0, nothing)
    assert camera.see(1.0, nothing).max() < 0.5


def test_what_is_learned_becomes_normal(background: Background) -> None:
    teacher = Camera(background, learn=True)
    teacher.see(120.0, bag)
    background.reset()
    assert Camera(background).see(20.0, bag).max() < 0.5
    background.reset()
    assert Camera(background).see(20.0, nothing).max() < 0.5  # and the empty place still is


def test_the_state_keeps_its_shape(background: Background) -> None:
    assert background.looks is not None
    before = background.looks.shape
    Camera(background, learn=True).see(30.0, bag)
    assert background.looks.shape == before == (9, *SHAPE)
    shares = background.looks[6:]
    assert np.isfinite(background.looks).all()
    assert shares.min() >= 0.0
    assert shares.sum(axis=0) == pytest.approx(np.ones(SHAPE), abs=0.01)


def test_another_view_is_unlike(background: Background) -> None:
    Camera(background).see(2.0, nothing)
    same = background.likeness()
    background.reset()
    Camera(background).see(2.0, lambda luma, at: np.copyto(luma, luma[::-1, ::-1].copy()))
    other = background.likeness()
    assert same is not None
    assert other is not None
    assert same > 0.8
    assert abs(other) < 0.3


def test_what_was_there_from_the_first_look_on_has_not_come(background: Background) -> None:
    # Between learning and watching somebody put a bag there. It is taken away, and put there again.
    watching = Camera(background)
    assert watching.see(30.0, bag)[BAG].max() == 0.0
    watching.see(10.0, nothing)
    assert watching.see(30.0, bag)[BAG].min() > 20.0
