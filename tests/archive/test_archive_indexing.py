"""Footage and what others say of it: once, whole, and on from wherever it was stopped."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from threading import Event

import pytest

import everyframe as ef
from everyframe.archive import Indexing
from everyframe.archive.indexing import BATCH
from everyframe.errors import SettingError, SourceNotFound
from everyframe.store import Store
from everyframe.store.archive import Wanted, find


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store(tmp_path / "store") as made:
        yield made


def test_a_folder_is_indexed_once(cup: Path, store: Store) -> None:
    told: list[Indexing] = []
    done = ef.index(cup, store=store, progress=told.append)
    assert (done.footage, done.new_footage, done.tables, done.moments, done.pictures) == (1, 1, 2, 4, 3)
    assert done.faults == []
    assert {one.doing for one in told} == {"reading", "looking at"}
    again = ef.index(cup, store=store)
    assert (again.new_footage, again.new_tables, again.moments, again.pictures) == (0, 0, 0, 0)
    last = ef.search("smash", player="ada", last=5, store=store)
    assert [one.segment.start for one in last] == [9.0, 2.0]
    first = last.moments[0]
    assert first.segment.about["date"] == "2026-03-02"
    assert first.segment.about["text"] == "final; match point"
    assert first.path == (cup / "final 2026-03-02.mp4").resolve()
    assert first.strip is not None
    assert first.strip.stat().st_size > 2_000


def test_the_same_footage_under_another_name_is_one_entry(cup: Path, store: Store, tmp_path: Path) -> None:
    ef.index(cup, store=store)
    copy = tmp_path / "copy.mp4"
    copy.write_bytes((cup / "final 2026-03-02.mp4").read_bytes())
    assert ef.index(copy, store=store).new_footage == 0
    (cup / "final 2026-03-02.mp4").unlink()
    assert ef.index(copy, store=store).new_footage == 0
    assert ef.search("match point", store=store).moments[0].path == copy.resolve()


def test_a_feed_may_speak_of_footage_before_it_comes(cup: Path, store: Store) -> None:
    plays = cup.parent / "plays.csv"
    plays.write_text("video,start,end,label\nfinal 2026-03-02.mp4,1,3,goal\n", encoding="utf-8")
    ef.index(plays, store=store)
    (before,) = ef.search("goal", store=store)
    assert (before.path, before.utc) == (None, None)
    ef.index(cup, store=store)
    (after,) = ef.search("goal", store=store)
    assert after.id == before.id
    assert after.path is not None
    assert after.strip is not None
    assert after.segment.about["date"] == "2026-03-02"


def test_what_lies_beside_footage_says_what_it_is_and_when_its_clock_stood_where(
    clip: Path, store: Store, tmp_path: Path
) -> None:
    (tmp_path / "game.mp4").write_bytes(clip.read_bytes())
    (tmp_path / "game.json").write_text('{"date": "2026-05-01", "venue": "Old Park"}', encoding="utf-8")
    (tmp_path / "game.clock.csv").write_text("time,period,clock\n0,1,12:00\n11,1,11:49\n", encoding="utf-8")
    feed = "period,clock,event,player\nQ1,11:55,goal,Kim\nQ2,3:00,goal,Lee\n"
    (tmp_path / "game.plays.csv").write_text(feed, encoding="utf-8")
    done = ef.index(tmp_path / "game.mp4", store=store)
    assert done.left_out == 1
    assert "row 3: the clock was not read in period Q2 (read: 1)" in done.faults[0]
    (one,) = ef.search(player="Kim", store=store)
    assert (one.segment.start, one.segment.end) == (3.0, 7.0)
    assert one.segment.about["venue"] == "Old Park"
    assert one.segment.about["date"] == "2026-05-01"
    more = "time,period,clock\n0,1,12:00\n11,1,11:49\n1,2,3:01\n9,2,2:53\n"
    (tmp_path / "game.clock.csv").write_text(more, encoding="utf-8")
    assert ef.index(tmp_path / "game.mp4", store=store).moments == 1  # what is read of the clock counts, too
    assert len(ef.search("goal", store=store)) == 2


def test_what_a_corrected_table_says_no_more_is_gone(cup: Path, store: Store) -> None:
    ef.index(cup, store=store)
    labels = cup / "final 2026-03-02.labels.csv"
    labels.write_text(labels.read_text().replace("net shot", "drop"), encoding="utf-8")
    (strip,) = [one.strip for one in ef.search(label="net shot", store=store)]
    assert ef.index(cup, store=store).moments == 1
    assert not ef.search(label="net shot", store=store).moments
    assert ef.search(label="drop", store=store).moments
    assert strip is not None
    assert not strip.exists()


def test_what_looks_alike_is_found(cup: Path, store: Store) -> None:
    ef.index(cup, store=store)
    one = ef.search("match point", store=store).moments[0]
    likes = ef.search(like=one.id, store=store).moments
    assert [like.likeness is not None for like in likes] == [True, True]
    assert all(0.0 < (like.likeness or 0.0) <= 1.0 for like in likes)


def test_what_cannot_be_used_is_said_and_the_rest_is_taken(cup: Path, store: Store) -> None:
    (cup / "notes.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    (cup / "broken.mp4").write_bytes(b"no video" * 100)
    heard: list[str] = []
    done = ef.index(cup, store=store, fault=heard.append)
    assert done.faults == heard
    assert done.moments == 4
    assert len(heard) == 2
    assert any("notes.csv has no column that says what happens" in line for line in heard)
    assert any("broken.mp4: this is not video" in line for line in heard)


@pytest.mark.parametrize(
    ("arguments", "error", "why"),
    [
        ({"paths": "none.mp4"}, SourceNotFound, "none.mp4: there is no such file or folder"),
        ({"said_by": "nobody"}, SettingError, "write feed, person, recogniser"),
        ({"columns": {"colour": "red"}}, SettingError, "no field colour for a column"),
        ({"form": "none.json"}, SettingError, "there is no such form"),
        ({"form": "football"}, SettingError, "There is no form football; there is shuttleset"),
    ],
)
def test_what_is_asked_for_wrongly_is_refused_before_anything_is_made(
    tmp_path: Path, cup: Path, arguments: dict[str, object], error: type[Exception], why: str
) -> None:
    with pytest.raises(error, match=why):
        ef.index(**{"paths": cup, "store": str(tmp_path / "new")} | arguments)  # type: ignore[arg-type]
    assert not (tmp_path / "new").exists()


def test_whoever_stops_it_goes_on_from_there(cup: Path, store: Store) -> None:
    stop = Event()
    first = ef.index(cup, store=store, stop=stop, progress=lambda _: stop.set())
    assert first.stopped
    rest = ef.index(cup, store=store)
    assert not rest.stopped
    assert len(find(store, Wanted(limit=100))) == 4


def test_killed_in_mid_write_it_goes_on_and_keeps_everything_once(tmp_path: Path, cup: Path) -> None:
    """Killed as the power would, between two batches or within one; the next run goes on."""
    rows, place = 8_000, tmp_path / "kept"
    lines = [f"{at % 600},{at % 600 + 2},smash,Player {at % 40},{at}" for at in range(rows)]
    feed = cup / "feed.csv"
    feed.write_text("\n".join(["start,end,label,player,number", *lines]) + "\n", encoding="utf-8")
    command = [sys.executable, "-m", "everyframe", "index", str(cup), "--store", str(place)]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("EVERYFRAME_")}
    with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL) as child:
        while child.poll() is None and _kept(place) < BATCH:
            time.sleep(0.01)
        child.send_signal(signal.SIGKILL)
        assert child.wait(60) == -signal.SIGKILL
    whole = _kept(place)
    assert BATCH <= whole < rows
    assert whole % BATCH in (0, 1)  # batches are whole or not there; one moment is the other feed's
    with Store(place) as store:
        done = ef.index(cup, store=store)
        assert done.moments == rows + 4 - whole
        assert (done.faults, done.pictures) == ([], 3)
        one = find(store, Wanted(player="Player 3", limit=1_000))
        assert sorted(int(each.segment.about["number"]) for each in one) == [*range(3, rows, 40)]
        finals = find(store, Wanted("final", limit=100))
        assert [each.strip is not None and each.strip.is_file() for each in finals] == [True] * 3
        assert ef.index(cup, store=store).moments == 0
    assert _kept(place, check=True) == rows + 4


def _kept(place: Path, *, check: bool = False) -> int:
    """Return how many moments are kept; none while there is no store. May check the database, too."""
    if not (place / "everyframe.db").is_file():
        return 0
    with closing(sqlite3.connect(place / "everyframe.db", timeout=10.0)) as database:
        try:
            (count,) = database.execute("SELECT count(*) FROM moment").fetchone()
        except sqlite3.OperationalError:  # its tables are being made
            return 0
        if check:
            assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
            database.execute("INSERT INTO subject_words(subject_words) VALUES ('integrity-check')")
    return int(count)
