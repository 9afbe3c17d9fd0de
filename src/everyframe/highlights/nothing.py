"""Examples of what is no event: what lies between the labels, and other footage."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice

import numpy as np

from everyframe.errors import LabelError
from everyframe.highlights.clips import MOST as MOST_STEPS
from everyframe.highlights.clips import See, Steps, crop, looks_of
from everyframe.highlights.library import NOTHING
from everyframe.highlights.looking import STEP, moves
from everyframe.highlights.segments import Segment
from everyframe.highlights.spotting.windows import windows
from everyframe.sources import probe

APART = 1.0
"""Seconds that an example keeps from what is labelled: labels are not exact."""

MOST = 400
"""Examples in all."""

TRIES = 4
"""Places that are looked at for each example that is wanted, at most."""

EACH = 3
"""Examples of one place."""

BLOCK = 120.0
"""Seconds of other footage that are left out together when it is measured how sure one may be."""

LONGEST = MOST_STEPS * STEP
"""Seconds of a place."""


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
    """Return stretches in which nothing of what is labelled happens, as long as long events are.

    The first so many of them lie as evenly as all do. What is learned from one place and time is told by its
    ``group``, as for events.

    Args:
        segments: What is labelled; a source is taken to be labelled whole, from its first label to its last.
        other: Footage in which nothing of that happens at all.
        most: Stretches at most.

    Raises:
        SourceError: Other footage cannot be read.
        LabelError: Nobody knows how long it lasts.
    """
    if not segments:
        return []
    shortest, longest = np.quantile([segment.seconds for segment in segments], (0.5, 0.95))
    longest = min(float(longest), LONGEST)
    places = _between(segments, min(float(shortest), longest), longest)
    for path in other:
        places += _pieces(os.fspath(path), 0.0, length_of(path), longest, longest, {})
    return [places[number] for number in _spread(len(places))[:most]]


def seen_nothing(
    places: Iterable[Segment], lengths: Sequence[int], wanted: int, see: See | None = None
) -> Iterator[tuple[Segment, list[Steps]]]:
    """Yield examples of nothing: windows in which something moves, as spotting will look at them.

    Where nothing moves no event is looked for, so that a picture that stands still is no example; of a
    camera before which little happens, many places are looked at for a few examples.

    Args:
        places: Stretches in which nothing happens; ``TRIES`` times as many as are wanted are looked at.
        lengths: Steps of the windows.
        wanted: Examples.
        see: See ``steps_of``.

    Raises:
        SourceError: Footage cannot be read.
    """
    found = 0
    for place in islice(places, TRIES * wanted):
        moving = [window for window in windows(looks_of(place), lengths) if moves(window)]
        for number in np.unique(np.linspace(0, len(moving) - 1, min(EACH, len(moving))).round().astype(int)):
            if found == wanted:
                return
            window = moving[number]
            found += 1
            yield (
                replace(place, start=window[0].time, end=window[-1].time + STEP),
                [crop(window[:MOST_STEPS], see)],
            )


def _spread(count: int) -> list[int]:
    """Return the numbers below ``count`` so that the first of them lie evenly: by their bits reversed."""
    bits = max(1, (count - 1).bit_length())
    turned = (int(f"{number:0{bits}b}"[::-1], 2) for number in range(1 << bits))
    return [number for number in turned if number < count]


def _between(segments: Sequence[Segment], shortest: float, longest: float) -> list[Segment]:
    """Return what lies between labels of one source."""
    by_source: dict[str, list[Segment]] = {}
    for segment in segments:
        by_source.setdefault(segment.source, []).append(segment)
    found = []
    for source, several in by_source.items():
        free = min(segment.end for segment in several)
        for segment in sorted(several, key=lambda one: one.start):
            about = {"group": segment.about.get("group") or source}
            found += _pieces(source, free + APART, segment.start - APART, shortest, longest, about)
            free = max(free, segment.end)
    return found


def _pieces(
    source: str, start: float, end: float, shortest: float, longest: float, about: Mapping[str, str]
) -> list[Segment]:
    seconds = min(longest, end - start)
    if seconds < shortest:
        return []
    count = max(1, int((end - start) // seconds))
    return [
        Segment(
            start + number * seconds,
            start + (number + 1) * seconds,
            NOTHING,
            source=source,
            about=about or {"group": f"{source} {int((start + number * seconds) // BLOCK)}"},
        )
        for number in range(count)
    ]
