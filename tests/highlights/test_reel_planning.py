"""From events to cuts: whatever the events are, the rules hold."""

from __future__ import annotations

import math
from itertools import pairwise

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from everyframe.errors import SettingError
from everyframe.highlights import Segment
from everyframe.highlights.reel.lengths import limit_of, seconds
from everyframe.highlights.reel.planning import Boundaries, Cut, Rules, condensed, plan

LENGTHS = {"a.mp4": 120.0, "b.mp4": 45.5}
NEAR = 1e-5


@st.composite
def segments(draw: st.DrawFn) -> Segment:
    source = draw(st.sampled_from(list(LENGTHS)))
    start = draw(st.integers(0, 1300)) / 10
    length = draw(st.integers(1, 150)) / 10
    return Segment(start, start + length, draw(st.sampled_from("xyz")), draw(st.integers(0, 10)) / 10, source)


@st.composite
def rules(draw: st.DrawFn) -> Rules:
    tenths = st.integers(0, 50)
    return Rules(
        before=draw(tenths) / 10,
        after=draw(tenths) / 10,
        gap=draw(tenths) / 10,
        longest=draw(st.one_of(st.just(math.inf), st.integers(10, 900).map(lambda n: n / 10))),
        order=draw(st.sampled_from(["time", "rank"])),
        snap=draw(st.sampled_from([0.0, 0.5, 3.0])),
        give=draw(st.booleans()),
        whole=draw(st.sampled_from([0.0, 6.0])),
    )


shots = st.one_of(st.none(), st.lists(st.integers(0, 1200).map(lambda n: n / 10), max_size=60))


def told(times: list[float] | None) -> Boundaries | None:
    return None if times is None else lambda source, low, high: [t for t in sorted(times) if low <= t <= high]


def planned(events: list[Segment], rule: Rules, times: list[float] | None) -> list[Cut]:
    try:
        return plan(events, LENGTHS, rule, told(times))
    except SettingError:
        assume(False)
        raise


@given(st.lists(segments(), min_size=1, max_size=25), rules(), shots)
def test_no_cut_falls_into_an_event(events: list[Segment], rule: Rules, times: list[float] | None) -> None:
    for cut in planned(events, rule, times):
        for event in events:
            if event.source == cut.source:
                for edge in (cut.start, cut.end):
                    assert not event.start + NEAR < edge < min(event.end, LENGTHS[cut.source]) - NEAR


@given(st.lists(segments(), min_size=1, max_size=25), rules(), shots)
def test_it_is_never_longer_than_allowed(
    events: list[Segment], rule: Rules, times: list[float] | None
) -> None:
    assert sum(cut.seconds for cut in planned(events, rule, times)) <= rule.longest + 1e-4


@given(st.lists(segments(), min_size=1, max_size=25), rules(), shots)
def test_nothing_is_shown_twice_and_all_lies_in_its_source(
    events: list[Segment], rule: Rules, times: list[float] | None
) -> None:
    cuts = planned(events, rule, times)
    for source, length in LENGTHS.items():
        mine = sorted((cut.start, cut.end) for cut in cuts if cut.source == source)
        assert all(0.0 <= start < end <= length + NEAR for start, end in mine)
        assert all(end <= start + NEAR for (_, end), (start, _) in pairwise(mine))


@given(st.lists(segments(), min_size=1, max_size=25), rules(), shots)
def test_what_is_shown_is_what_is_told(events: list[Segment], rule: Rules, times: list[float] | None) -> None:
    cuts = planned(events, rule, times)
    shown = [event for cut in cuts for event in cut.events]
    assert all(event in events for event in shown)
    for cut in cuts:
        for event in cut.events:
            assert cut.start <= event.start + NEAR
            assert cut.end >= min(event.end, LENGTHS[cut.source]) - NEAR
    if rule.longest == math.inf:
        inside = [event for event in events if event.start < LENGTHS[event.source]]
        assert sorted(map(repr, shown)) == sorted(map(repr, inside))


