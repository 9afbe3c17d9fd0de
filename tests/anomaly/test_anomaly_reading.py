"""From the scores of places to what one moment says."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from everyframe.anomaly import LOOK_AHEAD, Baseline
from everyframe.anomaly.density import DensityDetector
from everyframe.anomaly.reading import fuse, lasting, smooth, strongest, surprises

TIMES = st.lists(st.floats(0.01, 0.6), min_size=1, max_size=60).map(np.cumsum)
OWN = DensityDetector.attributes


@given(TIMES, st.floats(-100, 100))
def test_constant_in_is_constant_out(
    times: np.ndarray[tuple[int], np.dtype[np.float64]], value: float
) -> None:
    np.testing.assert_allclose(
        smooth(times, np.full((len(times), len(OWN)), value), OWN), value, rtol=1e-9, atol=1e-9
    )


@given(TIMES, st.integers(0, 2**31))
def test_averages_lie_between_what_they_average(
    times: np.ndarray[tuple[int], np.dtype[np.float64]], seed: int
) -> None:
    scores = np.random.default_rng(seed).normal(size=(len(times), len(OWN)))
    smoothed = smooth(times, scores, OWN)
    assert (smoothed <= scores.max(axis=0) + 1e-9).all()
    assert (smoothed >= scores.min(axis=0) - 1e-9).all()


def test_smoothing_goes_by_time_and_not_by_number() -> None:
    dense = np.arange(0.0, 20.0, 0.1)

    def wave(
        times: np.ndarray[tuple[int, ...], np.dtype[np.float64]],
    ) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
        return np.repeat(np.sin(times)[:, None], len(OWN), axis=1)

    kept = np.sort(np.random.default_rng(0).permutation(len(dense))[: len(dense) * 7 // 10])
    whole, thinned = smooth(dense, wave(dense), OWN), smooth(dense[kept], wave(dense[kept]), OWN)
    inner = (dense[kept] > 6.0) & (dense[kept] < 18.0)
    assert np.abs(whole[kept] - thinned)[inner].max() < 0.15


@given(TIMES, st.integers(0, 2**31), st.data())
def test_smoothing_looks_ahead_one_second_at_most(
    times: np.ndarray[tuple[int], np.dtype[np.float64]], seed: int, draw: st.DataObject
) -> None:
    at = draw.draw(st.integers(0, len(times) - 1))
    scores = np.random.default_rng(seed).normal(size=(len(times), len(OWN)))
    changed = scores.copy()
    changed[times > times[at] + LOOK_AHEAD + 1e-5] += 100.0
    np.testing.assert_allclose(smooth(times, scores, OWN)[at], smooth(times, changed, OWN)[at])


def test_one_moment_alone_is_not_believed() -> None:
    times = np.arange(0.0, 6.0, 0.2)
    wrong = np.ones((len(times), len(OWN)))
    wrong[15] = 50.0  # a field that went wrong
    np.testing.assert_allclose(smooth(times, wrong, OWN), 1.0)
    passing = np.ones((len(times), len(OWN)))
    passing[12:18] = 50.0  # somebody who runs through in a second
    assert smooth(times, passing, OWN)[15, 0] > 40.0


@given(TIMES, st.integers(0, 2**31))
def test_what_lasts_is_the_median_of_half_a_second(
    times: np.ndarray[tuple[int], np.dtype[np.float64]], seed: int
) -> None:
    scores = np.random.default_rng(seed).normal(size=(len(times), 3))
    for at, found in zip(times, lasting(times, scores), strict=True):
        around = scores[np.abs(times - at) <= 0.25 + 1e-6]
        np.testing.assert_allclose(found, np.median(around, axis=0))


def test_one_window_alone_is_not_believed() -> None:
    lonely = np.zeros((10, len(OWN)), np.float32)
    lonely[3] = 9.0
    assert (strongest(lonely, OWN) == 0).all()
    assert (strongest(np.repeat(lonely[3:4], 8, axis=0), OWN) == 9.0).all()
    assert (strongest(np.zeros((0, len(OWN)), np.float32), OWN) == 0).all()


def test_the_strongest_attribute_is_the_joint_score() -> None:
    calm = np.zeros((1, len(OWN)))
    speed = calm.copy()
    speed[0, 0] = 12.0
    assert fuse(speed, OWN)[0] == 12.0
    assert fuse(np.full((3, 4, len(OWN)), 2.0), OWN).shape == (3, 4)


def test_surprises_come_from_each_attributes_own_tail(yard_baseline: Baseline) -> None:
    scores = np.random.default_rng(0).random((7, len(yard_baseline.attributes))) * 3
    found = surprises(scores, yard_baseline.attributes)
    for k, tail in enumerate(yard_baseline.attributes):
        np.testing.assert_array_equal(found[:, k], tail.surprise(scores[:, k]))
