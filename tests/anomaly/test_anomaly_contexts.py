"""Time of day."""

from __future__ import annotations

from datetime import datetime

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from everyframe.anomaly.contexts import HOURS, hour_of, rates, share_hours


def test_hours_are_local() -> None:
    assert hour_of(datetime(2024, 5, 6, 14, 30).timestamp()) == pytest.approx(14.5)  # noqa: DTZ001 - local


def test_without_a_clock_there_is_no_hour() -> None:
    assert np.isnan(hour_of(None))


@given(st.integers(0, 23))
def test_neighbouring_hours_lend_most_and_midnight_has_two_neighbours(hour: int) -> None:
    counts = np.zeros((HOURS, 1))
    counts[hour] = 100.0
    shared = share_hours(counts)[:, 0]
    assert shared.argmax() == hour
    assert shared[(hour + 1) % HOURS] == pytest.approx(shared[hour - 1])
    assert shared[(hour + 1) % HOURS] > shared[(hour + 3) % HOURS] > shared[(hour + 12) % HOURS]


def visited(by_day: float, by_night: float, fields: float) -> tuple[float, float, float]:
    """Return the rate at noon, at midnight and at six, of a place visited so often on 9-15 h and 21-3 h."""
    visits, exposure = np.zeros((HOURS + 1, 1, 1)), np.zeros(HOURS + 1)
    for hour in (*range(9, 16), *range(21, 24), *range(4)):
        exposure[hour] = fields
        visits[hour] = fields * (by_day if 9 <= hour < 16 else by_night)
    found = rates(visits, exposure)
    return float(found[12, 0, 0]), float(found[0, 0, 0]), float(found[6, 0, 0])


def test_with_footage_each_hour_has_its_own_rate() -> None:
    noon, midnight, _ = visited(0.4, 0.001, 1e6)
    assert noon == pytest.approx(0.4, rel=0.05)
    assert midnight < 0.01


def test_with_little_footage_the_whole_day_counts() -> None:
    noon, midnight, _ = visited(0.4, 0.0, 5.0)
    assert midnight > 0.5 * noon


def test_the_middle_of_a_lawn_is_rarer_than_its_edge_where_nobody_went_either() -> None:
    visits, exposure = np.zeros((HOURS + 1, 20, 40)), np.zeros(HOURS + 1)
    exposure[HOURS] = 9_000.0
    visits[HOURS, :, :8] = 500.0  # a path along the left
    rate = rates(visits, exposure)[HOURS, 10]
    assert rate[4] > 20 * rate[10] > 40 * rate[30]


def test_an_hour_without_any_footage_nearby_has_the_rate_of_the_day() -> None:
    visits, exposure = np.zeros((HOURS + 1, 1, 1)), np.zeros(HOURS + 1)
    visits[12], exposure[12] = 3_000.0, 10_000.0
    found = rates(visits, exposure)
    assert found[0, 0, 0] == pytest.approx(found[HOURS, 0, 0])


@given(st.floats(0, 1), st.floats(1, 1e6))
def test_rates_are_chances_and_never_zero(share: float, fields: float) -> None:
    visits, exposure = np.zeros((HOURS + 1, 2, 2)), np.zeros(HOURS + 1)
    exposure[[3, HOURS]] = fields
    visits[[3, HOURS]] = share * fields
    found = rates(visits, exposure)
    assert found.shape == (HOURS + 1, 2, 2)
    assert found.min() > 0
    assert found.max() <= 1
