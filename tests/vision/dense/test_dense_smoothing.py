from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from tests.vision.dense.small_segmenters import GROUNDS, by_colour

from everyframe.vision.dense.flicker import Flicker
from everyframe.vision.dense.segmenter import Segmenter
from everyframe.vision.dense.smoothing import Smoother

Bytes = NDArray[np.uint8]
STEP = 0.04


def luma(picture: Bytes) -> Bytes:
    return np.asarray(picture @ np.array([0.299, 0.587, 0.114]), np.float32).astype(np.uint8)


def film(pictures: int, *, noise: float, speed: int = 0) -> Iterator[tuple[float, Bytes, Bytes]]:
    """Yield time, picture and truth: a textured street on which a car drives."""
    chance = np.random.default_rng(0)
    texture = np.repeat(np.repeat(chance.normal(0, 12, (30, 40, 1)), 4, axis=0), 4, axis=1)
    colours = np.array(GROUNDS.colours, np.float64)
    for number in range(pictures):
        truth = np.zeros((120, 160), np.uint8)
        truth[60:] = 1
        truth[20:60, :40] = 2
        left = 10 + speed * number
        truth[80:104, left : left + 36] = 3
        picture = colours[truth] + texture + chance.normal(0, noise, (120, 160, 3))
        yield STEP * number, np.clip(picture, 0, 255).astype(np.uint8), truth


def followed(*, noise: float, speed: int = 0, doubt: float = 0.0) -> tuple[float, float, float, float]:
    """Return flicker and error, without smoothing and with it, of a network that is not sure."""
    chance = np.random.default_rng(8)
    network, smoother = Segmenter(by_colour()), Smoother()
    flickers, wrong = (Flicker(), Flicker()), np.zeros(2)
    for time, picture, truth in film(14, noise=noise, speed=speed):
        logits = network.logits(picture)
        logits += chance.normal(0, doubt, logits.shape).astype(np.float32)
        masks = logits.argmax(axis=0), smoother.step(time, luma(picture), logits).argmax(axis=0)
        for flicker, mask in zip(flickers, masks, strict=True):
            flicker.step(luma(picture), mask.astype(np.uint8))
        wrong += [(mask != truth).mean() / 14 for mask in masks]
    return flickers[0].share, flickers[1].share, float(wrong[0]), float(wrong[1])


def test_a_still_scene_stops_flickering_and_is_told_better() -> None:
    plain, smoothed, wrong, less = followed(noise=4, doubt=1.5)
    assert plain > 0.01
    assert smoothed < 0.4 * plain
    assert less < 0.6 * wrong


def test_what_moves_leaves_no_trail() -> None:
    *_, wrong, smoothed = followed(noise=2, speed=6)
    assert smoothed <= wrong + 0.002


def test_without_flow_it_trusts_only_what_looks_as_before() -> None:
    network, smoother = Segmenter(by_colour()), Smoother(flow=False)
    for time, picture, truth in film(8, noise=1, speed=9):
        told = smoother.step(time, luma(picture), network.logits(picture)).argmax(axis=0)
        assert (told != truth).mean() < 0.01


def test_a_cut_a_gap_and_another_size_begin_anew() -> None:
    chance = np.random.default_rng(3)
    smoother = Smoother()
    dark, bright = np.full((60, 80), 40, np.uint8), np.full((60, 80), 200, np.uint8)

    def scores(height: int = 60) -> NDArray[np.float32]:
        return chance.normal(size=(3, height, 80)).astype(np.float32)

    smoother.step(0.0, dark, scores())
    for time, seen, height in (
        (0.04, bright, 60),  # a cut
        (5.0, bright, 60),  # long after
        (4.0, bright, 60),  # before
        (4.1, bright, 30),  # of another size
    ):
        given_scores = scores(height)
        np.testing.assert_array_equal(smoother.step(time, seen, given_scores), given_scores)
    again = scores(30)
    assert (smoother.step(4.14, bright, again) != again).any()
    smoother.reset()
    np.testing.assert_array_equal(smoother.step(4.18, bright, again), again)


def test_an_earlier_answer_is_never_written_over() -> None:
    smoother, seen = Smoother(), np.full((40, 40), 90, np.uint8)
    chance = np.random.default_rng(1)
    told = [
        smoother.step(0.1 * n, seen, chance.normal(size=(2, 40, 40)).astype(np.float32)) for n in range(3)
    ]
    before = [one.copy() for one in told]
    smoother.step(0.3, seen, np.zeros((2, 40, 40), np.float32))
    for one, kept in zip(told, before, strict=True):
        np.testing.assert_array_equal(one, kept)


@given(st.integers(1, 6), st.floats(0.0, 3.0), st.floats(0.01, 0.5))
def test_a_scene_that_does_not_change_is_told_as_it_is(classes: int, seconds: float, step: float) -> None:
    chance = np.random.default_rng(classes)
    seen = chance.integers(0, 256, (24, 32)).astype(np.uint8)
    scores = chance.normal(size=(classes, 24, 32)).astype(np.float32)
    smoother = Smoother(seconds)
    for number in range(4):
        np.testing.assert_allclose(smoother.step(step * number, seen, scores), scores, atol=1e-5)


@given(st.lists(st.floats(-5, 5), min_size=1, max_size=8), st.floats(0.05, 2.0))
def test_the_mean_is_the_exponential_one(values: list[float], seconds: float) -> None:
    smoother, seen = Smoother(seconds), np.full((20, 20), 77, np.uint8)
    told = np.zeros((1, 20, 20), np.float32)
    for number, value in enumerate(values):
        told = smoother.step(0.1 * number, seen, np.full((1, 20, 20), value, np.float32))
    weights = np.exp(-0.1 * np.arange(len(values))[::-1] / seconds)
    assert told.mean() == pytest.approx(float(np.average(values, weights=weights)), abs=1e-3)


def test_flicker_counts_what_changes_where_nothing_moves() -> None:
    chance = np.random.default_rng(2)
    seen = np.repeat(np.repeat(chance.integers(0, 256, (30, 40)), 4, axis=0), 4, axis=1).astype(np.uint8)
    mask = np.zeros((120, 160), np.uint8)
    flicker = Flicker()
    flicker.step(seen, mask)
    assert flicker.share == 0.0
    other = mask.copy()
    other[:, :40] = 1
    flicker.step(seen, other)
    assert flicker.share == pytest.approx(0.25)
    # What has moved is not counted: all of it, here.
    flicker.step(np.roll(seen, 6, axis=1), mask)
    assert flicker.share == pytest.approx(0.25, abs=0.03)
    flicker.reset()
    flicker.step(seen, other)
    assert flicker.changed == 30 * 160 + 0 * flicker.still
