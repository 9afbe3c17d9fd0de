"""A fair sample of what was seen, in bounded memory."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from everyframe.anomaly.windows import Rows


class Pool:
    """Keeps a uniform sample of all rows ever added (Vitter, "Random sampling with a reservoir", 1985).

    Args:
        columns: Of each row.
        capacity: Rows kept at most.
        seed: Of the choice.

    Attributes:
        rows: ``(n, columns)`` the sample; do not write into it.
        seen: How many rows the sample stands for.
    """

    def __init__(self, columns: int, capacity: int = 4_000, seed: int = 0) -> None:
        self.capacity = capacity
        self.seen = 0.0
        self._random = np.random.default_rng(seed)
        self._kept: NDArray[np.float32] = np.empty((0, columns), np.float32)
        self._size = 0

    @property
    def rows(self) -> Rows:
        """``(n, columns)`` the sample."""
        return self._kept[: self._size]

    def add(self, rows: Rows) -> None:
        """Take rows into account, each with the same chance to stay."""
        room = min(len(rows), self.capacity - self._size)
        if room > 0:
            self._grow(self._size + room)
            self._kept[self._size : self._size + room] = rows[:room]
            self._size += room
            self.seen += room
        rest = rows[max(room, 0) :]
        if len(rest) == 0:
            return
        counts = self.seen + 1.0 + np.arange(len(rest))
        slots = (self._random.random(len(rest)) * counts).astype(np.int64)
        stays = slots < self.capacity
        self._kept[slots[stays]] = rest[stays]
        self.seen += len(rest)

    def merge(self, other: Pool) -> Pool:
        """Return a sample of what both stand for."""
        both = Pool(self._kept.shape[1], self.capacity)
        both.seen = self.seen + other.seen
        rows = np.concatenate([self.rows, other.rows])
        if len(rows) > self.capacity:
            weight = np.concatenate(
                [
                    np.full(len(pool.rows), pool.seen / max(len(pool.rows), 1), np.float64)
                    for pool in (self, other)
                ]
            )
            chosen = both._random.choice(len(rows), self.capacity, replace=False, p=weight / weight.sum())
            rows = rows[np.sort(chosen)]
        both._kept, both._size = rows, len(rows)
        return both

    def forget(self, share: float) -> None:
        """Let what was seen so far stand for ``share`` less, so that what is new gets in more easily."""
        self.seen = max(float(self._size), self.seen * (1.0 - share))

    def state(self) -> dict[str, NDArray[Any]]:
        """Return everything as named arrays."""
        return {"rows": self.rows.astype(np.float16), "seen": np.array([self.seen])}

    def restore(self, state: dict[str, NDArray[Any]]) -> None:
        """Take back what ``state`` returned.

        Raises:
            ValueError: If the rows have other columns.
        """
        rows = state["rows"].astype(np.float32)
        if rows.ndim != 2 or rows.shape[1] != self._kept.shape[1] or len(rows) > self.capacity:
            raise ValueError(f"the sample has the shape {rows.shape}, not (n, {self._kept.shape[1]})")
        self._kept, self._size = rows, len(rows)
        self.seen = float(state["seen"][0])

    def _grow(self, size: int) -> None:
        if size <= len(self._kept):
            return
        grown = np.empty(
            (min(self.capacity, max(size, 2 * len(self._kept))), self._kept.shape[1]), np.float32
        )
        grown[: self._size] = self.rows
        self._kept = grown
