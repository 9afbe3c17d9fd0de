"""Full disks, read-only folders, locked and damaged databases: one line each, nothing half-written."""

from __future__ import annotations

import errno
import os
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import URL, Engine

from everyframe.errors import StorageError
from everyframe.store import Store, write_clip
from everyframe.store import run as run_module
from everyframe.store import store as store_module
from everyframe.store.database import open_engine
from everyframe.types import Event, Frame, StreamInfo

INFO = StreamInfo("park.mp4", 64, 48)
MakeEvent = Callable[..., Event]


def one_line(caught: pytest.ExceptionInfo[StorageError]) -> str:
    message = str(caught.value)
    assert "\n" not in message
    assert message.endswith(".")
    return message


def test_a_locked_database_is_said_after_the_patience(tmp_path: Path, make_event: MakeEvent) -> None:
    with Store(tmp_path, patience=0.1) as store:
        run = store.begin("park", INFO, "watch")
        other = sqlite3.connect(tmp_path / "everyframe.db", isolation_level=None)
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(StorageError, match="another program keeps it locked") as caught:
            run.add_event(make_event())
        assert "everyframe.db" in one_line(caught)
        other.execute("COMMIT")
        other.close()
        run.add_event(make_event())
        assert len(store.events()) == 1


def test_what_a_locked_database_did_not_take_is_written_later(tmp_path: Path) -> None:
    with Store(tmp_path, patience=0.05) as store:
        run = store.begin("park", INFO, "watch")
        run.add_score(1.0, 2.0, 0.5)
        other = sqlite3.connect(tmp_path / "everyframe.db", isolation_level=None)
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(StorageError, match="locked"):
            run.flush()
        other.execute("COMMIT")
        other.close()
        run.flush()
        assert [score.score for score in store.scores(run.id)] == [2.0]
        run.finish()


def test_a_failure_in_the_background_is_raised_by_the_next_call(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run_module, "FLUSH_SECONDS", 0.01)
    with Store(tmp_path, patience=0.05) as store:
        run = store.begin("park", INFO, "watch")
        other = sqlite3.connect(tmp_path / "everyframe.db", isolation_level=None)
        other.execute("BEGIN EXCLUSIVE")

        def until_it_fails() -> None:
            for step in range(10_000):
                run.add_score(float(step), 2.0, 0.5)
                time.sleep(0.005)

        with pytest.raises(StorageError, match="locked"):
            until_it_fails()
        other.execute("COMMIT")
        other.close()
        run.finish()


def test_opening_waits_for_a_program_that_makes_the_database(tmp_path: Path) -> None:
    other = sqlite3.connect(tmp_path / "everyframe.db", isolation_level=None, check_same_thread=False)
    other.execute("BEGIN EXCLUSIVE")
    other.execute("CREATE TABLE unrelated (x)")

    def let_go() -> None:
        time.sleep(0.3)
        other.execute("COMMIT")

    thread = threading.Thread(target=let_go)
    thread.start()
    Store(tmp_path, patience=30.0).close()
    thread.join()
    other.close()


def test_a_database_that_another_program_makes_is_not_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "everyframe.db"
    others: list[sqlite3.Connection] = []

    def made_meanwhile(url: URL, patience: float) -> Engine:
        other = sqlite3.connect(file, isolation_level=None)
        other.execute("CREATE TABLE theirs (x)")
        other.execute("BEGIN EXCLUSIVE")
        others.append(other)
        return open_engine(url, patience)

    monkeypatch.setattr(store_module, "open_engine", made_meanwhile)
    with pytest.raises(StorageError, match="another program keeps it locked"):
        Store(tmp_path, patience=0.1)
    assert file.exists()
    others[0].close()


def test_what_was_made_of_a_path_is_removed_again(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="too long"):
        Store(tmp_path / "a" / "b" / ("x" * 300))
    with pytest.raises(StorageError, match="too long"):
        Store(tmp_path / ("x" * 300))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("damage", "advice"),
    [(b"this is not a database, but text\n" * 40, "not a database"), (None, "damaged")],
)
def test_a_damaged_database_is_said_and_left_alone(tmp_path: Path, damage: bytes | None, advice: str) -> None:
    file = tmp_path / "everyframe.db"
    if damage is None:
        Store(tmp_path).close()
        data = bytearray(file.read_bytes())
        data[100:] = os.urandom(len(data) - 100)
        damage = bytes(data)
    file.write_bytes(damage)
    with pytest.raises(StorageError, match=advice) as caught:
        Store(tmp_path)
    assert "move it away" in one_line(caught)
    assert file.read_bytes() == damage


def test_a_file_where_the_folder_should_be_is_said(tmp_path: Path) -> None:
    (tmp_path / "events").write_bytes(b"")
    with pytest.raises(StorageError, match="in the way; choose another name") as caught:
        Store(tmp_path / "events")
    one_line(caught)
    assert [entry.name for entry in tmp_path.iterdir()] == ["events"]


