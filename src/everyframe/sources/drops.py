"""Leaving frames out on purpose, to measure what their loss does."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from everyframe.errors import SettingError
from everyframe.types import Frame, Gap, GapReason, Replayable, Source, StreamInfo


class Dropping:
    """A source of which a share of the frames is missing, singly or in bursts.

    Which ones is decided by a two-state Markov chain over the frame index (Gilbert 1960, "Capacity of a
    burst-noise channel"): from a kept frame the next is lost with probability
    ``share / (burst (1 - share))``, from a lost one the next is kept with probability ``1 / burst``. With
    ``burst=1`` losses never touch. The same seed loses the same frames in every iteration; the first frame is
    never lost.

    Args:
        source: What to read.
        share: Share of frames to lose, in [0, ``burst / (1 + burst)``].
        burst: Mean length of a run of lost frames, at least 1.
        seed: Of the choice.

    Raises:
        SettingError: ``share`` or ``burst`` is out of its range.
    """

    def __init__(self, source: Source, share: float, burst: float = 1.0, seed: int = 0) -> None:
        if not burst >= 1.0:
            raise SettingError(f"burst must be at least 1 frame, not {burst:g}")
        most = burst / (1.0 + burst)
        if not 0.0 <= share <= most:
            raise SettingError(
                f"share must be in 0 to {most:.2f} for bursts of {burst:g} frames, not {share:g}"
            )
        self._source = source
        self._leave = 1.0 / burst
        self._enter = min(share / (burst * (1.0 - share)), 1.0)
        self._random = np.random.default_rng(seed)
        self._lost = [False]

    def __repr__(self) -> str:
        return f"Dropping({self._source!r})"

    @property
    def info(self) -> StreamInfo:
        """The same as of the whole source."""
        return self._source.info

    def close(self) -> None:
        """Close the whole source."""
        self._source.close()

    def loses(self, index: int) -> bool:
        """Say whether the frame of this index is lost."""
        while len(self._lost) <= index:
            for chance in self._random.random(1024):
                lost = self._lost[-1]
                self._lost.append(bool(chance >= self._leave if lost else chance < self._enter))
        return self._lost[index]

    def __iter__(self) -> Iterator[Frame | Gap]:
        last: float | None = None  # time up to which everything has been told
        lost, end = 0, 0.0
        for item in self._source:
            if isinstance(item, Frame) and last is not None and self.loses(item.index):
                lost, end = lost + 1, item.time
                continue
            if lost and last is not None:
                yield Gap(last, item.time if isinstance(item, Frame) else end, GapReason.MISSING, lost)
                lost = 0
            last = item.time if isinstance(item, Frame) else max(item.end, last or item.end)
            yield item
        if lost and last is not None:
            yield Gap(last, end, GapReason.MISSING, lost)

    def between(self, start: float, end: float) -> Iterator[Frame]:
        """Yield the frames that are not lost with ``start <= time <= end`` (seconds).

        Raises:
            TypeError: The whole source cannot be read again.
        """
        if not isinstance(self._source, Replayable):
            raise TypeError(f"{type(self._source).__name__} cannot be read again")
        for frame in self._source.between(start, end):
            if not self.loses(frame.index):
                yield frame
