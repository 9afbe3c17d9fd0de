"""One look at a picture: a few numbers, all from a small copy and some of its rows."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from everyframe.motion.shrinking import shrunk
from everyframe.types import Luma

Reals = NDArray[np.float32]

SMALL = (160, 90)
"""Width and height of the copy that is looked at, whatever the camera's are."""

TILES = (6, 8)
"""Rows and columns in which contrast is told apart."""

FIELD = (36, 80)
"""Rows and columns of the directions of edges; the uppermost and lowest tenth, where cameras write the time,
is left out."""

_QUIET = 1.5  # grey levels per cell that count as half an edge: less is noise
_ROWS = 40  # that are read for sharpness, at most
_PIXELS = 30_000  # likewise
_SHARES = np.array([0.01, 0.5, 0.95, 0.99])
_WIDE = 640  # pixels: sharpness is that of a picture this wide, or finer where it is smaller
_STRONG = 0.15  # of the range of grey levels: an edge that tells sharpness
_STRONG_LEVELS = 10.0
_ENOUGH = 0.0008  # share of the pixels that must be strong edges, or nothing can be said

LEAST_SHARPNESS = 0.25
"""Sharpness of edges that are wider than four pixels."""


@dataclass(frozen=True, slots=True, eq=False)
class Look:
    """What one look saw; levels are 0 to 255.

    Attributes:
        low: Level that 1 % of the picture stay below.
        middle: Median level.
        high: Level that 95 % stay below.
        top: Level that 99 % stay below.
        counts: ``(256,)`` pixels per level.
        texture: ``TILES`` standard deviation of the levels in each tile.
        edges: ``FIELD`` complex: doubled directions of edges, so that an edge is the same when light and dark
            change sides; length 0 to 1.
        sharpness: Four times the energy of differences between neighbours over that between every fourth
            pixel, at strong edges: 1 for a step, 0.25 for a slope. ``None`` without strong edges.
    """

    low: float
    middle: float
    high: float
    top: float
    counts: NDArray[np.intp]
    texture: Reals
    edges: NDArray[np.complex64]
    sharpness: float | None

    def share_above(self, level: int) -> float:
        """Return the share of pixels at or above a level."""
        return float(self.counts[level:].sum() / self.counts.sum())


def look_at(luma: Luma) -> Look:
    """Look at a picture, ``(H, W)`` ``uint8``."""
    small = shrunk(luma, SMALL)
    counts = np.bincount(small.ravel(), minlength=256)
    reached = np.cumsum(counts) / small.size
    low, middle, high, top = np.searchsorted(reached, _SHARES).tolist()
    return Look(
        low, middle, high, top, counts, _texture(small), _edges(small), sharpness_of(luma, high - low)
    )


def _texture(small: Luma) -> Reals:
    """Return the standard deviation of each tile, without the finest grain."""
    smooth = cv2.blur(small, (3, 3)).astype(np.float32)
    tiles = TILES[::-1]
    mean = cv2.resize(smooth, tiles, interpolation=cv2.INTER_AREA)
    square = cv2.resize(smooth * smooth, tiles, interpolation=cv2.INTER_AREA)
    return np.asarray(np.sqrt(np.maximum(square - mean * mean, 0.0)), np.float32)


def _edges(small: Luma) -> NDArray[np.complex64]:
    height = SMALL[1] // 2
    half = cv2.resize(
        cv2.GaussianBlur(small, (5, 5), 1.0), (SMALL[0] // 2, height), interpolation=cv2.INTER_AREA
    )
    across = cv2.Sobel(half, cv2.CV_32F, 1, 0, scale=1 / 8)
    down = cv2.Sobel(half, cv2.CV_32F, 0, 1, scale=1 / 8)
    slope = (across + 1j * down).astype(np.complex64)
    border = (height - FIELD[0] + 1) // 2
    slope = slope[border : border + FIELD[0]]
    strength = slope.real**2 + slope.imag**2
    return np.asarray(slope * slope / (strength + np.float32(_QUIET**2)), np.complex64)


def sharpness_of(luma: Luma, span: float) -> float | None:
    """Return how sharp strong edges are, or ``None`` where there are none.

    Args:
        luma: The picture in full size: a small copy is always sharp.
        span: Range of its levels; what is strong is relative to it, so that light does not count.
    """
    height, width = luma.shape
    border = height // 10
    step = max(1, (height - 2 * border) // max(1, min(_ROWS, _PIXELS // width)))
    lag = max(1, width // _WIDE)
    rows = luma[border : height - border : step].astype(np.float32)
    if rows.shape[1] <= 4 * lag:
        return None
    coarse = rows[:, 4 * lag :] - rows[:, : -4 * lag]
    strong = np.abs(coarse) > max(_STRONG_LEVELS, _STRONG * span)
    if np.count_nonzero(strong) < max(20.0, _ENOUGH * strong.size):
        return None
    fine = rows[:, lag:] - rows[:, :-lag]
    inner = fine[:, lag : lag + coarse.shape[1]][strong]
    outer = fine[:, 2 * lag : 2 * lag + coarse.shape[1]][strong]
    whole = coarse[strong]
    return float(2.0 * (inner @ inner + outer @ outer) / (whole @ whole))
