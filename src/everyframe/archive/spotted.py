"""Keeping what a recogniser spots: of each file of footage what it says now, and nothing of what it said."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from everyframe.archive.footage import FootageKeeper
from everyframe.archive.places import digest_of
from everyframe.errors import SettingError
from everyframe.highlights import Segment
from everyframe.store.archive import Keeper

BY = "recogniser"
"""Who says it; the recogniser's name is kept with each moment, too, under the same name."""

_SLACK = 0.5  # seconds by which something may end after its footage
_BATCH = 2_000


def by_footage(
    segments: Iterable[Segment], footage: Sequence[Path], recogniser: str
) -> dict[Path, list[Segment]]:
    """Part segments by footage; what is in none of the footage is refused.

    Args:
        segments: ``source`` is a path; empty where there is one file of footage.
        footage: All that was looked at, also where nothing was spotted.
        recogniser: The name of whoever spotted it.

    Raises:
        SettingError: The recogniser has no name, or a segment does not say in which footage it is.
    """
    if not " ".join(recogniser.split()):
        raise SettingError(
            "Say which recogniser spotted the segments: its name tells its moments from others."
        )
    parted: dict[Path, list[Segment]] = {path.resolve(): [] for path in footage}
    only = next(iter(parted)) if len(parted) == 1 else None
    for one in segments:
        path = Path(one.source).resolve() if one.source else only
        if path is None:
            raise SettingError(f"{one.label} at {one.start:g} s does not say in which footage it is.")
        if path not in parted:
            raise SettingError(
                f"{one.source}: {one.label} was spotted in it, but it is not to be indexed, too."
            )
        parted[path].append(one)
    return parted


def sources(segments: Iterable[Segment]) -> list[str]:
    """Return the footage that segments name, each once."""
    return [os.fspath(name) for name in dict.fromkeys(one.source for one in segments) if name]


class SpottedKeeper:
    """Keeps what one recogniser spots.

    What it said of a file before is replaced by what it says now; what others said stays. It may be stopped
    anywhere: what was kept is whole, and the same call goes on from there.

    Args:
        keeper: Keeps it.
        footage: Knows the footage.
        recogniser: The name of whoever spotted it; another library is another recogniser.
    """

    def __init__(self, keeper: Keeper, footage: FootageKeeper, recogniser: str) -> None:
        self._keeper, self._footage = keeper, footage
        self._name = " ".join(recogniser.split())

    def keep(self, path: Path, segments: Sequence[Segment], left_out: list[str]) -> Iterator[int]:
        """Keep what was spotted in a file; yield how many of each batch are new.

        Args:
            path: Of the footage, which is known.
            segments: What was spotted in it.
            left_out: Takes a line for each that could not be used.
        """
        here = self._footage.at(path)
        if here is None:
            return  # it cannot be read, which was said when it was to be known
        number, place = here
        found = []
        for one in sorted(segments, key=lambda one: (one.start, one.end, one.label)):
            if place.seconds is not None and (one.start >= place.seconds or one.end > place.seconds + _SLACK):
                span = f"{one.start:g} to {one.end:g} s"
                left_out.append(f"{path}: {one.label} at {span} is outside: it lasts {place.seconds:g} s")
                continue
            end = one.end if place.seconds is None else min(one.end, place.seconds)
            about = {**one.about, BY: self._name}
            found.append(replace(one, end=end, source=place.source, about=about))
        telling = self._keeper.begin(f"{BY}:{self._name}:{number}", self._digest(path, found))
        for start in range(telling.rows, len(found), _BATCH):
            piece = found[start : start + _BATCH]
            rows = start + len(piece)
            yield self._keeper.keep(telling, piece, BY, rows=rows, own={place.source: number})
        if not telling.done:
            self._keeper.finish(telling)

    def _digest(self, path: Path, found: Sequence[Segment]) -> str:
        told = [(one.start, one.end, one.label, one.confidence, sorted(one.about.items())) for one in found]
        parts = json.dumps([self._name, digest_of(path), told], ensure_ascii=True)
        return hashlib.blake2b(parts.encode(), digest_size=32).hexdigest()
