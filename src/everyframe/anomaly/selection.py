"""Few samples that stand for all: dictionary selection under an L2,1 norm."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_STEPS = 60
_NOTHING = 1e-6  # of the largest norm: rows below it were not used


def row_norms(
    samples: NDArray[np.float32], share: float, *, weight: NDArray[np.float32] | None = None
) -> NDArray[np.float32]:
    """Return how much each sample is needed to reconstruct all of them.

    Minimises ``0.5 ||B - B X||_F^2 + lambda ||X||_2,1`` over ``X`` by accelerated proximal gradients
    (Nesterov; Beck and Teboulle, 2009), as Cong, Yuan and Liu do (CVPR 2011): the norm of its rows goes to
    zero for the samples that others stand for.

    Args:
        samples: ``(n, d)`` the columns of ``B``.
        share: ``lambda``, as a share of the least for which nothing at all would be kept.
        weight: ``(n,)`` how many samples each one stands for as something to be reconstructed; one each by
            default.

    Returns:
        ``(n,)`` the norms of the rows of ``X``.
    """
    basis = samples.T  # (d, n)
    root = np.ones(len(samples), np.float32) if weight is None else np.sqrt(weight).astype(np.float32)
    target = basis * root
    smooth = float(np.linalg.norm(basis @ basis.T, 2))
    if smooth <= 0.0:
        return np.zeros(len(samples), np.float32)
    strength = np.float32(share * np.linalg.norm(samples @ target, axis=1).max() / smooth)
    step = np.float32(1.0 / smooth)
    found = np.zeros((len(samples), len(samples)), np.float32)
    ahead, pace = found, 1.0
    for _ in range(_STEPS):
        moved = ahead - step * (samples @ (basis @ ahead - target))
        length = np.linalg.norm(moved, axis=1)
        shrunk = np.maximum(1.0 - strength / np.maximum(length, np.float32(1e-30)), 0.0)
        after = moved * shrunk[:, None]
        next_pace = (1.0 + np.sqrt(1.0 + 4.0 * pace * pace)) / 2.0
        ahead = after + np.float32((pace - 1.0) / next_pace) * (after - found)
        found, pace = after, next_pace
    norms: NDArray[np.float32] = np.linalg.norm(found, axis=1)
    return norms


def chosen(norms: NDArray[np.float32], most: int) -> NDArray[np.intp]:
    """Return the samples with the largest norms, largest first: ``most``, fewer where the rest is zero."""
    order = np.argsort(-norms, kind="stable")[:most]
    kept: NDArray[np.intp] = order[norms[order] > _NOTHING * norms.max(initial=0.0)]
    return kept
