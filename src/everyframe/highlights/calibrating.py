"""How sure a library may be: measured on examples that it has not seen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import scipy
from numpy.typing import NDArray

from everyframe.vision.pooled import Likeness

Rows = NDArray[np.floating]

FOLDS = 5
"""Parts that are left out in turn."""

OTHERS = 20.0
"""Windows of nothing for each event in footage: a broadcast of three hours holds eleven minutes of action."""

_SHARPEST = 64.0
_USUAL = 16.0  # where nothing can be left out
_BARS = np.linspace(0.05, 0.99, 95)


def unseen(
    rows: Rows,
    kinds: NDArray[np.int64],
    groups: Sequence[str],
    widths: Sequence[int],
    nothing: int | None = None,
) -> Rows | None:
    """Return ``(n, classes)``: what the reading by likeness says of each example when its group is left out.

    Args:
        rows: ``(views, n, width)`` of the examples.
        kinds: ``(n,)`` class of each.
        groups: What each comes from; what comes from one place is left out together.
        widths: Of the groups of columns.
        nothing: Number of the class that is no event.

    Returns:
        Nothing where leaving a part out would leave a class without examples.
    """
    names = sorted(set(groups))
    part = np.array([names.index(group) for group in groups]) % min(FOLDS, len(names))
    classes = int(kinds.max()) + 1
    said = np.zeros((len(kinds), classes))
    for number in np.unique(part):
        out = part == number
        if len(np.unique(kinds[~out])) < classes:
            return None
        kept = rows[:, ~out].reshape(-1, rows.shape[2])
        told = Likeness.fit(kept, np.tile(kinds[~out], len(rows)), widths, nothing)
        said[out] = np.mean([told.scores(view[out]) for view in rows], axis=0)
    return said


def sharpness_of(said: Rows, kinds: NDArray[np.int64]) -> float:
    """Return what to multiply scores by for their softmax to be probabilities (Guo et al., ICML 2017)."""

    def loss(power: float) -> float:
        return surprise(np.exp(power) * said, kinds)

    return float(
        np.exp(scipy.optimize.minimize_scalar(loss, bounds=(0.0, np.log(_SHARPEST)), method="bounded").x)
    )


def surprise(logits: Rows, kinds: NDArray[np.int64]) -> float:
    """Return the mean of minus the logarithm of how probable each example's own class was."""
    return -float(np.mean(scipy.special.log_softmax(logits, axis=1)[np.arange(len(kinds)), kinds]))


def bar_of(confidences: Rows, kinds: NDArray[np.int64], nothing: int | None) -> float:
    """Return how sure one must be that anything happens for telling it to give the highest F1.

    Footage has far more of nothing than of events, whatever the examples: it is counted so many times.

    Args:
        confidences: ``(n, classes)`` probabilities of examples.
        kinds: ``(n,)`` class of each.
        nothing: Number of the class that is no event; without one every bar would do, and half is taken.
    """
    if nothing is None:
        return 0.5
    sure, event = 1.0 - confidences[:, nothing], kinds != nothing
    hits = np.array([np.mean(sure[event] >= bar) for bar in _BARS])
    false = np.array([np.mean(sure[~event] >= bar) for bar in _BARS])
    f1 = 2.0 * hits / (1.0 + hits + OTHERS * false)
    return float(np.median(_BARS[f1 >= f1.max() - 1e-9]))  # the middle of what is best


@dataclass(frozen=True, slots=True)
class Calibrated:
    """How sure a library may be.

    Attributes:
        sharpness: What scores are multiplied by before they are made probabilities.
        bar: How sure one must be that anything happens for it to be told.
        accuracy: Share of the examples that are told right when their group is left out, where any can be.
        surprise: See there; infinite where nothing can be left out.
    """

    sharpness: float
    bar: float
    accuracy: float | None
    surprise: float


def calibrated(
    rows: Rows, kinds: NDArray[np.int64], groups: Sequence[str], widths: Sequence[int], nothing: int | None
) -> Calibrated:
    """Return how sure one may be of examples; see ``unseen`` and ``bar_of``."""
    said = unseen(rows, kinds, groups, widths, nothing)
    if said is None:
        return Calibrated(_USUAL, 0.5, None, np.inf)
    sharp = sharpness_of(said, kinds)
    return Calibrated(
        sharp,
        bar_of(np.exp(scipy.special.log_softmax(sharp * said, axis=1)), kinds, nothing),
        float(np.mean(said.argmax(axis=1) == kinds)),
        surprise(sharp * said, kinds),
    )
