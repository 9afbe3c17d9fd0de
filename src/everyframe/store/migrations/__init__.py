"""Numbered steps that bring a database to the tables of this version."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, column, inspect, select, table

if TYPE_CHECKING:  # a database that is as it should be is opened without Alembic, which takes a while to load
    from alembic.config import Config

#: Not Alembic's default name: a PostgreSQL database may be shared with programs that use that.
VERSION_TABLE = "everyframe_version"


def configuration(connection: Connection | None = None) -> Config:
    """Return Alembic's configuration, bound to ``connection``; users need no ``alembic.ini``."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


@cache
def head() -> str:
    """Return the newest step's number."""
    return max(file.name[1:5] for file in Path(__file__).with_name("versions").glob("v*.py"))


def current(connection: Connection) -> str | None:
    """Return the number of the last step taken, or ``None`` for a database without our tables."""
    if not inspect(connection).has_table(VERSION_TABLE):
        return None
    found: str | None = connection.scalar(select(column("version_num")).select_from(table(VERSION_TABLE)))
    return found


def upgrade(connection: Connection) -> None:
    """Take all steps that are left, inside the connection's transaction.

    Raises:
        alembic.util.CommandError: If the database was made by a later version.
    """
    from alembic import command

    command.upgrade(configuration(connection), "head")
