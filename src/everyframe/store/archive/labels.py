"""What people label in footage: kept as moments that a person said, a whole list at a time."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from everyframe.errors import LabelError, SettingError
from everyframe.highlights import Segment
from everyframe.highlights.text import folded
from everyframe.highlights.times import day_of
from everyframe.store.archive.keeping import Keeper
from everyframe.store.archive.records import UNDATED
from everyframe.store.archive_models import NAME_KINDS, FootageRow, MomentRow, NameRow, SubjectRow, TellingRow
from everyframe.store.store import Store

BY = "labelled_by"
"""Under this name a moment says who labelled it."""

MOST = 5_000
"""Labels of one file of footage."""

PERSON = "person"
"""Who says what is labelled here, or was indexed so."""

_LONGEST_KEY = 64  # letters
_SLACK = 0.5  # seconds that a label may end after its footage: people round up


@dataclass(frozen=True, slots=True)
class Labelled:
    """What is labelled in a file of footage.

    Attributes:
        edition: Rises with every change.
        segments: In order of time; ``source`` is empty.
    """

    edition: int
    segments: tuple[Segment, ...]


class ChangedMeanwhile(SettingError):
    """Somebody else has changed the labels since they were read."""


class Labels:
    """Keeps labels; one for each server, so that two people do not overwrite each other.

    Args:
        store: Where.
    """

    def __init__(self, store: Store) -> None:
        self._store, self._keeper = store, Keeper(store)
        self._lock = threading.Lock()

    def of(self, footage: int) -> Labelled:
        """Return what is labelled in footage of a number."""
        with self._store.reading() as session:
            telling = session.scalar(select(TellingRow).where(TellingRow.path == telling_of(footage)))
            if telling is None:
                return Labelled(0, ())
            # One that was stopped in the middle left the list before it whole.
            of_it = MomentRow.telling_id == telling.id
            latest = select(func.max(MomentRow.edition)).where(of_it).scalar_subquery()
            found = _segments(session, of_it, MomentRow.edition == latest)
        return Labelled(telling.edition, tuple(replace(one, source="") for one in found))

    def put(
        self, footage: int, segments: Sequence[Segment], who: str, *, edition: int | None = None
    ) -> Labelled:
        """Say anew all that is labelled in footage; it can be searched at once.

        Args:
            footage: Its number.
            segments: What happens; ``source`` means nothing.
            who: Labels what is new.
            edition: Of what these were made from; by default whatever is there now.

        Returns:
            What is kept.

        Raises:
            ChangedMeanwhile: There is another edition.
            LabelError: A label lies outside the footage, or there are too many.
            SettingError: There is no such footage.
            StorageError: It cannot be kept.
        """
        with self._lock:
            return self._put(footage, segments, who, edition)

    def add(self, footage: int, segments: Sequence[Segment], who: str) -> Labelled:
        """Add to what is labelled in footage; what is there already stays once.

        Raises:
            LabelError: See ``put``.
            SettingError: There is no such footage.
            StorageError: It cannot be kept.
        """
        with self._lock:
            return self._put(footage, [*self.of(footage).segments, *segments], who, None)

    def _put(self, footage: int, segments: Sequence[Segment], who: str, edition: int | None) -> Labelled:
        before = self.of(footage)
        if edition is not None and edition != before.edition:
            raise ChangedMeanwhile("Somebody else changed these labels meanwhile; load the page anew.")
        if len(segments) > MOST:
            raise LabelError(f"There are {len(segments):,} labels; {MOST:,} are kept of one file.")
        with self._store.reading() as session:
            row = session.get(FootageRow, footage)
            if row is None:
                raise SettingError(f"There is no footage {footage}; look at the list of footage.")
            name, seconds = row.name, row.seconds
        known = {_key(one): one.about.get(BY, who) for one in before.segments}
        said: dict[tuple[float, float, str], Segment] = {}
        for one in segments:
            whole = _within(one, name, seconds)
            about = {**whole.about, BY: known.get(_key(whole), who)}
            said.setdefault(_key(whole), replace(whole, source=name, about=about))
        found = sorted(said.values(), key=lambda one: (one.start, one.end, one.label))
        telling = self._keeper.begin(telling_of(footage), _digest(footage, found))
        if not telling.done:
            self._keeper.keep(telling, found, PERSON, rows=len(found), own={name: footage})
            self._keeper.finish(telling)
        return self.of(footage)


def telling_of(footage: int) -> str:
    """Return the name under which what is labelled in footage is kept."""
    return f"labels:{footage}"


def said_by_people(store: Store) -> list[Segment]:
    """Return all that people said of footage that is here, each once; ``source`` is its path."""
    with store.reading() as session:
        here = (MomentRow.said_by == PERSON, FootageRow.path.is_not(None))
        found = _segments(session, *here)
    once = {(one.source, *_key(one)): one for one in found}
    there = {source for source in {one.source for one in once.values()} if Path(source).is_file()}
    return [one for one in once.values() if one.source in there]


def _segments(session: Session, *which: object) -> list[Segment]:
    """Return moments as segments with what they say themselves, not what their footage's sidecar says."""
    names = {kind: aliased(NameRow) for kind in NAME_KINDS}
    query = (
        select(MomentRow, SubjectRow.text, FootageRow, *(names[kind].name for kind in NAME_KINDS))
        .join(SubjectRow, MomentRow.subject_id == SubjectRow.id)
        .join(FootageRow, MomentRow.footage_id == FootageRow.id)
        .where(*which)  # type: ignore[arg-type]
    )
    for kind in NAME_KINDS:
        query = query.outerjoin(names[kind], getattr(SubjectRow, f"{kind}_id") == names[kind].id)
    found = []
    for row, text, footage, label, *told in session.execute(query.order_by(MomentRow.start_time)):
        about = dict(row.about or {})
        placed = {"text": text, "period": row.period, "clock": row.clock}
        placed |= dict(zip(NAME_KINDS[1:], told, strict=True))
        day = _day(row, footage)
        about |= {name: said for name, said in (placed | ({"date": day} if day else {})).items() if said}
        found.append(Segment(row.start_time, row.end_time, label, row.confidence, footage.path or "", about))
    return found


