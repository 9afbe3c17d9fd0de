"""The migrations lead to the models' tables, on SQLite as it is used and in PostgreSQL's SQL."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, text
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateTable
from tests import steps

from everyframe.errors import StorageError
from everyframe.store import Store, migrations
from everyframe.store.database import database_url, open_engine
from everyframe.store.models import Base
from everyframe.types import Event, StreamInfo

WITHOUT_NUMBERS = {"camera", "archive_name", "moment_vector"}


@pytest.fixture(autouse=True)
def step_after_step(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(migrations, "upgrade", steps.taken)


def test_upgrading_an_empty_database_gives_the_tables_of_the_models(tmp_path: Path) -> None:
    engine = open_engine(database_url(f"sqlite:///{tmp_path}/new.db"), 1.0)
    with engine.connect() as connection:
        context = MigrationContext.configure(
            connection,
            opts={
                "version_table": migrations.VERSION_TABLE,
                "compare_server_default": True,
                # SQLite keeps its index of words in tables that no model has.
                "include_name": lambda name, kind, _: kind != "table" or not name.startswith("subject_words"),
            },
        )
        assert compare_metadata(context, Base.metadata) == []
        assert migrations.current(connection) == migrations.head()
    engine.dispose()


def test_the_tables_of_other_tests_are_those_that_the_steps_lead_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Store(tmp_path / "steps").close()
    monkeypatch.setattr(migrations, "upgrade", steps.copied)
    for name in ("first", "copy"):
        Store(tmp_path / name).close()
    assert contents(tmp_path / "copy") == contents(tmp_path / "steps")


def contents(store: Path) -> set[tuple[str, ...]]:
    with closing(sqlite3.connect(store / "everyframe.db")) as database:
        rows = database.execute("SELECT type, name, tbl_name, sql FROM sqlite_master").fetchall()
        return {*rows, *database.execute(f"SELECT * FROM {migrations.VERSION_TABLE}")}


def test_the_newest_step_is_the_one_that_alembic_finds() -> None:
    assert migrations.head() == ScriptDirectory.from_config(migrations.configuration()).get_current_head()


def test_sqlite_writes_ahead_and_keeps_foreign_keys(tmp_path: Path) -> None:
    engine = open_engine(database_url(f"sqlite:///{tmp_path}/new.db"), 1.0)
    with engine.connect() as connection:
        assert connection.execute(text("PRAGMA journal_mode")).scalar() == "wal"
        assert connection.execute(text("PRAGMA foreign_keys")).scalar() == 1
    engine.dispose()


def test_every_step_can_be_taken_back(tmp_path: Path) -> None:
    engine = create_engine(f"sqlite:///{tmp_path}/new.db")
    with engine.begin() as connection:
        migrations.upgrade(connection)
        command.downgrade(migrations.configuration(connection), "base")
        left = connection.execute(text("SELECT name FROM sqlite_master WHERE type = 'table'")).scalars()
        assert set(left) == {migrations.VERSION_TABLE}
    engine.dispose()


def test_events_of_an_earlier_version_are_kept(tmp_path: Path, make_event: Callable[..., Event]) -> None:
    with Store(tmp_path) as store, store.begin("park", StreamInfo("park.mp4", 64, 48), "watch") as run:
        run.add_event(make_event(start=4.0))
    engine = create_engine(f"sqlite:///{tmp_path}/everyframe.db")
    with engine.begin() as connection:
        command.downgrade(migrations.configuration(connection), "0001")
    engine.dispose()
    with Store(tmp_path) as store:
        (kept,) = store.events()
    assert kept.event.start == 4.0
    assert kept.why is None
    assert (kept.event.name, kept.event.sightings) == ("", ())


def test_the_tables_can_be_made_in_postgresql() -> None:
    dialect = postgresql.dialect()  # type: ignore[no-untyped-call]
    for table in Base.metadata.sorted_tables:
        sql = str(CreateTable(table).compile(dialect=dialect))
        assert f"CREATE TABLE {table.name}" in sql
        assert ("DOUBLE PRECISION" in sql) == (table.name not in WITHOUT_NUMBERS)


def test_a_database_of_a_later_version_is_refused(tmp_path: Path) -> None:
    Store(tmp_path).close()
    database = sqlite3.connect(tmp_path / "everyframe.db")
    database.execute(f"UPDATE {migrations.VERSION_TABLE} SET version_num = '9999'")
    database.commit()
    database.close()
    with pytest.raises(StorageError, match="later version of Everyframe made it; update Everyframe"):
        Store(tmp_path)


def test_a_database_of_another_program_is_refused_and_left_alone(tmp_path: Path) -> None:
    database = sqlite3.connect(tmp_path / "recorder.db")
    database.execute("CREATE TABLE event (what TEXT)")
    database.commit()
    with pytest.raises(StorageError, match="belongs to another program"):
        Store(tmp_path / "recorder.db")
    tables = {name for (name,) in database.execute("SELECT name FROM sqlite_master")}
    database.close()
    assert tables == {"event"}


def test_a_step_that_fails_leaves_no_table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = migrations.upgrade

    def half(connection: object) -> None:
        real(connection)  # type: ignore[arg-type]
        raise RuntimeError("power cut")

    database = sqlite3.connect(tmp_path / "everyframe.db")
    monkeypatch.setattr(migrations, "upgrade", half)
    with pytest.raises(RuntimeError, match="power cut"):
        Store(tmp_path)
    assert database.execute("SELECT name FROM sqlite_master").fetchall() == []
    database.close()