@given(st.lists(segments(), min_size=1, max_size=25), rules(), shots)
def test_the_order_is_the_one_asked_for(
    events: list[Segment], rule: Rules, times: list[float] | None
) -> None:
    cuts = planned(events, rule, times)
    if rule.order == "rank":
        assert all(one.confidence >= next_.confidence for one, next_ in pairwise(cuts))
    else:
        assert cuts == sorted(cuts, key=lambda cut: (list(LENGTHS).index(cut.source), cut.start))


@given(st.lists(segments(), min_size=1, max_size=25), rules(), st.integers(11, 1000))
def test_condensed_shows_every_moment_once(events: list[Segment], rule: Rules, tenths: int) -> None:
    cuts = condensed(planned(events, rule, None), LENGTHS, tenths / 10)
    for source, length in LENGTHS.items():
        mine = [cut for cut in cuts if cut.source == source]
        assert mine[0].start == 0.0
        assert mine[-1].end == pytest.approx(length)
        assert all(one.end == pytest.approx(following.start) for one, following in pairwise(mine))
        assert all(cut.speed == (1.0 if cut.events else tenths / 10) for cut in mine)


def event(start: float, end: float, confidence: float = 1.0) -> Segment:
    return Segment(start, end, "smash", confidence, "a.mp4")


def spans(cuts: list[Cut]) -> list[tuple[float, float]]:
    return [(round(cut.start, 3), round(cut.end, 3)) for cut in cuts]


def test_the_best_fill_the_time_and_are_shown_in_order() -> None:
    events = [event(10, 12, 0.5), event(30, 32, 0.9), event(50, 52, 0.7), event(70, 72, 0.8)]
    rule = Rules(before=1, after=1, longest=12)
    assert spans(plan(events, LENGTHS, rule)) == [(29, 33), (49, 53), (69, 73)]


def test_a_long_one_that_does_not_fit_makes_room_for_a_shorter_one() -> None:
    assert spans(plan([event(10, 30), event(50, 52, 0.1)], LENGTHS, Rules(longest=10))) == [(48, 54)]


def test_neighbours_are_one_cut() -> None:
    rule = Rules(before=1, after=1, gap=1)
    assert spans(plan([event(10, 12), event(15, 16), event(20, 21)], LENGTHS, rule)) == [(9, 17), (19, 22)]


def test_the_time_around_ends_where_something_else_begins() -> None:
    events = [event(10, 12, 0.9), event(13, 20, 0.1)]
    assert spans(plan(events, LENGTHS, Rules(longest=6))) == [(8, 13)]


def test_a_cut_goes_to_the_shot_nearby_but_not_into_the_event() -> None:
    rule = Rules(before=2, after=2, snap=0.5)
    times = [7.7, 8.4, 13.9, 14.4]
    assert spans(plan([event(10, 12)], LENGTHS, rule, told(times))) == [(7.7, 13.9)]
    close = Rules(before=0.2, after=0.2, snap=0.5)
    assert spans(plan([event(10, 12)], LENGTHS, close, told([10.1, 11.9]))) == [(9.8, 12.2)]


def test_a_cut_does_not_move_outwards_where_there_is_no_time_left() -> None:
    rule = Rules(before=1, after=1, snap=0.5, longest=4)
    assert spans(plan([event(10, 12)], LENGTHS, rule, told([8.8, 13.2]))) == [(9, 13)]


def test_a_condensed_game_keeps_events_rather_than_the_time_around_them() -> None:
    events = [event(10 * n, 10 * n + 2, 0.1 * n) for n in range(1, 9)]
    plain = plan(events, LENGTHS, Rules(longest=24))
    assert sum(len(cut.events) for cut in plain) == 4
    assert spans(plan(events, LENGTHS, Rules(longest=24, give=True))) == [
        (10 * n - 0.5, 10 * n + 2.5) for n in range(1, 9)
    ]
    few = plan(events, LENGTHS, Rules(longest=limit_of("7.5%", 120), give=True))
    assert spans(few) == [(50, 52), (60, 62), (70, 72), (80, 82)], "the best ones, whole"


