from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from everyframe.highlights.looking import STEP, Look
from everyframe.highlights.spotting.windows import FEWEST, lengths_of, windows

LUMA = np.zeros((2, 2), np.uint8)
FLOW = np.zeros((2, 2, 2), np.float16)

shots = st.lists(st.integers(1, 90), min_size=1, max_size=5)
lengths = st.lists(st.integers(FEWEST, 20), min_size=1, max_size=3, unique=True).map(sorted)


def film(shots: Sequence[int]) -> Iterator[Look]:
    number = 0
    for shot in shots:
        for step in range(shot):
            yield Look(number * STEP, LUMA, FLOW, whole=step > 0)
            number += 1


def numbers(window: Sequence[Look]) -> range:
    first = round(window[0].time / STEP)
    return range(first, first + len(window))


@given(shots, lengths)
def test_windows_lie_within_a_shot_and_see_all_of_it(shots: list[int], lengths: list[int]) -> None:
    bounds = np.cumsum([0, *shots])
    seen: set[int] = set()
    for window in windows(film(shots), lengths):
        here = numbers(window)
        assert [round(look.time / STEP) for look in window] == list(here)
        assert not any(here[0] < bound <= here[-1] for bound in bounds)
        assert FEWEST <= len(window) <= 1.35 * lengths[-1]
        seen.update(here)
    for first, last in itertools.pairwise(bounds):
        if last - first >= FEWEST:
            assert seen.issuperset(range(first, last))


@given(st.integers(60, 200), lengths)
def test_a_long_shot_is_seen_in_windows_of_each_length_a_quarter_of_it_apart(
    shot: int, lengths: list[int]
) -> None:
    found = [numbers(window) for window in windows(film([shot]), lengths)]
    for length in lengths:
        ends = [here[-1] for here in found if len(here) == length]
        assert ends[-1] == shot - 1
        assert all(0 < after - now <= max(1, length // 4) for now, after in itertools.pairwise(ends))


def test_windows_come_while_the_shot_goes_on_and_hold_little_of_it() -> None:
    read = 0

    def endless() -> Iterator[Look]:
        nonlocal read
        while True:
            yield Look(read * STEP, LUMA, FLOW, whole=read > 0)
            read += 1

    for number, window in enumerate(windows(endless(), [8, 12])):
        assert read - round(window[-1].time / STEP) <= 24
        if number > 500:
            break


def test_lengths_are_those_of_the_examples_and_alike_ones_are_one() -> None:
    assert lengths_of({"a": [2.0] * 9}, 64) == [20]
    assert lengths_of({"a": [2.0] * 90, "b": [4.0] * 3, "c": [2.2] * 3}, 64) == [21, 40]
    assert lengths_of({"a": [1.0] * 4 + [2.0] * 4 + [4.0] * 4}, 64) == [10, 20, 40]
    assert lengths_of({"a": [0.1] * 9}, 64) == [FEWEST]
    assert lengths_of({"a": [60.0] * 9}, 64) == [64]
