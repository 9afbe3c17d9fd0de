"""Independent component analysis with a cost of reconstruction."""

from __future__ import annotations

import numpy as np
import scipy
from numpy.typing import NDArray

_STEPS = 80
_LOG2 = float(np.log(2.0))


def learn_filters(values: NDArray[np.float32], start: NDArray[np.floating]) -> NDArray[np.float32]:
    """Learn sparse linear features that the values can be rebuilt from.

    Minimises ``cost`` on average (Le, Karpenko, Ngiam and Ng, "ICA with reconstruction cost for efficient
    overcomplete feature learning", NIPS 2011) by L-BFGS. Unlike orthonormal ICA it needs no whitening, so
    directions that hardly vary are not blown up to the size of those that do.

    Args:
        values: ``(n, d)``, of about unit variance.
        start: ``(k, d)`` filters to begin with, of about unit length; directions in which the values hardly
            vary stay about as they are there.

    Returns:
        ``(k, d)`` filters.
    """

    def flattened(flat: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        mean, slope = objective(flat.reshape(start.shape).astype(np.float32), values)
        return mean, slope.ravel().astype(np.float64)

    begin = start.ravel().astype(np.float64)
    found = scipy.optimize.minimize(
        flattened, begin, jac=True, method="L-BFGS-B", options={"maxiter": _STEPS}
    )
    filters: NDArray[np.float32] = found.x.reshape(start.shape).astype(np.float32)
    return filters


def objective(
    filters: NDArray[np.floating], values: NDArray[np.floating]
) -> tuple[float, NDArray[np.floating]]:
    """Return the mean cost of ``(n, d)`` values under ``(k, d)`` filters, and its slope, ``(k, d)``."""
    codes = values @ filters.T
    missed = codes @ filters - values
    mean = float((_log_cosh(codes).sum() + 0.5 * (missed**2).sum()) / len(values))
    slope = (np.tanh(codes) + missed @ filters.T).T @ values + codes.T @ missed
    return mean, slope / len(values)


def cost(values: NDArray[np.float32], filters: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return what ``(..., d)`` values cost under ``(k, d)`` filters, in nats up to a constant.

    ``sum log cosh(W x) + 0.5 ||W'W x - x||^2``: the energy of the features under a sparse prior, and what
    they miss, as noise of unit variance.
    """
    codes = values @ filters.T
    missed = codes @ filters - values
    found: NDArray[np.float32] = _log_cosh(codes).sum(axis=-1) + 0.5 * (missed**2).sum(axis=-1)
    return found


def _log_cosh(codes: NDArray[np.floating]) -> NDArray[np.floating]:
    size = np.abs(codes)
    found: NDArray[np.floating] = size + np.log1p(np.exp(-2.0 * size)) - np.float32(_LOG2)
    return found
