"""Spotting: where in footage of any length what was taught happens."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass

import numpy as np

from everyframe.errors import SettingError
from everyframe.highlights.clips import See, crop
from everyframe.highlights.library import NOTHING, Library
from everyframe.highlights.looking import STEP, Look, looks
from everyframe.highlights.segments import Segment
from everyframe.highlights.spotting.suppress import suppress
from everyframe.highlights.spotting.windows import windows
from everyframe.sources import open_source
from everyframe.types import Frame, Gap

_MOVING = 0.002  # share of pixels that must move in a window: nothing is taught that stands still
_FAST = 3.0  # small pixels per second from which one moves


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
        each: Whether events of different classes may overlap.
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
    see = library.see  # before any footage is read: it may be missing
    name = os.fspath(source)
    with closing(open_source(name)) as opened:
        total = opened.info.duration

        def tell(seconds: float) -> None:
            if progress is not None:
                progress(Progress(seconds, total, name))

        found = looks(_told(opened, tell, stop))
        yield from suppress(_spots(found, library, see, bar, name, each), each=each)


def _spots(
    found: Iterator[Look], library: Library, see: See | None, bar: float, source: str, each: bool
) -> Iterator[Segment]:
    names = np.array(library.classes)
    real = np.flatnonzero(names != NOTHING)
    for window in windows(found, library.lengths):
        if not _moves(window):
            continue
        told = library.probabilities(crop(window, see))
        chosen = real[told[real] >= bar] if each else real[[told[real].argmax()]]
        for number in chosen:
            if told[number] >= bar and told[number] > 0.0:
                yield Segment(
                    window[0].time,
                    window[-1].time + STEP,
                    str(names[number]),
                    confidence=min(1.0, float(told[number])),
                    source=source,
                )


def _moves(window: Iterable[Look]) -> bool:
    return any(float(np.mean(np.abs(look.flow[::2, ::2]).max(axis=2) > _FAST)) > _MOVING for look in window)


def _told(
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