@pytest.mark.parametrize(
    ("url", "advice"),
    [
        (
            "postgresql://bob:s3cret@127.0.0.1:1/events",
            "install the Python package|refuses",
        ),
        ("mongodb://bob:s3cret@host/events", "no driver for it; use sqlite or postgresql"),
        ("postgresql://bob:s3cret@host:port/events", "write a folder, a file name, or a URL"),
        ("://bob:s3cret@host", "write a folder, a file name, or a URL"),
    ],
)
def test_a_bad_url_is_refused_without_its_password(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, url: str, advice: str
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(StorageError, match=advice) as caught:
        Store(url, folder=tmp_path / "media")
    assert "s3cret" not in one_line(caught)
    assert list(tmp_path.iterdir()) == []


# The rest needs a process of its own: limits last for a process, and root ignores permissions.

_FILL = """
import resource, sys
import numpy as np
from pathlib import Path
from everyframe.errors import StorageError
from everyframe.store import Store, write_clip
from everyframe.types import Box, Event, Frame, StreamInfo

folder, limit = Path(sys.argv[1]), int(sys.argv[2])
info = StreamInfo("park.mp4", 640, 480)
rng = np.random.default_rng(0)
noise = [rng.integers(0, 255, (480, 640), dtype=np.uint8) for _ in range(8)]
if limit:
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
kept = 0
try:
    with Store(folder / "events") as store:
        run = store.begin("park", info, "watch")
        try:
            write_clip((Frame(i, i / 25, noise[i % 8]) for i in range(200)), folder / "events" / "clip.mp4")
            print("no error")
        except StorageError as error:
            print(error)
        while True:
            run.add_event(Event(1.0, 3.0, 2.0, Box(1, 2, 3, 4), 7.5, 0.01, "x" * 20_000))
            kept += 1
except StorageError as error:
    print(error)
print(kept)
"""


def fill(folder: Path, limit: int) -> tuple[list[str], int]:
    """Fill ``folder`` up to what it can hold; return the errors and how many events were kept."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", _FILL, str(folder), str(limit)],
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    *errors, kept = done.stdout.splitlines()
    return errors, int(kept)


def check_filled(folder: Path, errors: list[str], kept: int, copy: Path) -> None:
    """Check that the clip and the store each failed in one line and that every event kept is still there."""
    assert len(errors) == 2
    assert errors[0].startswith(f"Cannot write {folder}/events/clip.mp4: ")
    assert errors[1].startswith(f"Cannot use the database {folder}/events/everyframe.db: ")
    assert all("choose" in error for error in errors)
    assert {path.suffix for path in (folder / "events").iterdir()} <= {".db", ".db-wal", ".db-shm"}
    assert kept > 0
    copy.mkdir()
    for path in (folder / "events").glob("everyframe.db*"):
        (copy / path.name).write_bytes(path.read_bytes())
    with Store(copy) as store:
        assert len(store.events()) == kept


def test_a_file_that_may_not_grow_ends_in_one_line(tmp_path: Path) -> None:
    errors, kept = fill(tmp_path, 1_000_000)
    check_filled(tmp_path, errors, kept, tmp_path / "copy")


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """Mount a disk of 3 MB; the limit on the size of a file stands in for it where that is not allowed."""
    place = tmp_path / "disk"
    place.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", str(place)]
    mounted = os.geteuid() == 0 and subprocess.run(command, capture_output=True).returncode == 0
    try:
        yield place
    finally:
        if mounted:
            subprocess.run(["umount", str(place)], check=True)


def test_a_full_disk_ends_in_one_line(small_disk: Path, tmp_path: Path) -> None:
    real = os.path.ismount(small_disk)
    errors, kept = fill(small_disk, 0 if real else 1_000_000)
    check_filled(small_disk, errors, kept, tmp_path / "copy")
    if real:
        assert all("the disk is full" in error for error in errors)


_OPEN = """
import os, sys
from everyframe.errors import StorageError
from everyframe.store import Store
if os.geteuid() == 0:
    os.setuid(65534)
try:
    Store(sys.argv[1])
    print("opened")
except StorageError as error:
    print(error)
"""


@pytest.mark.parametrize("below", [".", "new"])
def test_a_folder_that_may_not_be_written_is_said(tmp_path: Path, below: str) -> None:
    for parent in [tmp_path, *list(tmp_path.parents)[:2]]:
        parent.chmod(0o755)
    place = tmp_path / "closed"
    place.mkdir(mode=0o555)
    done = subprocess.run(
        [sys.executable, "-c", _OPEN, str(place / below)], capture_output=True, text=True, timeout=60
    )
    assert "choose a place that you may write to" in done.stdout, done.stdout + done.stderr
    assert done.stdout.count("\n") == 1
    assert list(place.iterdir()) == []


def test_a_disk_that_is_too_full_for_the_tables_leaves_nothing(tmp_path: Path) -> None:
    errors, kept = fill(tmp_path, 8_000)
    assert kept == 0
    assert len(errors) == 1
    assert "choose" in errors[0]
    assert list(tmp_path.iterdir()) == []


def test_a_clip_says_that_the_disk_is_full(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StorageError, match="the disk is full; free some space") as caught:
        write_clip([Frame(0, 0.0, np.zeros((48, 64), np.uint8))], tmp_path / "a.mp4")
    one_line(caught)
    assert list(tmp_path.iterdir()) == []
