"""What a stretch of footage is."""

from __future__ import annotations

import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from everyframe.errors import SettingError
from everyframe.highlights import Segment

times = st.floats(0.0, 1e6, allow_nan=False)


@given(times, times, times, times)
def test_overlap_is_a_share_and_the_same_both_ways(a: float, b: float, c: float, d: float) -> None:
    one, two = Segment(a, a + b + 0.1, "smash"), Segment(c, c + d + 0.1, "smash")
    assert 0.0 <= one.overlap(two) <= 1.0
    assert one.overlap(two) == pytest.approx(two.overlap(one))
    assert one.overlap(one) == pytest.approx(1.0)


def test_half_in_common() -> None:
    assert Segment(0.0, 2.0, "a").overlap(Segment(1.0, 3.0, "a")) == pytest.approx(1 / 3)
    assert Segment(0.0, 2.0, "a", source="x").overlap(Segment(0.0, 2.0, "a", source="y")) == 0.0


@pytest.mark.parametrize(("start", "end"), [(1.0, 1.0), (2.0, 1.0), (-1.0, 1.0), (float("nan"), 1.0)])
def test_it_takes_time(start: float, end: float) -> None:
    with pytest.raises(SettingError, match="a segment begins at 0 s or later"):
        Segment(start, end, "smash")


def test_it_says_what_happens() -> None:
    with pytest.raises(SettingError, match="needs a label"):
        Segment(0.0, 1.0, " ")


def test_it_goes_from_process_to_process() -> None:
    for about in ({}, {"player": "Ada"}):
        one = Segment(1.0, 2.0, "hit", 0.5, "a.mp4", about)
        assert pickle.loads(pickle.dumps(one)) == one
