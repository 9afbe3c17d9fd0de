"""What to try where nothing was found."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Protocol

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from everyframe.highlights.query import Node, Term, terms
from everyframe.highlights.text import folded, near, stemmed
from everyframe.store.archive.fulltext import matching
from everyframe.store.archive.records import UNDATED
from everyframe.store.archive_models import MomentRow, NameRow, SubjectRow

_MOST = 20_000  # names that are held against what was asked for
EMPTY = (
    "Nothing is indexed yet: run `everyframe index` on footage, or on a file that says what happens in it."
)


class Asked(Protocol):
    """As much of ``Wanted`` as is needed here."""

    @property
    def text(self) -> str:
        """Words."""
        ...

    @property
    def names(self) -> Mapping[str, str]:
        """Whom and what it asks for by name, by kind."""
        ...

    @property
    def since(self) -> float | None:
        """POSIX seconds."""
        ...

    @property
    def until(self) -> float | None:
        """Likewise."""
        ...


def advise(session: Session, wanted: Asked, node: Node | None) -> list[str]:
    """Say why nothing was found and what to try, a sentence each."""
    if session.scalar(select(SubjectRow.id).limit(1)) is None:
        return [EMPTY]
    told = [
        said for kind, name in wanted.names.items() if (said := _of_name(session, kind, name)) is not None
    ]
    told += [said for term in terms(node) if (said := _of_term(session, term, wanted.text)) is not None]
    if told:
        return told
    if wanted.since is not None or wanted.until is not None:
        return [_of_dates(session)]
    return ["No moment has all of that at once; leave something out."]


def _of_name(session: Session, kind: str, name: str) -> str | None:
    known = list(session.scalars(select(NameRow.name).where(NameRow.kind == kind).limit(_MOST)))
    asked = set(stemmed(name))
    if asked and any(asked <= set(stemmed(one)) for one in known):
        return None
    if not known:
        return f"No moment names its {kind}; search without one."
    close = near(name, known)
    if close:
        return f"There is no {kind} like “{name}”; did you mean {_or(close)}?"
    some = ", ".join(sorted(known)[:5])
    return f"There is no {kind} like “{name}”; there are {len(known):,}, such as {some}."


def _of_term(session: Session, term: Term, text: str) -> str | None:
    """Say which words no moment has."""
    query, _ = matching(session.get_bind().dialect.name, select(SubjectRow.id), term)
    if session.execute(query.limit(1)).first() is not None:
        return None
    names = session.scalars(select(NameRow.name).limit(_MOST))
    known = {word for name in names for word in folded(name).split()}
    close = near(" ".join(term.words), known)
    meant = f"; did you mean {_or(close)}?" if close else "; try another word, or fewer."
    written = [word for word in text.split() if stemmed(word) == list(term.words)]
    return f"Nothing is said with “{[*written, ' '.join(term.words)][0]}”{meant}"


def _of_dates(session: Session) -> str:
    # One by one: asked for both at once, a database looks at every moment instead of at the ends of an index.
    dated = MomentRow.at > UNDATED / 2
    first = session.scalar(select(func.min(MomentRow.at)).where(dated))
    last = session.scalar(select(func.max(MomentRow.at)).where(dated))
    if first is None or last is None:
        return "No moment has a date; search without dates."
    return f"Nothing of that is within these dates; the archive goes from {_day(first)} to {_day(last)}."


def _day(utc: float) -> str:
    return f"{datetime.fromtimestamp(utc, UTC):%Y-%m-%d}"


def _or(names: list[str]) -> str:
    return " or ".join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else names[0]
