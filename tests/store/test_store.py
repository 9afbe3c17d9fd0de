"""What is put into the store comes out again, and survives whatever ends the program."""

from __future__ import annotations

import math
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.databases import PostgresServer

from everyframe.errors import StorageError
from everyframe.store import RunKind, RunState, Score, Store
from everyframe.store import run as run_module
from everyframe.types import Box, Deviation, Event, Gap, GapReason, StreamInfo

INFO = StreamInfo("park.mp4", 64, 48)
SHARED = (HealthCheck.function_scoped_fixture,)  # the store grows from example to example, as it is meant to

finite = st.floats(allow_nan=False, allow_infinity=False)
pixels = st.integers(0, 100_000)
boxes = st.builds(Box, pixels, pixels, pixels, pixels)
words = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=40)
deviations = st.builds(
    Deviation,
    words,
    st.floats(allow_nan=False),
    st.floats(allow_nan=False),
    words,
    words,
    st.floats(allow_nan=False),
)
events = st.builds(
    Event,
    start=finite,
    end=finite,
    peak=finite,
    box=boxes,
    score=finite,
    p_value=st.floats(0, 1),
    reason=words,
    deviations=st.lists(deviations, max_size=3).map(tuple),
    utc=st.none() | finite,
    track=st.lists(st.tuples(finite, boxes), max_size=3).map(tuple),
)


@settings(max_examples=40, deadline=None, suppress_health_check=SHARED)
@given(original=events)
def test_an_event_comes_back_as_it_was(kept_in: str, tmp_path: Path, original: Event) -> None:
    with Store(kept_in, folder=tmp_path) as store, store.begin("park", INFO, "watch") as run:
        number = run.add_event(original)
        (kept,) = [entry for entry in store.events(run=run.id) if entry.id == number]
    assert kept.event == original


def test_numbers_of_numpy_are_kept_as_numbers(
    make_event: Callable[..., Event], kept_in: str, tmp_path: Path
) -> None:
    odd = make_event(
        start=np.float32(1.5),
        score=np.float32(3.0),
        p_value=np.float64(0.5),
        box=Box(*np.array([1, 2, 3, 4])),
        track=((np.float32(0.5), Box(*np.array([5, 6, 7, 8]))),),
    )
    with Store(kept_in, folder=tmp_path) as store, store.begin("park", INFO, "watch") as run:
        run.add_event(odd)
        run.add_score(np.float32(2.5), np.float32(1.0), np.float64(0.25))  # type: ignore[arg-type]
        run.flush()
        (kept,) = store.events()
        assert kept.event.box == Box(1, 2, 3, 4)
        assert kept.event.track == ((0.5, Box(5, 6, 7, 8)),)
        assert kept.event.score == 3.0
        assert store.scores(run.id) == [Score(2.5, 1.0, 0.25)]


def test_a_run_says_what_it_did(kept_in: str, tmp_path: Path) -> None:
    info = StreamInfo("rtsp://bob:s3cret@camera/stream?token=abc&channel=1", 640, 360)
    before = time.time()
    with Store(kept_in, folder=tmp_path) as store:
        with store.begin("yard", info, RunKind.WATCH, budget="2/day", baseline="1 source, 24 h") as run:
            (going,) = store.runs()
            assert (going.state, going.ended_utc) == (RunState.RUNNING, None)
            run.watched(1500, 60.0)
        (done,) = store.runs()
    assert (done.camera, done.width, done.height) == ("yard", 640, 360)
    assert done.source == "rtsp://***@camera/stream?token=***&channel=1"
    assert (done.kind, done.state) == (RunKind.WATCH, RunState.FINISHED)
    assert (done.budget, done.baseline, done.frames, done.seconds) == ("2/day", "1 source, 24 h", 1500, 60.0)
    assert done.ended_utc is not None
    assert before <= done.started_utc <= done.ended_utc <= time.time()


def test_a_run_that_raises_is_interrupted_and_keeps_what_it_found(
    make_event: Callable[..., Event], kept_in: str, tmp_path: Path
) -> None:
    def cut_off(store: Store) -> None:
        with store.begin("yard", INFO, "watch") as run:
            run.add_event(make_event())
            run.add_gap(Gap(3.0, 4.0, GapReason.STALL, 25))
            run.add_score(0.5, 1.0, 0.5)
            raise KeyboardInterrupt

    with Store(kept_in, folder=tmp_path) as store:
        with pytest.raises(KeyboardInterrupt):
            cut_off(store)
        (run,) = store.runs()
        assert run.state is RunState.INTERRUPTED
        assert len(store.events()) == 1
        assert store.gaps(run.id) == [Gap(3.0, 4.0, GapReason.STALL, 25)]
        assert store.scores(run.id) == [Score(0.5, 1.0, 0.5)]


