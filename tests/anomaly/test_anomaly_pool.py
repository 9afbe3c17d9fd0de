"""A fair sample in bounded memory."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from everyframe.anomaly.pool import Pool


def numbered(count: int, start: int = 0) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    return np.arange(start, start + count, dtype=np.float32)[:, None]


@given(st.lists(st.integers(0, 40), max_size=12))
def test_never_more_than_there_is_room_for_and_nothing_that_was_not_there(sizes: list[int]) -> None:
    pool, total = Pool(1, capacity=25), 0
    for size in sizes:
        pool.add(numbered(size, total))
        total += size
    assert len(pool.rows) == min(total, 25)
    assert pool.seen == total
    assert len(np.unique(pool.rows)) == len(pool.rows)
    assert total == 0 or pool.rows.max(initial=0) < total


def test_early_and_late_rows_have_the_same_chance() -> None:
    kept = np.zeros(400)
    for seed in range(200):
        pool = Pool(1, capacity=40, seed=seed)
        for start in range(0, 400, 50):
            pool.add(numbered(50, start))
        kept[pool.rows[:, 0].astype(int)] += 1
    halves = kept[:200].sum(), kept[200:].sum()
    assert halves[0] == pytest.approx(halves[1], rel=0.06)


def test_merging_weighs_by_what_each_stands_for() -> None:
    many, few = Pool(1, capacity=100), Pool(1, capacity=100)
    many.add(numbered(900))
    few.add(numbered(100, 10_000))
    both = many.merge(few)
    assert both.seen == 1_000
    assert len(both.rows) == 100
    assert (both.rows >= 10_000).mean() < 0.35


def test_what_was_saved_and_taken_back_is_the_same() -> None:
    pool = Pool(1, capacity=10)
    pool.add(numbered(30))
    again = Pool(1, capacity=10)
    again.restore(pool.state())
    np.testing.assert_array_equal(again.rows, pool.rows)
    assert again.seen == pool.seen
    with pytest.raises(ValueError, match="the sample has the shape"):
        Pool(2, capacity=10).restore(pool.state())


def test_after_forgetting_what_is_new_gets_in_more_easily() -> None:
    old, young = Pool(1, capacity=50), Pool(1, capacity=50)
    for pool in (old, young):
        pool.add(numbered(5_000))
    young.forget(0.95)
    for pool in (old, young):
        pool.add(numbered(200, 10_000))
    assert (young.rows >= 10_000).mean() > (old.rows >= 10_000).mean() + 0.2
