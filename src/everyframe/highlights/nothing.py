"""Examples of what is no event: what lies between the labels, and other footage."""

from __future__ import annotations

import os
from collections.abc import Sequence

import numpy as np

from everyframe.errors import LabelError
from everyframe.highlights.library import NOTHING
from everyframe.highlights.segments import Segment
from everyframe.sources import probe

APART = 1.0
"""Seconds that an example keeps from what is labelled: labels are not exact."""

MOST = 400
"""Examples in all."""


def length_of(source: str | os.PathLike[str]) -> float:
    """Return how many seconds footage lasts.

    Raises:
        SourceError: It cannot be read.
        LabelError: Nobody knows how long it lasts.
    """
    told = probe(os.fspath(source)).duration
    if told is None:
        raise LabelError(f"nobody knows how long {os.fspath(source)} lasts: give files, not streams")
    return float(told)


def nothing_in(
    segments: Sequence[Segment], other: Sequence[str | os.PathLike[str]] = (), *, most: int = MOST
) -> list[Segment]:
    """Return stretches in which nothing of what is labelled happens, as long as the events usually are.

    Args:
        segments: What is labelled; a source is taken to be labelled whole, from its first label to its last.
        other: Footage in which nothing of that happens at all.
        most: Stretches at most; as many as there are events are enough.

    Raises:
        SourceError: Other footage cannot be read.
        LabelError: Nobody knows how long it lasts.
    """
    if not segments:
        return []
    seconds = float(np.median([segment.seconds for segment in segments]))
    wanted = min(most, max(len(segments), 8))
    places = _between(segments, seconds)
    for path in other:
        places += _pieces(os.fspath(path), 0.0, length_of(path), seconds)
    chosen = np.unique(np.linspace(0, max(0, len(places) - 1), min(wanted, len(places))).round().astype(int))
    return [places[number] for number in chosen]


def _between(segments: Sequence[Segment], seconds: float) -> list[Segment]:
    """Return what lies between labels of one source."""
    by_source: dict[str, list[Segment]] = {}
    for segment in segments:
        by_source.setdefault(segment.source, []).append(segment)
    found = []
    for source, several in by_source.items():
        free = min(segment.end for segment in several)
        for segment in sorted(several, key=lambda one: one.start):
            found += _pieces(source, free + APART, segment.start - APART, seconds)
            free = max(free, segment.end)
    return found


def _pieces(source: str, start: float, end: float, seconds: float) -> list[Segment]:
    count = int((end - start) // seconds)
    return [
        Segment(start + number * seconds, start + (number + 1) * seconds, NOTHING, source=source)
        for number in range(count)
    ]
