from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import softmax

from everyframe.vision.classify.calibrating import calibration_error, figures, temperature_of


def test_the_calibration_error_of_four_pictures_by_hand() -> None:
    said = np.array([[0.95, 0.05], [0.91, 0.09], [0.35, 0.65], [0.62, 0.38]])
    labels = np.array([0, 1, 1, 0])
    # 0.9 to 1: two pictures, 1.86 sure, 1 right; 0.6 to 0.7: two pictures, 1.27 sure, 2 right.
    assert calibration_error(said, labels) == pytest.approx((0.86 + 0.73) / 4)
    assert calibration_error(np.array([[1.0, 0.0]]), np.array([0])) == 0.0


@pytest.mark.parametrize("hotter", [0.5, 1.0, 3.0])
def test_the_temperature_undoes_what_made_it_too_sure(hotter: float) -> None:
    chance = np.random.default_rng(0)
    logits = chance.normal(0.0, 2.0, (6000, 3)).astype(np.float32)
    labels = np.array([chance.choice(3, p=one) for one in softmax(logits.astype(np.float64), axis=1)])
    told = temperature_of(logits * np.float32(hotter), labels)
    assert told == pytest.approx(hotter, rel=0.06)
    before, after = figures(logits * hotter, labels), figures(logits * hotter, labels, told)
    assert after.loss <= before.loss
    assert after.ece < 0.02
    if hotter != 1.0:
        assert before.ece > 3 * after.ece


def test_figures_by_hand() -> None:
    logits = np.log(np.array([[0.8, 0.2], [0.4, 0.6], [0.7, 0.3]], np.float32))
    found = figures(logits, np.array([0, 1, 1]))
    assert (found.pictures, found.by_class) == (3, (1.0, 0.5))
    assert found.accuracy == pytest.approx(2 / 3)
    assert found.loss == pytest.approx(-np.log([0.8, 0.6, 0.3]).mean(), rel=1e-5)


@given(st.integers(0, 10_000), st.integers(1, 40), st.floats(0.3, 8.0))
def test_temperature_changes_how_sure_but_not_what(seed: int, count: int, temperature: float) -> None:
    chance = np.random.default_rng(seed)
    logits = chance.normal(size=(count, 4)).astype(np.float32)
    labels = chance.integers(0, 4, count)
    one, other = figures(logits, labels), figures(logits, labels, temperature)
    assert one.accuracy == other.accuracy
    assert 0.0 <= other.ece <= 1.0
    assert 0.25 <= temperature_of(logits, labels) <= 10.0


def test_a_few_pictures_that_are_all_right_do_not_make_it_sure_of_anything() -> None:
    logits = np.array([[2.0, 0.0], [0.0, 2.0]], np.float32)
    assert temperature_of(logits, np.array([0, 1])) == pytest.approx(0.25, abs=0.01)
