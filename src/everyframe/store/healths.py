"""What was wrong with the cameras, in the database."""

from __future__ import annotations

import time as clock
from dataclasses import dataclass

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from everyframe.health import HealthEvent, HealthKind
from everyframe.store.models import CameraRow, HealthRow


@dataclass(frozen=True, slots=True)
class StoredHealth:
    """A fault of a camera.

    Attributes:
        id: Its number.
        camera: The camera's name.
        kind: What was wrong.
        start_utc: POSIX seconds at which it began.
        end_utc: When it was over, ``None`` while it lasts.
        text: What was measured.
    """

    id: int
    camera: str
    kind: HealthKind
    start_utc: float
    end_utc: float | None
    text: str


def note(session: Session, camera: str, event: HealthEvent) -> None:
    """Keep a fault as it begins, or say that it is over; a camera without a row is not known yet."""
    number = session.scalar(select(CameraRow.id).where(CameraRow.name == camera))
    if number is None:
        return
    start = clock.time() if event.utc is None else float(event.utc)
    row = session.scalar(
        select(HealthRow).where(
            HealthRow.camera_id == number,
            HealthRow.kind == event.kind.value,
            # The same one may have begun a moment earlier or later as its clock is set right.
            HealthRow.end_utc.is_(None),
        )
    )
    if row is None:
        row = HealthRow(camera_id=number, kind=event.kind.value, start_utc=start)
        session.add(row)
    row.text = event.text
    if event.end is not None:
        row.end_utc = clock.time() if event.end_utc is None else float(event.end_utc)


def close_open(session: Session, camera: str, utc: float) -> None:
    """Say that whatever was wrong when a worker died is over as far as anybody knows."""
    number = session.scalar(select(CameraRow.id).where(CameraRow.name == camera))
    for row in session.scalars(
        select(HealthRow).where(HealthRow.camera_id == number, HealthRow.end_utc.is_(None))
    ):
        row.end_utc = utc


def between(
    session: Session, camera: str | None, since: float | None, until: float | None
) -> list[StoredHealth]:
    """Return faults that lasted into a stretch of time, in the order in which they began."""
    query = select(HealthRow, CameraRow.name).join(CameraRow).order_by(HealthRow.start_utc, HealthRow.id)
    if camera is not None:
        query = query.where(CameraRow.name == camera)
    if since is not None:
        query = query.where(or_(HealthRow.end_utc.is_(None), HealthRow.end_utc >= since))
    if until is not None:
        query = query.where(HealthRow.start_utc < until)
    return [
        StoredHealth(row.id, name, HealthKind(row.kind), row.start_utc, row.end_utc, row.text)
        for row, name in session.execute(query)
    ]
