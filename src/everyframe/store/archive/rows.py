"""Rows as they are written: many at once, and none twice."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import bindparam, case, delete, func, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from everyframe.store.archive_models import MomentRow, NameRow, SubjectRow

_PIECE = 500  # values in one statement: databases take no endless ones


def bounds(session: Session, subjects: Iterable[int]) -> None:
    """Find anew when the newest and oldest moments of subjects were; those without any are removed."""
    of = MomentRow.subject_id == SubjectRow.id
    newest = select(func.max(MomentRow.at)).where(of).scalar_subquery()
    oldest = select(func.min(MomentRow.at)).where(of).scalar_subquery()
    for piece in pieces(sorted(subjects)):
        these = SubjectRow.id.in_(piece)
        session.execute(
            update(SubjectRow).where(these).values(newest=newest, oldest=oldest),
            execution_options={"synchronize_session": False},
        )
        gone = these & SubjectRow.newest.is_(None)
        session.execute(delete(SubjectRow).where(gone), execution_options={"synchronize_session": False})


def date_moments(session: Session, footage: int, before: float, after: float) -> None:
    """Carry moments from the day that their footage had before to the one that it has now."""
    of_it = MomentRow.footage_id == footage
    same_day = func.abs(MomentRow.at - MomentRow.start_time - before) < 1.0
    subjects = set(session.scalars(select(MomentRow.subject_id).where(of_it, same_day).distinct()))
    session.execute(
        update(MomentRow).where(of_it, same_day).values(at=after + MomentRow.start_time),
        execution_options={"synchronize_session": False},
    )
    bounds(session, subjects)


def widen(session: Session, rows: Iterable[Mapping[str, Any]]) -> None:
    """Have subjects know of their new moments."""
    spans: dict[int, tuple[float, float]] = {}
    for row in rows:
        low, high = spans.get(row["subject_id"], (row["at"], row["at"]))
        spans[row["subject_id"]] = min(low, row["at"]), max(high, row["at"])
    if not spans:
        return
    table = SubjectRow.__table__
    low, high = bindparam("low"), bindparam("high")
    session.connection().execute(
        update(table)  # type: ignore[arg-type]
        .where(table.c.id == bindparam("number"))
        .values(
            oldest=case((table.c.oldest < low, table.c.oldest), else_=low),
            newest=case((table.c.newest > high, table.c.newest), else_=high),
        ),
        [{"number": number, "low": span[0], "high": span[1]} for number, span in spans.items()],
    )


def insert(
    session: Session,
    model: type[MomentRow] | type[SubjectRow] | type[NameRow],
    rows: list[dict[str, Any]],
    keeps: Sequence[str] = (),
    owner: str = "",
) -> None:
    """Insert rows; those that are there stay, but take ``keeps`` where ``owner`` is the same."""
    if not rows:
        return
    table = model.__table__
    dialect = sqlite if session.get_bind().dialect.name == "sqlite" else postgresql
    statement = dialect.insert(table)
    if keeps:
        statement = statement.on_conflict_do_update(
            index_elements=["uid"],
            set_={name: statement.excluded[name] for name in keeps},
            where=table.c[owner] == statement.excluded[owner],
        )
    else:
        statement = statement.on_conflict_do_nothing()
    session.connection().execute(statement, rows)


def digest(parts: Sequence[Any]) -> int:
    """Return a number that says the same of the same; two of a million are alike by chance once in 10^7."""
    text = json.dumps(parts, sort_keys=True, ensure_ascii=False).encode("utf-8", "surrogatepass")
    return int.from_bytes(hashlib.blake2b(text, digest_size=8).digest(), "big", signed=True)


def pieces(values: list[Any]) -> Iterable[list[Any]]:
    """Yield values in lists that one statement takes."""
    for start in range(0, len(values), _PIECE):
        yield values[start : start + _PIECE]
