"""Subjects: who does what, where, each kept once with the names in it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from everyframe.highlights import Segment
from everyframe.highlights.text import folded
from everyframe.store.archive.fulltext import words_for
from everyframe.store.archive.rows import digest, insert, pieces
from everyframe.store.archive_models import NAME_KINDS, NameRow, SubjectRow


class Subjects:
    """Keeps subjects; what it knows of holds until a transaction fails."""

    def __init__(self) -> None:
        self._names: dict[tuple[str, str], int] = {}

    def numbers(self, session: Session, segments: Sequence[Segment]) -> list[int]:
        """Return the number of each segment's subject; those that are new are kept."""
        dialect = session.get_bind().dialect.name
        said = [_said(one) for one in segments]
        self._know_names(
            session, {(kind, name) for one in said for kind, name in one.items() if kind != "text"}
        )
        rows: dict[int, dict[str, Any]] = {}
        order: list[int] = []
        for one in said:
            numbers = {
                f"{kind}_id": self._names[kind, folded(one[kind])] if kind in one else None
                for kind in NAME_KINDS
            }
            text = one.get("text", "")
            uid = digest([*numbers.values(), text])
            order.append(uid)
            if uid not in rows:
                words = words_for(dialect, one.values())
                rows[uid] = {"uid": uid, **numbers, "text": text, "words": words}
        known: dict[int, int] = {}
        for new in (False, True):
            if new:
                insert(session, SubjectRow, [row for uid, row in rows.items() if uid not in known])
            for piece in pieces([uid for uid in rows if uid not in known]):
                query = select(SubjectRow.uid, SubjectRow.id).where(SubjectRow.uid.in_(piece))
                known.update(session.execute(query).all())
        return [known[uid] for uid in order]

    def _know_names(self, session: Session, names: set[tuple[str, str]]) -> None:
        missing = {(kind, folded(name)): name for kind, name in names}
        missing = {key: name for key, name in missing.items() if key not in self._names}
        if not missing:
            return
        rows = [{"kind": kind, "folded": found, "name": name} for (kind, found), name in missing.items()]
        insert(session, NameRow, rows)
        for kind in {kind for kind, _ in missing}:
            for piece in pieces([found for other, found in missing if other == kind]):
                query = select(NameRow.kind, NameRow.folded, NameRow.id)
                query = query.where(NameRow.kind == kind, NameRow.folded.in_(piece))
                self._names.update({(row[0], row[1]): row[2] for row in session.execute(query)})


def _said(one: Segment) -> dict[str, str]:
    """Return what a segment's subject says, by kind; what has no letter says nothing."""
    said = {"label": one.label} | {kind: one.about.get(kind, "") for kind in (*NAME_KINDS[1:], "text")}
    return {
        kind: name
        for kind, found in said.items()
        if kind == "label" or folded(found) or kind == "text"
        if (name := " ".join(found.split()))
    }
