"""Accuracy per pixel and per region, in one pass over the frames and bounded memory."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import ArrayLike, NDArray

from everyframe.errors import DatasetError
from everyframe.types import Floats

_BITS = 20


def _bin_of(scores: NDArray[np.float32]) -> NDArray[np.uint32]:
    """Return the first 20 bits of each score, in the order of the scores.

    A float's bits, read as an integer, rise with the float where it is positive and fall where it is
    negative; turning the negative ones over makes one scale of all. Twenty bits are sign, exponent and
    eleven bits of mantissa, so scores of any size are told apart by 1 part in 2,048.
    """
    bits = (scores + np.float32(0)).view(np.uint32)  # adding 0 makes -0 and 0 the same
    flip = np.where(bits >> 31, np.uint32(0xFFFFFFFF), np.uint32(0x80000000))
    return (bits ^ flip) >> np.uint32(32 - _BITS)


class PixelAuc:
    """The AUC over pixels: every pixel of every test frame, in one ranking.

    The definition is micro: pixels of frames without anything abnormal count as negatives, clips are not
    rescaled, a tie counts one half. (The older "pixel-level" criterion of Mahadevan et al., CVPR 2010, counts
    frames whose anomaly is covered by 40 %; it is another measure.) Pixels are counted in 2 x 1,048,576 bins,
    16 MB however many frames come; :attr:`bound` says how far from exact the result can be at most.
    """

    def __init__(self) -> None:
        self._abnormal = np.zeros(1 << _BITS, dtype=np.int64)
        self._normal = np.zeros(1 << _BITS, dtype=np.int64)

    def add(self, scores: ArrayLike, mask: ArrayLike) -> None:
        """Count one frame.

        Args:
            scores: ``(h, w)`` finite, higher where more abnormal; brought to the size of the mask by bilinear
                interpolation, so a coarse grid will do.
            mask: ``(H, W)`` bool, true where the anomaly is.

        Raises:
            ValueError: One is no matrix, or a score is not finite.
        """
        values, abnormal = np.asarray(scores, dtype=np.float32), np.asarray(mask, dtype=bool)
        if values.ndim != 2 or abnormal.ndim != 2 or not values.size or not abnormal.size:
            raise ValueError(f"scores {values.shape} and mask {abnormal.shape} should be (h, w) and (H, W)")
        if not np.isfinite(values).all():
            raise ValueError("a score is not finite")
        bins = _bin_of(_enlarged(values, abnormal.shape))
        np.add.at(self._abnormal, bins[abnormal], 1)
        np.add.at(self._normal, bins[~abnormal], 1)

    @property
    def pixels(self) -> tuple[int, int]:
        """How many normal and abnormal pixels were counted."""
        return int(self._normal.sum()), int(self._abnormal.sum())

    def result(self) -> float:
        """Return the area under the ROC curve, in [0, 1].

        Raises:
            DatasetError: The masks are white throughout, or black throughout.
        """
        normal, abnormal, pairs = self._counts()
        below = np.cumsum(normal) - normal
        return float(abnormal @ (below + normal / 2)) / pairs

    @property
    def bound(self) -> float:
        """How far :meth:`result` can be from exact: half the share of pairs that fell into the same bin.

        Raises:
            DatasetError: The masks are white throughout, or black throughout.
        """
        normal, abnormal, pairs = self._counts()
        return float(abnormal @ normal) / 2 / pairs

    def _counts(self) -> tuple[Floats, Floats, float]:
        used = (self._normal > 0) | (self._abnormal > 0)
        normal, abnormal = self._normal[used].astype(np.float64), self._abnormal[used].astype(np.float64)
        pairs = float(normal.sum() * abnormal.sum())
        if not pairs:
            which = "white" if abnormal.sum() else "black"
            raise DatasetError(f"every mask is {which} throughout; an AUC over pixels needs both")
        return normal, abnormal, pairs


def _enlarged(scores: NDArray[np.float32], shape: tuple[int, ...]) -> NDArray[np.float32]:
    if scores.shape == shape:
        return scores
    larger = cv2.resize(scores, (shape[1], shape[0]), interpolation=cv2.INTER_LINEAR)
    return np.asarray(larger, dtype=np.float32)
