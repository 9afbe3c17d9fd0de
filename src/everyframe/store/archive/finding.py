"""Finding moments: first the subjects that match, then as few of their moments as are wanted.

The newest N of many moments lie in the N subjects whose newest moments are newest; so no search looks at
more than N subjects' moments, however many there are.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session
from sqlalchemy.sql.elements import ColumnElement

from everyframe.errors import SettingError
from everyframe.highlights.query import Any, Node, Term, parse, terms
from everyframe.highlights.text import folded, stemmed
from everyframe.store.archive.fulltext import Query, matching
from everyframe.store.archive.hints import advise
from everyframe.store.archive.nearness import Nearness
from everyframe.store.archive.records import UNDATED, Found, StoredMoment, stored
from everyframe.store.archive_models import NAME_KINDS, FootageRow, MomentRow, NameRow, SubjectRow
from everyframe.store.store import Store

MOST = 1_000
"""Moments that one search returns at most."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is searched for.

    Attributes:
        text: Words, phrases, ``and``, ``or``, ``not``.
        label: What happens.
        player: Who does it; any word of the name will do, written anyhow.
        team: Whose.
        opponent: Against whom.
        competition: Where.
        since: POSIX seconds from which on.
        until: POSIX seconds before which.
        newest: Newest first; else the best match comes first.
        like: Number of a moment: the most like it first.
        limit: How many at most.
        offset: How many of the first to leave out.
    """

    text: str = ""
    label: str | None = None
    player: str | None = None
    team: str | None = None
    opponent: str | None = None
    competition: str | None = None
    since: float | None = None
    until: float | None = None
    newest: bool = False
    like: int | None = None
    limit: int = 20
    offset: int = 0

    @property
    def names(self) -> dict[str, str]:
        """Whom and what it asks for by name, by kind."""
        told = {kind: getattr(self, kind) for kind in NAME_KINDS}
        return {kind: name for kind, name in told.items() if name is not None and name.strip()}


def find(store: Store, wanted: Wanted) -> Found:
    """Search the archive.

    Raises:
        SettingError: The limit is out of its range, the text is too long, or there is no moment to be like.
        StorageError: The store cannot be read.
    """
    if not (1 <= wanted.limit <= MOST and 0 <= wanted.offset <= 10 * MOST):
        raise SettingError(f"A search returns 1 to {MOST:,} moments; {wanted.limit:,} is out of that range.")
    node = parse(wanted.text)
    nearness = Nearness(store)
    with store.reading() as session:
        names: dict[str, list[int]] = {}
        for kind, name in wanted.names.items():
            names[kind] = _named(session, kind, name)
            if not names[kind]:
                return Found([], hints=advise(session, wanted, node))
        if wanted.like is not None:
            likes = nearness.like(session, wanted.like, 20 * (wanted.limit + wanted.offset + 1))
            if likes is not None:
                chosen = _chosen(session, wanted, node, names, likes)
                return _told(store, session, wanted, chosen, likes)
            node, wanted = _same_words(session, wanted.like), replace(wanted, newest=False)
        chosen = _numbers(session, wanted, node, names)
        found = _told(store, session, wanted, chosen, {})
        return found if found.moments else Found([], hints=advise(session, wanted, node))


def moment(store: Store, number: int) -> StoredMoment | None:
    """Return the moment of a number, or ``None``."""
    with store.reading() as session:
        return next(iter(_records(store, session, [number], {})), None)


def names_of(store: Store, kind: str, most: int) -> list[str]:
    """Return what there is of a kind of names, in order: ``player``, ``label`` and so on."""
    query = select(NameRow.name).where(NameRow.kind == kind).order_by(NameRow.folded).limit(most)
    with store.reading() as session:
        return list(session.scalars(query))


def _named(session: Session, kind: str, name: str) -> list[int]:
    """Return the numbers of names: that one, or else all that have each of its words."""
    asked = folded(name)
    exact = session.scalar(select(NameRow.id).where(NameRow.kind == kind, NameRow.folded == asked))
    if exact is not None:
        return [exact]
    query = select(NameRow.id, NameRow.folded).where(NameRow.kind == kind)
    if kind != "label":  # there are few of those, and each may be a plural
        for word in asked.split():
            query = query.where(NameRow.folded.contains(word, autoescape=True))
    stems = set(stemmed(name))
    return [number for number, found in session.execute(query) if stems and stems <= set(stemmed(found))]


def _numbers(
    session: Session, wanted: Wanted, node: Node | None, names: Mapping[str, list[int]]
) -> list[int]:
    """Return the numbers of moments, in order, one more than wanted where there are more."""
    count = wanted.limit + wanted.offset + 1
    latest = (MomentRow.at.desc(), MomentRow.id.desc())
    if node is None and not names:
        return list(session.scalars(_within(select(MomentRow.id), wanted).order_by(*latest).limit(count)))
    by_time = wanted.newest or not _ranked(node)
    found: list[tuple[float, float, int]] = []
    for place, (subject, newest) in enumerate(_subjects(session, wanted, node, names, count)):
        if len(found) == count and (not by_time or -found[-1][1] > newest):
            break
        query = _within(select(MomentRow.at, MomentRow.id), wanted).where(MomentRow.subject_id == subject)
        for at, number in session.execute(query.order_by(*latest).limit(count)):
            found.append((0.0 if by_time else float(place), -at, -number))
        found = sorted(found)[:count]
    return [-number for _, _, number in found]


def _subjects(
    session: Session, wanted: Wanted, node: Node | None, names: Mapping[str, list[int]], count: int
) -> list[tuple[int, float]]:
    """Return subjects that match and the time of their newest moment that does, in order."""
    newest: ColumnElement[float] = SubjectRow.__table__.c.newest
    if wanted.until is not None:
        last = _within(select(func.max(MomentRow.at)), wanted).where(MomentRow.subject_id == SubjectRow.id)
        newest = case((newest < wanted.until, newest), else_=last.correlate(SubjectRow).scalar_subquery())
    chosen = newest.label("newest_moment")
    query, order = _matching(session, select(SubjectRow.id, chosen), node, names)
    since = wanted.since
    if since is None and wanted.until is not None:
        since = UNDATED / 2
    if since is not None:
        query = query.where(newest >= since)
    if wanted.until is not None:
        query = query.where(SubjectRow.oldest < wanted.until)
    ordered = [chosen.desc()] if wanted.newest else [*order, chosen.desc()]
    rows = session.execute(query.order_by(*ordered, SubjectRow.id.desc()).limit(count))
    return [(row[0], row[1]) for row in rows]


def _matching(
    session: Session, query: Query, node: Node | None, names: Mapping[str, list[int]]
) -> tuple[Query, list[ColumnElement[float]]]:
    """Narrow a query of subjects to names and text; say by what to order it for the best match."""
    columns = SubjectRow.__table__.c
    query = query.where(*(columns[f"{kind}_id"].in_(numbers) for kind, numbers in names.items()))
    if node is None:
        return query, []
    query, rank = matching(session.get_bind().dialect.name, query, node)
    return query, [rank] if _ranked(node) else []


def _ranked(node: Node | None) -> bool:
    """Say whether one match may be better than another; without a word that is wanted all are as good.

    Where nearly all subjects match, ranking them takes most of the time that a search takes.
    """
    return any(terms(node))


def _within(query: Query, wanted: Wanted) -> Query:
    """Narrow a query of moments to a stretch of time: none without a date, and none is like itself."""
    if wanted.like is not None:
        query = query.where(MomentRow.id != wanted.like)
    if wanted.since is not None:
        query = query.where(MomentRow.at >= wanted.since)
    elif wanted.until is not None:
        query = query.where(MomentRow.at >= UNDATED / 2)
    if wanted.until is not None:
        query = query.where(MomentRow.at < wanted.until)
    return query


def _chosen(
    session: Session,
    wanted: Wanted,
    node: Node | None,
    names: Mapping[str, list[int]],
    likes: Mapping[int, float],
) -> list[int]:
    """Return those of some moments that are wanted otherwise, too, the most like first."""
    query, _ = _matching(session, select(MomentRow.id), node, names)
    query = _within(query.where(MomentRow.subject_id == SubjectRow.id, MomentRow.id.in_(likes)), wanted)
    return sorted(session.scalars(query), key=lambda number: -likes[number])


def _same_words(session: Session, number: int) -> Node:
    """Return the query that finds what is said in the like words.

    Raises:
        SettingError: There is no such moment.
    """
    query = select(SubjectRow).join(MomentRow, MomentRow.subject_id == SubjectRow.id)
    subject = session.scalar(query.where(MomentRow.id == number))
    if subject is None:
        raise SettingError(f"There is no moment {number}; search for some, and take a number from there.")
    numbers = [getattr(subject, f"{kind}_id") for kind in NAME_KINDS]
    names = list(session.scalars(select(NameRow.name).where(NameRow.id.in_(numbers))))
    words = dict.fromkeys(word for text in (*names, subject.text[:300]) for word in stemmed(text))
    return Any(tuple(Term((word,)) for word in words))


def _told(
    store: Store, session: Session, wanted: Wanted, numbers: Sequence[int], likes: Mapping[int, float]
) -> Found:
    """Make the page that is wanted of all numbers."""
    end = wanted.offset + wanted.limit
    return Found(_records(store, session, numbers[wanted.offset : end], likes), more=len(numbers) > end)


def _records(
    store: Store, session: Session, numbers: Sequence[int], likes: Mapping[int, float]
) -> list[StoredMoment]:
    query = (
        select(MomentRow, SubjectRow, FootageRow)
        .join(SubjectRow, MomentRow.subject_id == SubjectRow.id)
        .outerjoin(FootageRow, MomentRow.footage_id == FootageRow.id)
        .where(MomentRow.id.in_(numbers))
    )
    rows = {row.id: (row, subject, footage) for row, subject, footage in session.execute(query)}
    wanted = {getattr(subject, f"{kind}_id") for _, subject, _ in rows.values() for kind in NAME_KINDS}
    told = session.execute(select(NameRow.id, NameRow.name).where(NameRow.id.in_(wanted - {None})))
    names = dict(told.all())
    return [
        stored(*rows[number], names, store.folder, likes.get(number)) for number in numbers if number in rows
    ]
