"""Which frames are measured, and against which."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from everyframe.motion.field import MotionSettings
from everyframe.motion.pacing import Pace

PICTURE = np.zeros((4, 4), np.uint8)
STEPS = st.lists(st.floats(0.001, 1.0), min_size=1, max_size=80)


@given(STEPS, st.floats(1.0, 30.0))
def test_never_more_often_than_the_rate_and_never_later_than_needed(steps: list[float], rate: float) -> None:
    pace = Pace(MotionSettings(rate=rate))
    times = np.cumsum(steps)
    due = [pace.is_due(float(time)) for time in times]
    assert due[0]
    last = times[0]
    for time, is_due in zip(times[1:], due[1:], strict=True):
        assert is_due == (time - last >= 0.95 / rate)
        last = time if is_due else last


@pytest.mark.parametrize(("fps", "expected"), [(5, 5), (10, 5), (12.5, 4.17), (25, 5), (30, 5), (60, 5)])
def test_steady_sources_are_measured_at_the_rate(fps: float, expected: float) -> None:
    pace = Pace(MotionSettings(rate=5.0))
    count = sum(pace.is_due(number / fps) for number in range(round(20 * fps)))
    assert count / 20 == pytest.approx(expected, rel=0.05)


@given(STEPS)
def test_the_partner_is_the_nearest_to_the_wanted_distance(steps: list[float]) -> None:
    settings = MotionSettings()
    pace = Pace(settings)
    times = [float(time) for time in np.cumsum(steps)]
    for number, time in enumerate(times):
        near = [past for past in times[:number] if time - past <= settings.longest]
        partner = pace.partner(time)
        if near:
            assert partner is not None
            off = abs(time - partner[0] - settings.over)
            assert off == min(abs(time - past - settings.over) for past in near)
        else:
            assert partner is None
        pace.remember(time, PICTURE)


def test_nothing_is_left_after_a_reset() -> None:
    pace = Pace(MotionSettings())
    pace.remember(0.0, PICTURE)
    pace.reset()
    assert pace.partner(0.2) is None


def test_a_clock_that_leaps_back_is_measured_at_once_and_against_nothing_later() -> None:
    pace = Pace(MotionSettings())
    assert pace.is_due(100.0)
    pace.remember(100.0, PICTURE)
    assert pace.is_due(1.0)
    assert pace.partner(1.0) is None
    pace.remember(1.0, PICTURE)
    assert not pace.is_due(1.01)


def test_a_picture_is_never_its_own_partner() -> None:
    pace = Pace(MotionSettings())
    pace.remember(1.0, PICTURE)
    assert pace.partner(1.0) is None
