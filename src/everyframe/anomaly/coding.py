"""Sparse coding: each sample as a sum of few bases, under a weighted L1 norm."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_STEPS = 30


def encode(
    values: NDArray[np.float32],
    bases: NDArray[np.float32],
    price: NDArray[np.float32],
    steps: int = _STEPS,
) -> NDArray[np.float32]:
    """Return the coefficients that minimise ``0.5 ||y - Phi x||^2 + ||diag(price) x||_1`` for each sample.

    FISTA (Beck and Teboulle, 2009) for all samples at once and for a fixed number of steps, so that a
    sample's coefficients do not depend on what is beside it.

    Args:
        values: ``(n, d)`` samples ``y``.
        bases: ``(m, d)`` the columns of ``Phi``.
        price: ``(m,)`` of each base, ``lambda`` included; none is negative.
        steps: Of the iteration.

    Returns:
        ``(n, m)`` coefficients.
    """
    gram = bases @ bases.T
    smooth = np.float32(max(float(np.linalg.norm(gram, 2)), 1e-12))
    met = values @ bases.T / smooth
    gram = gram / smooth
    limit = price / smooth
    found = np.zeros_like(met)
    ahead, pace = found, 1.0
    for _ in range(steps):
        moved = ahead - ahead @ gram
        moved += met
        after = moved - np.clip(moved, -limit, limit)
        next_pace = (1.0 + np.sqrt(1.0 + 4.0 * pace * pace)) / 2.0
        ahead = after + np.float32((pace - 1.0) / next_pace) * (after - found)
        found, pace = after, next_pace
    return found


def costs(
    values: NDArray[np.float32],
    bases: NDArray[np.float32],
    price: NDArray[np.float32],
    coefficients: NDArray[np.float32],
) -> NDArray[np.float32]:
    """Return ``(n,)`` the sparse reconstruction cost of each sample: what ``encode`` minimises."""
    left = values - coefficients @ bases
    found: NDArray[np.float32] = 0.5 * (left * left).sum(axis=1) + np.abs(coefficients) @ price
    return found
