"""The detector ``rbm``."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from sklearn.base import clone

from everyframe.anomaly.detector import Detector
from everyframe.anomaly.patterns import GRID, VALUES
from everyframe.anomaly.rbm import RbmDetector
from everyframe.anomaly.windows import Windows
from everyframe.motion.perspective import Perspective

WINDOWS = Windows(Perspective(24.0, 0.0, 6.0, 60.0), (80, 60), (160, 120))


def patterns(count: int, seed: int = 0, speed: float = 1.0, turn: float = 0.0) -> NDArray[np.float32]:
    """Return rows of bodies that walk to the right or to the left, three quarters of them to the right.

    Args:
        count: Rows.
        seed: Of all that is random.
        speed: Times the usual one.
        turn: Radians by which all ways are turned.
    """
    random = np.random.default_rng(seed)
    high, wide = np.mgrid[: GRID[0], : GRID[1]]
    middle = random.normal((GRID[1] - 1) / 2, 0.7, count)[:, None, None]
    width = random.uniform(0.8, 1.4, count)[:, None, None]
    moving = np.clip(1.5 - np.abs(wide - middle) / width, 0.0, 1.0) * np.clip(1.4 - 0.1 * high, 0, 1)
    pace = np.where(random.random(count) < 0.75, 1.0, -0.9) * random.lognormal(0, 0.12, count) * speed
    ways = [pace * np.cos(turn), pace * np.sin(turn)]
    noise = random.normal(0, 0.03, (count, 3, *GRID))
    planes = np.stack([*(way[:, None, None] * moving for way in ways), moving], axis=1) + noise
    placed = np.c_[random.random((count, 2)), np.full(count, np.nan)]
    return np.concatenate([placed, planes.reshape(count, VALUES)], axis=1).astype(np.float32)


def score(detector: RbmDetector, rows: NDArray[np.float32]) -> float:
    return float(np.median(detector.attribute_scores(rows)[:, 0]))


@pytest.fixture(scope="module")
def detector() -> RbmDetector:
    return RbmDetector().fit(patterns(2_000))


def test_is_a_detector() -> None:
    assert isinstance(RbmDetector.fresh(WINDOWS), Detector)
    assert type(RbmDetector.look(WINDOWS)).__name__ == "PatternLook"


def test_what_is_usual_scores_about_one(detector: RbmDetector) -> None:
    assert detector.attribute_scores(patterns(500, 9)).mean() == pytest.approx(1.0, abs=0.25)


@pytest.mark.parametrize("turn", [0.0, np.pi / 2])
def test_faster_is_more_abnormal_and_so_is_another_way(detector: RbmDetector, turn: float) -> None:
    usual = score(detector, patterns(300, 5))
    slow, fast, faster = (score(detector, patterns(300, 5, speed, turn)) for speed in (1.0, 2.0, 3.0))
    assert usual * (0.99 if turn == 0.0 else 3.0) < slow < fast < faster
    assert fast > 3.0 * usual


def test_another_arrangement_of_the_same_motion_is_abnormal(detector: RbmDetector) -> None:
    rows = patterns(300, 5)
    cells = np.random.default_rng(0).permutation(GRID[0] * GRID[1])
    mixed = rows.copy()
    mixed[:, 3:] = rows[:, 3:].reshape(len(rows), 3, -1)[:, :, cells].reshape(len(rows), -1)
    assert score(detector, mixed) > 2.0 * score(detector, rows)


def test_a_second_layer_can_be_put_on_top_and_knows_the_usual_as_well() -> None:
    deep = RbmDetector(hidden=24, deep=12).fit(patterns(2_000))
    below, above = deep.machines()
    assert (below.weights.shape, above.weights.shape) == ((VALUES, 24), (24, 12))
    hidden = below.up((patterns(500, 3)[:, 3:] - deep.model_["mean"]) / deep.model_["scale"])
    assert np.square(hidden - above.rebuild(hidden)).mean() < 0.3 * hidden.var(axis=0).mean()
    assert score(deep, patterns(300, 5, 2.5)) > 3.0 * score(deep, patterns(300, 5))


def test_nothing_learned_and_no_rows_score_nothing(detector: RbmDetector) -> None:
    assert (RbmDetector().attribute_scores(patterns(4)) == 0).all()
    assert RbmDetector().machines() == ()
    assert detector.attribute_scores(patterns(0)).shape == (0, 1)


def test_the_same_rows_teach_the_same(detector: RbmDetector) -> None:
    again = RbmDetector().fit(patterns(2_000))
    for name, value in detector.state().items():
        np.testing.assert_array_equal(again.state()[name], value)
    other = clone(detector).set_params(seed=1).fit(patterns(2_000))
    assert not np.array_equal(other.model_["weights0"], detector.model_["weights0"])


def test_rows_that_come_one_moment_after_the_other_are_learned_in_time() -> None:
    growing = RbmDetector()
    for moment in range(30):
        growing.observe(patterns(20, moment), 12.0)
    assert score(growing, patterns(200, 99, 3.0)) > 3.0 * score(growing, patterns(200, 99))


def test_merging_knows_what_both_know() -> None:
    right, down = (RbmDetector().fit(patterns(800, 1, 1.0, turn)) for turn in (0.0, np.pi / 2))
    both = right.merge(down)
    for turn, stranger in ((0.0, down), (np.pi / 2, right)):
        rows = patterns(200, 7, 1.0, turn)
        assert score(both, rows) < score(stranger, rows) / 2


@pytest.mark.parametrize("deep", [0, 6])
def test_what_was_saved_and_taken_back_scores_the_same(deep: int) -> None:
    learned = RbmDetector(hidden=10, deep=deep).fit(patterns(500))
    again = RbmDetector(hidden=10, deep=deep)
    again.restore(learned.state())
    rows = patterns(100, 7, 2.0)
    np.testing.assert_array_equal(again.attribute_scores(rows), learned.attribute_scores(rows))
    assert sum(value.nbytes for value in learned.state().values()) < 2e6


def spoil(state: dict[str, NDArray[Any]], name: str, how: str) -> dict[str, NDArray[Any]]:
    if how == "missing":
        return {key: value for key, value in state.items() if key != name}
    return {**state, name: state[name][:-1]}


@pytest.mark.parametrize("how", ["missing", "cut"])
@pytest.mark.parametrize("name", ["mean", "scale", "residual", "fastest", "visible0", "hidden0", "weights0"])
def test_refuses_to_take_back_what_is_not_whole(detector: RbmDetector, name: str, how: str) -> None:
    with pytest.raises(ValueError, match="what was learned has no"):
        RbmDetector().restore(spoil(detector.state(), f"model.{name}", how))


def test_tells_speeds_where_it_is_the_speed(detector: RbmDetector) -> None:
    told = detector.tell(0, patterns(1, 5, 4.0)[0], 7.0, WINDOWS)
    assert (told.attribute, told.unit, told.score) == ("pattern", "px/s", 7.0)
    assert told.value > 2.0 * told.normal > 0
    assert f"{told.value:.0f} px/s" in told.text
    assert f"{told.normal:.0f} px/s" in told.text


def test_tells_how_far_off_the_pattern_is_where_it_is_not_the_speed(detector: RbmDetector) -> None:
    across = patterns(1, 5, 0.8, np.pi / 2)
    told = detector.tell(0, across[0], 3.0, WINDOWS)
    assert told.unit == ""
    assert told.value == pytest.approx(float(detector.attribute_scores(across)[0, 0]), rel=1e-4)
    assert told.value > told.normal == 1.0
    assert f"{told.value:.1f} times" in told.text


@given(st.integers(0, 10_000), st.floats(0.0, 50.0), st.floats(0.0, 6.3))
@settings(max_examples=40, deadline=None)
def test_scores_and_words_are_finite_for_whatever_moves(
    detector: RbmDetector, seed: int, speed: float, turn: float
) -> None:
    rows = patterns(5, seed, speed, turn)
    scores = detector.attribute_scores(rows)
    assert np.isfinite(scores).all()
    assert (scores >= 0).all()
    told = detector.tell(0, rows[0], float(scores[0, 0]), WINDOWS)
    assert np.isfinite([told.value, told.normal]).all()
    assert "\n" not in told.text


def test_rows_that_are_all_the_same_can_be_learned() -> None:
    rows = np.repeat(patterns(1), 500, axis=0)
    learned = RbmDetector().fit(rows)
    assert np.isfinite(learned.attribute_scores(rows)).all()
    assert learned.attribute_scores(patterns(5, 3, 3.0)).min() > learned.attribute_scores(rows).max()


def test_refuses_what_is_not_rows(detector: RbmDetector) -> None:
    with pytest.raises(ValueError, match=r"shape \(n, 75\)"):
        detector.attribute_scores(np.zeros((3, 8), np.float32))
