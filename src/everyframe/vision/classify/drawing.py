"""Letters, colours and PNG files for the pictures of what was learned."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from everyframe.types import RGB, Colour

PAPER: Colour = (14, 17, 22)
INK: Colour = (236, 239, 243)
FAINT: Colour = (142, 151, 163)

_FONT = "sans"  # comes inside OpenCV's wheel


def paper(height: int, width: int) -> RGB:
    """Return an empty picture."""
    return np.full((height, width, 3), PAPER, np.uint8)


def write(
    picture: RGB, text: str, at: tuple[int, int], size: int = 15, color: Colour = INK, room: int = 0
) -> None:
    """Write text with its baseline at ``at``, cut to ``room`` pixels where that is more than 0."""
    face = cv2.FontFace(_FONT)
    cut = text
    while room and cut and cv2.getTextSize((0, 0), cut, (0, 0), face, size, 400)[2] > room:
        text = text[:-1]
        cut = text.rstrip() + "…"
    cv2.putText(picture, cut, at, color, face, size, 400)


def coloured(values: NDArray[np.float32], side: int) -> RGB:
    """Return ``(h, w)`` values, the largest brightest, as a square picture; nothing below 0 is seen."""
    seen = np.maximum(values, 0.0)
    share = seen / max(float(seen.max()), 1e-12)
    large = cv2.resize(share.astype(np.float32), (side, side), interpolation=cv2.INTER_CUBIC)
    steps = (np.clip(large, 0.0, 1.0) * 255.0).astype(np.uint8)
    return np.ascontiguousarray(cv2.applyColorMap(steps, cv2.COLORMAP_INFERNO)[:, :, ::-1], np.uint8)
