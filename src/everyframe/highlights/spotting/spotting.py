"""Spotting: where in footage of any length what was taught happens."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from everyframe.errors import SettingError
from everyframe.highlights.clips import crop
from everyframe.highlights.library import NOTHING, Library
from everyframe.highlights.looking import STEP, looks, moves
from everyframe.highlights.segments import Segment
from everyframe.highlights.spotting.suppress import suppress
from everyframe.highlights.spotting.windows import windows
from everyframe.sources import open_source
from everyframe.types import Frame, Gap


@dataclass(frozen=True, slots=True)
class Progress:
    """How far it has come.

    Attributes:
        seconds: Of footage so far.
        total: In all, where known.
        source: What is being read.
    """

    seconds: float
    total: float | None
    source: str


@dataclass(frozen=True, slots=True, eq=False)
class Judged:
    """A window, and what a library says of it.

    Attributes:
        start: Seconds on the source's own clock.
        end: Likewise.
        probable: ``(classes,)`` probabilities.
    """

    start: float
    end: float
    probable: NDArray[np.float32]


def spot(
    source: str | os.PathLike[str],
    library: Library,
    *,
    threshold: float | None = None,
    each: bool = False,
    progress: Callable[[Progress], object] | None = None,
    stop: Callable[[], bool] | None = None,
) -> Iterator[Segment]:
    """Yield where what was taught happens, in order of time, while the footage is read.

    Memory does not grow with the footage: a shot is held for as long as the longest window lasts.

    Args:
        source: Footage of any length.
        library: What was taught. It tells events from nothing where it was taught ``nothing``, too.
        threshold: Confidence from which an event is told, from 0 to 1; by default the library's own.
        each: Whether events of different classes may overlap. An event's confidence is then how probable
            that class is; otherwise how sure it is that any event happens, which has its likeliest name.
        progress: Called about once for each second of footage.
        stop: Asked as often whether to end.

    Raises:
        SourceError: The footage cannot be read.
        SettingError: The threshold is none.
        WeightsError: The library's backbone is not on this machine.
    """
    bar = library.bar if threshold is None else threshold
    if not 0.0 <= bar <= 1.0:
        raise SettingError(f"the threshold is {bar:g}; it is a confidence, from 0 to 1")
    found = judged(source, library, progress=progress, stop=stop)
    yield from told(found, library, os.fspath(source), threshold=bar, each=each)


def judged(
    source: str | os.PathLike[str],
    library: Library,
    *,
    progress: Callable[[Progress], object] | None = None,
    stop: Callable[[], bool] | None = None,
) -> Iterator[Judged]:
    """Yield every window in which something moves, with what the library says of it; see ``spot``."""
    see = library.see  # before any footage is read: it may be missing
    name = os.fspath(source)
    with closing(open_source(name)) as opened:
        total = opened.info.duration

        def tell(seconds: float) -> None:
            if progress is not None:
                progress(Progress(seconds, total, name))

        for window in windows(looks(_watched(opened, tell, stop)), library.lengths):
            if moves(window):
                probable = library.probabilities(crop(window, see))
                yield Judged(window[0].time, window[-1].time + STEP, probable)


def told(
    found: Iterable[Judged], library: Library, source: str, *, threshold: float, each: bool = False
) -> Iterator[Segment]:
    """Yield the events that windows of one source tell, each once; see ``spot``."""
    names = np.array(library.classes)
    real = np.flatnonzero(names != NOTHING)

    def spots() -> Iterator[Segment]:
        for one in found:
            sure = one.probable if each else np.full(len(names), library.sure(one.probable))
            for number in real if each else real[[one.probable[real].argmax()]]:
                if sure[number] >= threshold and sure[number] > 0.0:
                    confidence = min(1.0, float(sure[number]))
                    yield Segment(one.start, one.end, str(names[number]), confidence, source)

    return suppress(spots(), each=each)


def _watched(
    items: Iterable[Frame | Gap],
    progress: Callable[[float], None],
    stop: Callable[[], bool] | None,
) -> Iterator[Frame | Gap]:
    due = 0.0
    for item in items:
        if isinstance(item, Frame) and item.time >= due:
            due = item.time + 1.0
            if stop is not None and stop():
                return
            progress(item.time)
        yield item
