"""How strong motion usually is at each place of the picture."""

from __future__ import annotations

import numpy as np
import scipy
from numpy.typing import NDArray

SHAPE = (24, 24)
_ACROSS = 0.12  # share of the picture's width over which neighbours lend each other strength
_DOWN = 0.06  # likewise of its height: what is near and what is far differ
_BORROWED = 10.0  # rows that the whole picture counts for at each place


def learn_usual(
    x: NDArray[np.floating], y: NDArray[np.floating], energy: NDArray[np.floating]
) -> NDArray[np.float32]:
    """Return ``SHAPE`` the mean of the energies around each place, towards the overall one where few are.

    Args:
        x: ``(n,)`` of the places, 0 to 1.
        y: ``(n,)`` likewise.
        energy: ``(n,)``, none negative.
    """
    total, count = np.zeros(SHAPE), np.zeros(SHAPE)
    at = _cells(x, y)
    np.add.at(total, at, energy)
    np.add.at(count, at, 1.0)
    spread = _DOWN * SHAPE[0], _ACROSS * SHAPE[1]
    total, count = (scipy.ndimage.gaussian_filter(plane, spread) for plane in (total, count))
    borrowed = _BORROWED / (2 * np.pi * spread[0] * spread[1])
    mean = float(np.mean(energy)) if len(energy) else 1.0
    found: NDArray[np.float32] = ((total + borrowed * mean) / (count + borrowed)).astype(np.float32)
    return found


def usual_at(
    usual: NDArray[np.float32], x: NDArray[np.floating], y: NDArray[np.floating]
) -> NDArray[np.float32]:
    """Return ``(n,)`` what is usual at places."""
    return usual[_cells(x, y)]


def _cells(x: NDArray[np.floating], y: NDArray[np.floating]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    j = np.clip(y * SHAPE[0], 0, SHAPE[0] - 1).astype(np.intp)
    i = np.clip(x * SHAPE[1], 0, SHAPE[1] - 1).astype(np.intp)
    return j, i
