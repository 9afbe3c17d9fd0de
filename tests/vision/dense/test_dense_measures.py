from __future__ import annotations

import json
import math
import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray
from sklearn.metrics import accuracy_score, balanced_accuracy_score, confusion_matrix, jaccard_score

from everyframe.vision.dense.classes import VOID
from everyframe.vision.dense.measures import Confusion

Mask = NDArray[np.uint8]

# Worked out by hand. Class 0: 3 true, 3 told, 2 right; class 1: 2 true, 2 told, 1 right; class 2: 1, 1, 1.
TRUTH = np.array([[0, 0, 0], [1, 1, 2], [255, 255, 255]], np.uint8)
TOLD = np.array([[0, 0, 1], [1, 0, 2], [2, 1, 0]], np.uint8)
# Of a second picture. Class 0: 1 true, 2 told, 1 right; class 1: 2 true, 1 told, 1 right.
TRUTH_2 = np.array([[0, 1, 1]], np.uint8)
TOLD_2 = np.array([[0, 0, 1]], np.uint8)


def masks(values: tuple[int, ...] = (0, 1, 2, 3, VOID)) -> st.SearchStrategy[Mask]:
    return arrays(np.uint8, (6, 7), elements=st.sampled_from(values))


def counted(*pairs: tuple[Mask, Mask], classes: int = 4, boundaries: bool = True) -> Confusion:
    counts = Confusion(classes, boundaries=boundaries)
    for truth, told in pairs:
        counts.add(truth, told)
    return counts


def told_figures(counts: Confusion) -> str:
    """Everything that a set of counts says, to compare by."""
    return json.dumps(counts.as_json([f"class {number}" for number in range(len(counts.matrix))]))


def test_one_picture_by_hand() -> None:
    counts = counted((TRUTH, TOLD), classes=3)
    assert counts.matrix.tolist() == [[2, 1, 0], [1, 1, 0], [0, 0, 1]]
    assert counts.iou == pytest.approx([2 / 4, 1 / 3, 1])
    assert counts.mean_iou == pytest.approx((1 / 2 + 1 / 3 + 1) / 3)
    assert counts.pixel_accuracy == pytest.approx(4 / 6)
    assert counts.accuracy == pytest.approx([2 / 3, 1 / 2, 1])
    assert counts.mean_accuracy == pytest.approx((2 / 3 + 1 / 2 + 1) / 3)
    assert counts.frequency_weighted_iou == pytest.approx((3 * 1 / 2 + 2 * 1 / 3 + 1 * 1) / 6)


def test_the_means_by_pictures_by_hand() -> None:
    counts = counted((TRUTH, TOLD), (TRUTH_2, TOLD_2), classes=3)
    first, second = (1 / 2 + 1 / 3 + 1) / 3, (1 / 2 + 1 / 2) / 2
    assert counts.picture_ious == pytest.approx((first, second))
    assert counts.mean_iou_per_picture == pytest.approx((first + second) / 2)
    each = [(1 / 2 + 1 / 2) / 2, (1 / 3 + 1 / 2) / 2, 1]  # class 2 is in the first picture only
    assert counts.class_picture_ious == pytest.approx(each)
    assert counts.mean_iou_per_class_and_picture == pytest.approx(sum(each) / 3)
    # And none of the three is the mean of one matrix: 3 / 6, 2 / 5 and 1.
    assert counts.iou == pytest.approx([3 / 6, 2 / 5, 1])


def test_a_class_that_is_told_but_never_true_has_no_iou_left_out() -> None:
    counts = counted((np.zeros((2, 2), np.uint8), np.array([[0, 0], [0, 1]], np.uint8)), classes=3)
    assert counts.iou[:2] == pytest.approx([3 / 4, 0])
    assert math.isnan(counts.iou[2])
    assert counts.mean_iou == pytest.approx(3 / 8)
    assert counts.mean_accuracy == pytest.approx(3 / 4)  # over the classes in truth


@pytest.mark.parametrize("seed", range(5))
def test_as_scikit_learn_counts(seed: int) -> None:
    chance = np.random.default_rng(seed)
    pairs = []
    for _ in range(3):
        truth = chance.integers(0, 6, (40, 50), np.uint8)
        told = np.where(chance.random((40, 50)) < 0.6, truth, chance.integers(0, 6, (40, 50))).astype(
            np.uint8
        )
        truth[chance.random((40, 50)) < 0.1] = VOID
        pairs.append((truth, told))
    counts = counted(*pairs, classes=6, boundaries=False)
    truth = np.concatenate([truth.ravel() for truth, _ in pairs])
    told = np.concatenate([told.ravel() for _, told in pairs])[truth != VOID]
    truth = truth[truth != VOID]
    assert counts.matrix.tolist() == confusion_matrix(truth, told, labels=range(6)).tolist()
    assert counts.iou == pytest.approx(jaccard_score(truth, told, average=None))
    assert counts.mean_iou == pytest.approx(jaccard_score(truth, told, average="macro"))
    assert counts.frequency_weighted_iou == pytest.approx(jaccard_score(truth, told, average="weighted"))
    assert counts.pixel_accuracy == pytest.approx(accuracy_score(truth, told))
    assert counts.mean_accuracy == pytest.approx(balanced_accuracy_score(truth, told))
    each = [
        jaccard_score(t[t != VOID], p[t != VOID], average="macro")  # all six are in each
        for t, p in pairs
    ]
    assert counts.mean_iou_per_picture == pytest.approx(np.mean(each))


