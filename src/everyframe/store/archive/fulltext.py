"""Text search as each database has it: FTS5 in SQLite, ``tsvector`` in PostgreSQL.

Words are folded and stemmed by ``highlights.text`` before they are kept, so that both find the same.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any as Anything

from sqlalchemy import Column, Double, Integer, Select, Text, cast, column, func, literal, table
from sqlalchemy.dialects.postgresql import TSQUERY, TSVECTOR
from sqlalchemy.sql.elements import ColumnElement

from everyframe.highlights.query import All, Any, Node, Term, Without
from everyframe.highlights.text import stemmed
from everyframe.store.archive_models import SubjectRow

EVERYTHING = "0all0"
"""A word that every subject has: FTS5 cannot search for what is not there alone."""

Query = Select[*tuple[Anything, ...]]
"""A query of whatever columns."""

_INDEX = table("subject_words", Column("rowid", Integer), Column("words", Text))
_RANK: ColumnElement[float] = column("rank", Double)


def words_for(dialect: str, texts: Iterable[str]) -> str:
    """Return the words of a subject as the database's index takes them."""
    words = [word for text in texts for word in stemmed(text)]
    if dialect == "sqlite":
        return " ".join((EVERYTHING, *words))
    places: dict[str, list[int]] = {}
    for place, word in enumerate(words[:16_000], start=1):  # tsvector counts no further
        places.setdefault(word, []).append(place)
    return " ".join(f"'{word}':{','.join(map(str, at[:250]))}" for word, at in places.items())


def matching(dialect: str, query: Query, node: Node) -> tuple[Query, ColumnElement[float]]:
    """Narrow a query of subjects to those that match.

    Returns:
        The query, and by what to order it: the least is the best match.
    """
    if dialect == "sqlite":
        joined = query.join(_INDEX, _INDEX.c.rowid == SubjectRow.id)
        return joined.where(column("subject_words").op("MATCH")(literal(_fts5(node)))), _RANK
    vector = cast(SubjectRow.words, TSVECTOR)
    asked = cast(literal(_tsquery(node)), TSQUERY)
    return query.where(vector.op("@@")(asked)), -func.ts_rank(vector, asked, 1)


def _fts5(node: Node) -> str:
    if isinstance(node, Term):
        return f'"{" ".join(node.words)}"' + ("*" if node.prefix else "")
    if isinstance(node, Without):
        return f'("{EVERYTHING}" NOT {_fts5(node.part)})'
    if isinstance(node, Any):
        return "(" + " OR ".join(_fts5(part) for part in node.parts) + ")"
    wanted = [part for part in node.parts if not isinstance(part, Without)]
    said = " AND ".join(_fts5(part) for part in wanted) or f'"{EVERYTHING}"'
    for part in node.parts:
        if isinstance(part, Without):
            said = f"({said}) NOT {_fts5(part.part)}"
    return f"({said})"


def _tsquery(node: Node) -> str:
    if isinstance(node, Term):
        *first, last = node.words
        ending = ":*" if node.prefix else ""
        return "(" + " <-> ".join([*(f"'{word}'" for word in first), f"'{last}'{ending}"]) + ")"
    if isinstance(node, Without):
        return f"!{_tsquery(node.part)}"
    between = " & " if isinstance(node, All) else " | "
    return "(" + between.join(_tsquery(part) for part in node.parts) + ")"