@given(st.lists(segments(), min_size=1, max_size=25), rules(), shots)
def test_a_short_shot_is_whole_wherever_an_event_in_it_is_shown(
    events: list[Segment], rule: Rules, times: list[float] | None
) -> None:
    cuts = planned(events, rule, times)
    begins = sorted({0.0, *(times or [])})
    for source, length in LENGTHS.items():
        edges = [*(time for time in begins if time < length), length]
        for cut in (cut for cut in cuts if cut.source == source):
            for shown in cut.events:
                for start, end in pairwise(edges):
                    inside = start <= shown.start and shown.end <= end
                    if inside and times is not None and end - start <= rule.whole:
                        assert cut.start <= start + NEAR
                        assert cut.end >= end - NEAR


def test_what_was_spotted_a_little_off_is_shown_with_all_of_its_shot() -> None:
    rule = Rules(before=0, after=0, snap=0, longest=9, give=True, whole=6.0)
    short, long = event(10.6, 11.8, 0.9), event(30.0, 31.0, 0.8)
    shots_of_it = {"a.mp4": [10.0, 13.0, 20.0, 40.0]}
    assert spans(plan([short, long], LENGTHS, rule, shots_of_it)) == [(10, 13), (30, 31)]
    assert spans(plan([short, long], LENGTHS, rule)) == [(10.6, 11.8), (30, 31)], "no shots are known"
    over = event(9.9, 13.1, 0.9)
    assert spans(plan([over], LENGTHS, rule, shots_of_it)) == [(9.9, 13.1)], "of two shots, hardly"


def test_two_events_of_a_short_shot_are_shown_together() -> None:
    rule = Rules(before=0, after=0, snap=0, whole=6.0)
    (cut,) = plan([event(10.5, 11), event(12, 12.5)], LENGTHS, rule, {"a.mp4": [10.0, 13.0]})
    assert spans([cut]) == [(10, 13)]
    assert len(cut.events) == 2


def test_shots_that_are_known_go_by_source() -> None:
    rule = Rules(before=2, after=2, snap=0.5)
    assert spans(plan([event(10, 12)], LENGTHS, rule, {"a.mp4": [7.7, 13.9], "b.mp4": [8.1]})) == [
        (7.7, 13.9)
    ]
    assert spans(plan([event(10, 12)], LENGTHS, rule, {})) == [(8, 14)]


@pytest.mark.parametrize(("text", "told"), [("25%", 30), ("12.5 %", 15), ("90s", 90), (20, 20)])
def test_a_reel_may_last_a_share_of_the_footage(text: str, told: float) -> None:
    assert limit_of(text, 120) == told


def test_more_than_all_is_refused() -> None:
    with pytest.raises(SettingError, match="more than all"):
        limit_of("120%", 60)


@pytest.mark.parametrize(
    ("events", "rule", "words"),
    [
        ([], Rules(), "nothing to cut"),
        ([event(130, 140)], Rules(), "no event lies within the footage"),
        ([event(10, 30)], Rules(longest=10), "the shortest event lasts 20 s"),
    ],
)
def test_what_cannot_be_planned_says_why(events: list[Segment], rule: Rules, words: str) -> None:
    with pytest.raises(SettingError, match=words):
        plan(events, LENGTHS, rule)


@pytest.mark.parametrize(
    "wrong", [{"before": -1.0}, {"longest": 0.0}, {"order": "luck"}, {"gap": math.nan}, {"whole": -1.0}]
)
def test_rules_that_make_no_sense_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(SettingError):
        Rules(**wrong)  # type: ignore[arg-type]


@pytest.mark.parametrize("speed", [1.0, 0.5, 200.0])
def test_a_speed_that_makes_no_sense_is_refused(speed: float) -> None:
    with pytest.raises(SettingError, match="times as fast"):
        condensed([], LENGTHS, speed)


@pytest.mark.parametrize(
    ("text", "told"), [("90", 90), ("90s", 90), ("1.5min", 90), ("1:30", 90), ("0:01:30", 90), ("1h", 3600)]
)
def test_lengths_of_time(text: str, told: float) -> None:
    assert seconds(text) == told


@pytest.mark.parametrize("text", ["", "long", "-3", "1:2:3:4", "3 parsecs"])
def test_what_is_no_length_of_time(text: str) -> None:
    with pytest.raises(SettingError, match="write 90s"):
        seconds(text)
