"""The chart keeps every peak, never joins over a gap, and fits in its box."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from everyframe.store import Score, StoredEvent, chart
from everyframe.types import Event, Gap, GapReason


def stored(event: Event, number: int = 1) -> StoredEvent:
    return StoredEvent(number, 1, "park", event, 0.0, None, Path("unused.jpg"))


def calm(seconds: int) -> list[Score]:
    return [Score(float(time), 1.0, 0.4) for time in range(seconds)]


def points(path: str) -> list[tuple[float, float]]:
    return [(float(x), float(y)) for x, y in re.findall(r"([-\d.e]+) ([-\d.e]+)", path)]


def test_nothing_is_drawn_of_nothing() -> None:
    assert chart.draw([], [], [], None) is None


@pytest.mark.parametrize("seconds", [100, 5_000, 90_000])
def test_a_peak_of_one_second_is_seen_however_long_the_run(seconds: int) -> None:
    scores = calm(seconds)
    scores[seconds // 2] = Score(seconds / 2, 9.0, 0.0001)
    drawn = chart.draw(scores, [], [], None)
    assert drawn is not None
    line = points(drawn.lines)
    assert len(line) <= 300
    peak = min(line, key=lambda point: point[1])
    assert peak[0] == pytest.approx(50, abs=0.6)
    assert peak[1] == pytest.approx(20)  # 4 of 5 decades
    assert drawn.text.endswith("1 in 10,000. 0 alerts.")


def test_the_curve_is_cut_where_pictures_are_missing() -> None:
    scores = [score for score in calm(200) if not 80 <= score.time < 120]
    gap = Gap(79.0, 120.0, GapReason.STALL)
    drawn = chart.draw(scores, [], [gap], None)
    assert drawn is not None
    assert drawn.lines.count("M") == 2
    (band,) = drawn.gaps
    assert (band.left, band.left + band.width) == pytest.approx((79 / 1.99, 120 / 1.99), abs=0.1)
    assert band.text == "stall, 41 s"


def test_single_repeated_frames_are_not_shaded() -> None:
    drawn = chart.draw(calm(100), [], [Gap(1.0, 1.2, GapReason.DUPLICATE, 1)], None)
    assert drawn is not None
    assert drawn.gaps == ()


def test_a_thousand_gaps_that_touch_are_one_band() -> None:
    gaps = [Gap(index / 10, index / 10 + 0.1, GapReason.MISSING) for index in range(1000)]
    drawn = chart.draw(calm(200), [], gaps, None)
    assert drawn is not None
    assert len(drawn.gaps) == 1


def test_calibrating_is_shown_and_draws_no_curve() -> None:
    drawn = chart.draw([Score(float(time), 1.0, None) for time in range(60)], [], [], None)
    assert drawn is not None
    assert drawn.lines == ""
    assert len(drawn.calibrating) == 1
    assert drawn.calibrating[0].width > 98


def test_events_are_marked_at_their_peak_above_the_alert_line(make_event: Callable[..., Event]) -> None:
    entry = stored(make_event(start=50.0, p_value=0.0001), 7)
    drawn = chart.draw(calm(101), [entry], [], 0.001)
    assert drawn is not None
    (mark,) = drawn.marks
    assert (mark.id, mark.left, mark.start, mark.width) == (7, 51.0, 50.0, 2.0)
    assert drawn.alert is not None
    assert mark.top < drawn.alert


p_values = st.none() | st.floats(0, 1)


@given(
    scores=st.lists(st.tuples(st.floats(-1e6, 1e6), p_values), max_size=30),
    peaks=st.lists(st.tuples(st.floats(-1e6, 1e6), st.floats(0, 1)), max_size=4),
    alert=p_values,
)
def test_everything_lies_in_the_box(
    make_event: Callable[..., Event],
    scores: list[tuple[float, float | None]],
    peaks: list[tuple[float, float]],
    alert: float | None,
) -> None:
    rows = [Score(time, 1.0, p_value) for time, p_value in sorted(scores, key=lambda pair: pair[0])]
    events = [stored(make_event(start=time, p_value=p_value)) for time, p_value in peaks]
    drawn = chart.draw(rows, events, [], alert)
    if drawn is None:
        assert not rows
        return
    assert all(-0.2 <= x <= 100.2 and 0 <= y <= 100 for x, y in points(drawn.lines))
    assert all(0 <= mark.left <= 100 and 0 <= mark.top <= 100 for mark in drawn.marks)
    assert all(-0.01 <= label.at <= 100.01 for label in (*drawn.rows, *drawn.columns))
    assert 1 <= len(drawn.columns) <= 7
    assert drawn.alert is None or 0 <= drawn.alert <= 100
