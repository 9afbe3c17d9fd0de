from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from everyframe.bench.align import align, hold, numbered
from everyframe.errors import DatasetError


@given(st.lists(st.booleans(), min_size=1, max_size=40), st.data())
def test_both_ways_of_counting_say_the_same(whole: list[bool], data: st.DataObject) -> None:
    labels = np.array(whole)
    kept = data.draw(st.lists(st.integers(0, len(whole) - 1), min_size=1, unique=True).map(sorted))
    by_number = align(labels, kept, len(whole))
    by_presence = align(labels[kept], kept, len(whole))
    assert by_number.tolist() == by_presence.tolist() == labels[kept].tolist()


@given(st.integers(1, 30), st.integers(1, 30), st.integers(1, 90))
def test_any_other_count_is_refused(there: int, holes: int, count: int) -> None:
    total = there + holes
    if count in {there, total}:
        return
    with pytest.raises(DatasetError, match=rf"x\.csv has {count} labels for {there} frames \(numbered over"):
        align(np.zeros(count, bool), np.arange(there), total, name="x.csv")


def test_scores_hold_until_the_next() -> None:
    assert hold([2, 5], [0.5, 0.25], [0, 1, 2, 3, 4, 5, 6]).tolist() == [0.5] * 5 + [0.25] * 2


def test_pictures_go_by_their_last_number(tmp_path: Path) -> None:
    for name in ("cam2_10.jpg", "cam2_9.JPG", "notes.txt", "cam2_9.txt"):
        (tmp_path / name).touch()
    assert {number: path.name for number, path in numbered(tmp_path).items()} == {
        9: "cam2_9.JPG",
        10: "cam2_10.jpg",
    }
    assert list(numbered(tmp_path)) == [9, 10]


def test_pictures_without_distinct_numbers_go_by_name(tmp_path: Path) -> None:
    for name in ("b.png", "a.png", "c1.png"):
        (tmp_path / name).touch()
    assert [path.name for path in numbered(tmp_path).values()] == ["a.png", "b.png", "c1.png"]
    assert list(numbered(tmp_path)) == [0, 1, 2]
