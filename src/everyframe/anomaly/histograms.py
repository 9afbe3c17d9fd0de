"""Histograms for each place of the picture that lend each other strength."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray


class PlaceHistograms:
    """Counts of a value for each place, in bins of equal ratio.

    Places with little footage borrow from their neighbours, and those from the whole picture, the more the
    less was seen there (an empirical-Bayes shrinkage: Robbins 1956).

    Args:
        shape: ``(ny, nx)`` places.
        low: Lower end of the first bin.
        high: Upper end of the last bin; larger values count in it.
        bins: Number of bins, equal in the logarithm.
        reach: Places over which neighbours lend strength: ``(down, across)``.
        borrowed: Observations that the whole picture's histogram counts for.
    """

    def __init__(
        self,
        shape: tuple[int, int],
        low: float,
        high: float,
        *,
        bins: int = 96,
        reach: tuple[float, float] = (1.2, 2.4),
        borrowed: float = 30.0,
    ) -> None:
        self.low, self.high, self.bins = low, high, bins
        self.reach, self.borrowed = reach, borrowed
        self.counts: NDArray[np.float32] = np.zeros((*shape, bins), np.float32)
        self._ratio = np.log(high / low) / bins

    def _bin(self, values: NDArray[np.floating]) -> NDArray[np.intp]:
        where = np.log(np.maximum(values, self.low) / self.low) / self._ratio
        index: NDArray[np.intp] = np.clip(where.astype(np.intp), 0, self.bins - 1)
        return index

    def add(self, j: NDArray[np.intp], i: NDArray[np.intp], values: NDArray[np.floating]) -> None:
        """Count values at places ``(j, i)``."""
        np.add.at(self.counts, (j, i, self._bin(values)), 1.0)

    def smoothed(self) -> NDArray[np.float64]:
        """Return ``(ny, nx, bins)`` densities with what neighbours and the whole picture lend."""
        counts = self.counts.astype(np.float64)
        down, across = self.reach
        blurred = cv2.GaussianBlur(
            counts, (0, 0), sigmaX=across, sigmaY=down, borderType=cv2.BORDER_REPLICATE
        )
        lent = np.asarray(blurred, np.float64).reshape(counts.shape)
        whole = counts.sum(axis=(0, 1))
        if whole.sum() > 0:
            lent += self.borrowed * whole / whole.sum()
        total = lent.sum(axis=-1, keepdims=True)
        density: NDArray[np.float64] = np.divide(lent, total, out=np.zeros_like(lent), where=total > 0)
        return density

    def quantile(self, share: float) -> NDArray[np.float32]:
        """Return ``(ny, nx)``: the value that ``share`` of what is normal at each place stays below."""
        return self.quantiles(share)[0]

    def quantiles(self, *shares: float) -> list[NDArray[np.float32]]:
        """Return ``(ny, nx)`` values for each share; see ``quantile``."""
        below = np.cumsum(self.smoothed(), axis=-1)
        if below[..., -1].max() <= 0:
            return [np.full(self.counts.shape[:2], self.low, np.float32) for _ in shares]
        return [self._at(below, share) for share in shares]

    def _at(self, below: NDArray[np.float64], share: float) -> NDArray[np.float32]:
        """Return where ``(ny, nx, bins)`` cumulated densities reach a share."""
        index = np.argmax(below >= share, axis=-1)
        before = np.take_along_axis(below, np.maximum(index - 1, 0)[..., None], -1)[..., 0]
        before = np.where(index > 0, before, 0.0)
        here = np.take_along_axis(below, index[..., None], -1)[..., 0]
        part = np.where(here > before, (share - before) / np.maximum(here - before, 1e-12), 1.0)
        found: NDArray[np.float32] = (self.low * np.exp((index + part) * self._ratio)).astype(np.float32)
        return found
