"""Numbered steps that bring a database to the tables of this version."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

#: Not Alembic's default name: a PostgreSQL database may be shared with programs that use that.
VERSION_TABLE = "everyframe_version"


def configuration(connection: Connection | None = None) -> Config:
    """Return Alembic's configuration, bound to ``connection``; users need no ``alembic.ini``."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


def head() -> str:
    """Return the newest step's number."""
    revision = ScriptDirectory.from_config(configuration()).get_current_head()
    assert revision is not None
    return revision


def current(connection: Connection) -> str | None:
    """Return the number of the last step taken, or ``None`` for a database without our tables."""
    context = MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE})
    return context.get_current_revision()


def upgrade(connection: Connection) -> None:
    """Take all steps that are left, inside the connection's transaction.

    Raises:
        alembic.util.CommandError: If the database was made by a later version.
    """
    command.upgrade(configuration(connection), "head")
