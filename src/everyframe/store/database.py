"""Opening the database, and saying plainly what is wrong with it."""

from __future__ import annotations

import math
import re
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Engine, create_engine, event, func, inspect, make_url, select
from sqlalchemy.exc import ArgumentError, DatabaseError, DBAPIError, NoSuchModuleError

from everyframe.errors import StorageError
from everyframe.files import storage_error
from everyframe.store import (
    action_models,  # noqa: F401 - its tables belong to the metadata too
    archive_models,  # noqa: F401 - likewise
    migrations,
)
from everyframe.store.models import Base

WRITES = {"everyframe_writes": True}
"""Execution option: the transaction will write, so take the lock at its start."""

_MIGRATING = 0x65766672  # "evfr": PostgreSQL knows locks by number

_CACHE_KIB = 8_192
"""What a connection to SQLite keeps of the file at most. By itself it keeps 2 MB: less than the words and the
subjects of a large archive, all of which a search for text may read."""

_ADVICE = {
    "SQLITE_FULL": "the disk is full; free some space or choose a place on another disk",
    "SQLITE_IOERR": "the disk is full or reports an error; free some space or choose another disk",
    "SQLITE_READONLY": "it is read-only; choose a place that you may write to",
    "SQLITE_PERM": "permission is denied; choose a place that you may write to",
    "SQLITE_CANTOPEN": "it cannot be opened there; choose a place that you may write to",
    "SQLITE_BUSY": "another program keeps it locked; end that program, or choose another place",
    "SQLITE_LOCKED": "another program keeps it locked; end that program, or choose another place",
    "SQLITE_CORRUPT": "it is damaged; move it away (a new one is made) or restore a copy",
    "SQLITE_NOTADB": "it is not a database; move it away or choose another place",
}


def database_url(place: str) -> URL:
    """Read a database URL.

    Raises:
        StorageError: If it is not one.
    """
    try:
        url = make_url(place)
        # Whoever says no driver gets the one that Everyframe's extra installs.
        return url.set(drivername="postgresql+psycopg") if url.drivername == "postgresql" else url
    except (ArgumentError, ValueError):
        raise StorageError(
            f"Cannot use {masked(place)} as a database: "
            "write a folder, a file name, or a URL such as postgresql://user@host/name."
        ) from None


def masked(text: str) -> str:
    """Hide user names, passwords and tokens in whatever looks like a URL."""
    text = re.sub(r"(?<=://)[^/\s]*@", "***@", text)
    return re.sub(
        r"(?i)([?&][^=&\s]*(?:user|pass|pwd|token|key|auth|secret)[^=&\s]*=)[^&\s]*", r"\1***", text
    )


def open_engine(url: URL, patience: float) -> Engine:
    """Open a database and bring its tables up to date.

    Args:
        url: Where; for SQLite its folder must exist.
        patience: Seconds to wait for another program that is writing.

    Raises:
        StorageError: If it cannot be opened, is not ours, or comes from a later version.
    """
    name = place_name(url)
    sqlite = url.get_backend_name() == "sqlite"
    try:
        engine = create_engine(url, connect_args=_patient(url, patience), pool_pre_ping=not sqlite)
    except (NoSuchModuleError, ModuleNotFoundError) as error:
        missing = getattr(error, "name", None)
        what = f"install the Python package {missing}" if missing else "use sqlite or postgresql"
        raise StorageError(f"Cannot use the database {name}: no driver for it; {what}.") from None
    if sqlite:
        event.listen(engine, "connect", partial(_prepare_sqlite, patience))
        event.listen(engine, "begin", _begin_sqlite)
    try:
        with said_plainly(name):
            _migrate(engine, name)
    except BaseException:
        engine.dispose()
        raise
    return engine


def _patient(url: URL, patience: float) -> dict[str, Any]:
    """Return what keeps a driver from waiting for minutes, unless the URL says for how long."""
    if url.get_backend_name() == "sqlite":
        return {"timeout": patience}
    if "psycopg" not in url.get_driver_name() or "connect_timeout" in url.query:
        return {}
    return {"connect_timeout": max(2, math.ceil(patience))}  # seconds; libpq knows no less than two


def place_name(url: URL) -> str:
    """Name a database in messages: its file, or its URL without credentials."""
    if url.get_backend_name() == "sqlite":
        return url.database or "in memory"
    return masked(url.render_as_string(hide_password=True))


@contextmanager
def said_plainly(name: str) -> Iterator[None]:
    """Turn the database's errors into one line that says what to do."""
    try:
        yield
    except DBAPIError as error:
        raise _explained(error, name) from error
    except OSError as error:
        raise storage_error(error, name) from error


def remove_sqlite(file: Path) -> None:
    """Remove a database file that was begun and could not be finished, with its companions."""
    for ending in ("", "-wal", "-shm", "-journal"):
        with suppress(OSError):  # the error that led here is the one to report
            file.with_name(file.name + ending).unlink(missing_ok=True)


def made_busy(error: BaseException) -> bool:
    """Say whether an error means that another program has the database."""
    cause = error.__cause__
    return isinstance(cause, DBAPIError) and _is_lock(cause.orig)


def _is_lock(error: BaseException | None) -> bool:
    return getattr(error, "sqlite_errorname", "").startswith(("SQLITE_BUSY", "SQLITE_LOCKED"))


def _migrate(engine: Engine, name: str) -> None:
    with engine.connect() as connection:
        if migrations.current(connection) == migrations.head():
            return
    from alembic.util import CommandError

    with engine.connect().execution_options(**WRITES) as connection, connection.begin():
        if connection.dialect.name == "postgresql":
            # Of programs that come at once the first makes the tables and the others wait for them, as they
            # do for the lock that SQLite takes by itself.
            connection.execute(select(func.pg_advisory_xact_lock(_MIGRATING)))
        if migrations.current(connection) is None:
            strangers = set(inspect(connection).get_table_names()) & set(Base.metadata.tables)
            if strangers:
                raise StorageError(
                    f"Cannot use the database {name}: it belongs to another program; choose another place."
                )
        try:
            migrations.upgrade(connection)
        except CommandError:
            raise StorageError(
                f"Cannot use the database {name}: a later version of Everyframe made it; update Everyframe."
            ) from None


def _prepare_sqlite(patience: float, connection: Any, _record: object) -> None:
    # Python's driver begins transactions late and never for DDL; SQLAlchemy begins them here instead, so
    # that a migration happens whole or not at all.
    connection.isolation_level = None
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")
    deadline = time.monotonic() + patience
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            # The one statement that does not wait by itself: two programs that make a database at once.
            if not _is_lock(error) or time.monotonic() > deadline:
                raise
            time.sleep(0.02)
        else:
            return


def _begin_sqlite(connection: Any) -> None:
    writes = connection.get_execution_options().get("everyframe_writes", False)
    # A reader that turns writer midway fails at once when somebody else wrote; one that says so waits.
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _explained(error: DBAPIError, name: str) -> StorageError:
    cause = error.orig
    if isinstance(cause, sqlite3.Error):
        code = getattr(cause, "sqlite_errorname", "")
        advice = next((_ADVICE[key] for key in _ADVICE if code.startswith(key)), None)
        if advice is None:
            advice = f"{cause}; choose another place"
        return StorageError(f"Cannot use the database {name}: {advice}.")
    first = masked(str(cause).strip().splitlines()[0]) if str(cause).strip() else type(cause).__name__
    kind = "refuses" if isinstance(error, DatabaseError) else "fails"
    return StorageError(f"Cannot use the database {name}: it {kind} ({first}); check its address and rights.")
