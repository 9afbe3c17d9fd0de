"""The tables of the archive: footage, what happens in it, and who said so.

What many moments share (a label, a player, a match) is kept once, as a subject: text is searched for among
subjects, and each knows its newest and oldest moment, so that no search has to look at all moments.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from everyframe.store.models import Base

NAME_KINDS = ("label", "player", "team", "opponent", "competition")
"""What has names of its own; each is a column of a subject, ``<kind>_id``."""


class FootageRow(Base):
    """Footage, known by its content; without ``digest`` it was only spoken of and never seen.

    ``about`` is what its sidecar says, ``date`` the day as ``2026-03-02``.
    """

    __tablename__ = "footage"

    id: Mapped[int] = mapped_column(primary_key=True)
    digest: Mapped[str | None] = mapped_column(String(64), unique=True)
    name: Mapped[str] = mapped_column(Text)
    folded: Mapped[str] = mapped_column(Text, index=True)
    path: Mapped[str | None] = mapped_column(Text)
    seconds: Mapped[float | None]
    fps: Mapped[float | None]
    width: Mapped[int | None]
    height: Mapped[int | None]
    size: Mapped[int | None] = mapped_column(BigInteger)
    changed_ns: Mapped[int | None] = mapped_column(BigInteger)
    date: Mapped[str | None] = mapped_column(String(10))
    about: Mapped[dict[str, Any]] = mapped_column(JSON)
    indexed_utc: Mapped[float]


class TellingRow(Base):
    """A file that says what happens: a feed, a sidecar, labels; ``rows`` of it are kept so far.

    ``edition`` counts how often it changed, ``state`` is ``reading`` until all of it is kept.
    """

    __tablename__ = "telling"

    id: Mapped[int] = mapped_column(primary_key=True)
    path: Mapped[str] = mapped_column(Text, unique=True)
    digest: Mapped[str] = mapped_column(String(64), index=True)
    edition: Mapped[int]
    state: Mapped[str] = mapped_column(String(16))
    rows: Mapped[int]
    left_out: Mapped[int]
    indexed_utc: Mapped[float]


class NameRow(Base):
    """A player, team, competition or label, as it was first written."""

    __tablename__ = "archive_name"
    __table_args__ = (UniqueConstraint("kind", "folded"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(16))
    name: Mapped[str] = mapped_column(Text)
    folded: Mapped[str] = mapped_column(Text)


class SubjectRow(Base):
    """Who does what, where: what any number of moments share.

    ``uid`` is a digest of all that it says, ``words`` are searched, ``newest`` and ``oldest`` are the least
    and greatest ``at`` of its moments.
    """

    __tablename__ = "subject"

    id: Mapped[int] = mapped_column(primary_key=True)
    uid: Mapped[int] = mapped_column(BigInteger, unique=True)
    label_id: Mapped[int] = mapped_column(ForeignKey("archive_name.id"), index=True)
    player_id: Mapped[int | None] = mapped_column(ForeignKey("archive_name.id"), index=True)
    team_id: Mapped[int | None] = mapped_column(ForeignKey("archive_name.id"), index=True)
    opponent_id: Mapped[int | None] = mapped_column(ForeignKey("archive_name.id"), index=True)
    competition_id: Mapped[int | None] = mapped_column(ForeignKey("archive_name.id"), index=True)
    text: Mapped[str] = mapped_column(Text)
    words: Mapped[str] = mapped_column(Text)
    newest: Mapped[float | None]
    oldest: Mapped[float | None]


class MomentRow(Base):
    """A stretch of footage in which something happens.

    ``at`` is POSIX seconds of its start (of its day, where no clock says more, plus its place in the
    footage), far in the past where not even the day is known. ``said_by`` is ``person``, ``recogniser`` or
    ``feed``; ``strip`` is a picture of it, relative to the store's folder.
    """

    __tablename__ = "moment"
    __table_args__ = (Index("ix_moment_subject_id_at", "subject_id", "at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    uid: Mapped[int] = mapped_column(BigInteger, unique=True)
    subject_id: Mapped[int] = mapped_column(ForeignKey("subject.id"))
    footage_id: Mapped[int | None] = mapped_column(ForeignKey("footage.id", ondelete="CASCADE"), index=True)
    telling_id: Mapped[int | None] = mapped_column(ForeignKey("telling.id"), index=True)
    edition: Mapped[int]
    at: Mapped[float] = mapped_column(index=True)
    start_time: Mapped[float]
    end_time: Mapped[float]
    confidence: Mapped[float]
    said_by: Mapped[str] = mapped_column(String(16))
    period: Mapped[str] = mapped_column(String(64))
    clock: Mapped[str] = mapped_column(String(32))
    about: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    strip: Mapped[str | None] = mapped_column(Text)


class VectorRow(Base):
    """How a moment looks, as numbers of half precision; ``maker`` says by which method."""

    __tablename__ = "moment_vector"

    moment_id: Mapped[int] = mapped_column(
        ForeignKey("moment.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    maker: Mapped[str] = mapped_column(String(32))
    data: Mapped[bytes] = mapped_column(LargeBinary)


class ProfileRow(Base):
    """What somebody wants to see; ``folded`` is its name as it is compared."""

    __tablename__ = "profile"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(64))
    folded: Mapped[str] = mapped_column(String(200), unique=True)
    players: Mapped[list[Any]] = mapped_column(JSON)
    teams: Mapped[list[Any]] = mapped_column(JSON)
    kinds: Mapped[list[Any]] = mapped_column(JSON)
    seconds: Mapped[float]
    changed_utc: Mapped[float]


class FeedbackRow(Base):
    """Whether a moment of a feed was watched or skipped: the last word counts, and may be taken back.

    ``uid`` says which (by footage, place, label and player), ``names`` what it was about: both outlive it.
    """

    __tablename__ = "profile_feedback"
    __table_args__ = (UniqueConstraint("profile_id", "uid"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    profile_id: Mapped[int] = mapped_column(ForeignKey("profile.id", ondelete="CASCADE"))
    uid: Mapped[int] = mapped_column(BigInteger)
    kind: Mapped[str] = mapped_column(String(16))
    names: Mapped[dict[str, Any]] = mapped_column(JSON)
    given_utc: Mapped[float]
