"""Reading a board over time: a part of it only where it has changed, and so often at most."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import cv2
import numpy as np
from numpy.typing import NDArray

from everyframe.highlights.scoreboard.engine import Engine
from everyframe.highlights.scoreboard.finding import Board, Cell, cut, detail
from everyframe.highlights.scoreboard.settling import MORE_VOTES, VOTES, may_follow
from everyframe.highlights.scoreboard.texts import parse
from everyframe.types import Frame, Gap

CLOCK_EVERY = 2.0
"""Seconds between two readings of a clock, which changes all the time and goes evenly."""

_BURST = 8  # readings after a change: as many as a vote may need
_CLOCK_BURST = 4  # likewise of a clock that stands: as many as it takes to have leapt there
_AGAIN = 10.0  # seconds after which what has not changed is read once more
_CHANGED = 0.5  # difference of a part of a cell, in contrasts of the cell
_FAINT = 4.0  # luma: less contrast counts as so much


@dataclass(frozen=True, slots=True)
class Seen:
    """What a cell was read to say.

    Attributes:
        time: Seconds.
        cell: Which, by its place in ``Board.cells``.
        text: What it says.
        confidence: From 0 to 1.
    """

    time: float
    cell: int
    text: str
    confidence: float


@dataclass(slots=True)
class Looked:
    """All that was read.

    Attributes:
        seen: In order of time.
        times: ``(N,)`` seconds at which the board was looked for.
        shown: ``(N,)`` whether it was there.
    """

    seen: list[Seen] = field(default_factory=list)
    times: list[float] = field(default_factory=list)
    shown: list[bool] = field(default_factory=list)

    @property
    def reads(self) -> int:
        """How many cells were read."""
        return len(self.seen)


def look(
    engine: Engine,
    board: Board,
    items: Iterable[Frame | Gap],
    rate: float = 2.0,
    progress: Callable[[float], None] = lambda _: None,
) -> Looked:
    """Read a board in the pictures of a source.

    Args:
        engine: Reads.
        board: What.
        items: What a source yields, in order of time.
        rate: How often a second to look at it.
        progress: Called with the seconds of every look.
    """
    found = Looked()
    watches = [_Watch(cell, 1.0 / rate) for cell in board.cells]
    due = -np.inf
    for item in items:
        if not isinstance(item, Frame) or item.time < due - 1e-6:
            continue
        due = (np.floor(item.time * rate + 1e-6) + 1.0) / rate
        shift = board.shift(item.luma)
        found.times.append(item.time)
        found.shown.append(shift is not None)
        progress(item.time)
        if shift is None:
            continue
        luma = _moved(item.luma, shift)
        wanted = [watch.wants(item.time, luma) for watch in watches]
        # With a new period comes a new time: the clock is read then, whenever it was read last.
        if any(watch.news for watch in watches if not watch.cell.ticks):
            for number, watch in enumerate(watches):
                if watch.cell.ticks and not wanted[number]:
                    wanted[number] = watch.wants(item.time, luma, now=True)
        rgb = _moved(item.rgb(), shift) if any(wanted) else None
        for number, want in enumerate(wanted):
            if want and rgb is not None:
                text, confidence = engine.read(cut(rgb, board.cells[number].box))
                found.seen.append(Seen(item.time, number, text, confidence))
                watches[number].heard(text)
    return found


def _moved(picture: NDArray[np.uint8], shift: int) -> NDArray[np.uint8]:
    """Return a picture moved to the left by so many pixels."""
    return np.roll(picture, -shift, axis=1) if shift else picture


class _Watch:
    """Says when a cell should be read."""

    def __init__(self, cell: Cell, step: float) -> None:
        self.cell = cell
        self._pace = CLOCK_EVERY if cell.ticks else 0.5 * step  # looks are not quite a step apart
        self._burst = _CLOCK_BURST if cell.ticks else _BURST
        self._left, self._read_at = self._burst, -np.inf
        self._past: NDArray[np.float32] | None = None
        self._known, self._heard = "", [""]  # what it says for sure; the latest readings, if they agree
        self.news = False
        """Whether it has changed."""

    def wants(self, time: float, luma: NDArray[np.uint8], *, now: bool = False) -> bool:
        """Say whether to read it at a time; ``now`` if something else has changed."""
        self.news = False
        if time - self._read_at < (0.0 if now and self.cell.ticks else self._pace) - 1e-6:
            return False
        here = detail(cut(luma, self.cell.box))
        if self._past is None or changed(here, self._past):
            self._left, self._past, self.news = self._burst, here, True
        elif self._left <= 0 and time - self._read_at < _AGAIN:
            return False
        self._left -= 1
        self._read_at = time
        return True

    def heard(self, text: str) -> None:
        """Take note of what was read: where that is sure, there is nothing more to read until it changes."""
        self._heard = [*self._heard, text] if self._heard[0] == text else [text]
        if self.cell.ticks:
            return
        if text == self._known:
            self._left = 0
        elif len(self._heard) >= VOTES and _expected(self._known, text):
            self._left, self._known = 0, text
        elif len(self._heard) >= MORE_VOTES:
            self._known = text


def _expected(before: str, after: str) -> bool:
    """Say whether a text may well follow on another: ``VOTES`` readings are then enough."""
    old, new = parse(before).numbers, parse(after).numbers
    return not before or (
        len(old) == len(new)
        and all(one == other or may_follow(one, other) for one, other in zip(old, new, strict=True))
    )


def changed(now: NDArray[np.float32], past: NDArray[np.float32]) -> bool:
    """Say whether a cell shows something else, of its ``(h, w)`` detail then and now.

    A digit of several may be all that changes, so parts as broad as a digit are compared.
    """
    broad = max(3, now.shape[0] // 3)
    differs = cv2.blur(cv2.absdiff(now, past).mean(axis=0, keepdims=True), (broad, 1))
    contrast = max(_FAINT, float(np.abs(past).mean()))
    return float(differs.max()) > _CHANGED * contrast
