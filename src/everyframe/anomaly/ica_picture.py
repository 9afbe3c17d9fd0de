"""A picture of what the first layer of ``ica`` has learned to see."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from everyframe.anomaly.ica import PART, IcaDetector
from everyframe.types import RGB

_ZOOM = 12  # pixels of a sample
_GAP = 6  # pixels between two filters
_GROUND = 24  # brightness


def draw_filters(detector: IcaDetector, across: int = 8) -> RGB:
    """Draw the filters of the first layer, the longest first: those that are rebuilt from most.

    Each is drawn as its moments side by side, the oldest on the left. Colour is the direction of motion that
    the filter looks for, brightness how much it looks there.

    Args:
        detector: That has learned.
        across: Filters in a row of the picture.

    Returns:
        ``(H, W, 3)`` ``uint8``.

    Raises:
        ValueError: If the detector has learned nothing.
    """
    if not getattr(detector, "model_", None):
        raise ValueError("a detector that has learned nothing has no filters to draw")
    filters: NDArray[np.float32] = detector.model_["first"]
    filters = filters[np.argsort(-(filters**2).sum(axis=1), kind="stable")]
    moments, high, wide = PART[:3]
    tile_high, tile_wide = high * _ZOOM + _GAP, moments * wide * _ZOOM + _GAP
    down = -(-len(filters) // across)
    picture = np.full((down * tile_high + _GAP, across * tile_wide + _GAP, 3), _GROUND, np.uint8)
    for number, one in enumerate(filters):
        top, left = _GAP + number // across * tile_high, _GAP + number % across * tile_wide
        drawn = _draw(one.reshape(PART))
        picture[top : top + drawn.shape[0], left : left + drawn.shape[1]] = drawn
    return picture


def _draw(one: NDArray[np.float32]) -> RGB:
    """Draw one filter, its moments side by side."""
    flow = np.concatenate(list(one), axis=1)  # (rows, moments * columns, 2)
    size = np.hypot(flow[..., 0], flow[..., 1])
    angle = np.arctan2(flow[..., 1], flow[..., 0]) % (2 * np.pi)
    hsv = np.empty((*size.shape, 3), np.uint8)
    hsv[..., 0] = np.rint(angle / (2 * np.pi) * 180) % 180
    hsv[..., 1] = 200
    hsv[..., 2] = np.rint(255 * size / max(float(size.max()), 1e-9))
    rgb = cv2.cvtColor(hsv, cv2.COLOR_HSV2RGB)
    tile = cv2.resize(rgb, None, fx=_ZOOM, fy=_ZOOM, interpolation=cv2.INTER_NEAREST)
    return np.asarray(tile, np.uint8)
