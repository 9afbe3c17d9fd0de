"""Verdicts in the store: given, undone, and never forgotten."""

from __future__ import annotations

import time as clock
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from everyframe.anomaly.verdicts import Standing
from everyframe.errors import SettingError
from everyframe.store.models import CameraRow, EventRow, RunRow, VerdictRow
from everyframe.store.records import RunKind, sightings_of
from everyframe.types import VerdictKind

_LONGEST = 200  # characters of a name


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a person said of an event.

    Attributes:
        event_id: The event's number.
        kind: What was said.
        name: What the like is called; empty where nobody said.
        who: Who said it.
        utc: POSIX seconds when.
        undone_utc: POSIX seconds when it was undone, ``None`` while it stands.
        id: Its number.
        undone_by: Who undid it.
    """

    event_id: int
    kind: VerdictKind
    name: str
    who: str
    utc: float
    undone_utc: float | None = None
    id: int = 0
    undone_by: str | None = None


def kind_of(word: str) -> VerdictKind:
    """Return the kind of that name.

    Raises:
        SettingError: There is none.
    """
    try:
        return VerdictKind(word)
    except ValueError:
        raise SettingError(f"There is no verdict {word!r}; say {', '.join(VerdictKind)}.") from None


def give(session: Session, event_id: int, kind: VerdictKind, who: str, name: str) -> int:
    """Write a verdict down; one that stood on the same event is undone by it.

    Raises:
        SettingError: There is no such event, or something that is not real was named.
    """
    name, who = name.strip(), who.strip()
    if name and kind is not VerdictKind.REAL:
        raise SettingError(f"Only what is real has a name; say real, or leave {name!r} out.")
    if len(name) > _LONGEST or len(who) > _LONGEST:
        raise SettingError(f"A name has at most {_LONGEST} characters; shorten it.")
    if session.get(EventRow, event_id) is None:
        raise SettingError(f"There is no event {event_id}; `everyframe report` shows those there are.")
    now = clock.time()
    _undo(session, VerdictRow.event_id == event_id, who, now)
    row = VerdictRow(event_id=event_id, kind=kind.value, name=name, who=who, given_utc=now)
    session.add(row)
    session.commit()
    return row.id


def undo(session: Session, verdict_id: int, who: str) -> None:
    """Undo a verdict; one that is undone stays as it is.

    Raises:
        SettingError: There is no such verdict.
    """
    if session.get(VerdictRow, verdict_id) is None:
        raise SettingError(f"There is no verdict {verdict_id}; it cannot be undone.")
    _undo(session, VerdictRow.id == verdict_id, who.strip(), clock.time())
    session.commit()


def verdicts(session: Session, camera: str | None, standing: bool) -> list[Verdict]:
    """Return verdicts in the order in which they were given."""
    return [
        Verdict(
            event_id=row.event_id,
            kind=VerdictKind(row.kind),
            name=row.name,
            who=row.who,
            utc=row.given_utc,
            undone_utc=row.undone_utc,
            id=row.id,
            undone_by=row.undone_by,
        )
        for row in _rows(session, camera, standing)
    ]


def standing_verdicts(session: Session, camera: str) -> list[Standing]:
    """Return what a watcher takes: the verdicts that stand, each with what it is about."""
    watched = _watched(session, camera)
    return [
        Standing(sightings_of(row.event.sightings), VerdictKind(row.kind), row.name, watched)
        for row in _rows(session, camera, standing=True)
    ]


def _rows(session: Session, camera: str | None, standing: bool) -> Iterable[VerdictRow]:
    query = select(VerdictRow).order_by(VerdictRow.id)
    if standing:
        query = query.where(VerdictRow.undone_utc.is_(None))
    if camera is not None:
        query = query.where(
            VerdictRow.event.has(EventRow.run.has(RunRow.camera.has(CameraRow.name == camera)))
        )
    return session.scalars(query)


def _watched(session: Session, camera: str) -> float:
    """Return seconds of the camera's footage to each of its events: what one false alarm is rare in."""
    watching = (RunRow.kind == RunKind.WATCH.value) & RunRow.camera.has(CameraRow.name == camera)
    seconds = session.scalar(select(func.sum(RunRow.seconds)).where(watching)) or 0.0
    events = session.scalar(select(func.count(EventRow.id)).where(EventRow.run.has(watching))) or 0
    return float(seconds) / max(1, events)


def _undo(session: Session, which: object, who: str, now: float) -> None:
    standing = VerdictRow.undone_utc.is_(None)
    session.execute(
        update(VerdictRow).where(which, standing).values(undone_utc=now, undone_by=who)  # type: ignore[arg-type]
    )
