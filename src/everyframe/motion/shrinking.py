"""Small pictures, fast."""

from __future__ import annotations

import cv2
import numpy as np

from everyframe.types import Luma


def shrunk(luma: Luma, size: tuple[int, int]) -> Luma:
    """Return ``luma`` made smaller to ``size`` (width, height).

    Halving is twenty times faster than averaging over areas that are no whole number of pixels; the last
    step is less than a halving, so interpolation reads every pixel.
    """
    while luma.shape[1] >= 2 * size[0] and luma.shape[0] >= 2 * size[1]:
        height, width = luma.shape[0] // 2, luma.shape[1] // 2
        half = cv2.resize(luma[: 2 * height, : 2 * width], (width, height), interpolation=cv2.INTER_AREA)
        luma = np.asarray(half, np.uint8)
    return np.asarray(cv2.resize(luma, size, interpolation=cv2.INTER_LINEAR), np.uint8)
