"""Keeping moments: in batches, each whole or not at all, and none twice."""

from __future__ import annotations

import time as clock
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from everyframe.highlights import Segment
from everyframe.highlights.text import folded
from everyframe.store.archive.records import TOLD, UNDATED, midnight
from everyframe.store.archive.rows import bounds, date_moments, digest, insert, pieces, widen
from everyframe.store.archive.subjects import Subjects
from everyframe.store.archive_models import FootageRow, MomentRow, TellingRow
from everyframe.store.store import Store

DONE, READING = "done", "reading"


@dataclass(frozen=True, slots=True)
class Kept:
    """A telling as far as it is kept.

    Attributes:
        id: Its number.
        edition: How often it changed.
        rows: How many of its rows are dealt with.
        left_out: How many of those could not be used.
        done: Whether that is all of them.
    """

    id: int
    edition: int
    rows: int
    left_out: int
    done: bool


class Keeper:
    """Keeps what tellings say.

    Args:
        store: Where.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._subjects = Subjects()
        self._footage: dict[str, int] = {}

    def begin(self, path: str, digest: str) -> Kept:
        """Begin to keep a telling, or go on where it was left.

        Args:
            path: Of the file.
            digest: Of its content; where it changed, all is read again, and what is gone removed in the end.
        """
        with self._store.writing() as session:
            same = session.scalar(
                select(TellingRow).where(TellingRow.digest == digest, TellingRow.state == DONE)
            )
            if same is not None and same.path != path:
                return _kept(same)  # the same file elsewhere: all of it is there
            row = session.scalar(select(TellingRow).where(TellingRow.path == path))
            if row is None:
                row = TellingRow(path=path, digest=digest, edition=1)
                session.add(row)
            elif row.digest != digest:
                row.digest, row.edition = digest, row.edition + 1
            else:
                return _kept(row)
            row.state, row.rows, row.left_out, row.indexed_utc = READING, 0, 0, clock.time()
            session.flush()
            return _kept(row)

    def keep(
        self,
        telling: Kept,
        segments: Sequence[Segment],
        said_by: str,
        *,
        rows: int,
        left_out: int = 0,
        own: Mapping[str, int] | None = None,
    ) -> int:
        """Keep some segments of a telling, all or none of them.

        Args:
            telling: As ``begin`` returned it.
            segments: What it says; ``source`` names the footage.
            said_by: ``person``, ``recogniser`` or ``feed``.
            rows: How many of the telling's rows are dealt with after this.
            left_out: How many of all its rows could not be used.
            own: Footage by the name that these segments give it, where the telling is about that very file;
                all other names are looked up.

        Returns:
            How many moments are new.
        """
        try:
            with self._store.writing() as session:
                fresh = self._keep(session, telling, segments, said_by, own or {})
                session.execute(
                    update(TellingRow)
                    .where(TellingRow.id == telling.id)
                    .values(rows=rows, left_out=left_out, indexed_utc=clock.time())
                )
                return fresh
        except BaseException:
            self._subjects, self._footage = Subjects(), {}  # what was made in this transaction is not there
            raise

    def finish(self, telling: Kept) -> None:
        """Say that all of a telling is kept; what only an earlier edition said is removed."""
        with self._store.writing() as session:
            stale = (MomentRow.telling_id == telling.id) & (MomentRow.edition < telling.edition)
            subjects = set(session.scalars(select(MomentRow.subject_id).where(stale).distinct()))
            strips = [one for one in session.scalars(select(MomentRow.strip).where(stale)) if one]
            session.execute(delete(MomentRow).where(stale))
            bounds(session, subjects)
            session.execute(update(TellingRow).where(TellingRow.id == telling.id).values(state=DONE))
        for strip in strips:
            (self._store.folder / strip).unlink(missing_ok=True)

    def know(self, footage: Mapping[str, Any]) -> bool:
        """Keep what is known of footage; the same content is one entry, whatever it is called.

        Args:
            footage: Columns of ``FootageRow``: ``name``, ``digest``, ``path`` and more.

        Returns:
            Whether it is new.
        """
        with self._store.writing() as session:
            found = folded(footage["name"])
            row = session.scalar(select(FootageRow).where(FootageRow.digest == footage["digest"]))
            if row is None:
                # A feed may have spoken of it before it came.
                spoken = select(FootageRow).where(FootageRow.folded == found, FootageRow.digest.is_(None))
                row = session.scalar(spoken.order_by(FootageRow.id))
            if row is None:
                row = FootageRow(indexed_utc=clock.time(), about={})
                session.add(row)
            elif row.path is not None and Path(row.path).exists() and row.path != footage["path"]:
                return False  # a copy
            dated, fresh = row.date, row.digest is None
            for name, value in {**footage, "folded": found}.items():
                setattr(row, name, value)
            session.flush()
            # Another file was there before.
            moved = (FootageRow.path == row.path) & (FootageRow.id != row.id)
            session.execute(update(FootageRow).where(moved).values(path=None))
            if row.date != dated:
                date_moments(session, row.id, _day(dated), _day(row.date))
            self._footage[found] = row.id
            return fresh

    def footage(self, session: Session, names: Iterable[str]) -> dict[str, int]:
        """Return the number of footage by the name that a telling gives it; what is new is noted."""
        wanted = {name: folded(name) for name in names if name}
        missing = {found: name for name, found in wanted.items() if found not in self._footage}
        for piece in pieces(list(missing)):
            query = select(FootageRow.folded, FootageRow.id).where(FootageRow.folded.in_(piece))
            known = session.execute(query.order_by(FootageRow.digest.is_(None).desc(), FootageRow.id.desc()))
            self._footage.update(known.all())
        for found, name in missing.items():
            if found not in self._footage:
                row = FootageRow(name=name, folded=found, about={}, indexed_utc=clock.time())
                session.add(row)
                session.flush()
                self._footage[found] = row.id
        return {name: self._footage[found] for name, found in wanted.items()}

    def _keep(
        self,
        session: Session,
        telling: Kept,
        segments: Sequence[Segment],
        said_by: str,
        own: Mapping[str, int],
    ) -> int:
        footage = {**self.footage(session, {one.source for one in segments} - own.keys()), **own}
        days = {
            number: day
            for piece in pieces(list(set(footage.values())))
            for number, day in session.execute(
                select(FootageRow.id, FootageRow.date).where(FootageRow.id.in_(piece))
            )
        }
        subjects = self._subjects.numbers(session, segments)
        rows: dict[int, dict[str, Any]] = {}
        for one, subject in zip(segments, subjects, strict=True):
            where = footage.get(one.source)
            day = one.about.get("date") or (None if where is None else days[where])
            more = {name: text for name, text in one.about.items() if name not in TOLD}
            at = one.start + _day(day)
            span = (where, subject, one.start, one.end, said_by, one.about.get("date"))
            uid = digest([*span, one.about.get("period"), one.about.get("clock"), more])
            rows[uid] = {
                "uid": uid,
                "subject_id": subject,
                "footage_id": where,
                "telling_id": telling.id,
                "edition": telling.edition,
                "at": at,
                "start_time": one.start,
                "end_time": one.end,
                "confidence": one.confidence,
                "said_by": said_by,
                "period": one.about.get("period", "")[:64],
                "clock": one.about.get("clock", "")[:32],
                "about": more or None,
            }
        known = sum(
            session.scalar(select(func.count()).select_from(MomentRow).where(MomentRow.uid.in_(piece))) or 0
            for piece in pieces(list(rows))
        )
        keeps = ("edition", "confidence")  # whoever says the same again may be surer of it
        insert(session, MomentRow, list(rows.values()), keeps, owner="telling_id")
        widen(session, rows.values())
        return len(rows) - known


def _day(day: str | None) -> float:
    return UNDATED if day is None else midnight(day)


def _kept(row: TellingRow) -> Kept:
    return Kept(row.id, row.edition, row.rows, row.left_out, row.state == DONE)
