from __future__ import annotations

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


@given(spots, st.booleans())
def test_what_is_left_does_not_overlap_and_everything_else_lost_to_a_surer_one(
    found: list[Segment], each: bool
) -> None:
    kept = list(suppress(found, each=each))
    assert [one.start for one in kept] == sorted(one.start for one in kept)
    for number, one in enumerate(kept):
        assert one in found
        for other in kept[:number]:
            assert common(one, other) <= OVERLAP or (each and one.label != other.label)
    for one in found:
        if one not in kept:
            assert any(
                common(one, other) > OVERLAP and other.confidence >= one.confidence
                for other in kept
                if not each or one.label == other.label
            )


@given(spots, st.booleans())
def test_doing_it_again_changes_nothing(found: list[Segment], each: bool) -> None:
    kept = list(suppress(found, each=each))
    assert list(suppress(kept, each=each)) == kept
