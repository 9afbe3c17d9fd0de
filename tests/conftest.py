"""In CI nothing skips for want of something that CI should have: such a skip is a failure."""

from __future__ import annotations

import os
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from tests import steps
from tests.actions.outside import Receiver
from tests.databases import PostgresServer, programs

from everyframe.store import Store, migrations

CI = "EVERYFRAME_CI"

# How long an example takes says what else the machine is doing. CI tries the same examples each time, so that
# what fails there is the change; new examples are found where people work.
settings.register_profile("everyframe", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True)
settings.load_profile("ci" if os.environ.get(CI) == "1" else "everyframe")


def _refuse(report: Any, marked: bool) -> None:
    """Turn a skip into a failure, unless it is real footage that is missing."""
    if report.skipped and not hasattr(report, "wasxfail") and not marked and os.environ.get(CI) == "1":
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        report.outcome = "failed"
        report.longrepr = f"In CI this must not skip: {reason}; install what it wants (.ci/packages.txt)."


@pytest.hookimpl(tryfirst=True)  # before pytest-xdist reads what belongs together
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run the tests of a module that share what it makes in one worker, or each worker would make it.

    Begin with what one worker has to do in one go, so that none is left alone with it at the end.
    """
    for item in items:
        if item.get_closest_marker("xdist_group") is None and _shares(item):
            item.add_marker(pytest.mark.xdist_group(item.path.stem))
    items.sort(key=lambda item: item.get_closest_marker("xdist_group") is None)


def _shares(item: pytest.Item) -> bool:
    if not isinstance(item, pytest.Function):
        return False
    made = item._fixtureinfo.name2fixturedefs.values()
    return any(fixture.scope == "module" for definitions in made for fixture in definitions)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    _refuse(report, item.get_closest_marker("data") is not None)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(
    collector: pytest.Collector,
) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    report = yield
    _refuse(report, collector.get_closest_marker("data") is not None)
    return report


@pytest.fixture(scope="session", autouse=True)
def steps_taken_once() -> Iterator[None]:
    """Bring new SQLite databases to their tables at once, as those of PostgreSQL are copies of a template."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(migrations, "upgrade", steps.copied)
        yield


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """Return a PostgreSQL server with a database ``template`` that holds the tables."""
    if programs() is None:
        pytest.skip("PostgreSQL is not installed; see .ci/packages.txt")
    server = PostgresServer()
    try:
        template = server.fresh()
        assert template == "db1"
        Store(server.url(template)).close()
        yield server
    finally:
        server.stop()


@pytest.fixture(params=["sqlite", "postgresql"])
def kept_in(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Return the place of an empty store: once in SQLite, once in PostgreSQL."""
    if request.param == "sqlite":
        return str(tmp_path / "store")
    server: PostgresServer = request.getfixturevalue("postgres")
    return server.url(server.fresh("db1"))


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    server = Receiver()
    yield server
    server.close()


@pytest.fixture
def mortal_postgres() -> Iterator[PostgresServer]:
    """Return a server of PostgreSQL that a test may kill."""
    if programs() is None:
        pytest.skip("PostgreSQL is not installed; see .ci/packages.txt")
    started = PostgresServer()
    yield started
    started.stop()