def test_the_first_end_of_a_run_counts(kept_in: str, tmp_path: Path) -> None:
    with Store(kept_in, folder=tmp_path) as store, store.begin("yard", INFO, "watch") as run:
        run.finish("interrupted")
        run.finish("finished")
        assert store.runs()[0].state is RunState.INTERRUPTED


def test_events_are_found_by_camera_run_and_time(
    make_event: Callable[..., Event], kept_in: str, tmp_path: Path
) -> None:
    with Store(kept_in, folder=tmp_path) as store:
        with store.begin("yard", INFO, "watch") as yard:
            first = yard.add_event(make_event(utc=1000.0))
            second = yard.add_event(make_event(utc=2000.0))
        with store.begin("gate", INFO, "watch") as gate:
            clockless = gate.add_event(make_event())
        now = time.time()

        def found(**by: object) -> list[int]:
            return [entry.id for entry in store.events(**by)]  # type: ignore[arg-type]

        assert found() == [first, second, clockless]
        assert found(camera="yard") == found(run=yard.id) == [first, second]
        assert found(camera="gate") == found(since=now - 60) == [clockless]
        assert found(since=1000.0, until=2000.0) == [first]
        assert found(camera="nobody") == []


def test_a_store_that_is_not_there_is_not_made_by_looking(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match=r"There is no store at .*typo; check the name"):
        Store(tmp_path / "typo", create=False)
    assert list(tmp_path.iterdir()) == []
    Store(tmp_path / "here").close()
    Store(tmp_path / "here", create=False).close()


def test_what_a_killed_program_left_half_written_is_swept_away(tmp_path: Path) -> None:
    names = [".0007.0123456789ab.part.mp4", ".0008.0123456789ab.part.mp4", ".mine.part.mp4", "0007.mp4"]
    for name in names:
        (tmp_path / name).write_bytes(b"half")
        if "0008" not in name:
            os.utime(tmp_path / name, (time.time() - 7200,) * 2)
    Store(tmp_path).close()
    left = {path.name for path in tmp_path.iterdir()} - {"everyframe.db"}
    assert left == set(names[1:]), "only what is old and ours goes"


def test_a_camera_is_one_by_its_name(kept_in: str, tmp_path: Path) -> None:
    with Store(kept_in, folder=tmp_path) as store:
        store.begin("yard", StreamInfo("old.mp4", 64, 48), "learn").finish()
        store.begin("yard", StreamInfo("new.mp4", 128, 96), "watch").finish()
        assert {(run.source, run.width) for run in store.runs()} == {("new.mp4", 128)}


def test_paths_in_the_folder_move_with_it(
    make_event: Callable[..., Event], kept_in: str, tmp_path: Path
) -> None:
    elsewhere = tmp_path / "elsewhere.mp4"
    with Store(kept_in, folder=tmp_path / "old") as store, store.begin("yard", INFO, "watch") as run:
        number = run.add_event(make_event(), thumbnail=store.folder / "0001.jpg")
        run.attach(number, clip=elsewhere)
    (tmp_path / "old").rename(tmp_path / "new")
    with Store(kept_in, folder=tmp_path / "new") as store:
        (kept,) = store.events()
    assert kept.thumbnail == tmp_path / "new" / "0001.jpg"
    assert kept.clip == elsewhere


@settings(max_examples=40, deadline=None, suppress_health_check=SHARED)
@given(
    pairs=st.lists(st.tuples(st.floats(-5, 20), st.floats(-100, 100)), max_size=40),
    flushes=st.sets(st.integers(0, 40)),
)
def test_of_each_second_the_highest_score_stays_however_it_was_flushed(
    kept_in: str, tmp_path: Path, pairs: list[tuple[float, float]], flushes: set[int]
) -> None:
    with (
        Store(kept_in, folder=tmp_path) as store,
        store.begin("park", INFO, "watch") as run,
    ):
        for index, (at, score) in enumerate(pairs):
            run.add_score(at, score, None)
            if index in flushes:
                run.flush()
        run.flush()
        kept = store.scores(run.id)
    highest: dict[int, float] = {}
    for at, score in pairs:
        second = math.floor(at)
        highest[second] = max(score, highest.get(second, -math.inf))
    assert {math.floor(entry.time): entry.score for entry in kept} == highest
    assert all((entry.time, entry.score) in pairs for entry in kept)
    assert [entry.time for entry in kept] == sorted(entry.time for entry in kept)


