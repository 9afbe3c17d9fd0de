"""How far long work has come: a bar on a terminal, now and then a line elsewhere."""

from __future__ import annotations

import math
import sys
import time
from collections.abc import Callable
from types import TracebackType
from typing import Protocol

from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn
from rich.text import Text

from everyframe.cli.console import err, note, out

EVERY = 10.0
"""Seconds between two lines where there is no terminal."""

_REFRESH = 0.1  # seconds between two looks at a bar
_SURE = 2.0  # seconds of work before which an estimate would be a guess


class Done(Protocol):
    """As much of ``everyframe.watching.Progress`` as a bar needs."""

    @property
    def seconds(self) -> float:
        """Seconds of footage so far."""
        ...

    @property
    def total(self) -> float | None:
        """Seconds of footage in all, ``None`` where nobody knows."""
        ...

    @property
    def source(self) -> str:
        """What is being read."""
        ...


class Meter:
    """Shows progress on standard error; a context manager that is called with each ``Progress``.

    Args:
        doing: What goes on: ``learning``.
        clock: Tells seconds.
        reached: Says how far something has come, where that is not a time of footage.
    """

    def __init__(
        self,
        doing: str,
        clock: Callable[[], float] = time.monotonic,
        reached: Callable[[Done], str] | None = None,
    ) -> None:
        self._doing = doing
        self._reached = reached or _reached
        self._clock = clock
        self._began = clock()
        self._told = -math.inf  # the first word comes at once
        self._console = err()
        self._bar: Progress | None = None
        if self._console.is_terminal:
            self._bar = Progress(
                TextColumn("{task.description}"),
                BarColumn(),
                TaskProgressColumn(),
                TextColumn("{task.fields[reached]}"),
                TimeRemainingColumn(compact=True),
                console=self._console,
                transient=True,
                redirect_stdout=False,
                redirect_stderr=False,
            )
            self._task = self._bar.add_task(doing, total=None, reached="")

    def __enter__(self) -> Meter:
        if self._bar is not None:
            self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar is not None:
            self._bar.stop()

    def __call__(self, progress: Done) -> None:
        """Take note of how far the work has come."""
        now = self._clock()
        if now - self._told < (EVERY if self._bar is None else _REFRESH):
            return
        self._told = now
        if self._bar is None:
            note(f"{self._doing} {progress.source}: {self._line(progress, now)}")
        else:
            self._bar.update(
                self._task,
                description=f"{self._doing} {progress.source}",
                completed=progress.seconds,
                total=progress.total,
                reached=self._reached(progress),
            )

    def stage(self, doing: str, progress: Done) -> None:
        """Take note of how far one stage of several has come."""
        if doing != self._doing:
            self._doing, self._began = doing, self._clock()
        self(progress)

    def say(self, text: str | Text) -> None:
        """Print a result on standard output, above the bar where both are on one terminal."""
        if self._bar is not None and sys.stdout.isatty():
            self._bar.console.print(text, soft_wrap=True, markup=False, highlight=False)
        else:
            out().print(text, soft_wrap=True, markup=False, highlight=False)
            sys.stdout.flush()

    def note(self, text: str) -> None:
        """Print a line of status on standard error, above the bar."""
        if self._bar is not None:
            self._bar.console.print(Text(text, style="dim"), soft_wrap=True)
        else:
            note(text)

    def _line(self, progress: Done, now: float) -> str:
        if not progress.total:
            return self._reached(progress)
        share = min(1.0, progress.seconds / progress.total)
        line = f"{share:.0%} ({self._reached(progress)})"
        if share > 0 and now - self._began >= _SURE:
            from everyframe.store import words

            line += f", about {words.duration((now - self._began) * (1 - share) / share)} left"
        return line


def _reached(progress: Done) -> str:
    from everyframe.store import words  # loads the database: not before there is something to show

    reached = words.moment(progress.seconds)
    return f"{reached} of {words.moment(progress.total)}" if progress.total else reached
