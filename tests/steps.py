"""New SQLite databases get the tables that all steps lead to; each step is taken where steps are tested."""

from __future__ import annotations

from sqlalchemy import Connection

from everyframe.store import migrations

taken = migrations.upgrade
"""The real one: it takes step after step, a twentieth of a second for each of a thousand stores."""

_statements: list[str] = []


def copied(connection: Connection) -> None:
    """Do as ``migrations.upgrade``; of an empty SQLite database it does so at once, after the first."""
    empty = connection.dialect.name == "sqlite" and not _master(connection)
    if empty and _statements:
        for statement in _statements:
            connection.exec_driver_sql(statement)
        return
    taken(connection)
    if empty:
        # The tables behind the index of words come with it.
        _statements.extend(sql for name, sql in _master(connection) if sql and "subject_words_" not in name)
        _statements.append(f"INSERT INTO {migrations.VERSION_TABLE} VALUES ('{migrations.head()}')")


def _master(connection: Connection) -> list[tuple[str, str | None]]:
    found = connection.exec_driver_sql("SELECT name, sql FROM sqlite_master ORDER BY rowid")
    return [(str(name), sql) for name, sql in found]
