"""Shots of drawn films: cuts are found to the picture, flashes and fast motion are none."""

from __future__ import annotations

import time
import tracemalloc
from collections.abc import Iterator
from itertools import count

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from everyframe.highlights.shots import Shot, ShotDetector, shots
from everyframe.types import Frame

FPS = 25
SIZE = (180, 320)
Luma = NDArray[np.uint8]


def ground(seed: int) -> Luma:
    """Draw a place: soft patches, a few edges."""
    random = np.random.default_rng(seed)
    coarse = random.integers(30, 220, (6, 10)).astype(np.uint8)
    picture = np.kron(coarse, np.ones((SIZE[0] // 6, SIZE[1] // 10), np.uint8))
    return np.clip(picture + random.normal(0, 3, SIZE), 0, 255).astype(np.uint8)


def scene(seed: int, pictures: int, speed: int = 3) -> Iterator[Luma]:
    """Draw a place in which a bright square walks."""
    place = ground(seed)
    for number in range(pictures):
        picture = place.copy()
        left = (number * speed) % (SIZE[1] - 40)
        picture[70:110, left : left + 40] = 235
        yield picture


def pan(seed: int, pictures: int, speed: int) -> Iterator[Luma]:
    """Draw a camera that swings fast."""
    wide = np.concatenate([ground(seed + number) for number in range(4)], axis=1)
    for number in range(pictures):
        yield np.roll(wide, -number * speed, axis=1)[:, : SIZE[1]]


def found(pictures: Iterator[Luma] | list[Luma], fps: float = FPS) -> list[Shot]:
    return list(shots(Frame(number, number / fps, luma) for number, luma in zip(count(), pictures)))


def numbers(pictures: list[Luma]) -> list[int]:
    return [round(shot.time * FPS) for shot in found(pictures)]


@pytest.mark.parametrize("lengths", [(30, 30), (50, 20, 40), (12, 12, 12, 12), (60, 25, 25, 60, 9)])
def test_cuts_are_found_to_the_picture(lengths: tuple[int, ...]) -> None:
    film = [luma for seed, length in enumerate(lengths) for luma in scene(seed, length)]
    assert numbers(film) == list(np.cumsum(lengths)[:-1])


@settings(max_examples=15, deadline=None)
@given(st.lists(st.integers(10, 40), min_size=1, max_size=4), st.integers(0, 10_000))
def test_whatever_the_shots_are(lengths: list[int], seed: int) -> None:
    film = [luma for number, length in enumerate(lengths) for luma in scene(seed + number, length)]
    assert numbers(film) == list(np.cumsum(lengths)[:-1])


@pytest.mark.parametrize("length", [1, 2, 5])
def test_a_flash_is_no_cut(length: int) -> None:
    film = list(scene(1, 80))
    for number in range(40, 40 + length):
        film[number] = np.clip(film[number].astype(int) + 120, 0, 255).astype(np.uint8)
    assert found(film) == []


def test_a_flash_does_not_hide_the_cut_after_it() -> None:
    film = [*scene(1, 40), *scene(2, 40)]
    film[20] = np.full(SIZE, 250, np.uint8)
    assert numbers(film) == [40]


@pytest.mark.parametrize("speed", [8, 25, 60, 110])
def test_a_fast_pan_is_no_cut(speed: int) -> None:
    assert found([*scene(5, 30, 0), *pan(5, 40, speed)][30:]) == []


def test_something_that_dashes_through_is_no_cut() -> None:
    assert found(list(scene(3, 100, speed=60))) == []


def test_a_cut_within_a_fast_pan_is_one() -> None:
    assert numbers([*pan(1, 40, 12), *pan(40, 40, 12)]) == [40]


@pytest.mark.parametrize("black", [0, 3, 40])
def test_a_fade_through_black_is_one_boundary(black: int) -> None:
    film = list(scene(1, 60)) + list(scene(2, 60))
    for step in range(15):
        film[45 + step] = (film[45 + step] * (1 - (step + 1) / 15)).astype(np.uint8)
        film[60 + step] = (film[60 + step] * (step / 15)).astype(np.uint8)
    film[60:60] = [np.zeros(SIZE, np.uint8)] * black
    (shot,) = found(film)
    assert shot.fade
    assert 58 + black <= round(shot.time * FPS) <= 64 + black


def test_dark_from_the_start_is_no_fade() -> None:
    assert found([*[np.zeros(SIZE, np.uint8)] * 20, *scene(1, 30)]) == []


def test_light_that_changes_slowly_is_no_cut() -> None:
    film = [
        np.clip(luma * (1 - number / 200), 0, 255).astype(np.uint8)
        for number, luma in enumerate(scene(1, 100))
    ]
    assert found(film) == []


def test_memory_stays_where_it_is() -> None:
    detector = ShotDetector()
    film = list(scene(1, 50))
    for number in range(200):
        detector.step(number / FPS, film[number % 50])
    tracemalloc.start()
    for number in range(200, 2200):
        detector.step(number / FPS, film[number % 50])
    grown, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert grown < 500_000


def test_it_is_quick() -> None:
    """Several hundred pictures a second, on whatever runs this; measured on one core it is thousands."""
    film = list(scene(1, 50))
    detector = ShotDetector()
    began = time.process_time()
    for number in range(500):
        detector.step(number / FPS, film[number % 50])
    assert 500 / (time.process_time() - began) > 300
