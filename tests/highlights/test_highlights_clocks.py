"""From the clock of a game to the time in its footage."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from everyframe.highlights.clocks import GameClock, Reading, Unjoined, period_key

DOWN = [Reading(100.0 + step, "1", 720.0 - step) for step in range(0, 300, 10)]


def test_time_goes_by_evenly_between_two_readings() -> None:
    assert GameClock(DOWN).time_of("Q1", 715.5) == pytest.approx(104.5)


def test_a_clock_may_count_up() -> None:
    clock = GameClock([Reading(50.0, "1st half", 0.0), Reading(80.0, "1st half", 30.0)])
    assert clock.time_of("1", 12.0) == pytest.approx(62.0)


def test_where_the_clock_stands_still_the_moment_counts_at_which_it_stopped() -> None:
    stopped = [Reading(float(at), "2", max(440.0, 460.0 - at)) for at in range(60)]
    stopped += [Reading(60.0 + at, "2", 440.0 - at) for at in range(1, 20)]
    clock = GameClock(stopped)
    assert clock.time_of("2", 440.0) == 20.0
    assert clock.time_of("2", 439.0) == pytest.approx(61.0)
    assert clock.time_of("2", 439.5) == pytest.approx(60.0, abs=0.6)


def test_a_misread_digit_is_left_out() -> None:
    wrong = [Reading(151.0, "1", 119.0), Reading(203.0, "1", 700.0)]
    clock = GameClock([*DOWN, *wrong])
    for at in range(431, 720, 7):
        assert clock.time_of("1", float(at)) == pytest.approx(820.0 - at)


@pytest.mark.parametrize(
    ("period", "clock", "why"),
    [("4", 100.0, "not read in period 4"), ("1", 20.0, "nowhere near"), ("2", 500.0, "for 400 s around it")],
)
def test_what_cannot_be_joined_says_why(period: str, clock: float, why: str) -> None:
    gap = [Reading(1000.0, "2", 700.0), Reading(1500.0, "2", 300.0)]
    with pytest.raises(Unjoined, match=why):
        GameClock([*DOWN, *gap]).time_of(period, clock)


@pytest.mark.parametrize(
    "same", [("Q2", "2", "2nd", "second quarter", "2nd Quarter", "02"), ("OT", "ot"), ("set 3", "3")]
)
def test_periods_have_many_names(same: tuple[str, ...]) -> None:
    assert len({period_key(one) for one in same}) == 1


@given(
    clocks=st.lists(st.integers(0, 720), min_size=2, max_size=40, unique=True),
    start=st.floats(0, 1e4),
    place=st.floats(0, 1),
)
def test_a_running_clock_is_carried_back_and_forth(clocks: list[int], start: float, place: float) -> None:
    """Readings of a clock that runs without a stop give every time between the nearest of them."""
    ordered = sorted(clocks, reverse=True)
    clock = GameClock([Reading(start + 720.0 - value, "1", float(value)) for value in ordered])
    wanted = ordered[0] - place * (ordered[0] - ordered[-1])
    near = (
        [value for value in ordered if value >= wanted][-1],
        next(value for value in ordered if value <= wanted),
    )
    if near[0] - near[1] > 60:
        with pytest.raises(Unjoined):
            clock.time_of("1", wanted)
    else:
        assert clock.time_of("1", wanted) == pytest.approx(start + 720.0 - wanted, abs=1e-6)
