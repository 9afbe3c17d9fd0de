from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from everyframe.errors import SettingError
from everyframe.sources import Dropping
from everyframe.types import Frame, Gap, GapReason, Source, StreamInfo


class _Counter:
    """Frames of a changing grey, and a gap of its own now and then."""

    def __init__(self, count: int, gaps_at: frozenset[int] = frozenset()) -> None:
        self.info = StreamInfo("counter", 4, 4)
        self.closed = False
        self._count, self._gaps_at = count, gaps_at

    def __iter__(self) -> Iterator[Frame | Gap]:
        for number in range(self._count):
            if number in self._gaps_at:
                yield Gap((number - 1) / 10, (number + 1) / 10, GapReason.STALL, 1)
            else:
                yield Frame(number, number / 10, np.full((4, 4), number % 256, np.uint8))

    def close(self) -> None:
        self.closed = True


def _lost(source: Dropping, count: int) -> list[bool]:
    kept = {item.index for item in source if isinstance(item, Frame)}
    return [number not in kept for number in range(count)]


@pytest.mark.parametrize(("share", "burst"), [(0.3, 1), (0.3, 5), (0.1, 1), (0.5, 10), (0.05, 3)])
def test_the_share_and_the_bursts_are_as_asked(share: float, burst: float) -> None:
    lost = _lost(Dropping(_Counter(40_000), share, burst), 40_000)
    assert np.mean(lost) == pytest.approx(share, rel=0.08)
    runs = [len(list(run)) for missing, run in groupby(lost) if missing]
    assert np.mean(runs) == pytest.approx(burst, rel=0.08)
    assert burst != 1 or max(runs) == 1


def test_each_run_is_one_gap_that_counts_it() -> None:
    items = list(Dropping(_Counter(500), 0.4, 3, seed=2))
    for before, gap, after in zip(items, items[1:], items[2:], strict=False):
        if isinstance(gap, Gap):
            assert isinstance(before, Frame)
            assert isinstance(after, Frame)
            assert gap.reason is GapReason.MISSING
            assert gap.frames == after.index - before.index - 1
            assert (gap.start, gap.end) == (before.time, after.time)


def test_the_seed_decides() -> None:
    first = Dropping(_Counter(300), 0.3, seed=1)
    assert _lost(first, 300) == _lost(first, 300) == _lost(Dropping(_Counter(300), 0.3, seed=1), 300)
    assert _lost(first, 300) != _lost(Dropping(_Counter(300), 0.3, seed=2), 300)


@given(
    share=st.floats(0, 0.5),
    burst=st.floats(1, 20),
    seed=st.integers(0, 100),
    gaps_at=st.frozensets(st.integers(1, 99), max_size=20),
)
def test_nothing_is_lost_without_a_gap(
    share: float, burst: float, seed: int, gaps_at: frozenset[int]
) -> None:
    source = Dropping(_Counter(100, gaps_at), share, burst, seed)
    assert isinstance(source, Source)
    items = list(source)
    assert isinstance(items[0], Frame), "never the first"
    assert sum(item.frames or 0 if isinstance(item, Gap) else 1 for item in items) == 100
    ends = [
        item.time if isinstance(item, Frame) else item.end
        for item in items
        if not isinstance(item, Gap) or item.reason is GapReason.MISSING
    ]
    assert ends == sorted(ends)


def test_the_end_may_be_lost() -> None:
    for seed in range(30):
        items = list(Dropping(_Counter(20), 0.5, 4, seed))
        if isinstance(items[-1], Gap):
            assert items[-1].end == 1.9
            return
    raise AssertionError("no seed lost the end")


@pytest.mark.parametrize(("share", "burst"), [(0.6, 1), (-0.1, 1), (0.3, 0.5), (1.0, 100), (float("nan"), 1)])
def test_what_cannot_be_is_refused(share: float, burst: float) -> None:
    with pytest.raises(SettingError):
        Dropping(_Counter(10), share, burst)


def test_it_passes_on_what_it_wraps() -> None:
    whole = _Counter(10)
    source = Dropping(whole, 0.2)
    assert source.info is whole.info
    with pytest.raises(TypeError, match="cannot be read again"):
        list(source.between(0, 1))
    source.close()
    assert whole.closed