def _day(row: MomentRow, footage: FootageRow) -> str:
    """Return the day that a moment says itself, where its footage says another or none."""
    if row.at <= UNDATED / 2:
        return ""
    day = f"{datetime.fromtimestamp(row.at - row.start_time, UTC):%Y-%m-%d}"
    return "" if day == footage.date else day


def _within(one: Segment, name: str, seconds: float | None) -> Segment:
    """Return a label as it is kept: to the millisecond, within its footage."""
    label = _line(one.label)
    if not folded(label):
        raise LabelError(f"A label needs a letter or a digit; {label!r} has none.")
    start, end = round(one.start, 3), round(one.end, 3)
    if seconds is not None:
        if start >= seconds or end > seconds + _SLACK:
            raise LabelError(
                f"{label} is from {start:g} to {end:g} s, but {name} lasts {seconds:.2f} s; trim it."
            )
        end = min(end, seconds)
    if not end > start:
        raise LabelError(f"{label} at {start:g} s is shorter than a millisecond; let it end later.")
    about = {_line(key)[:_LONGEST_KEY]: _line(value) for key, value in one.about.items()}
    about = {key: value for key, value in about.items() if key and value}
    if (date := about.get("date")) is not None:
        day = day_of(date)
        if day is None:
            raise LabelError(f"{label} at {start:g} s: {date} is no day; write it as 2026-03-02.")
        about["date"] = day
    return Segment(start, end, label, 1.0, "", about)


def _line(told: str) -> str:
    """Return words without what is no letter of theirs."""
    return " ".join("".join(sign if sign.isprintable() else " " for sign in told).split())


def _key(one: Segment) -> tuple[float, float, str]:
    return (one.start, one.end, folded(one.label))


def _digest(footage: int, found: Sequence[Segment]) -> str:
    told = [footage, [(one.start, one.end, one.label, sorted(one.about.items())) for one in found]]
    return hashlib.blake2b(json.dumps(told).encode(), digest_size=32).hexdigest()
