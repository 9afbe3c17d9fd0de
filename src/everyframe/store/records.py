"""What the store gives back: plain values, free of the database."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, NamedTuple

from everyframe.store.models import EventRow, GapRow, RunRow
from everyframe.types import Box, Deviation, Event, Gap, GapReason, Sighting


class RunKind(StrEnum):
    """What a run does with the footage."""

    LEARN = "learn"
    WATCH = "watch"


class RunState(StrEnum):
    """How far a run has come."""

    RUNNING = "running"  # going on, or killed without a word
    FINISHED = "finished"
    INTERRUPTED = "interrupted"


@dataclass(frozen=True, slots=True)
class StoredRun:
    """One pass over footage.

    Attributes:
        id: Its number.
        camera: The camera's name.
        source: What was read, without credentials.
        width: Pixels.
        height: Pixels.
        kind: Learning or watching.
        state: How far it came.
        started_utc: POSIX seconds.
        ended_utc: POSIX seconds, ``None`` while it goes on (or if it was killed).
        baseline: What normal was learned from, in words.
        budget: The alert budget as the person wrote it.
        alert_p: The p-value at or below which it alerted, as it was last; ``None`` if never known.
        frames: How many pictures were looked at.
        seconds: How much footage that was.
    """

    id: int
    camera: str
    source: str
    width: int
    height: int
    kind: RunKind
    state: RunState
    started_utc: float
    ended_utc: float | None
    baseline: str | None
    budget: str | None
    alert_p: float | None
    frames: int
    seconds: float


@dataclass(frozen=True, slots=True)
class StoredEvent:
    """An event with its number, its origin and its pictures.

    Attributes:
        id: Its number.
        run: The run that found it.
        camera: The camera's name.
        event: What was found.
        noticed_utc: POSIX seconds when it was stored.
        clip: The video, or ``None``.
        thumbnail: The picture, or ``None``.
        why: A drawing of what deviates, or ``None``.
    """

    id: int
    run: int
    camera: str
    event: Event
    noticed_utc: float
    clip: Path | None
    thumbnail: Path | None
    why: Path | None = None


class Score(NamedTuple):
    """The most unusual moment of one second of footage.

    Attributes:
        time: Presentation time in seconds.
        score: Anomaly score.
        p_value: Its p-value, ``None`` where it was not known (calibrating).
    """

    time: float
    score: float
    p_value: float | None


def run_of(row: RunRow) -> StoredRun:
    """Make the plain value of a row."""
    return StoredRun(
        id=row.id,
        camera=row.camera.name,
        source=row.camera.source,
        width=row.camera.width,
        height=row.camera.height,
        kind=RunKind(row.kind),
        state=RunState(row.state),
        started_utc=row.started_utc,
        ended_utc=row.ended_utc,
        baseline=row.baseline,
        budget=row.budget,
        alert_p=row.alert_p,
        frames=row.frames,
        seconds=row.seconds,
    )


def gap_of(row: GapRow) -> Gap:
    """Make the plain value of a row."""
    return Gap(row.start_time, row.end_time, GapReason(row.reason), row.frames)


def event_of(row: EventRow, folder: Path) -> StoredEvent:
    """Make the plain value of a row; paths are resolved against the store's ``folder``."""
    event = Event(
        start=row.start_time,
        end=row.end_time,
        peak=row.peak_time,
        box=Box(row.x, row.y, row.width, row.height),
        score=row.score,
        p_value=row.p_value,
        reason=row.reason,
        deviations=tuple(_deviation(entry) for entry in row.deviations),
        utc=row.start_utc,
        track=tuple((float(time), Box(*box)) for time, *box in row.track),
        name=row.name or "",
        sightings=sightings_of(row.sightings),
    )
    return StoredEvent(
        id=row.id,
        run=row.run_id,
        camera=row.run.camera.name,
        event=event,
        noticed_utc=row.noticed_utc,
        clip=folder / row.clip if row.clip else None,
        thumbnail=folder / row.thumbnail if row.thumbnail else None,
        why=folder / row.why if row.why else None,
    )


EVENT_COLUMNS = (
    "start_time", "end_time", "peak_time", "start_utc", "x", "y", "width", "height",
    "score", "p_value", "reason", "deviations", "track", "name", "sightings",
)  # fmt: skip
"""What of a row is the event itself."""


def event_row(event: Event, run: int, noticed: float) -> EventRow:
    """Make the row of an event; NumPy's numbers become Python's, which every driver takes."""
    return EventRow(
        run_id=run,
        noticed_utc=noticed,
        start_time=float(event.start),
        end_time=float(event.end),
        peak_time=float(event.peak),
        start_utc=None if event.utc is None else float(event.utc),
        x=int(event.box.x),
        y=int(event.box.y),
        width=int(event.box.width),
        height=int(event.box.height),
        score=float(event.score),
        p_value=float(event.p_value),
        reason=event.reason,
        deviations=[
            {
                "attribute": deviation.attribute,
                "value": _number(deviation.value),
                "normal": _number(deviation.normal),
                "unit": deviation.unit,
                "text": deviation.text,
                "score": _number(deviation.score),
            }
            for deviation in event.deviations
        ],
        track=[
            [_number(time), int(box.x), int(box.y), int(box.width), int(box.height)]
            for time, box in event.track
        ],
        name=event.name,
        sightings=[_sighting(one) for one in event.sightings],
    )


def sightings_of(entries: list[dict[str, Any]] | None) -> tuple[Sighting, ...]:
    """Make the plain values of a row's sightings; events of earlier versions have none."""
    return tuple(
        Sighting(**{**entry, "says": tuple((name, float(nats)) for name, nats in entry["says"])})
        for entry in entries or ()
    )


def _sighting(one: Sighting) -> dict[str, Any]:
    numbers = {
        name: None if value is None else float(value) for name, value in asdict(one).items() if name != "says"
    }
    return {**numbers, "says": [[name, float(nats)] for name, nats in one.says]}


def _number(value: float) -> float | str:
    """Make JSON of a number; JSON knows no infinity and PostgreSQL refuses Python's spelling of it."""
    return float(value) if math.isfinite(value) else str(float(value))


def _deviation(entry: dict[str, Any]) -> Deviation:
    return Deviation(
        attribute=entry["attribute"],
        value=float(entry["value"]),
        normal=float(entry["normal"]),
        unit=entry["unit"],
        text=entry["text"],
        score=float(entry["score"]),
    )
