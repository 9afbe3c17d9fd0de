"""Segmentation of footage without flicker: each picture's scores are averaged with those before it.

An exponential average over time settles what a network is unsure of, picture by picture. It is carried along
with what moves: by optical flow from the picture before, and only where the two pictures then look alike, so
that nothing leaves a trail (Gadde, Jampani and Gehler, "Semantic video CNNs through representation warping",
ICCV 2017, do so within the network). It begins anew after a cut and after a gap.
"""

from __future__ import annotations

import math
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from everyframe.types import Luma

SECONDS = 0.4
"""How long the average remembers: what was seen so long ago counts for a third of what is seen now."""

_LONGEST = 1.0  # seconds between two pictures, from which on they are not averaged
_WORK = 320  # pixels of the longer side on which flow is measured
_LIKE = 8.0  # levels of brightness by which two pictures of the same thing differ
_STILL = 0.25  # work pixels that nothing has moved by
_CUT = 0.5  # share of the picture that looks different once all is carried along
_AT_ONCE = 4  # channels that OpenCV carries along together


class Smoother:
    """Averages scores over time; one for each source.

    Args:
        seconds: How long it remembers; 0 smooths nothing.
        flow: Whether what moves is followed; without, only what looks as before is averaged.
    """

    def __init__(self, seconds: float = SECONDS, *, flow: bool = True) -> None:
        self._seconds = seconds
        self._flow: Any = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_FAST) if flow else None
        self._time = -math.inf
        self._luma: Luma | None = None
        self._mean: NDArray[np.float32] | None = None  # (H, W, classes)
        self._weight: NDArray[np.float32] | None = None  # (H, W): how much of it there is

    def reset(self) -> None:
        """Forget what came before: what comes next is another picture."""
        self._mean = self._weight = self._luma = None

    def step(self, time: float, luma: Luma, logits: NDArray[np.float32]) -> NDArray[np.float32]:
        """Take the next picture's scores.

        Args:
            time: Seconds.
            luma: ``(h, w)`` brightness of the picture, of any size.
            logits: ``(classes, H, W)``.

        Returns:
            ``(classes, H, W)``: the scores averaged over time.
        """
        if self._seconds <= 0:
            return logits
        small = _small(luma)
        now = np.ascontiguousarray(logits.transpose(1, 2, 0))
        kept = self._kept(time, small, now)
        self._time, self._luma = time, small
        if kept is None:
            self._mean, self._weight = now, np.ones(now.shape[:2], np.float32)
            return logits
        mean, weight = kept
        total = weight + np.float32(1.0)
        # Never in place: who got the last mean may still have it.
        self._mean, self._weight = mean + (now - mean) / total[..., None], total
        return self._mean.transpose(2, 0, 1)

    def _kept(
        self, time: float, luma: Luma, now: NDArray[np.float32]
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]] | None:
        """Return what is left of the average and its weight, where it now belongs; nothing after a cut."""
        apart = time - self._time
        mean, weight, before = self._mean, self._weight, self._luma
        if mean is None or weight is None or before is None or not 0.0 <= apart <= _LONGEST:
            return None
        if mean.shape != now.shape or before.shape != luma.shape:
            return None
        shift = self._flow.calc(luma, before, None) if self._flow is not None else None
        if shift is not None and float(np.abs(shift).max()) < _STILL:
            shift = None
        carried = before if shift is None else np.asarray(_carried(before, shift), np.uint8)
        apart_by = cv2.blur(np.asarray(cv2.absdiff(luma, carried), np.float32), (3, 3))
        trust = np.exp(-((np.asarray(apart_by, np.float32) / _LIKE) ** 2))
        if float((trust < 0.5).mean()) > _CUT:
            return None
        size = now.shape[1], now.shape[0]
        trust = cv2.resize(trust * math.exp(-apart / self._seconds), size, interpolation=cv2.INTER_LINEAR)
        if shift is not None:
            large = cv2.resize(shift, size, interpolation=cv2.INTER_LINEAR)
            large = large * np.array([size[0] / luma.shape[1], size[1] / luma.shape[0]], np.float32)
            mean, weight = _carried(mean, large), _carried(weight, large)
        return mean, weight * np.asarray(trust, np.float32)


def _carried(what: NDArray[Any], shift: NDArray[np.float32]) -> NDArray[Any]:
    """Return what lay, before, where the flow says that each pixel came from."""
    height, width = shift.shape[:2]
    across = shift[..., 0] + np.arange(width, dtype=np.float32)
    down = shift[..., 1] + np.arange(height, dtype=np.float32)[:, None]
    if what.ndim == 2:
        return np.asarray(cv2.remap(what, across, down, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE))
    found = np.empty_like(what)
    for first in range(0, what.shape[2], _AT_ONCE):
        part = np.ascontiguousarray(what[..., first : first + _AT_ONCE])
        moved = cv2.remap(part, across, down, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        found[..., first : first + _AT_ONCE] = moved.reshape(part.shape)
    return found


def _small(luma: Luma) -> Luma:
    """Return a picture on which flow is measured, as an array of its own."""
    height, width = luma.shape
    factor = min(1.0, _WORK / max(height, width))
    size = max(16, round(width * factor)), max(16, round(height * factor))
    return np.array(cv2.resize(luma, size, interpolation=cv2.INTER_AREA), np.uint8)