def test_what_is_not_a_number_is_no_score(kept_in: str, tmp_path: Path) -> None:
    with Store(kept_in, folder=tmp_path) as store, store.begin("park", INFO, "watch") as run:
        run.add_score(1.0, math.nan, 0.5)
        run.add_score(2.0, 1.0, math.nan)
        run.flush()
        assert store.scores(run.id) == [Score(2.0, 1.0, None)]


def test_scores_reach_the_disk_even_when_nothing_more_comes(
    kept_in: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run_module, "FLUSH_SECONDS", 0.05)
    with Store(kept_in, folder=tmp_path) as store, store.begin("park", INFO, "watch") as run:
        run.add_score(1.0, 2.0, 0.5)
        deadline = time.monotonic() + 10
        while not store.scores(run.id) and time.monotonic() < deadline:
            time.sleep(0.01)
        assert store.scores(run.id) == [Score(1.0, 2.0, 0.5)]


def test_threads_write_into_one_run(make_event: Callable[..., Event], kept_in: str, tmp_path: Path) -> None:
    with Store(kept_in, folder=tmp_path) as store, store.begin("park", INFO, "watch") as run:

        def work(offset: int) -> None:
            for step in range(10):
                run.add_score(float(100 * offset + step), 1.0, None)
                run.add_event(make_event())

        threads = [threading.Thread(target=work, args=(offset,)) for offset in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        run.flush()
        assert len(store.events()) == 30
        assert len(store.scores(run.id)) == 30


_ENDLESS = """
import sys
from everyframe.store import Store
from everyframe.types import Box, Event, StreamInfo
run = Store(sys.argv[1], folder=sys.argv[2]).begin("park", StreamInfo("park.mp4", 64, 48), "watch")
while True:
    event = Event(1.0, 3.0, 2.0, Box(1, 2, 3, 4), 7.5, 0.01, "moves")
    print(run.add_event(event), flush=True)
"""


_WRITER = """
import sys
from everyframe.store import Store
from everyframe.types import Box, Event, StreamInfo
print("ready", flush=True)
sys.stdin.readline()
place, folder, camera = sys.argv[1:]
with Store(place, folder=folder) as store, store.begin(camera, StreamInfo("a.mp4", 64, 48), "watch") as run:
    for step in range(20):
        run.add_event(Event(float(step), 3.0, 2.0, Box(1, 2, 3, 4), 7.5, 0.01, "moves"))
        run.add_score(float(step), 1.0, 0.5)
        run.flush()
"""


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_several_cameras_begin_at_once_and_share_a_store(
    kind: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    if kind == "sqlite":
        place = str(tmp_path / "new")
    else:
        server: PostgresServer = request.getfixturevalue("postgres")
        place = server.url(server.fresh())  # without tables: they make them, all at once
    writers = [
        subprocess.Popen(
            [sys.executable, "-c", _WRITER, place, str(tmp_path), f"camera {number}"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for number in range(3)
    ]
    for writer in writers:
        assert writer.stdout is not None
        assert writer.stdout.readline() == "ready\n"
    for writer in writers:
        assert writer.stdin is not None
        writer.stdin.write("go\n")
        writer.stdin.flush()
    said = [writer.communicate(timeout=120)[1] for writer in writers]
    assert [writer.returncode for writer in writers] == [0, 0, 0], said
    with Store(place, folder=tmp_path) as store:
        assert [len(store.events(camera=f"camera {number}")) for number in range(3)] == [20, 20, 20]
        assert [len(store.scores(run.id)) for run in store.runs()] == [20, 20, 20]


def test_killing_the_program_loses_no_event(kept_in: str, tmp_path: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", _ENDLESS, kept_in, str(tmp_path)],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    seen = [int(process.stdout.readline()) for _ in range(25)]
    process.send_signal(signal.SIGKILL)
    seen += [int(line) for line in process.stdout.read().split("\n") if line]
    assert process.wait() == -signal.SIGKILL
    process.stdout.close()
    with Store(kept_in, folder=tmp_path) as store:
        kept = [entry.id for entry in store.events()]
        assert store.runs()[0].state is RunState.RUNNING
    assert set(seen) <= set(kept)
    assert len(kept) <= len(seen) + 1
