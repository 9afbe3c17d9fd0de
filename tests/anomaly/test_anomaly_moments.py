"""Moments wait on disk and are judged in the end; judged at once they say the same."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import IO

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from everyframe.anomaly.detector import Attribute
from everyframe.anomaly.moments import Moment, Moments, Seen

ATTRIBUTES = (Attribute("one"), Attribute("two", back=0.5))


def judge(seen: list[Seen]) -> NDArray[np.float32]:
    """Take the largest value of each member, 0 where it saw nothing."""
    told = [[0.0 if one is None or not one.size else float(one.max()) for one in rows] for rows in seen]
    return np.array(told, np.float32)


def seen_by_two(draws: list[tuple[int | None, int | None]], seed: int) -> list[Seen]:
    random = np.random.default_rng(seed)

    def rows(count: int | None, columns: int) -> NDArray[np.float32] | None:
        # What two bytes hold exactly, so that nothing is rounded on the way.
        return None if count is None else random.integers(0, 99, (count, columns)).astype(np.float32)

    return [[rows(first, 3), rows(second, 5)] for first, second in draws]


def moment(seen: list[Seen], fold: int = 0, *, judged: bool = False) -> Moment:
    found = Moment(fold, 0.0, 12.0, judged, times=[0.5 * n for n in range(len(seen))])
    if judged:
        found.best = list(judge(seen))
    else:
        found.seen = [[None if one is None else one.astype(np.float16) for one in rows] for rows in seen]
    return found


counts = st.one_of(st.none(), st.integers(0, 4))


@given(
    pieces=st.lists(
        st.tuples(st.lists(st.tuples(counts, counts), min_size=7, max_size=12), st.integers(0, 1)),
        min_size=1,
        max_size=5,
    ),
    seed=st.integers(0, 9),
)
def test_it_does_not_matter_when_they_are_judged(
    pieces: list[tuple[list[tuple[int | None, int | None]], int]], seed: int
) -> None:
    later, at_once = Moments(most=10**9), Moments(most=0)
    for draws, fold in pieces:
        seen = seen_by_two(draws, seed)
        later.close(moment(seen, fold), ATTRIBUTES, judge)
        at_once.close(moment(seen, fold, judged=True), ATTRIBUTES, judge)
    judges = [judge, judge]
    np.testing.assert_array_equal(later.peaks(ATTRIBUTES, judges), at_once.peaks(ATTRIBUTES, judges))
    # They can be asked again, and more can come.
    np.testing.assert_array_equal(later.peaks(ATTRIBUTES, judges), at_once.peaks(ATTRIBUTES, judges))
    assert later.hours == at_once.hours == [12.0] * len(pieces)


def test_the_other_half_judges() -> None:
    moments = Moments(most=10**9)
    seen = seen_by_two([(2, 2)] * 8, 0)
    for fold in (0, 1):
        moments.close(moment(seen, fold), ATTRIBUTES, judge)
    peaks = moments.peaks(ATTRIBUTES, [lambda seen: judge(seen) + 100.0, judge])
    np.testing.assert_allclose(peaks[1] - peaks[0], 100.0, rtol=1e-6)


def test_short_ones_are_none() -> None:
    moments = Moments(most=10**9)
    moments.close(moment(seen_by_two([(2, 2)] * 6, 0)), ATTRIBUTES, judge)
    assert len(moments) == 0


def test_it_is_full_by_what_waits() -> None:
    moments = Moments(most=8 * 2 * 8)
    assert not moments.full
    moments.close(moment(seen_by_two([(2, 2)] * 8, 0)), ATTRIBUTES, judge)
    assert moments.values == 8 * 2 * 8
    assert moments.full


def test_a_full_disk_has_them_judged_at_once(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    seen = seen_by_two([(2, 2)] * 8, 0)
    moments = Moments(most=10**9)
    moments.close(moment(seen), ATTRIBUTES, judge)
    caplog.set_level("INFO", "everyframe")
    with Path("/dev/full").open("r+b", buffering=0) as full, monkeypatch.context() as patch:
        patch.setattr(moments, "_file", full)
        moments.close(moment(seen), ATTRIBUTES, judge)
    assert "No space left" in caplog.text
    assert moments.full
    peaks = moments.peaks(ATTRIBUTES, [judge, judge])
    np.testing.assert_array_equal(peaks[0], peaks[1])


def test_without_any_place_to_write_memory_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    def nowhere() -> IO[bytes]:
        raise OSError("read-only")

    monkeypatch.setattr(tempfile, "TemporaryFile", nowhere)
    moments = Moments(most=10**9)
    seen = seen_by_two([(2, 2)] * 8, 0)
    moments.close(moment(seen), ATTRIBUTES, judge)
    assert moments.peaks(ATTRIBUTES, [judge, judge]).shape == (1, 2)
