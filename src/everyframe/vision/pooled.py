"""A linear reading of what the fixed first layer saw: where, which way, and in which third of the time.

It has nothing to learn but one weight for each, in closed form, so that a few examples carry it far; it stands
beside the recurrent networks, which see more and err elsewhere.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from everyframe.vision.front import FLOW_WAYS, GRID

Rows = NDArray[np.float32]

CELLS = 4
"""Cells that maps are pooled to, each way."""

THIRDS = 3
"""Parts of the time."""

PENALTY = 0.3
"""Of large weights, against kernels of mean size 1."""


def look(maps: Mapping[str, NDArray[np.floating]], streams: Sequence[str]) -> Rows:
    """Return ``(width,)`` of the ``(T, channels, GRID, GRID)`` maps of each stream."""
    return np.concatenate([_over_time(_over_place(part)) for part in _parts(maps, streams)])


def widths(streams: Sequence[str]) -> list[int]:
    """Return the widths of the groups that ``look`` puts together; each counts the same."""
    from everyframe.vision.front import CHANNELS

    channels = []
    for stream in streams:
        channels += [FLOW_WAYS, CHANNELS["flow"] - FLOW_WAYS] if stream == "flow" else [CHANNELS[stream]]
    return [count * CELLS * CELLS * (THIRDS + 1) for count in channels]


def _parts(maps: Mapping[str, NDArray[np.floating]], streams: Sequence[str]) -> list[Rows]:
    found = []
    for stream in streams:
        told = maps[stream].astype(np.float32)
        found += [told[:, :FLOW_WAYS], told[:, FLOW_WAYS:]] if stream == "flow" else [told]
    return found


def _tents(count: int, length: int) -> Rows:
    """Return ``(count, length)`` weights of overlapping windows."""
    middles = (np.arange(count) + 0.5) * length / count
    apart = np.abs(np.arange(length)[None] + 0.5 - middles[:, None])
    return np.maximum(0.0, 1.0 - apart * count / length).astype(np.float32)


def _over_place(maps: Rows) -> Rows:
    tents = _tents(CELLS, GRID)
    pooled = np.einsum("tcij,gi,hj->tcgh", maps**2, tents, tents, optimize=True)
    return np.asarray(np.sqrt(pooled).reshape(len(maps), -1), np.float32)


def _over_time(rows: Rows) -> Rows:
    tents = _tents(THIRDS, len(rows))
    parts = (tents / np.maximum(tents.sum(axis=1, keepdims=True), 1e-9)) @ rows
    return np.asarray(np.concatenate([parts.ravel(), rows.std(axis=0)]), np.float32)


@dataclass(slots=True, eq=False)
class Linear:
    """Kernel ridge regression (Saunders, Gammerman and Vovk, ICML 1998), one class against the rest.

    Attributes:
        mean: ``(width,)``.
        spread: ``(width,)``, with the size of each group in it.
        weights: ``(classes, width)``.
    """

    mean: Rows
    spread: Rows
    weights: Rows

    @classmethod
    def fit(cls, rows: Rows, labels: NDArray[np.int64], groups: Sequence[int]) -> Linear:
        """Learn from ``(n, width)`` rows with classes from 0."""
        mean, spread = rows.mean(axis=0), np.empty(rows.shape[1], np.float32)
        begin = 0
        for width in groups:
            part = rows[:, begin : begin + width]
            own = part.std(axis=0) + 0.1 * part.std() + 1e-6
            size = np.sqrt(np.mean((((part - mean[begin : begin + width]) / own) ** 2).sum(axis=1)))
            spread[begin : begin + width] = own * max(float(size), 1e-6)
            begin += width
        found = cls(mean, spread, np.zeros((0, len(mean)), np.float32))
        found.weights = found._solve(rows, np.eye(labels.max() + 1)[labels], len(groups))
        return found

    def add(self, rows: Rows, new: NDArray[np.bool_], groups: Sequence[int]) -> None:
        """Learn one more class, whose rows ``new`` marks; the weights of the others stay as they are."""
        weights = self._solve(rows, new.astype(np.float64)[:, None], len(groups))
        self.weights = np.concatenate([self.weights, weights]).astype(np.float32)

    def scores(self, rows: Rows) -> Rows:
        """Return ``(n, classes)``, about -1 to 1, of ``(n, width)`` rows."""
        return np.asarray(self._seen(rows) @ self.weights.T, np.float32)

    def _seen(self, rows: Rows) -> Rows:
        return np.asarray((rows - self.mean) / self.spread, np.float32)

    def _solve(self, rows: Rows, told: NDArray[np.float64], groups: int) -> Rows:
        seen = self._seen(rows).astype(np.float64)
        # Rare classes count for more: each class's examples share one weight.
        kinds, number = np.unique(told, axis=0, return_inverse=True)
        rare = 1.0 / np.bincount(number.ravel(), minlength=len(kinds))[number.ravel()]
        penalty = PENALTY * groups * rare.mean() / rare
        found = np.linalg.solve(seen @ seen.T + np.diag(penalty), 2.0 * told - 1.0)
        return np.asarray(found.T @ seen, np.float32)
