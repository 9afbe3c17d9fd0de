"""Colours turned about grey: hue changes, brightness nearly stays."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def turned(angle: float) -> NDArray[np.float64]:
    """Return the ``(3, 3)`` matrix that turns red, green and blue about the axis of greys (Rodrigues).

    Args:
        angle: In radians.
    """
    axis = np.full(3, 1.0 / np.sqrt(3.0))
    cross = np.array([[0, -axis[2], axis[1]], [axis[2], 0, -axis[0]], [-axis[1], axis[0], 0]])
    return np.asarray(np.eye(3) + np.sin(angle) * cross + (1.0 - np.cos(angle)) * cross @ cross)
