"""What the store does not take is written later: in order, once, within bounds."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.actions.outside import Clock, wait_until
from tests.databases import PostgresServer
from tests.store.conftest import made_event

from everyframe.actions import Hearer, News, Outbox
from everyframe.anomaly.joining import Finding
from everyframe.errors import StorageError
from everyframe.live import CameraSpec, CameraState, LiveSettings, Notice, Supervisor
from everyframe.live.diary import Diary
from everyframe.live.later import Later
from everyframe.sources import open_source
from everyframe.store import Store, StoreSink
from everyframe.types import Frame, StreamInfo

pytestmark = pytest.mark.xdist_group("later")  # some start processes of their own


class Shelf:
    """Takes what is put there while it is open."""

    def __init__(self) -> None:
        self.open = True
        self.kept: list[int] = []

    def put(self, number: int) -> None:
        if not self.open:
            raise StorageError("The shelf is full; clear it.")
        self.kept.append(number)


@given(st.lists(st.tuples(st.booleans(), st.floats(0.0, 20.0)), max_size=60))
def test_nothing_is_lost_or_doubled_or_put_out_of_order(steps: list[tuple[bool, float]]) -> None:
    shelf, clock = Shelf(), Clock(0.0)
    later = Later(lambda _: None, age=float("inf"), clock=clock)
    for number, (is_open, seconds) in enumerate(steps):
        shelf.open = is_open
        later.do(lambda number=number: shelf.put(number))  # type: ignore[misc]
        clock.utc += seconds
        later.step()
    shelf.open = True
    later.flush()
    assert shelf.kept == list(range(len(steps)))
    assert later.trouble == ""


def test_one_line_says_that_it_begins_and_one_that_it_is_over() -> None:
    said: list[str] = []
    shelf, clock = Shelf(), Clock(0.0)
    later = Later(said.append, clock=clock)
    shelf.open = False
    for number in range(50):
        later.do(lambda number=number: shelf.put(number))  # type: ignore[misc]
        clock.utc += 1.0
        later.step()
    assert said == [
        "The shelf is full; clear it. What is found meanwhile is kept in memory and written later."
    ]
    assert later.trouble == "The shelf is full; clear it."
    shelf.open = True
    clock.utc += 10.0
    later.step()
    assert said[1:] == ["The store takes what is written again."]
    assert len(shelf.kept) == 50


def test_what_waits_has_bounds_in_number_and_age() -> None:
    said: list[str] = []
    shelf, clock = Shelf(), Clock(0.0)
    later = Later(said.append, most=10, age=100.0, clock=clock)

    def never() -> None:
        raise StorageError("No store takes that.")

    later.do(never)
    for number in range(20):
        later.do(lambda number=number: shelf.put(number))  # type: ignore[misc]
    assert "10 things wait to be written; what comes now is lost." in said
    clock.utc += 99.0
    later.step()
    assert shelf.kept == []
    clock.utc += 11.0
    later.step()
    assert shelf.kept == list(range(9))
    assert said[-1] == "The store takes what is written again; 12 things are lost."


def test_alerts_that_begin_and_end_while_the_database_is_gone_are_kept_and_told(
    mortal_postgres: PostgresServer, tmp_path: Path
) -> None:
    told: list[Notice] = []
    source = open_source("synthetic:park?minutes=0.05&size=96x54&fps=5")
    with Store(mortal_postgres.url(mortal_postgres.fresh()), folder=tmp_path) as store:
        run = store.begin("gate", StreamInfo("gate", 64, 48), "watch")
        news = News(Outbox(store), [Hearer("siren")])
        later = Later(lambda _: None)
        diary = Diary("gate", StoreSink(run, also=news.also("gate")), source, told.append, later)
        for index in range(20):
            diary.see(Frame(index, index / 5, np.full((48, 64), 60 + index, np.uint8)))
        diary.write(found(1, over=False))
        mortal_postgres.kill()
        diary.write(found(1, over=True))
        diary.write(found(2, over=False))
        diary.write(found(3, over=True))
        diary.write(found(2, over=True))
        assert "Cannot use the database" in later.trouble
        assert [notice.kind for notice in told] == ["alert"]
        mortal_postgres.start()

        def written() -> bool:
            later.step()
            return not later.trouble

        wait_until(written)
        diary.close()
        run.finish()
        before, *after = (notice.kind for notice in told)
        assert (before, after) == ("alert", ["alert over", "alert", "alert", "alert over", "alert over"])
        kept = store.events()
        assert [stored.event.start for stored in kept] == [1.0, 2.0, 3.0]
        assert all(stored.thumbnail is not None and stored.thumbnail.exists() for stored in kept)
        assert all(stored.clip is not None and stored.clip.exists() for stored in kept)
        messages = Outbox(store).messages()
        assert sorted(each.message.data["event"] for each in messages) == [stored.id for stored in kept]
    source.close()


def found(number: int, *, over: bool) -> Finding:
    """Return what a watcher finds in second ``number``."""
    event = made_event(float(number), end=number + 0.5, peak=float(number))
    return Finding(number=number, event=event, index=19, heat=np.zeros((1, 1), np.float32), over=over)


Outage = Callable[[], Callable[[], None]]


@pytest.fixture(params=["sqlite", "postgresql"])
def outage(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[str, Outage]:
    """Return the place of a store, and what makes that unusable and returns what makes it usable again."""
    if request.param == "postgresql":
        mortal_postgres: PostgresServer = request.getfixturevalue("mortal_postgres")

        def gone() -> Callable[[], None]:
            mortal_postgres.kill()
            return mortal_postgres.start

        return mortal_postgres.url(mortal_postgres.fresh()), gone

    def locked() -> Callable[[], None]:
        other = sqlite3.connect(tmp_path / "store" / "everyframe.db", isolation_level=None)
        other.execute("BEGIN EXCLUSIVE")
        return other.close

    return str(tmp_path / "store"), locked


def test_a_worker_goes_on_while_its_store_is_gone(
    outage: tuple[str, Outage], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The camera goes dark meanwhile, and that is kept."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "share"))
    place, begin = outage
    ground = np.random.default_rng(0).integers(60, 200, (64, 96), dtype=np.uint8)
    folder = tmp_path / "pictures"
    folder.mkdir()
    for number in range(700):  # at 25 per second, over and over
        noise = np.random.default_rng(number).integers(-3, 4, ground.shape)
        picture = np.clip(ground + noise, 0, 255) if number < 350 else np.abs(noise)
        cv2.imwrite(str(folder / f"{number:04d}.png"), picture.astype(np.uint8))
    heard: list[Notice] = []
    supervisor = Supervisor(place, tmp_path / "baselines", LiveSettings(hearers=(Hearer("siren"),)))
    supervisor.listen(heard.append)
    supervisor.start()
    supervisor.add(CameraSpec("night", str(folder), learn_for=4.0))
    try:
        wait_until(lambda: supervisor.statuses()["night"].state is CameraState.WATCHING)
        wait_until(lambda: supervisor.statuses()["night"].health == frozenset())
        before = supervisor.statuses()["night"]
        end = begin()
        down = time.monotonic()
        wait_until(lambda: any(notice.kind == "storage" for notice in heard))
        # A worker sends what it notices and what it is like apart, and the second may come later.
        wait_until(lambda: "Cannot use the database" in supervisor.statuses()["night"].message)
        wait_until(lambda: "dark" in supervisor.statuses()["night"].health)
        wait_until(lambda: time.monotonic() - down > 10.0)
        end()
        wait_until(lambda: sum(notice.kind == "storage" for notice in heard) == 2)
        wait_until(lambda: any(notice.kind == "health" for notice in heard))
        after = supervisor.statuses()["night"]
        assert (after.pid, after.restarts) == (before.pid, 0)
        assert after.frames > before.frames
    finally:
        supervisor.stop()
    with Store(place) as store:
        assert "dark" in {one.kind.value for one in store.health("night")}
        assert any("dark" in str(each.message.data) for each in Outbox(store).messages())
    began, over = (notice.text for notice in heard if notice.kind == "storage")
    assert began.endswith("kept in memory and written later.")
    assert over == "The store takes what is written again."


def test_a_camera_whose_settings_are_wrong_says_so_and_its_worker_stays(tmp_path: Path) -> None:
    supervisor = Supervisor(tmp_path / "store", tmp_path / "baselines")
    supervisor.start()
    supervisor.add(CameraSpec("odd", "synthetic:park?minutes=0.1&script=cyclist"))
    try:
        wait_until(lambda: supervisor.statuses()["odd"].state is CameraState.FAILED)
        status = supervisor.statuses()["odd"]
        assert "set minutes=" in status.message
        assert status.restarts == 0
    finally:
        supervisor.stop()
