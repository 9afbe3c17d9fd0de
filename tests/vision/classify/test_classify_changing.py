from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.vision.classify.drawn import picture

from everyframe.vision.classify.changing import Change, changed, whole

STILL = Change(mirror=False, turn=0.0, least=1.0, narrow=1.0, light=0.0, hue=0.0, grey=0.0, hidden=0.0)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 999), st.integers(1, 90), st.integers(1, 90), st.integers(32, 64))
def test_any_picture_becomes_a_square_the_same_for_the_same_seed(
    seed: int, height: int, width: int, side: int
) -> None:
    one = np.random.default_rng(seed).integers(0, 256, (height, width, 3)).astype(np.uint8)
    before = one.copy()
    found = changed(one, side, Change(), np.random.default_rng(seed))
    assert found.shape == whole(one, side).shape == (side, side, 3)
    assert found.dtype == np.uint8
    assert np.array_equal(found, changed(one, side, Change(), np.random.default_rng(seed)))
    assert np.array_equal(one, before)


def test_without_change_it_is_the_whole_picture() -> None:
    one = picture("discs", 3, (64, 64))
    found = changed(one, 64, STILL, np.random.default_rng(0)).astype(int)
    assert np.abs(found - whole(one, 64)).max() <= 1


def test_left_and_right_change_places_only_where_they_may() -> None:
    one = np.zeros((64, 64, 3), np.uint8)
    one[:, :32] = 200
    seen = [
        changed(one, 64, Change(True, 0, 1, 1, 0, 0, 0, 0), np.random.default_rng(n))[:, :20].mean() > 100
        for n in range(30)
    ]
    assert 5 < sum(seen) < 25
    kept = [changed(one, 64, STILL, np.random.default_rng(n))[:, :20].mean() > 100 for n in range(30)]
    assert all(kept)


def test_it_turns() -> None:
    one = np.zeros((65, 65, 3), np.uint8)
    one[:, 30:35] = 255
    quarter = Change(False, 180, 1, 1, 0, 0, 0, 0)
    lying = [
        changed(one, 65, quarter, np.random.default_rng(n))[32, 5:60].mean() for n in range(40)
    ]  # along the middle row
    assert max(lying) > 100  # it lies nearly along the row
    assert min(lying) < 40  # it stands


@pytest.mark.parametrize(
    ("change", "differs"),
    [
        (Change(False, 0, 1, 1, 0.4, 0, 0, 0), "light"),
        (Change(False, 0, 1, 1, 0, 0.3, 0, 0), "hue"),
        (Change(False, 0, 1, 1, 0, 0, 1.0, 0), "grey"),
        (Change(False, 0, 1, 1, 0, 0, 0, 1.0), "hidden"),
    ],
)
def test_each_change_does_what_it_says(change: Change, differs: str) -> None:
    one = np.full((48, 48, 3), (60, 120, 180), np.uint8)
    one[:24] = (180, 60, 90)
    found = changed(one, 48, change, np.random.default_rng(4)).astype(int)
    apart = np.abs(found - one)
    assert apart.max() > 8
    if differs == "grey":
        assert np.ptp(found, axis=2).max() <= 1
    elif differs == "hue":
        assert np.abs(found.sum(axis=2) - one.sum(axis=2)).max() <= 4  # as bright as it was
    elif differs == "hidden":
        share = (apart.max(axis=2) > 8).mean()
        assert 0.01 < share < 0.3
