"""What the archive gives back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from everyframe.highlights import Segment
from everyframe.store.archive_models import NAME_KINDS, FootageRow, MomentRow, SubjectRow

UNDATED = -1e12
"""What is added to the place of a moment whose day nobody knows: it comes after all others."""

DAY = 86_400.0


@dataclass(frozen=True, slots=True)
class Footage:
    """Footage of the archive.

    Attributes:
        id: Its number.
        name: The file's name without ending, or what a feed calls it.
        path: Where it lies; ``None`` where it was only spoken of.
        seconds: How long it lasts.
        date: Its day, ``2026-03-02``.
        about: What its sidecar says.
    """

    id: int
    name: str
    path: Path | None
    seconds: float | None
    fps: float | None
    width: int | None
    height: int | None
    date: str | None
    about: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class StoredMoment:
    """A moment of the archive.

    Attributes:
        id: Its number.
        segment: Where it is and what happens; its ``about`` has who, where and when.
        footage: The name of the footage, empty where nobody said it.
        path: Where the footage lies, ``None`` where it is not here.
        utc: POSIX seconds of its start, ``None`` where its day is not known.
        said_by: ``person``, ``recogniser`` or ``feed``.
        strip: A picture of it: frames side by side.
        likeness: How like what was asked for it is, where that was asked: at most 1.
    """

    id: int
    segment: Segment
    footage: str
    path: Path | None
    utc: float | None
    said_by: str
    strip: Path | None
    likeness: float | None = None

    def told(self) -> dict[str, Any]:
        """Return it as JSON says it."""
        one = self.segment
        return {
            "id": self.id,
            "label": one.label,
            "start": one.start,
            "end": one.end,
            "confidence": one.confidence,
            "footage": self.footage,
            "path": None if self.path is None else str(self.path),
            "utc": self.utc,
            "said_by": self.said_by,
            "likeness": self.likeness,
            **{name: one.about.get(name) for name in ("player", "team", "opponent", "competition", "date")},
            **{name: one.about.get(name) for name in ("period", "clock", "text")},
            "about": {name: text for name, text in one.about.items() if name not in TOLD},
        }


TOLD = frozenset({*NAME_KINDS, "date", "period", "clock", "text"})
"""Names in a segment's ``about`` that have a place of their own."""


@dataclass(frozen=True, slots=True)
class Found:
    """What a search found.

    Attributes:
        moments: In the order that was asked for.
        more: Whether there are more.
        hints: What to try where nothing was found, a sentence each.
    """

    moments: list[StoredMoment]
    more: bool = False
    hints: list[str] = field(default_factory=list)

    def __iter__(self) -> Iterator[StoredMoment]:
        return iter(self.moments)

    def __len__(self) -> int:
        return len(self.moments)


def stored(
    row: MomentRow,
    subject: SubjectRow,
    footage: FootageRow | None,
    names: Mapping[int, str],
    folder: Path,
    likeness: float | None = None,
) -> StoredMoment:
    """Make a record of rows; ``names`` has those of the subject."""
    about: dict[str, str] = {**(footage.about if footage is not None else {}), **(row.about or {})}
    for kind in NAME_KINDS[1:]:
        number = getattr(subject, f"{kind}_id")
        if number is not None:
            about[kind] = names[number]
    placed = {"text": subject.text, "period": row.period, "clock": row.clock}
    about |= {name: text for name, text in placed.items() if text}
    dated = row.at > UNDATED / 2
    if dated:
        about["date"] = f"{datetime.fromtimestamp(row.at, UTC):%Y-%m-%d}"
    path = Path(footage.path) if footage is not None and footage.path else None
    name = "" if footage is None else footage.name
    return StoredMoment(
        id=row.id,
        segment=Segment(
            row.start_time,
            row.end_time,
            names[subject.label_id],
            row.confidence,
            name if path is None else str(path),
            about,
        ),
        footage=name,
        path=path,
        utc=row.at if dated else None,
        said_by=row.said_by,
        strip=None if row.strip is None else folder / row.strip,
        likeness=likeness,
    )


def footage_of(row: FootageRow) -> Footage:
    """Make a record of a row."""
    return Footage(
        id=row.id,
        name=row.name,
        path=Path(row.path) if row.path else None,
        seconds=row.seconds,
        fps=row.fps,
        width=row.width,
        height=row.height,
        date=row.date,
        about=row.about,
    )


def midnight(day: str) -> float:
    """Return POSIX seconds of the beginning of a day, ``2026-03-02``."""
    found = date.fromisoformat(day)
    return datetime(found.year, found.month, found.day, tzinfo=UTC).timestamp()
