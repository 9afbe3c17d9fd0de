"""The shelf: what footage is indexed, what is known to happen in it, and taking some of it away."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import case, delete, func, select, update
from sqlalchemy.orm import Session

from everyframe.highlights.text import folded
from everyframe.store.archive.keeping import READING
from everyframe.store.archive.labels import PERSON, telling_of
from everyframe.store.archive.records import Footage, footage_of
from everyframe.store.archive.rows import bounds
from everyframe.store.archive_models import FootageRow, MomentRow, NameRow, SubjectRow, TellingRow
from everyframe.store.store import Store


@dataclass(frozen=True, slots=True)
class Shelved:
    """Footage that was seen.

    Attributes:
        footage: What it is.
        indexed_utc: POSIX seconds.
        moments: How many there are of each label, the most frequent first.
        by_people: How many of all those a person said.
    """

    footage: Footage
    indexed_utc: float
    moments: Mapping[str, int]
    by_people: int


def shelf(store: Store, *, text: str = "", limit: int = 50, offset: int = 0) -> tuple[list[Shelved], bool]:
    """Return footage that was seen, by name, and whether there is more.

    Args:
        store: Where it is kept.
        text: What the name must contain, written anyhow.
        limit: How many at most.
        offset: How many of the first to leave out.

    Raises:
        StorageError: The store cannot be read.
    """
    query = select(FootageRow).where(FootageRow.digest.is_not(None))
    if wanted := folded(text):
        query = query.where(FootageRow.folded.contains(wanted, autoescape=True))
    query = query.order_by(FootageRow.folded, FootageRow.id).limit(limit + 1).offset(offset)
    with store.reading() as session:
        rows = list(session.scalars(query))
        return _shelved(session, rows[:limit]), len(rows) > limit


def footage(store: Store, number: int) -> Shelved | None:
    """Return the footage of a number that was seen, or ``None``."""
    with store.reading() as session:
        row = session.get(FootageRow, number)
        return None if row is None or row.digest is None else _shelved(session, [row])[0]


def here(store: Store, numbers: Sequence[int] | None = None) -> list[tuple[Path, float]]:
    """Return where footage lies that is here, and how many seconds it lasts.

    Args:
        store: Where it is kept.
        numbers: Of the footage; by default all of it.

    Raises:
        StorageError: The store cannot be read.
    """
    query = select(FootageRow.id, FootageRow.path, FootageRow.seconds).where(
        FootageRow.digest.is_not(None), FootageRow.path.is_not(None)
    )
    with store.reading() as session:
        rows = list(session.execute(query.order_by(FootageRow.folded, FootageRow.id)))
    wanted = None if numbers is None else set(numbers)
    return [
        (Path(path), seconds or 0.0)
        for number, path, seconds in rows
        if path and (wanted is None or number in wanted) and Path(path).is_file()
    ]


def take_away(store: Store, number: int) -> bool:
    """Take footage out of the index with its moments; the file itself stays. Say whether it was there.

    Whatever told of it is read again when it is indexed again.

    Raises:
        StorageError: The store cannot be written.
    """
    with store.writing() as session:
        row = session.get(FootageRow, number)
        if row is None:
            return False
        of_it = MomentRow.footage_id == number
        subjects = set(session.scalars(select(MomentRow.subject_id).where(of_it).distinct()))
        strips = [one for one in session.scalars(select(MomentRow.strip).where(of_it)) if one]
        told = select(MomentRow.telling_id).where(of_it).distinct().scalar_subquery()
        session.execute(
            update(TellingRow).where(TellingRow.id.in_(told)).values(digest="", state=READING, rows=0),
            execution_options={"synchronize_session": False},
        )
        session.execute(delete(MomentRow).where(of_it))
        session.execute(delete(TellingRow).where(TellingRow.path == telling_of(number)))
        session.delete(row)
        session.flush()
        bounds(session, subjects)
    for strip in strips:
        (store.folder / strip).unlink(missing_ok=True)
    return True


def _shelved(session: Session, rows: list[FootageRow]) -> list[Shelved]:
    people = func.sum(case((MomentRow.said_by == PERSON, 1), else_=0))
    query = (
        select(MomentRow.footage_id, NameRow.name, func.count(), people)
        .join(SubjectRow, MomentRow.subject_id == SubjectRow.id)
        .join(NameRow, SubjectRow.label_id == NameRow.id)
        .where(MomentRow.footage_id.in_([row.id for row in rows]))
        .group_by(MomentRow.footage_id, NameRow.name)
        .order_by(func.count().desc(), NameRow.name)
    )
    counts: dict[int, dict[str, int]] = {row.id: {} for row in rows}
    said: dict[int, int] = dict.fromkeys(counts, 0)
    found: Any
    for found in session.execute(query):
        number, label, count, by_people = found
        counts[number][label] = count
        said[number] += int(by_people)
    return [Shelved(footage_of(row), row.indexed_utc, counts[row.id], said[row.id]) for row in rows]
