from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.highlights.movers import still, write_mover

from everyframe.errors import SourceNotFound
from everyframe.highlights.library import NOTHING
from everyframe.highlights.nothing import APART, EACH, nothing_in, seen_nothing
from everyframe.highlights.segments import Segment

events = st.lists(
    st.builds(
        lambda start, length, source: Segment(start, start + length, "hit", source=source),
        st.floats(0.0, 300.0),
        st.floats(0.5, 9.0),
        st.sampled_from(["a.mp4", "b.mp4"]),
    ),
    min_size=1,
    max_size=12,
)


@given(events)
def test_it_lies_between_labels_and_keeps_away_from_them(events: list[Segment]) -> None:
    for one in nothing_in(events):
        mine = [event for event in events if event.source == one.source]
        assert one.label == NOTHING
        assert min(event.start for event in mine) < one.start
        assert one.end < max(event.end for event in mine)
        for event in mine:
            assert one.end <= event.start - APART + 1e-6 or one.start >= event.end + APART - 1e-6


@given(events, st.integers(1, 5))
def test_there_are_no_more_than_asked_for(events: list[Segment], most: int) -> None:
    assert len(nothing_in(events, most=most)) <= most


def test_other_footage_is_taken_in_pieces_as_long_as_the_events(tmp_path: Path) -> None:
    other = write_mover(tmp_path / "other.mp4", "up", 0, seconds=3.0)
    found = nothing_in([Segment(0.0, 1.0, "hit", source="a.mp4")], [other])
    assert sorted((one.start, one.end, one.source) for one in found) == [
        (float(second), second + 1.0, str(other)) for second in range(3)
    ]
    with pytest.raises(SourceNotFound, match=r"none\.mp4"):
        nothing_in([Segment(0.0, 1.0, "hit", source="a.mp4")], [tmp_path / "none.mp4"])


def test_without_labels_there_is_nothing_to_lie_between() -> None:
    assert nothing_in([]) == []


def test_the_first_of_them_lie_as_evenly_as_all_do(tmp_path: Path) -> None:
    other = write_mover(tmp_path / "other.mp4", "up", 0, seconds=16.0)
    lesson = [Segment(0.0, 1.0, "hit", source="a.mp4")]
    few = nothing_in(lesson, [other], most=4)
    assert sorted(one.start for one in few) == [0.0, 4.0, 8.0, 12.0]
    assert {one.about["group"] for one in few} == {f"{other} 0"}


def test_what_lies_between_labels_belongs_to_the_group_of_the_labels() -> None:
    about = {"group": "monday"}
    labels = [Segment(s, s + 2.0, "hit", source="a.mp4", about=about) for s in (0.0, 20.0)]
    assert {one.about["group"] for one in nothing_in(labels)} == {"monday"}


def test_what_stands_still_is_no_example_of_nothing(tmp_path: Path) -> None:
    quiet = still(tmp_path / "still.mp4", 0, 6.0)
    moving = write_mover(tmp_path / "moving.mp4", "up", 0, seconds=2.0)
    places = [Segment(0.0, 2.0, NOTHING, source=str(one)) for one in (quiet, moving)]
    found = list(seen_nothing(places, [6, 12], wanted=10))
    assert {place.source for place, _ in found} == {str(moving)}
    assert 1 <= len(found) <= EACH
    for place, windows in found:
        assert [len(steps) for steps in windows] == [round(place.seconds / 0.1)]


def test_no_more_examples_are_seen_than_are_wanted(tmp_path: Path) -> None:
    moving = write_mover(tmp_path / "moving.mp4", "up", 0, seconds=2.0)
    places = [Segment(0.0, 2.0, NOTHING, source=str(moving))] * 3
    assert len(list(seen_nothing(places, [6, 12], wanted=2))) == 2
