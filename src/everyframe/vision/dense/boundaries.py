"""How well the boundaries of told classes lie on the true ones."""

from __future__ import annotations

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from everyframe.vision.dense.classes import VOID

TOLERANCE = 0.0075
"""How far apart two boundaries may lie and still agree, as a share of the picture's diagonal."""

_SMALL = 12.0  # pixels of reach up to which a pen is faster than distances


def boundary_f(
    truth: NDArray[np.uint8], told: NDArray[np.uint8], classes: int, tolerance: float = TOLERANCE
) -> NDArray[np.float64]:
    """Return the boundary F of each class in one picture (BF; Csurka et al., BMVC 2013, section 3).

    A class's boundary are its pixels that have another class above, below, left or right of them. Precision
    is the share of the told boundary that lies nearer than the tolerance to the true one, recall the share
    of the true one that lies so near to the told one, and F the harmonic mean of the two. Void takes no
    part: neither does what was told there, nor does the border of void make a boundary.

    Args:
        truth: ``(H, W)`` true classes, ``VOID`` where nothing counts.
        told: ``(H, W)`` told classes.
        classes: How many there are.
        tolerance: As a share of the diagonal.

    Returns:
        ``(classes,)``; ``nan`` where a class has no boundary in either, 0 where in one only.
    """
    void = truth == VOID
    told = np.where(void, np.uint8(VOID), told)
    lines_truth, lines_told = _lines(truth), _lines(told)
    reach = tolerance * math.hypot(*truth.shape)
    found = np.full(classes, np.nan)
    for number in range(classes):
        true_line = lines_truth & (truth == number)
        told_line = lines_told & (told == number)
        both = np.count_nonzero(true_line), np.count_nonzero(told_line)
        if not all(both):
            if any(both):
                found[number] = 0.0
            continue
        precision = _near(told_line, true_line, reach)
        recall = _near(true_line, told_line, reach)
        found[number] = 2 * precision * recall / (precision + recall) if precision + recall else 0.0
    return found


def _lines(classes: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Return the pixels beside which another class lies; void is none."""
    lines = np.zeros(classes.shape, np.bool_)
    counted = classes != VOID
    for here, there in (
        (np.s_[1:, :], np.s_[:-1, :]),
        (np.s_[:, 1:], np.s_[:, :-1]),
    ):
        differ = (classes[here] != classes[there]) & counted[here] & counted[there]
        lines[here] |= differ
        lines[there] |= differ
    return lines


def _near(line: NDArray[np.bool_], other: NDArray[np.bool_], reach: float) -> float:
    """Return the share of a line that lies nearer than ``reach`` to another."""
    around = _grown(other, reach) if reach <= _SMALL else _closer(other, reach)
    return float(np.count_nonzero(around & line) / np.count_nonzero(line))


def _grown(line: NDArray[np.bool_], reach: float) -> NDArray[np.bool_]:
    """Return the pixels nearer than ``reach`` to a line, by drawing it with a round pen."""
    size = math.ceil(reach)
    y, x = np.mgrid[-size : size + 1, -size : size + 1]
    pen = (x * x + y * y < reach * reach).astype(np.uint8)
    pen[size, size] = 1
    return np.asarray(cv2.dilate(line.view(np.uint8), pen)).view(np.bool_)


def _closer(line: NDArray[np.bool_], reach: float) -> NDArray[np.bool_]:
    """Return the same by each pixel's distance, which takes as long for a wide reach as for a small one."""
    away = np.asarray(cv2.distanceTransform((~line).view(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE))
    near: NDArray[np.bool_] = away < reach
    return near
