"""From the scores of places to what one moment says: agreement, smoothing over time, fusion."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from everyframe.anomaly.calibration import Tail
from everyframe.anomaly.detector import Attribute

LOOK_AHEAD = 1.0
"""Seconds that a score waits for what comes next."""

_AROUND = 0.25  # seconds before and after, of which a score is the median
_SAME = 1e-6  # seconds: times closer than this are the same
_AHEAD = 0.6  # seconds (standard deviation) over which scores are averaged into the future

Attributes = Sequence[Attribute]


def memory(attributes: Attributes) -> float:
    """Return how many seconds of the past a smoothed score may hold."""
    return 3.0 * max(attribute.back for attribute in attributes) + _AROUND


def strongest(scores: NDArray[np.floating], attributes: Attributes) -> NDArray[np.float32]:
    """Return ``(k,)`` the strongest of ``(n, k)`` scores that enough places agree on.

    A single window may catch a reflection or the edge of two flows; a body fills several.
    """
    best = np.zeros(len(attributes), np.float32)
    for k, attribute in enumerate(attributes):
        if len(scores) >= attribute.agree:
            column = scores[:, k]
            best[k] = np.partition(column, len(column) - attribute.agree)[len(column) - attribute.agree]
    return best


def lasting(times: NDArray[np.floating], scores: NDArray[np.floating]) -> NDArray[np.float64]:
    """Return ``(n, k)`` running medians of ``(n, k)`` scores: what most of half a second says.

    A body moves for longer than a moment; where two pass each other, or a field went wrong, a single moment
    stands out of those around it.
    """
    first = np.searchsorted(times, times - _AROUND - _SAME)
    count = np.searchsorted(times, times + _AROUND + _SAME) - first
    among = first[:, None] + np.arange(count.max(initial=1))
    known = np.where(
        (among < (first + count)[:, None])[..., None], scores[np.minimum(among, len(scores) - 1)], np.inf
    )
    known.sort(axis=1)
    here = np.arange(len(scores))
    middle: NDArray[np.float64] = (known[here, (count - 1) // 2] + known[here, count // 2]) / 2
    return middle


def smooth(
    times: NDArray[np.floating],
    scores: NDArray[np.floating],
    attributes: Attributes,
    due: slice = slice(None),
) -> NDArray[np.float64]:
    """Average the lasting part of ``(n, k)`` scores over neighbours in time, at the moments that are due.

    By time and not by number, so that lost frames change nothing, and cut so that nothing beyond the
    look-ahead has a say. Speed shows at once; other attributes gather evidence over the seconds before.
    """
    apart = times[None, :] - times[due, None]  # later ones are positive
    lasts = lasting(times, scores)
    back = np.array([attribute.back for attribute in attributes])
    found = np.empty((len(apart), scores.shape[1]), np.float64)
    for width in np.unique(back):
        weight = np.exp(-0.5 * (apart / np.where(apart > 0, _AHEAD, width)) ** 2)
        weight[(apart > LOOK_AHEAD - _AROUND + _SAME) | (apart < -3 * width)] = 0.0
        chosen = width == back
        found[:, chosen] = weight @ lasts[:, chosen] / weight.sum(axis=1, keepdims=True)
    return found


def surprises(scores: NDArray[np.floating], tails: Sequence[Tail]) -> NDArray[np.float64]:
    """Return ``(..., k)`` surprises of ``(..., k)`` attribute scores."""
    return np.stack([tail.surprise(scores[..., k]) for k, tail in enumerate(tails)], axis=-1)


def weigh(surprises: NDArray[np.floating], attributes: Attributes) -> NDArray[np.float64]:
    """Return ``(..., k)`` how much each attribute says, of ``(..., k)`` surprises."""
    silent = np.array([attribute.silent for attribute in attributes])
    weight = np.array([attribute.weight for attribute in attributes])
    said: NDArray[np.float64] = (surprises - silent) * weight
    return said


def fuse(surprises: NDArray[np.floating], attributes: Attributes) -> NDArray[np.float64]:
    """Return the joint score ``(...)`` of ``(..., k)`` surprises: what the strongest attribute says.

    A surprise is minus the logarithm of a p-value, so this is Tippett's smallest p-value (1931), weighted;
    what the choice among several costs is put right by calibrating the joint score anew.
    """
    joint: NDArray[np.float64] = weigh(surprises, attributes).max(axis=-1)
    return joint
