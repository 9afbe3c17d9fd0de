from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from everyframe.highlights.segments import Segment
from everyframe.highlights.spotting.suppress import OVERLAP, suppress

spots = st.lists(
    st.builds(
        lambda start, length, label, confidence: Segment(start, start + length, label, confidence),
        st.integers(0, 60).map(float),
        st.integers(1, 8).map(float),
        st.sampled_from("ab"),
        st.integers(0, 100).map(lambda percent: percent / 100),
    ),
    max_size=30,
).map(lambda found: sorted(found, key=lambda one: one.start))


def common(one: Segment, other: Segment) -> float:
    both = min(one.end, other.end) - max(one.start, other.start)
    return max(0.0, both) / min(one.seconds, other.seconds)


def lies_in(one: Segment, other: Segment) -> bool:
    alike = (one.label, one.confidence) == (other.label, other.confidence)
    return alike and other.start <= one.start < one.end <= other.end


@given(spots)
def test_what_is_left_does_not_overlap_and_is_most_of_what_was_found(found: list[Segment]) -> None:
    kept = list(suppress(found))
    for one, after in pairwise(kept):
        assert one.end <= after.start
    for one in kept:
        assert any(lies_in(one, other) and one.seconds >= 0.5 * other.seconds for other in found)


@given(spots)
def test_spots_of_each_class_overlap_little_and_everything_else_lost_to_a_surer_one(
    found: list[Segment],
) -> None:
    kept = list(suppress(found, each=True))
    assert [one.start for one in kept] == sorted(one.start for one in kept)
    for number, one in enumerate(kept):
        assert one in found
        for other in kept[:number]:
            assert common(one, other) <= OVERLAP or one.label != other.label
    for one in found:
        if one not in kept:
            assert any(
                common(one, other) > OVERLAP and other.confidence >= one.confidence
                for other in kept
                if one.label == other.label
            )


@given(spots)
def test_what_is_lost_overlaps_a_surer_one(found: list[Segment]) -> None:
    kept = list(suppress(found))
    for one in found:
        if not any(lies_in(other, one) for other in kept):
            assert any(common(one, other) > 0.0 and other.confidence >= one.confidence for other in kept)


@given(spots, st.booleans())
def test_doing_it_again_changes_nothing(found: list[Segment], each: bool) -> None:
    kept = list(suppress(found, each=each))
    assert list(suppress(kept, each=each)) == kept
