"""Reading what the fixed first layer saw by likeness: where, which way, and in which third of the time.

It has nothing to learn but how much each example says for each class, in closed form, so that a few examples
carry it far; it stands beside the recurrent networks, which see the order of steps.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from everyframe.vision.front import FLOW_WAYS, GRID

Rows = NDArray[np.float32]

CELLS = 4
"""Cells that maps are pooled to, each way."""

THIRDS = 3
"""Parts of the time."""

NEAR = 0.25
"""How soon examples stop being alike: of the kernel exp(-NEAR d²), with distances of mean size."""

PENALTY = 0.01
"""Of trusting single examples."""


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
    return np.asarray(np.concatenate([_thirds(rows).ravel(), rows.std(axis=0)]), np.float32)


def _thirds(rows: Rows) -> Rows:
    tents = _tents(THIRDS, len(rows))
    return np.asarray((tents / np.maximum(tents.sum(axis=1, keepdims=True), 1e-9)) @ rows, np.float32)


def in_time(seen: NDArray[np.floating]) -> Rows:
    """Return ``((THIRDS + 1) * width,)`` of ``(n, width)`` features: their mean, and that of each third.

    Each picture's features are made of length 1 first: how strong they are says how sharp it was.
    """
    rows = seen.astype(np.float32)
    rows = rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)
    return np.concatenate([rows.mean(axis=0), _thirds(rows).ravel()])


@dataclass(slots=True, eq=False)
class Likeness:
    """Kernel ridge regression (Saunders, Gammerman and Vovk, ICML 1998), one class against the rest.

    The kernel is the mean of a Gaussian one for each group, so that neither stream drowns the other.

    Attributes:
        groups: Widths of the groups.
        mean: ``(width,)`` of the rows.
        spread: ``(width,)``, with the size of each group in it.
        rows: ``(n, width)`` of the examples, as they were seen.
        kinds: ``(n,)`` class of each.
        weights: ``(n, classes)`` how much each example says for each class.
        prior: ``(classes,)`` what is said of what is like no example: nothing for or against any class, 0,
            or, where one class is what is none of the others, for that one.
    """

    groups: list[int]
    mean: Rows
    spread: Rows
    rows: NDArray[np.float16]
    kinds: NDArray[np.int64]
    weights: Rows
    prior: Rows
    _kept: Rows | None = field(default=None, repr=False)

    @classmethod
    def blank(cls) -> Likeness:
        """Return one that knows nothing yet."""
        empty = np.zeros(0, np.float32)
        return cls(
            [],
            empty,
            empty,
            np.zeros((0, 0), np.float16),
            np.zeros(0, np.int64),
            np.zeros((0, 0), np.float32),
            empty,
        )

    @classmethod
    def fit(
        cls,
        rows: NDArray[np.floating],
        labels: NDArray[np.int64],
        groups: Sequence[int],
        nothing: int | None = None,
    ) -> Likeness:
        """Learn from ``(n, width)`` rows with classes from 0.

        Args:
            rows: Of the examples.
            labels: ``(n,)`` class of each.
            groups: Widths of the groups of columns.
            nothing: Number of the class that is none of the others, where there is one: what is like no
                example is taken for it, instead of for each class as much as for any other.
        """
        told = rows.astype(np.float32)
        mean, spread = told.mean(axis=0), np.empty(told.shape[1], np.float32)
        begin = 0
        for width in groups:
            part = told[:, begin : begin + width]
            own = part.std(axis=0) + 0.1 * part.std() + 1e-6
            size = np.sqrt(np.mean((((part - mean[begin : begin + width]) / own) ** 2).sum(axis=1)))
            spread[begin : begin + width] = own * max(float(size), 1e-6)
            begin += width
        prior = np.zeros(labels.max() + 1, np.float32)
        if nothing is not None:
            prior[:] = -1.0
            prior[nothing] = 1.0
        empty = np.zeros((0, 0), np.float32)
        found = cls(list(groups), mean, spread, rows.astype(np.float16), labels, empty, prior)
        found.weights = found._solve()
        return found

    def add(self, rows: NDArray[np.floating]) -> None:
        """Learn one more class from its rows.

        How much each example says is solved again for all classes, in closed form: each is told, too, what
        the new one is that it is not. Nothing is seen or trained again.
        """
        self.kinds = np.append(self.kinds, np.full(len(rows), self.kinds.max() + 1))
        self.rows = np.concatenate([self.rows, rows.astype(np.float16)])
        self.prior = np.append(self.prior, np.float32(-1.0 if self.prior.any() else 0.0))
        self.weights = self._solve()

    def scores(self, rows: NDArray[np.floating]) -> Rows:
        """Return ``(n, classes)``, about -1 to 1, of ``(n, width)`` rows."""
        return np.asarray(self._kernel(rows) @ self.weights + self.prior, np.float32)

    def _kernel(self, rows: NDArray[np.floating]) -> NDArray[np.float64]:
        these = (rows.astype(np.float32) - self.mean) / self.spread
        those = self._examples()
        found, begin = np.zeros((len(these), len(those))), 0
        for width in self.groups:
            a, b = these[:, begin : begin + width], those[:, begin : begin + width]
            apart = (a**2).sum(axis=1)[:, None] + (b**2).sum(axis=1) - 2.0 * a @ b.T
            found += np.exp(-NEAR * np.maximum(apart, 0.0)) / len(self.groups)
            begin += width
        return found

    def _examples(self) -> Rows:
        if self._kept is None or len(self._kept) != len(self.rows):
            self._kept = np.asarray((self.rows.astype(np.float32) - self.mean) / self.spread, np.float32)
        return self._kept

    def _solve(self) -> Rows:
        told = np.eye(self.kinds.max() + 1)[self.kinds]
        # Rare classes count for more: each class's examples share one weight.
        rare = 1.0 / np.bincount(self.kinds)[self.kinds]
        penalty = PENALTY * rare.mean() / rare
        wanted = 2.0 * told - 1.0 - self.prior
        return np.asarray(np.linalg.solve(self._kernel(self.rows) + np.diag(penalty), wanted), np.float32)
