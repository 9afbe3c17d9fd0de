"""The tables: cameras, runs over their footage, what the runs found, and what people said of it.

Only SQL that SQLite and PostgreSQL share. Times called ``*_time`` are seconds on the source's own clock;
times called ``*_utc`` are POSIX seconds.
"""

from __future__ import annotations

from typing import Any, ClassVar

from sqlalchemy import JSON, Double, ForeignKey, MetaData, String, Text, UniqueConstraint
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

#: Constraints have names on every database, so that a later migration can refer to them.
NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """What all tables share."""

    metadata = MetaData(naming_convention=NAMES)
    type_annotation_map: ClassVar[dict[Any, Any]] = {float: Double()}


class CameraRow(Base):
    """A camera, known by its name; ``source`` holds no credentials."""

    __tablename__ = "camera"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(200), unique=True)
    source: Mapped[str] = mapped_column(Text)
    width: Mapped[int]
    height: Mapped[int]


class RunRow(Base):
    """One pass over footage: learning or watching."""

    __tablename__ = "run"

    id: Mapped[int] = mapped_column(primary_key=True)
    camera_id: Mapped[int] = mapped_column(ForeignKey("camera.id", ondelete="CASCADE"), index=True)
    kind: Mapped[str] = mapped_column(String(16))
    state: Mapped[str] = mapped_column(String(16))
    started_utc: Mapped[float]
    ended_utc: Mapped[float | None]
    baseline: Mapped[str | None] = mapped_column(Text)
    budget: Mapped[str | None] = mapped_column(String(64))
    alert_p: Mapped[float | None]
    frames: Mapped[int]
    seconds: Mapped[float]

    camera: Mapped[CameraRow] = relationship(lazy="joined", innerjoin=True)


class EventRow(Base):
    """Something that deviated; ``clip``, ``thumbnail`` and ``why`` are relative to the store's folder."""

    __tablename__ = "event"

    id: Mapped[int] = mapped_column(primary_key=True)
    run_id: Mapped[int] = mapped_column(ForeignKey("run.id", ondelete="CASCADE"), index=True)
    noticed_utc: Mapped[float] = mapped_column(index=True)
    start_time: Mapped[float]
    end_time: Mapped[float]
    peak_time: Mapped[float]
    start_utc: Mapped[float | None]
    x: Mapped[int]
    y: Mapped[int]
    width: Mapped[int]
    height: Mapped[int]
    score: Mapped[float]
    p_value: Mapped[float]
    reason: Mapped[str] = mapped_column(Text)
    deviations: Mapped[list[Any]] = mapped_column(JSON)
    track: Mapped[list[Any]] = mapped_column(JSON)
    clip: Mapped[str | None] = mapped_column(Text)
    thumbnail: Mapped[str | None] = mapped_column(Text)
    why: Mapped[str | None] = mapped_column(Text)
    name: Mapped[str | None] = mapped_column(String(200))
    sightings: Mapped[list[Any] | None] = mapped_column(JSON)

    run: Mapped[RunRow] = relationship(lazy="joined", innerjoin=True)


class VerdictRow(Base):
    """What a person said of an event; one that is undone stays, with when and by whom."""

    __tablename__ = "verdict"

    id: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"), index=True)
    kind: Mapped[str] = mapped_column(String(16))
    name: Mapped[str] = mapped_column(String(200))
    who: Mapped[str] = mapped_column(String(200))
    given_utc: Mapped[float]
    undone_utc: Mapped[float | None]
    undone_by: Mapped[str | None] = mapped_column(String(200))

    event: Mapped[EventRow] = relationship(lazy="joined", innerjoin=True)


class HealthRow(Base):
    """Something that was wrong with a camera; ``end_utc`` is missing while it is."""

    __tablename__ = "health"
    __table_args__ = (UniqueConstraint("camera_id", "kind", "start_utc"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    camera_id: Mapped[int] = mapped_column(ForeignKey("camera.id", ondelete="CASCADE"), index=True)
    kind: Mapped[str] = mapped_column(String(16))
    start_utc: Mapped[float]
    end_utc: Mapped[float | None]
    text: Mapped[str] = mapped_column(Text)


class GapRow(Base):
    """A stretch of time without a new picture."""

    __tablename__ = "gap"

    id: Mapped[int] = mapped_column(primary_key=True)
    run_id: Mapped[int] = mapped_column(ForeignKey("run.id", ondelete="CASCADE"), index=True)
    start_time: Mapped[float]
    end_time: Mapped[float]
    reason: Mapped[str] = mapped_column(String(16))
    frames: Mapped[int | None]


class ScoreRow(Base):
    """The most unusual moment of one second of footage."""

    __tablename__ = "score"

    run_id: Mapped[int] = mapped_column(ForeignKey("run.id", ondelete="CASCADE"), primary_key=True)
    second: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    time: Mapped[float]
    score: Mapped[float]
    p_value: Mapped[float | None]
