"""P-values keep their promise."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from everyframe.anomaly.calibration import JOINT_LEAST, JOINT_TAIL, Tail

Sample = Callable[[np.random.Generator, int], NDArray[np.float64]]

KINDS: dict[str, Sample] = {
    "uniform": lambda random, n: random.random(n),
    "exponential": lambda random, n: random.exponential(size=n),
    "normal": lambda random, n: random.normal(size=n),
    "lognormal": lambda random, n: random.lognormal(size=n),
    "heavy": lambda random, n: np.abs(random.standard_t(3, n)),
    "ties": lambda random, n: np.round(2 * random.exponential(size=n)),
}
VALUES = st.lists(st.floats(-50, 50), min_size=1, max_size=150)


def exceeded(kind: str, n: int, share: float, trials: int, fresh: int) -> tuple[float, float]:
    """Return how often fresh normal values have p <= share, and the Monte-Carlo error of that."""
    random = np.random.default_rng(17)
    often = np.array(
        [
            (Tail(KINDS[kind](random, n)).p_value(KINDS[kind](random, fresh)) <= share).mean()
            for _ in range(trials)
        ]
    )
    return float(often.mean()), float(often.std() / np.sqrt(trials))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("n", [10, 60, 400])
@pytest.mark.parametrize("share", [0.5, 0.3])
def test_within_what_was_seen_the_p_value_is_conformal(kind: str, n: int, share: float) -> None:
    often, error = exceeded(kind, n, share, trials=300, fresh=500)
    assert often <= share + 3 * error


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("share", [0.05, 0.01, 0.001])
def test_the_fitted_tail_is_right_within_a_factor_of_two(kind: str, share: float) -> None:
    often, error = exceeded(kind, 2_000, share, trials=20, fresh=20_000)
    assert often <= 2 * share + 3 * error


def test_without_the_fit_no_chance_would_be_lower_than_the_number_of_values_allows() -> None:
    values = np.random.default_rng(0).exponential(size=200)
    chances = Tail(values).p_value([values.max() + 1, values.max() + 5, values.max() + 50])
    assert chances[0] < 1 / 100
    assert (np.diff(chances) < 0).all()
    assert chances[-1] < 1e-9


@given(VALUES, st.floats(-100, 100), st.floats(0, 100))
def test_a_higher_score_is_never_less_surprising(values: list[float], low: float, more: float) -> None:
    tail = Tail(values)
    chances, surprises = tail.p_value([low, low + more]), tail.surprise([low, low + more])
    assert chances[1] <= chances[0] * (1 + 1e-9)
    assert surprises[1] >= surprises[0] - 1e-9
    assert (chances > 0).all()
    assert (chances <= 1).all()


@given(VALUES, st.floats(1e-3, 100))
def test_surprise_is_the_logarithm_of_the_chance_in_the_tail(values: list[float], beyond: float) -> None:
    tail = Tail(values)
    x = tail.start + beyond
    chance = float(tail.p_value(x))
    if 1e-250 < chance < 1.0:
        assert float(tail.surprise(x)) == pytest.approx(-np.log(chance), rel=1e-6, abs=1e-9)


@given(VALUES)
def test_a_tail_that_was_kept_says_the_same(values: list[float]) -> None:
    tail = Tail(values)
    again = Tail.restored(tail.state())
    x = np.linspace(-60, 200, 77)
    np.testing.assert_array_equal(again.p_value(x), tail.p_value(x))
    np.testing.assert_array_equal(again.surprise(x), tail.surprise(x))
    assert (again.count, again.above) == (tail.count, tail.above)


def test_keeps_only_the_largest_of_very_many() -> None:
    values = np.random.default_rng(0).exponential(size=50_000)
    tail = Tail(values)
    assert len(tail.top) < 10_000
    for share in (0.05, 0.01, 0.001):
        assert float(tail.p_value(-np.log(share))) == pytest.approx(share, rel=0.2)
    assert float(tail.p_value(0.001)) == 1.0


def test_knows_nothing_of_nothing() -> None:
    tail = Tail([])
    assert tail.count == 0
    assert float(tail.p_value(-5.0)) == 1.0


def test_equal_values_do_not_make_the_next_one_impossible() -> None:
    tail = Tail(np.ones(100), least=0.5)
    assert float(tail.p_value(1.1)) > 0.01
    assert tail.scale == 0.5


# -- what people say of alerts ----------------------------------------------------------------------------


@given(st.floats(1e-9, 1.0))
def test_a_score_is_reached_with_the_chance_it_was_asked_for(chance: float) -> None:
    tail = Tail(np.random.default_rng(4).exponential(size=2_000), JOINT_LEAST, JOINT_TAIL)
    found = tail.p_value(tail.score_of(chance))
    assert found >= chance * 0.999
    assert found <= max(1.01 * chance, chance + 1.1 / tail.count)


def test_alarms_that_come_as_often_as_they_may_hardly_change_the_threshold() -> None:
    normal = np.random.default_rng(5).exponential(size=8_640)
    tail, alert = Tail(normal, JOINT_LEAST, JOINT_TAIL), 30 / 8_640
    threshold = tail.score_of(alert)
    more = np.random.default_rng(6).exponential(size=8_640 * 10)  # ten days
    alarms = more[more > threshold]
    heard = tail.with_alarms(alarms, 864_000.0, alert)
    assert heard.score_of(alert) == pytest.approx(threshold, abs=0.15)


def test_alarms_that_come_too_often_raise_the_threshold_to_the_budget() -> None:
    random = np.random.default_rng(7)
    tail, alert = Tail(random.exponential(size=8_640), JOINT_LEAST, JOINT_TAIL), 30 / 8_640
    more = 1.5 * random.exponential(size=8_640 * 10)  # heavier than what was learned
    alarms = more[more > tail.score_of(alert)]
    assert len(alarms) > 2 * 300
    heard = tail.with_alarms(alarms, 864_000.0, alert)
    fresh = 1.5 * random.exponential(size=8_640 * 10)
    assert (fresh > heard.score_of(alert)).sum() == pytest.approx(300, rel=0.3)


@given(st.lists(st.floats(0.0, 50.0), min_size=1, max_size=30), st.floats(0.0, 1e5))
def test_with_alarms_higher_scores_are_still_rarer(alarms: list[float], watched: float) -> None:
    tail = Tail(np.random.default_rng(8).exponential(size=500), JOINT_LEAST, JOINT_TAIL)
    heard = tail.with_alarms(alarms, watched, 0.01)
    chances = heard.p_value(np.linspace(0.0, 60.0, 200))
    assert (np.diff(chances) <= 0.0).all()
    assert ((chances > 0.0) & (chances <= 1.0)).all()
