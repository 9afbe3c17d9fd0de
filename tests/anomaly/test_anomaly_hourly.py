"""Scores held against those of their own hours."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from everyframe.anomaly.calibration import JOINT_LEAST, JOINT_TAIL, Tail
from everyframe.anomaly.hourly import HourTails

Floats = NDArray[np.float64]


def day(seed: int) -> tuple[Floats, Floats]:
    """Return scores and hours of a day's moments: quiet, but for a busy evening from 17 to 22."""
    random = np.random.default_rng(seed)
    hours = np.arange(8_640) / 360.0
    busy = (hours >= 17) & (hours < 22)
    return np.where(busy, 2.0, 0.0) + random.exponential(0.6, len(hours)), hours


SCORES, WHEN = day(1)
WHOLE = Tail(SCORES, JOINT_LEAST, JOINT_TAIL)
TAILS = HourTails.fit(SCORES, WHEN)


def rate(chance: float, *, level: bool) -> float:
    """Return which share of another busy evening's moments is called as rare as that."""
    scores, hours = day(2)
    evening = (hours >= 18) & (hours < 21)
    scores, hours = scores[evening], hours[evening]
    if level:
        scores = TAILS.level(scores, hours, WHOLE)
    return float((scores > WHOLE.score_of(chance)).mean())


@pytest.mark.parametrize("chance", [0.003, 0.01])
def test_a_busy_evening_has_no_more_than_its_share_of_what_is_rare(chance: float) -> None:
    assert rate(chance, level=False) > 2.5 * chance
    assert rate(chance, level=True) < 1.6 * chance


@given(st.floats(-5, 60), st.floats(0, 24, exclude_max=True))
def test_an_hour_only_ever_lowers_and_never_below_the_tail(score: float, hour: float) -> None:
    (level,) = TAILS.level([score], [hour], WHOLE)
    assert level <= score
    assert level == score or level >= WHOLE.start


@given(st.floats(-5, 60), st.floats(0, 20), st.floats(0, 24, exclude_max=True))
def test_within_an_hour_higher_stays_higher(score: float, more: float, hour: float) -> None:
    low, high = TAILS.level([score, score + more], [hour, hour], WHOLE)
    assert low <= high


def test_without_a_clock_or_enough_footage_the_whole_day_judges() -> None:
    scores = np.array([1.0, 5.0, 20.0])
    np.testing.assert_array_equal(TAILS.level(scores, [np.nan] * 3, WHOLE), scores)
    short = HourTails.fit(SCORES[:300], np.full(300, 12.0))
    np.testing.assert_array_equal(short.level(scores, [12.0] * 3, WHOLE), scores)
    assert HourTails.fit(SCORES, np.full(len(SCORES), np.nan)).tails == {}


def test_an_hour_of_which_nothing_is_known_is_not_judged_by_its_neighbours_alone() -> None:
    morning = WHEN < 9
    assert sorted(HourTails.fit(SCORES[morning], WHEN[morning]).tails) == list(range(9))


def test_what_is_kept_is_what_was_fitted() -> None:
    again = HourTails.restored(TAILS.state())
    scores = np.linspace(0, 12, 50)
    for hour in (3.0, 19.5):
        np.testing.assert_allclose(
            again.level(scores, np.full(50, hour), WHOLE), TAILS.level(scores, np.full(50, hour), WHOLE)
        )
