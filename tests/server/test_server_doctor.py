from __future__ import annotations

import socket
import sqlite3
import time
from pathlib import Path

import pytest
from tests.server.conftest import event

from everyframe.server import doctor
from everyframe.server.doctor import Word, examine
from everyframe.store import Store, migrations
from everyframe.types import StreamInfo


def test_a_good_machine_is_said_to_be_good_and_nothing_is_made(tmp_path: Path) -> None:
    checks = list(examine(str(tmp_path / "new"), "127.0.0.1", 0))
    assert [check.name for check in checks] == [
        "Python", "Everyframe", "FFmpeg", "data folder", "disk", "database", "port", "clock",
    ]  # fmt: skip
    assert Word.BAD not in [check.word for check in checks]
    assert list(tmp_path.iterdir()) == []


def test_the_step_of_the_database_is_said(store: Store) -> None:
    check = doctor.database(str(store.folder))
    assert (check.word, check.text.endswith(f"migration {migrations.head()}")) == (Word.GOOD, True)


@pytest.mark.parametrize(("step", "word"), [("0001", Word.CARE), ("9999", Word.BAD)])
def test_an_older_or_newer_database_is_noticed(store: Store, step: str, word: Word) -> None:
    with sqlite3.connect(store.folder / "everyframe.db") as database:
        database.execute(f"UPDATE {migrations.VERSION_TABLE} SET version_num = ?", (step,))
    database.close()
    assert doctor.database(str(store.folder)).word is word


def test_a_file_that_is_no_database_is_noticed(tmp_path: Path) -> None:
    (tmp_path / "everyframe.db").write_bytes(b"noise" * 999)
    assert doctor.database(str(tmp_path)).word is Word.BAD


def test_a_port_that_is_taken_is_noticed() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        taken.settimeout(0.1)
        assert doctor.listening("127.0.0.1", taken.getsockname()[1]).word is Word.BAD


def test_a_folder_that_cannot_be_is_noticed(tmp_path: Path) -> None:
    assert doctor.writable(Path("/proc/nothing/here")).word is Word.BAD
    assert doctor.writable(tmp_path / "deep" / "down").word is Word.GOOD


def test_a_codec_that_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "DECODERS", ("h264", "h299"))
    check = doctor.codecs()
    assert check.word is Word.BAD
    assert "lacks h299" in check.text


def test_a_clock_before_the_latest_event_is_noticed(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    with store.begin("gate", StreamInfo("gate", 64, 48), "watch") as run:
        run.add_event(event())
    assert doctor.clock(str(store.folder)).word is Word.GOOD
    now = time.time()
    monkeypatch.setattr("everyframe.server.doctor.time.time", lambda: now - 3600)
    assert doctor.clock(str(store.folder)).word is Word.BAD
