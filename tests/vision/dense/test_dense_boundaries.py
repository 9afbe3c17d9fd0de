from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

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


@given(
    arrays(np.uint8, (7, 9), elements=st.sampled_from([0, 1, 2, VOID])),
    arrays(np.uint8, (7, 9), elements=st.sampled_from([0, 1, 2])),
    st.floats(0.03, 0.4),
)
def test_as_the_definition_says_pixel_by_pixel(
    truth: NDArray[np.uint8], told: NDArray[np.uint8], tolerance: float
) -> None:
    reach = tolerance * np.hypot(7, 9)
    told = np.where(truth == VOID, VOID, told).astype(np.uint8)

    def edge(mask: NDArray[np.uint8], number: int) -> list[tuple[int, int]]:
        beside = ((0, 1), (0, -1), (1, 0), (-1, 0))
        return [
            (y, x)
            for y, x in np.argwhere(mask == number).tolist()
            if any(
                0 <= y + v < 7 and 0 <= x + u < 9 and mask[y + v, x + u] not in (number, VOID)
                for v, u in beside
            )
        ]

    def near(points: list[tuple[int, int]], others: list[tuple[int, int]]) -> float:
        hits = [any(np.hypot(y - v, x - u) < reach for v, u in others) for y, x in points]
        return sum(hits) / len(hits)

    for number, found in enumerate(boundary_f(truth, told, 3, tolerance)):
        true_edge, told_edge = edge(truth, number), edge(told, number)
        if not true_edge and not told_edge:
            assert np.isnan(found)
        elif not true_edge or not told_edge:
            assert found == 0
        else:
            precision, recall = near(told_edge, true_edge), near(true_edge, told_edge)
            total = precision + recall
            assert found == pytest.approx(2 * precision * recall / total if total else 0)


@pytest.mark.parametrize("reach", [0.3, 1.0, 1.5, 4.5, 9.0])
def test_the_pen_and_the_distances_agree(reach: float) -> None:
    line = np.random.default_rng(3).random((40, 50)) < 0.01
    y, x = np.mgrid[:40, :50]
    away = np.min([np.hypot(y - v, x - u) for v, u in np.argwhere(line)], axis=0)
    assert np.array_equal(boundaries._grown(line, reach), away < reach)
    assert np.array_equal(boundaries._closer(line, reach), away < reach)
