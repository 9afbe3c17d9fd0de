"""How far a training has come, and how long it will take yet."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from everyframe.cli.console import err, note

if TYPE_CHECKING:
    from rich.progress import Progress

    from everyframe.vision.classify import Reached

EVERY, REFRESH = 10.0, 0.1
"""Seconds between two words about progress: a line, a bar."""

_SURE = 2.0  # seconds of work before which an estimate would be a guess


class Bar:
    """Shows progress on standard error: a bar on a terminal, a line now and then elsewhere.

    Args:
        clock: Tells seconds.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock, self._told = clock, -math.inf
        self._began: tuple[float, float] | None = (
            None  # when the first epoch was done, and what was done then
        )
        self._bar: Progress | None = None
        if err().is_terminal:
            from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn

            text = TextColumn("{task.description}")
            self._bar = Progress(BarColumn(), TaskProgressColumn(), text, console=err(), transient=True)
            self._task = self._bar.add_task("", total=1.0)

    def __enter__(self) -> Bar:
        if self._bar is not None:
            self._bar.start()
        return self

    def __exit__(self, *error: object) -> None:
        if self._bar is not None:
            self._bar.stop()

    def opening(self, done: int, of: int) -> None:
        """Take note of how many pictures are opened."""
        self._say(f"opening pictures: {done:,} of {of:,}", 0.0)
        if done == of:
            self._told = -math.inf

    def __call__(self, reached: Reached) -> None:
        """Take note of an epoch."""
        line = f"{reached.doing}: epoch {reached.epoch} of {reached.epochs}, loss {reached.loss:.3f}"
        if reached.held_out is not None and reached.accuracy is not None:
            line += f"; held out {reached.held_out:.3f}, {reached.accuracy:.0%} right"
        self._say(line + self._left(reached.done), reached.done)

    def _left(self, done: float) -> str:
        now = self._clock()
        if self._began is None:  # before the first epoch there is much that is done once
            self._began = (now, done)
        began, before = self._began
        if done <= before or now - began < _SURE:
            return ""
        from everyframe.store import words  # loads the database: not before there is something to say

        left = (now - began) * (1.0 - done) / (done - before)
        return f"; {words.duration(left)} left at most" if left > 0 else ""

    def _say(self, line: str, done: float) -> None:
        now = self._clock()
        if now - self._told < (EVERY if self._bar is None else REFRESH):
            return
        self._told = now
        if self._bar is None:
            note(line)
        else:
            self._bar.update(self._task, description=line, completed=done)
