"""How well events are spotted: average precision over tolerances, precision, recall, and F1."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from everyframe.highlights.segments import Segment

TOLERANCES = (1.0, 2.0, 3.0, 4.0, 5.0)
"""Seconds."""


@dataclass(frozen=True, slots=True)
class Spotted:
    """How many of the events were told, and how many of the told are events.

    Attributes:
        precision: Of what was told; 1 where nothing was.
        recall: Of what happened.
        f1: Their harmonic mean.
    """

    precision: float
    recall: float
    f1: float


def average_precision(told: Sequence[Segment], truth: Sequence[Segment], tolerance: float) -> float:
    """Return the area under precision over recall, all points, of spots of one class.

    A spot is right when the middle of an event that no surer spot has taken lies within half the tolerance of
    its own middle, as in Giancola et al., "SoccerNet" (CVPR Workshops 2018).

    Args:
        told: Spots, with their confidences.
        truth: What happened; one at least.
        tolerance: Seconds, both sides together.
    """
    right = _right(told, truth, tolerance)
    if not len(right):
        return 0.0
    hits = np.cumsum(right)
    precision = np.maximum.accumulate((hits / np.arange(1, len(right) + 1))[::-1])[::-1]
    return float(np.sum(precision[right]) / len(truth))


def mean_average_precision(told: Sequence[Segment], truth: Sequence[Segment], tolerance: float) -> float:
    """Return the mean of ``average_precision`` over the classes that happen."""
    return float(
        np.mean(
            [
                average_precision(
                    [one for one in told if one.label == label],
                    [one for one in truth if one.label == label],
                    tolerance,
                )
                for label in sorted({one.label for one in truth})
            ]
        )
    )


def spotted(
    told: Sequence[Segment], truth: Sequence[Segment], tolerance: float, *, named: bool = True
) -> Spotted:
    """Return precision and recall of spots.

    Args:
        told: Spots of any classes.
        truth: What happened.
        tolerance: See ``average_precision``.
        named: Whether a spot must name the right class.
    """
    labels = {one.label for one in (*told, *truth)} if named else {""}
    hits = 0
    for label in labels:
        mine = [one for one in told if not named or one.label == label]
        hits += int(
            np.sum(_right(mine, [one for one in truth if not named or one.label == label], tolerance))
        )
    precision = hits / len(told) if told else 1.0
    recall = hits / len(truth) if truth else 1.0
    return Spotted(precision, recall, 2.0 * hits / max(1, len(told) + len(truth)))


def _right(told: Sequence[Segment], truth: Sequence[Segment], tolerance: float) -> NDArray[np.bool_]:
    """Return which spots are right, the surest first."""
    middles = np.array([_middle(one) for one in truth])
    free = np.ones(len(truth), np.bool_)
    found = []
    for spot in sorted(told, key=lambda one: -one.confidence):
        apart = np.where(free, np.abs(middles - _middle(spot)), np.inf) if len(truth) else np.array([np.inf])
        near = int(apart.argmin())
        found.append(bool(apart[near] <= tolerance / 2.0))
        if found[-1]:
            free[near] = False
    return np.array(found, np.bool_)


def _middle(one: Segment) -> float:
    return (one.start + one.end) / 2.0
