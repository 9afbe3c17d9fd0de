"""Looking through what was kept: pages of events, and a camera's hours on the wall clock."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session

from everyframe.store.models import CameraRow, EventRow, GapRow, RunRow, ScoreRow, VerdictRow
from everyframe.store.records import RunKind, StoredEvent, event_of
from everyframe.store.store import Store
from everyframe.store.verdicts import Verdict
from everyframe.types import VerdictKind

_BEGAN = func.coalesce(EventRow.start_utc, EventRow.noticed_utc)


class Order(StrEnum):
    """Which events come first."""

    NEWEST = "newest"
    OLDEST = "oldest"
    STRANGEST = "strangest"


@dataclass(frozen=True, slots=True)
class Page:
    """Some of many events.

    Attributes:
        events: Those of this page.
        total: How many there are on all pages.
    """

    events: list[StoredEvent]
    total: int


@dataclass(frozen=True, slots=True)
class Peak:
    """The most unusual moment of a stretch of time.

    Attributes:
        utc: When the stretch begins, POSIX seconds.
        score: Its highest anomaly score.
        p_value: Its lowest p-value, ``None`` while calibrating.
    """

    utc: float
    score: float
    p_value: float | None


@dataclass(frozen=True, slots=True)
class Blank:
    """A stretch without new pictures, POSIX seconds."""

    start_utc: float
    end_utc: float
    reason: str


@dataclass(frozen=True, slots=True)
class Stretch:
    """Hours of a camera.

    Attributes:
        peaks: In order of time.
        gaps: In order of time.
        alert_p: The p-value at or below which it alerts, as it was last.
    """

    peaks: list[Peak]
    gaps: list[Blank]
    alert_p: float | None


def browse(
    store: Store,
    *,
    camera: str | None = None,
    since: float | None = None,
    until: float | None = None,
    waiting: bool = False,
    order: Order = Order.NEWEST,
    limit: int = 50,
    offset: int = 0,
) -> Page:
    """Return a page of events.

    Args:
        store: Where they are kept.
        camera: Only of the camera of this name.
        since: Only those that began then or later, POSIX seconds; where the source has no clock, the time
            counts at which the event was stored.
        until: Only those that began before.
        waiting: Only those of which nobody has said yet what they were; ``later`` says nothing.
        order: Which come first.
        limit: How many at most.
        offset: How many of the first to leave out.
    """
    query = select(EventRow)
    if camera is not None:
        query = query.where(EventRow.run.has(RunRow.camera.has(CameraRow.name == camera)))
    if since is not None:
        query = query.where(since <= _BEGAN)
    if until is not None:
        query = query.where(until > _BEGAN)
    if waiting:
        query = query.where(~_decided(EventRow.id))
    with store.reading() as session:
        total = session.scalar(select(func.count()).select_from(query.subquery())) or 0
        rows = session.scalars(query.order_by(*_ordered(order)).limit(limit).offset(offset))
        return Page([event_of(row, store.folder) for row in rows], total)


def one(store: Store, number: int) -> StoredEvent | None:
    """Return the event of a number, or ``None``."""
    with store.reading() as session:
        row = session.get(EventRow, number)
        return None if row is None else event_of(row, store.folder)


def camera_names(store: Store) -> list[str]:
    """Return the name of every camera that was ever watched or learned from."""
    with store.reading() as session:
        return list(session.scalars(select(CameraRow.name).order_by(CameraRow.name)))


def stretch(store: Store, camera: str, since: float, until: float, points: int = 1440) -> Stretch:
    """Return what a camera scored between two times.

    Args:
        store: Where it is kept.
        camera: Its name.
        since: POSIX seconds.
        until: POSIX seconds.
        points: How many stretches to divide the time into; each shows its most unusual moment.
    """
    step = max(1, int((until - since) // points))
    peaks: dict[int, Peak] = {}
    gaps: list[Blank] = []
    alert_p = None
    with store.reading() as session:
        for run, alert, zero in session.execute(_runs(camera, since, until)).all():
            alert_p = alert if alert is not None else alert_p
            for peak in _peaks(session, run, zero, since, until, step):
                before = peaks.get(int(peak.utc))
                if before is None or peak.score > before.score:
                    peaks[int(peak.utc)] = peak
            gaps += _blanks(session, run, zero, since, until)
    return Stretch([peaks[at] for at in sorted(peaks)], sorted(gaps, key=lambda gap: gap.start_utc), alert_p)


def _decided(event: Any) -> ColumnElement[bool]:
    """Say whether a verdict stands on an event."""
    stands = (VerdictRow.event_id == event) & VerdictRow.undone_utc.is_(None)
    return select(VerdictRow.id).where(stands, VerdictRow.kind != VerdictKind.LATER.value).exists()


def standing(store: Store, events: Sequence[int]) -> dict[int, Verdict]:
    """Return the verdict that stands on each of some events; those without one are left out."""
    query = select(VerdictRow).where(VerdictRow.event_id.in_(events), VerdictRow.undone_utc.is_(None))
    with store.reading() as session:
        return {
            row.event_id: Verdict(
                row.event_id, VerdictKind(row.kind), row.name, row.who, row.given_utc, None, row.id
            )
            for row in session.scalars(query)
        }


def _ordered(order: Order) -> tuple[ColumnElement[Any], ...]:
    if order is Order.STRANGEST:
        return EventRow.p_value.asc(), EventRow.score.desc(), EventRow.id.desc()
    if order is Order.OLDEST:
        return _BEGAN.asc(), EventRow.id.asc()
    return _BEGAN.desc(), EventRow.id.desc()


def _runs(camera: str, since: float, until: float) -> Select[int, float | None, float]:
    """Ask for the runs that watched a camera between two times: number, alert level, POSIX time of second 0.

    Second 0 is when an event of the run says so (footage may be older than the run), else when it was begun.
    """
    told = (
        select(func.min(EventRow.start_utc - EventRow.start_time))
        .where(EventRow.run_id == RunRow.id)
        .scalar_subquery()
    )
    last = select(func.max(ScoreRow.second)).where(ScoreRow.run_id == RunRow.id).scalar_subquery()
    zero: ColumnElement[float] = func.coalesce(told, RunRow.started_utc)
    return (
        select(RunRow.id, RunRow.alert_p, zero)
        .where(RunRow.camera.has(CameraRow.name == camera), RunRow.kind == RunKind.WATCH.value)
        .where(zero < until, zero + func.coalesce(last, 0) + 1 >= since)
        .order_by(RunRow.id)
    )


def _peaks(session: Session, run: int, zero: float, since: float, until: float, step: int) -> list[Peak]:
    shift = int(zero - since)
    bucket = (ScoreRow.second + shift) // step
    within = ScoreRow.second.between(-shift, int(until - since) - shift - 1)
    query = (
        select(bucket.label("bucket"), func.max(ScoreRow.score), func.min(ScoreRow.p_value))
        .where(ScoreRow.run_id == run, within)
        .group_by("bucket")
        .order_by("bucket")
    )
    return [Peak(since + int(at) * step, score, p_value) for at, score, p_value in session.execute(query)]


def _blanks(session: Session, run: int, zero: float, since: float, until: float) -> list[Blank]:
    query = select(GapRow).where(
        GapRow.run_id == run, GapRow.end_time >= since - zero, GapRow.start_time < until - zero
    )
    return [Blank(zero + row.start_time, zero + row.end_time, row.reason) for row in session.scalars(query)]
