"""The store in PostgreSQL: the server is killed in mid-write, and nothing that was committed is lost."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.databases import PostgresServer

from everyframe.errors import StorageError
from everyframe.store import Store
from everyframe.types import Event, StreamInfo

WRITING = """
import sys
from everyframe.store import Store
from everyframe.types import Box, Event, StreamInfo

store = Store(sys.argv[1], folder=sys.argv[2])
run = store.begin("park", StreamInfo("park.mp4", 64, 48), "watch")
for second in range(100_000):
    event = Event(second, second + 1.0, second, Box(0, 0, 4, 4), 5.0, 0.001, "moves oddly", utc=second)
    print(run.add_event(event), flush=True)
"""


def test_a_server_killed_in_mid_write_loses_nothing_that_was_committed(
    mortal_postgres: PostgresServer, tmp_path: Path
) -> None:
    place = mortal_postgres.url(mortal_postgres.fresh())
    command = [sys.executable, "-c", WRITING, place, str(tmp_path)]
    with subprocess.Popen(command, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as child:
        assert child.stdout is not None
        assert child.stderr is not None
        told = [child.stdout.readline() for _ in range(20)]
        mortal_postgres.kill()
        told += child.stdout.readlines()
        assert "everyframe.errors.StorageError: Cannot use the database postgresql" in child.stderr.read()
        assert child.wait(30.0) == 1
    mortal_postgres.start()
    with Store(place, folder=tmp_path) as store:
        assert {int(line) for line in told} <= {stored.id for stored in store.events()}


def test_a_store_goes_on_once_its_server_is_back(
    mortal_postgres: PostgresServer, tmp_path: Path, make_event: Callable[..., Event]
) -> None:
    with Store(mortal_postgres.url(mortal_postgres.fresh()), folder=tmp_path) as store:
        run = store.begin("park", StreamInfo("park.mp4", 64, 48), "watch")
        run.add_event(make_event())
        mortal_postgres.kill()
        with pytest.raises(StorageError, match="Cannot use the database") as caught:
            run.add_event(make_event(9.0))
        assert "\n" not in str(caught.value)
        mortal_postgres.start()
        end = time.monotonic() + 20.0
        while True:
            try:
                run.add_event(make_event(9.0))
                break
            except StorageError:
                assert time.monotonic() < end
        assert [stored.event.start for stored in store.events()] == [1.0, 9.0]
