"""What counts of readings that may be wrong: of scores, by a vote; of the clock, by how clocks go."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from everyframe.highlights.scoreboard.clock import Tick, course
from everyframe.highlights.scoreboard.settling import may_follow, may_follow_in_tennis, settle


def told(*values: str) -> list[tuple[float, str, float]]:
    return [(0.5 * number, value, 1.0) for number, value in enumerate(values)]


def values(*readings: str) -> list[str]:
    return [one.value for one in settle(told(*readings), may_follow)]


def test_a_score_counts_from_its_first_reading() -> None:
    found = settle(told(*["2"] * 6, *["3"] * 6), may_follow)
    assert [(one.time, one.value, one.confidence) for one in found] == [(0.0, "2", 1.0), (3.0, "3", 1.0)]


def test_one_or_two_misreadings_are_no_change() -> None:
    assert values(*["2"] * 5, "3", *["2"] * 5, "3", "3", *["2"] * 5) == ["2"]


def test_a_score_goes_down_or_leaps_only_where_much_speaks_for_it() -> None:
    assert values(*["7"] * 5, *["1"] * 5, *["7"] * 3) == ["7"]
    assert values(*["7"] * 5, *["1"] * 8) == ["7", "1"]
    assert values(*["7"] * 5, *["77"] * 4, *["7"] * 3) == ["7"]


def test_at_the_very_end_two_readings_are_enough() -> None:
    assert values(*["2"] * 5, "3", "3") == ["2", "3"]
    assert values(*["2"] * 5, "3") == ["2"]
    assert values(*["2"] * 5, "1", "1") == ["2"]


def test_points_of_tennis_go_any_way() -> None:
    readings = told(*["40"] * 4, *["AD"] * 3, *["40"] * 3, *["0"] * 3)
    assert [one.value for one in settle(readings, may_follow_in_tennis)] == ["40", "AD", "40", "0"]


def test_readings_of_long_ago_have_no_vote() -> None:
    readings = [*told(*["2"] * 4), (10.0, "3", 1.0), (60.0, "3", 1.0), (110.0, "3", 1.0), (120.0, "2", 1.0)]
    assert [one.value for one in settle(readings, may_follow)] == ["2"]


@given(st.lists(st.sampled_from("0123456789"), max_size=60))
def test_what_counts_was_read_often_enough_and_is_always_another(readings: list[str]) -> None:
    found = settle(told(*readings), may_follow)
    assert all(before.value != after.value for before, after in pairwise(found))
    assert all(readings.count(one.value) >= 2 and 0.0 < one.confidence <= 1.0 for one in found)
    assert [one.time for one in found] == sorted(one.time for one in found)


@given(st.lists(st.integers(1, 3), min_size=1, max_size=6), st.data())
def test_single_misreadings_never_make_an_event(steps: list[int], data: st.DataObject) -> None:
    truth, score = [], 0
    for step in steps:
        truth += [str(score)] * 8
        score += step
    wrong = data.draw(st.sets(st.integers(0, len(truth) // 8 - 1)))
    readings = list(truth)
    for place in wrong:  # one of each eight, not beside a change
        readings[8 * place + 5] = data.draw(st.sampled_from(["0", "1", "9", "44", "AD"]))
    kept = list(dict.fromkeys(truth))
    assert values(*readings) == kept


def clock(*parts: tuple[float, float, float, int]) -> list[Tick]:
    """Return a tick a second: from when, from which clock, by how much a second, how many."""
    return [
        Tick(start + number, begins + slope * number)
        for start, begins, slope, count in parts
        for number in range(count)
    ]


def test_a_clock_runs_stands_and_runs_on() -> None:
    found = course(clock((0, 600, -1, 20), (20, 580, 0, 10), (30, 580, -1, 20)))
    assert found.down
    assert len(found.ticks) == 50
    assert [found.at(time) for time in (5.0, 10.5, 25.0, 35.0)] == [595.0, 589.5, 580.0, 575.0]
    assert found.at(-10.0) is None
    assert found.at(70.0) is None


def test_a_clock_that_is_read_more_often_than_it_changes_runs() -> None:
    found = course([Tick(0.5 * number, float(600 - number // 2)) for number in range(40)])
    assert len(found.ticks) == 40
    assert found.running >= 15


def test_a_clock_that_is_set_anew_has_leapt() -> None:
    found = course(clock((0, 30, -1, 20), (25, 720, -1, 20)))
    assert sum(found.fresh) == 1
    assert found.at(30.0) == 715.0
    assert found.at(20.0) == 10.0


@given(
    st.booleans(),
    st.integers(30, 120),
    st.data(),
)
def test_misread_clocks_are_left_out(down: bool, count: int, data: st.DataObject) -> None:
    slope = -1.0 if down else 1.0
    ticks = clock((0.0, 900.0, slope, count))
    wrong = data.draw(st.sets(st.integers(0, count // 5 - 1), max_size=6))
    for place in wrong:  # one of five in a row at most
        off = data.draw(st.sampled_from([-600.0, -60.0, -10.0, 10.0, 60.0, 300.0]))
        tick = ticks[5 * place + 2]
        ticks[5 * place + 2] = Tick(tick.time, max(0.0, tick.clock + off))
    found = course(ticks)
    assert found.down == down
    assert not any(found.fresh)
    for time in range(3, count - 3):
        shown = found.at(float(time))
        assert shown is not None
        assert abs(shown - (900.0 + slope * time)) <= 1.5


@given(st.lists(st.tuples(st.floats(0, 1e4), st.floats(0, 6e3)), max_size=60))
def test_no_readings_are_too_odd(readings: list[tuple[float, float]]) -> None:
    ticks = [Tick(time, shown) for time, shown in sorted(readings)]
    found = course(ticks)
    assert len(found.ticks) == len(found.fresh) <= len(ticks)
    for time in (0.0, 50.0, 5e3):
        shown = found.at(time)
        assert shown is None or shown >= 0.0
