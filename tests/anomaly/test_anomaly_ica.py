"""The detector ``ica``."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.optimize import check_grad
from sklearn.base import clone

from everyframe.anomaly.ica import PART, IcaDetector, parts_of
from everyframe.anomaly.ica_picture import draw_filters
from everyframe.anomaly.independent import cost, learn_filters, objective
from everyframe.anomaly.stacks import CHANNELS, COLUMNS, MOMENTS, SIDE
from everyframe.anomaly.windows import Windows
from everyframe.motion.perspective import Perspective

WINDOWS = Windows(Perspective(20.0, 0.0, 5.0, 60.0), (80, 60), (160, 120))

Floats32 = NDArray[np.float32]


def walkers(count: int, seed: int = 0, speed: float = 1.0) -> Floats32:
    """Return rows of bodies that walk to the right or left through the middle of their patch."""
    random = np.random.default_rng(seed)
    patches = np.zeros((count, MOMENTS, SIDE, SIDE, CHANNELS), np.float32)
    across = np.arange(SIDE)
    for patch in patches:
        way = random.choice([-1.0, 1.0])
        pace = speed * random.lognormal(0.0, 0.15)
        for moment in range(MOMENTS):
            middle = SIDE / 2 + random.normal(0.0, 0.3) + way * pace * (moment - 1)
            body = np.exp(-0.5 * ((across - middle) / 1.5) ** 2)
            patch[moment, 1:7, :, 0] = way * pace * body
        patch += random.normal(0.0, 0.03, patch.shape)
    rows = np.empty((count, 3 + COLUMNS), np.float32)
    rows[:, :2], rows[:, 2] = random.random((count, 2)), np.nan
    rows[:, 3:] = patches.reshape(count, -1)
    return rows


@pytest.fixture(scope="module")
def detector() -> IcaDetector:
    return IcaDetector().fit(walkers(600))


def test_faster_than_what_was_learned_costs_more(detector: IcaDetector) -> None:
    usual = detector.attribute_scores(walkers(200, 1))
    fast = detector.attribute_scores(walkers(200, 2, speed=2.5))
    for attribute in range(2):
        assert np.median(fast[:, attribute]) > np.quantile(usual[:, attribute], 0.99)


def test_another_pattern_of_the_same_speeds_costs_more(detector: IcaDetector) -> None:
    usual = walkers(200, 1)
    mixed = usual.copy()
    places = np.random.default_rng(0).permutation(MOMENTS * SIDE * SIDE)
    mixed[:, 3:] = usual[:, 3:].reshape(200, -1, CHANNELS)[:, places].reshape(200, -1)
    np.testing.assert_allclose((mixed[:, 3:] ** 2).sum(axis=1), (usual[:, 3:] ** 2).sum(axis=1), rtol=1e-4)
    was, now = detector.attribute_scores(usual), detector.attribute_scores(mixed)
    assert (np.median(now, axis=0) > np.quantile(was, 0.95, axis=0)).all()


def test_about_one_in_a_hundred_of_the_normal_costs_more_than_normal(detector: IcaDetector) -> None:
    over = detector.attribute_scores(walkers(1_000, 3)) > detector.model_["normal"]
    assert (over.mean(axis=0) < 0.05).all()


def test_the_number_of_features_follows_the_data() -> None:
    random = np.random.default_rng(0)

    def rows(kinds: int) -> Floats32:
        waves = random.normal(size=(kinds, COLUMNS)).astype(np.float32)
        made = walkers(300, 0)
        made[:, 3:] = random.normal(size=(300, kinds)) @ waves + 0.3 * random.normal(size=(300, COLUMNS))
        return made

    # Each kind is cut in 18 parts that look different, so the first layer sees 18 times as many.
    few, many = (IcaDetector().fit(rows(kinds)).model_["first"] for kinds in (1, 3))
    assert abs(len(few) - 18) <= 1
    assert len(many) > 2 * len(few)


def test_fitting_twice_is_the_same(detector: IcaDetector) -> None:
    again = IcaDetector().fit(walkers(600))
    for name, value in detector.state().items():
        np.testing.assert_array_equal(again.state()[name], value)


def test_what_was_saved_and_taken_back_scores_the_same_and_is_small(detector: IcaDetector) -> None:
    again = clone(detector)
    assert not hasattr(again, "pool_")
    again.restore(detector.state())
    probe = walkers(50, 4)
    np.testing.assert_array_equal(again.attribute_scores(probe), detector.attribute_scores(probe))
    full = IcaDetector()
    assert full.capacity * (3 + COLUMNS) * 2 < 1.3e6  # bytes of the sample


def test_merging_learns_both() -> None:
    slow, fast = (IcaDetector().fit(walkers(300, 5, speed)) for speed in (0.5, 2.0))
    both = slow.merge(fast)
    probe = walkers(100, 6, speed=2.0)
    ratio = [np.median(one.attribute_scores(probe) / one.model_["normal"], axis=0) for one in (slow, both)]
    assert (ratio[1] < 0.5 * ratio[0]).all()


def test_nothing_learned_is_nothing_said_and_what_stands_still_can_be_learned() -> None:
    assert (IcaDetector().attribute_scores(walkers(5)) == 0).all()
    still = np.zeros((20, 3 + COLUMNS), np.float32)
    learned = IcaDetector().fit(still)
    assert np.isfinite(learned.attribute_scores(walkers(5))).all()
    assert (learned.attribute_scores(walkers(5)) > learned.attribute_scores(still[:5])).all()


def test_it_is_told_with_its_numbers(detector: IcaDetector) -> None:
    row = walkers(1, 7, speed=3.0)
    score = detector.attribute_scores(row)[0]
    for number, attribute in enumerate(IcaDetector.attributes):
        told = detector.tell(number, row[0], float(score[number]), WINDOWS)
        normal = float(detector.model_["normal"][number])
        assert (told.attribute, told.normal) == (attribute.name, normal)
        assert told.value == told.score == float(score[number])
        assert f"{score[number] / normal:.1f} times as much" in told.text


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 2), st.integers(0, SIDE - 1), st.integers(0, SIDE - 1), st.integers(0, CHANNELS - 1))
def test_parts_hold_what_the_patch_holds_there(moment: int, down: int, across: int, channel: int) -> None:
    patch = np.zeros((1, MOMENTS, SIDE, SIDE, CHANNELS), np.float32)
    patch[0, moment, down, across, channel] = 1.0
    parts = parts_of(patch.reshape(1, -1)).reshape(2, 3, 3, *PART)
    for time in range(2):
        for j in range(3):
            for i in range(3):
                here = patch[0, time : time + PART[0], 2 * j : 2 * j + PART[1], 2 * i : 2 * i + PART[2]]
                np.testing.assert_array_equal(parts[time, j, i], here)


def test_sparse_sources_are_found_up_to_sign_and_length() -> None:
    random = np.random.default_rng(0)
    turn = np.linalg.qr(random.normal(size=(6, 6)))[0]
    values = (random.laplace(size=(8_000, 6)) @ turn).astype(np.float32)
    start = np.linalg.qr(random.normal(size=(6, 6)))[0]
    found = learn_filters(values, start)
    alike = np.abs(found / np.linalg.norm(found, axis=1, keepdims=True) @ turn.T)
    assert sorted(alike.argmax(axis=1)) == list(range(6))
    assert alike.max(axis=1).min() > 0.97
    assert cost(values, found).mean() < cost(values, start.astype(np.float32)).mean()


def test_the_slope_of_the_objective_is_its_slope() -> None:
    random = np.random.default_rng(1)
    values = random.normal(size=(30, 5))
    flat = random.normal(size=15)

    def height(w: NDArray[np.float64]) -> float:
        return objective(w.reshape(3, 5), values)[0]

    def slope(w: NDArray[np.float64]) -> NDArray[np.floating]:
        return objective(w.reshape(3, 5), values)[1].ravel()

    error = check_grad(height, slope, flat)
    assert error < 1e-4 * np.abs(objective(flat.reshape(3, 5), values)[1]).sum()


def test_the_filters_are_drawn(detector: IcaDetector) -> None:
    picture = draw_filters(detector, across=4)
    assert picture.dtype == np.uint8
    assert picture.ndim == 3
    assert picture.shape[2] == 3
    count = len(detector.model_["first"])
    assert draw_filters(detector, across=count).shape[1] > picture.shape[1]
    right, left = IcaDetector(), IcaDetector()
    for one, way in ((right, 1.0), (left, -1.0)):
        looks = np.zeros((1, *PART), np.float32)
        looks[..., 0] = way
        one.model_ = {"first": looks.reshape(1, -1)}
    reds = [draw_filters(one, across=1)[10, 10, 0] for one in (right, left)]
    assert reds[0] > reds[1]  # another direction is another colour
    with pytest.raises(ValueError, match="no filters to draw"):
        draw_filters(IcaDetector())
