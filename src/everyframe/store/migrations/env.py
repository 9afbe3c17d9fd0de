"""Alembic runs this file; the connection comes from the caller, never from a configuration file."""

from __future__ import annotations

from alembic import context

from everyframe.store.migrations import VERSION_TABLE
from everyframe.store.models import Base

connection = context.config.attributes["connection"]
assert connection is not None
context.configure(
    connection=connection,
    target_metadata=Base.metadata,
    version_table=VERSION_TABLE,
    # SQLite cannot alter most of a table: later steps copy it instead.
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
