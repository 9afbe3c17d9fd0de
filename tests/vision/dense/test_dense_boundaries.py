from __future__ import annotations

import numpy as np
import pytest

from everyframe.vision.dense import boundaries
from everyframe.vision.dense.boundaries import boundary_f
from everyframe.vision.dense.classes import VOID


def halves(at: int, height: int = 1, width: int = 12) -> np.ndarray[tuple[int, int], np.dtype[np.uint8]]:
    """Class 0 left of a column, class 1 from it on."""
    picture = np.zeros((height, width), np.uint8)
    picture[:, at:] = 1
    return picture


def test_a_shifted_edge_by_hand() -> None:
    """The edge of class 0 is the column left of the border, of class 1 the one right of it."""
    truth, told = halves(6), halves(8)
    diagonal = np.hypot(1, 12)
    assert boundary_f(truth, told, 2, tolerance=2.01 / diagonal) == pytest.approx([1, 1])
    # Two columns apart is not nearer than two.
    assert boundary_f(truth, told, 2, tolerance=2 / diagonal) == pytest.approx([0, 0])


def test_precision_and_recall_by_hand() -> None:
    """Class 1 in truth: column 2; told: columns 2 and 9, of which half is right and which finds all."""
    truth, told = np.zeros((4, 12), np.uint8), np.zeros((4, 12), np.uint8)
    truth[:, 2] = told[:, 2] = told[:, 9] = 1
    found = boundary_f(truth, told, 2, tolerance=1 / np.hypot(4, 12))
    assert found[1] == pytest.approx(2 * 0.5 * 1 / 1.5)
    # Class 0 in truth: columns 1 and 3; told: 1, 3, 8 and 10.
    assert found[0] == pytest.approx(2 * 0.5 * 1 / 1.5)


def test_a_class_without_boundary_has_no_figure_and_one_in_one_only_has_nought() -> None:
    empty = np.zeros((4, 4), np.uint8)
    with_one = empty.copy()
    with_one[1, 1] = 1
    assert np.isnan(boundary_f(empty, empty, 2)).all()
    assert boundary_f(empty, with_one, 2).tolist() == [0, 0]
    assert boundary_f(with_one, empty, 2).tolist() == [0, 0]


def test_the_border_of_void_is_no_boundary() -> None:
    truth = halves(6, 6)
    truth[:, 5:7] = VOID  # a ring such as PASCAL VOC draws
    assert np.isnan(boundary_f(truth, halves(6, 6), 2)).all()


def test_the_tolerance_of_the_paper_is_three_quarters_of_a_percent() -> None:
    truth, four, five = (halves(at, 360, 480) for at in (200, 204, 205))  # 0.0075 * 600 = 4.5 pixels
    assert boundary_f(truth, four, 2).tolist() == [1, 1]
    assert boundary_f(truth, five, 2).tolist() == [0, 0]


@pytest.mark.parametrize("reach", [0.3, 1.0, 1.5, 4.5, 9.0])
def test_the_pen_and_the_distances_agree(reach: float) -> None:
    line = np.random.default_rng(3).random((40, 50)) < 0.01
    y, x = np.mgrid[:40, :50]
    away = np.min([np.hypot(y - v, x - u) for v, u in np.argwhere(line)], axis=0)
    assert np.array_equal(boundaries._grown(line, reach), away < reach)
    assert np.array_equal(boundaries._closer(line, reach), away < reach)