@given(st.lists(st.tuples(masks(), masks((0, 1, 2, 3))), min_size=1, max_size=4), st.randoms())
def test_the_order_of_pictures_does_not_matter(pairs: list[tuple[Mask, Mask]], chance: object) -> None:
    turned = sorted(pairs, key=lambda _: chance.random())  # type: ignore[attr-defined]
    assert told_figures(counted(*pairs)) == told_figures(counted(*turned))


@given(masks(), masks((0, 1, 2, 3)), st.permutations(range(4)))
def test_other_numbers_for_the_classes_permute_the_figures(truth: Mask, told: Mask, order: list[int]) -> None:
    renamed = np.array([*order, *range(4, 256)], np.uint8)
    before, after = counted((truth, told)), counted((renamed[truth], renamed[told]))
    assert np.array_equal(after.matrix[np.ix_(order, order)], before.matrix)
    assert np.array_equal(after.iou[order], before.iou, equal_nan=True)
    assert np.array_equal(after.boundary_f[order], before.boundary_f, equal_nan=True)
    assert after.mean_iou == pytest.approx(before.mean_iou, nan_ok=True)


@given(masks(), masks((0, 1, 2, 3)), masks((0, 1, 2, 3, VOID)))
def test_what_is_told_in_void_never_counts(truth: Mask, told: Mask, other: Mask) -> None:
    changed = np.where(truth == VOID, other, told)
    assert told_figures(counted((truth, told))) == told_figures(counted((truth, changed)))


@given(masks(), masks((0, 1, 2, 3)))
def test_figures_lie_between_none_and_all_and_truth_itself_is_all(truth: Mask, told: Mask) -> None:
    for figure in (value for value in json.loads(told_figures(counted((truth, told)))).values()):
        assert not isinstance(figure, float) or 0 <= figure <= 1
    itself = counted((truth, np.where(truth == VOID, 0, truth).astype(np.uint8)))
    for value in (
        itself.mean_iou,
        itself.pixel_accuracy,
        itself.mean_iou_per_picture,
        itself.mean_boundary_f,
    ):
        assert math.isnan(value) or value == 1


@given(st.lists(st.tuples(masks(), masks((0, 1, 2, 3))), max_size=4), st.integers(0, 4))
def test_merged_counts_equal_counts_of_all(pairs: list[tuple[Mask, Mask]], cut: int) -> None:
    merged = counted(*pairs[:cut])
    merged.merge(counted(*pairs[cut:]))
    assert told_figures(merged) == told_figures(counted(*pairs))
    assert merged.pictures == len(pairs)


def test_a_picture_that_is_all_void_says_nothing() -> None:
    counts = Confusion(2, boundaries=True)
    assert math.isnan(counts.add(np.full((4, 4), VOID, np.uint8), np.zeros((4, 4), np.uint8)))
    figures = counts.as_json(["one", "two"])
    assert figures["mean_iou"] is None
    assert figures["classes"][0] == {
        "name": "one",
        "pixels": 0,
        "iou": None,
        "accuracy": None,
        "iou_per_picture": None,
        "boundary_f": None,
    }
    assert json.loads(json.dumps(figures)) == figures


def test_nothing_at_all_says_nothing() -> None:
    counts = Confusion(2)
    assert math.isnan(counts.pixel_accuracy)
    assert math.isnan(counts.frequency_weighted_iou)
    assert math.isnan(counts.mean_iou_per_class_and_picture)


def test_what_is_no_class_is_refused() -> None:
    zeros = np.zeros((2, 2), np.uint8)
    counts = Confusion(2)
    with pytest.raises(ValueError, match="truth has a value"):
        counts.add(zeros + np.uint8(2), zeros)
    with pytest.raises(ValueError, match="what was told has a value"):
        counts.add(zeros, zeros + np.uint8(2))
    with pytest.raises(ValueError, match="of one size"):
        counts.add(zeros, np.zeros((2, 3), np.uint8))
    with pytest.raises(ValueError, match="same classes"):
        counts.merge(Confusion(3))
    with pytest.raises(ValueError, match="1 to 255"):
        Confusion(256)
    assert counts.pictures == 0
    assert not counts.matrix.any()


def test_255_classes_leave_void_alone() -> None:
    truth = np.array([[254, VOID]], np.uint8)
    counts = counted((truth, np.array([[254, 0]], np.uint8)), classes=255, boundaries=False)
    assert counts.matrix[254, 254] == counts.matrix.sum() == 1


def test_a_picture_takes_less_than_three_milliseconds() -> None:
    chance = np.random.default_rng(0)
    truth = np.repeat(np.repeat(chance.integers(0, 11, (36, 48), np.uint8), 10, 0), 10, 1)
    counts = Confusion(11)
    took = []
    for _ in range(20):
        began = time.thread_time()
        counts.add(truth, truth)
        took.append(time.thread_time() - began)
    assert min(took) < 0.003
