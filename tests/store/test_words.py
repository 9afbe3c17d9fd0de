"""Numbers as people say them."""

from __future__ import annotations

import math
from datetime import timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from everyframe.store import words


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (-1.0, "0 s"),
        (0.4, "0.4 s"),
        (8.0, "8 s"),
        (9.96, "10 s"),
        (59.6, "1 min"),
        (131.0, "2 min 11 s"),
        (3599.7, "1 h"),
        (12_000.0, "3 h 20 min"),
        (86_399.0, "1 day"),
        (187_200.0, "2 days 4 h"),
    ],
)
def test_durations(seconds: float, said: str) -> None:
    assert words.duration(seconds) == said


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0, "0:00"), (131.9, "2:11"), (3731, "1:02:11"), (-61, "-1:01"), (360_000, "100:00:00")],
)
def test_moments(seconds: float, said: str) -> None:
    assert words.moment(seconds) == said


@pytest.mark.parametrize(
    ("p_value", "said"),
    [
        (0.0003, "1 in 3,300"),
        (0.001, "1 in 1,000"),
        (0.5, "1 in 2"),
        (0.9, "1 in 1"),
        (0.07, "1 in 14"),
        (0.0, "less than 1 in a million"),
        (math.nan, "unknown"),
    ],
)
def test_chances(p_value: float, said: str) -> None:
    assert words.one_in(p_value) == said


def test_rare_things_are_said_in_words() -> None:
    assert words.how_rare(0.0003) == "normal footage looks this unusual about once in 3,300 moments"
    assert words.how_rare(1e-9) == "normal footage looks this unusual less than once in a million moments"
    assert words.how_rare(0.8) == "as usual as normal footage gets"
    assert "not known yet" in words.how_rare(math.nan)


@given(p_value=st.floats(1e-6, 0.5))
def test_a_chance_in_words_is_right_to_two_digits(p_value: float) -> None:
    many = int(words.one_in(p_value).removeprefix("1 in ").replace(",", ""))
    assert many == pytest.approx(1 / p_value, rel=0.051 if many >= 10 else 0.34)


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (208.4, "208"),
        (80.13, "80.1"),
        (2.6049, "2.6"),
        (12_345.0, "12,300"),
        (0.000123, "0.000123"),
        (-3.14159, "-3.14"),
        (0.0, "0"),
        (999.6, "1,000"),
        (math.inf, "∞"),
        (-math.inf, "-∞"),
        (math.nan, "unknown"),
    ],
)
def test_measurements(value: float, said: str) -> None:
    assert words.number(value) == said


def test_dates_are_in_the_zone_of_the_reader() -> None:
    zone = timezone(timedelta(hours=2))
    assert words.date(1772460131.0, zone) == "Monday 2 March 2026, 16:02:11"
