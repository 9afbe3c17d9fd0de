"""How far a training has come, and how long it will take yet."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Self

from everyframe.cli.console import err, note
from everyframe.cli.progress import EVERY

if TYPE_CHECKING:
    from rich.progress import Progress

REFRESH = 0.1
"""Seconds between two looks at a bar."""

_SURE = 2.0  # seconds of work before which an estimate would be a guess


class Epochs:
    """Shows progress on standard error: a bar on a terminal, a line now and then elsewhere.

    Args:
        clock: Tells seconds.
    """

    left = "about {} left"
    """How to say what is left."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock, self._told = clock, -math.inf
        self._began: tuple[float, float] | None = None  # when an epoch was first done, and what was then
        self._bar: Progress | None = None
        if err().is_terminal:
            from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn

            text = TextColumn("{task.description}")
            self._bar = Progress(BarColumn(), TaskProgressColumn(), text, console=err(), transient=True)
            self._task = self._bar.add_task("", total=1.0)

    def __enter__(self) -> Self:
        if self._bar is not None:
            self._bar.start()
        return self

    def __exit__(self, *error: object) -> None:
        if self._bar is not None:
            self._bar.stop()

    def opening(self, done: int, of: int) -> None:
        """Take note of how many pictures are looked at."""
        self._say(f"looking at pictures: {done:,} of {of:,}", 0.0)
        if done == of:
            self._told = -math.inf

    def say(self, line: str, done: float) -> None:
        """Take note of an epoch.

        Args:
            line: About it.
            done: Share of all epochs.
        """
        self._say(line + self._left(done), done)

    def _left(self, done: float) -> str:
        now = self._clock()
        if self._began is None:  # before the first epoch there is much that is done once
            self._began = (now, done)
        began, before = self._began
        if done <= before or now - began < _SURE:
            return ""
        from everyframe.store import words  # loads the database: not before there is something to say

        left = (now - began) * (1.0 - done) / (done - before)
        return f"; {self.left.format(words.duration(left))}" if left > 0 else ""

    def _say(self, line: str, done: float) -> None:
        now = self._clock()
        if now - self._told < (EVERY if self._bar is None else REFRESH):
            return
        self._told = now
        if self._bar is None:
            note(line)
        else:
            self._bar.update(self._task, description=line, completed=done)
