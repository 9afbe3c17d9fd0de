"""The detector ``density``."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from sklearn.base import clone

from everyframe.anomaly.density import ATTRIBUTES, DensityDetector
from everyframe.anomaly.windows import COLUMNS, HOUR

SHAPE = (6, 8)


def walkers(count: int, seed: int = 0, hour: float = float("nan"), speed: float = 1.0) -> NDArray[np.float32]:
    """Return rows of people who walk to the right along the middle of the picture."""
    random = np.random.default_rng(seed)
    rows = np.zeros((count, len(COLUMNS)), np.float32)
    rows[:, 0] = random.random(count)
    rows[:, 1] = random.uniform(0.4, 0.6, count)
    rows[:, HOUR] = hour
    rows[:, 3] = speed * random.lognormal(0, 0.1, count)
    rows[:, 4] = random.normal(0, 0.02, count)
    rows[:, 5] = np.hypot(rows[:, 3], rows[:, 4])
    rows[:, 6] = random.uniform(0.2, 0.3, count)
    return rows


@pytest.fixture(scope="module")
def detector() -> DensityDetector:
    learned = DensityDetector(SHAPE)
    for field in range(400):
        learned.partial_fit(walkers(5, field))
    return learned


def row(**columns: float) -> NDArray[np.float32]:
    """Return one usual row, with some of its columns changed."""
    usual = dict(zip(COLUMNS, (0.5, 0.5, np.nan, 1.0, 0.0, 1.0, 0.25, 0.0), strict=True))
    return np.array([[{**usual, **columns}[name] for name in COLUMNS]], np.float32)


def score(detector: DensityDetector, attribute: str, rows: NDArray[np.float32]) -> float:
    return float(detector.attribute_scores(rows)[0, ATTRIBUTES.index(attribute)])


@pytest.mark.parametrize("shape", [(8,), (10, 4), (8, 10), (2, 4, 2)])
def test_refuses_what_is_not_rows_and_would_fit_if_it_were_cut_up(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match=r"shape \(n, 8\)"):
        DensityDetector(SHAPE).partial_fit(np.zeros(shape, np.float32))


def test_a_clone_has_learned_nothing(detector: DensityDetector) -> None:
    fresh = clone(detector)
    assert fresh.shape == SHAPE
    assert not hasattr(fresh, "speeds_")


def test_fitting_forgets_what_came_before() -> None:
    twice = DensityDetector(SHAPE).fit(walkers(50, 1)).fit(walkers(50, 2))
    once = DensityDetector(SHAPE).fit(walkers(50, 2))
    for name, value in once.state().items():
        np.testing.assert_array_equal(twice.state()[name], value)


def test_no_rows_are_no_scores(detector: DensityDetector) -> None:
    nothing = np.zeros((0, len(COLUMNS)), np.float32)
    assert detector.attribute_scores(nothing).shape == (0, len(ATTRIBUTES))
    assert detector.decision_function(nothing).shape == (0,)


@given(st.floats(0.01, 20), st.floats(1.01, 5), st.floats(0, 1), st.floats(0, 1))
def test_higher_speed_is_a_higher_score(
    detector: DensityDetector, speed: float, factor: float, x: float, y: float
) -> None:
    slow = score(detector, "speed", row(x=x, y=y, right=speed, speed=speed))
    fast = score(detector, "speed", row(x=x, y=y, right=speed * factor, speed=speed * factor))
    assert fast > slow
    assert fast == pytest.approx(slow * factor, rel=1e-4)


@given(st.floats(0, 10), st.floats(0.01, 100))
def test_longer_is_a_higher_score(detector: DensityDetector, value: float, more: float) -> None:
    low, high = (score(detector, "lingering", row(stay=v)) for v in (value, value + more))
    assert high > low


def test_what_was_learned_is_within_its_own_bounds(detector: DensityDetector) -> None:
    scores = detector.attribute_scores(walkers(2_000, 12_345))
    assert np.quantile(scores[:, 0], 0.98) < 1.1  # a multiple of what 99 % stay below


def test_the_other_way_is_a_surprise_unless_it_is_slow(detector: DensityDetector) -> None:
    usual = score(detector, "direction", row())
    assert score(detector, "direction", row(right=-1.0)) > usual + 1.0
    assert score(detector, "direction", row(right=-0.1, speed=0.1)) == 0.0


def test_where_nobody_goes_is_a_surprise_and_the_more_the_longer_nobody_did() -> None:
    learned, surprise = DensityDetector(SHAPE), []
    for field in range(3_000):
        learned.partial_fit(walkers(5, field))
        if field in (300, 2_999):
            surprise.append(score(learned, "presence", row(y=0.02)) - score(learned, "presence", row()))
    assert 0.0 < surprise[0] < surprise[1] - 0.3
    assert surprise[1] > 0.7


def test_what_was_learned_at_night_is_normal_at_night_only() -> None:
    learned = DensityDetector(SHAPE)
    empty = np.zeros((0, len(COLUMNS)), np.float32)
    for field in range(3_000):
        learned.observe(walkers(4, field, hour=14.0), 14.0)
        learned.observe(empty, 2.0)
    assert score(learned, "presence", row(hour=2.0)) > score(learned, "presence", row(hour=14.0)) + 0.5


@given(st.integers(0, 40), st.integers(0, 40))
def test_merging_equals_learning_both(one: int, other: int) -> None:
    first, second = walkers(one, 1, hour=9.0), walkers(other, 2)
    merged = DensityDetector(SHAPE).partial_fit(first).merge(DensityDetector(SHAPE).partial_fit(second))
    both = DensityDetector(SHAPE).partial_fit(first).partial_fit(second)
    for name, value in both.state().items():
        np.testing.assert_array_equal(merged.state()[name], value)
    probe = walkers(20, 3)
    np.testing.assert_array_equal(merged.attribute_scores(probe), both.attribute_scores(probe))


def test_what_was_saved_and_taken_back_scores_the_same(detector: DensityDetector) -> None:
    again = DensityDetector(SHAPE)
    again.restore(detector.state())
    probe = walkers(100, 77, speed=2.0)
    np.testing.assert_array_equal(again.attribute_scores(probe), detector.attribute_scores(probe))


def test_learning_more_changes_the_scores_at_once() -> None:
    learned = DensityDetector(SHAPE).partial_fit(walkers(200, 0))
    before = score(learned, "speed", row(right=3.0, speed=3.0))
    learned.partial_fit(walkers(2_000, 1, speed=3.0))
    assert score(learned, "speed", row(right=3.0, speed=3.0)) < before / 2


def test_forgetting_lets_what_is_new_weigh_more() -> None:
    def after(share: float) -> float:
        learned = DensityDetector(SHAPE).partial_fit(walkers(2_000, 0))
        learned.forget(share)
        learned.partial_fit(walkers(30, 1, speed=2.0))
        return score(learned, "speed", row(right=2.0, speed=2.0))

    assert after(0.9) < after(0.0)


def test_forgetting_is_seen_in_the_scores_without_learning_anything_new() -> None:
    learned = DensityDetector(SHAPE).partial_fit(walkers(2_000, 0))
    before = score(learned, "direction", row(right=-1.0))
    learned.forget(0.99)
    assert score(learned, "direction", row(right=-1.0)) < before


def test_the_strongest_attribute_decides(detector: DensityDetector) -> None:
    rows = walkers(50, 5)
    np.testing.assert_array_equal(
        detector.decision_function(rows), detector.attribute_scores(rows).max(axis=1)
    )
