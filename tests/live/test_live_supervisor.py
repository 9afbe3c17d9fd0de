"""Real workers, killed and frozen for real."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import cv2
import numpy as np
import pytest
from tests.health.wall import wall

from everyframe.actions import Hearer, Outbox, Timetable, Zone, read_timetable
from everyframe.actions.times import DAYS
from everyframe.errors import SettingError
from everyframe.live import CameraSpec, CameraState, CameraStatus, LiveSettings, Notice, Supervisor
from everyframe.store import Store
from everyframe.types import Luma

pytestmark = pytest.mark.xdist_group("live")  # each starts processes of its own
PARK = "synthetic:park?seed={seed}&fps=5&size=96x54"


def spec(name: str, seed: int = 1, learn_for: float = 4.0) -> CameraSpec:
    return CameraSpec(name, PARK.format(seed=seed), learn_for=learn_for)


@pytest.fixture
def supervisor(tmp_path: Path) -> Iterator[Supervisor]:
    found = Supervisor(tmp_path / "store", tmp_path / "baselines")
    found.start()
    yield found
    found.stop()


def until(said: Callable[[], bool], seconds: float = 90.0) -> None:
    end = time.monotonic() + seconds
    while not said():
        assert time.monotonic() < end, "it did not come to that in time"
        time.sleep(0.05)


def working(supervisor: Supervisor, *names: str) -> bool:
    known = supervisor.statuses()
    return all(known[name].state is CameraState.WATCHING for name in names)


def test_cameras_learn_and_watch_beside_each_other(supervisor: Supervisor, tmp_path: Path) -> None:
    heard: list[Notice] = []
    supervisor.listen(heard.append)
    supervisor.add(spec("one"))
    supervisor.add(spec("two", seed=2))
    until(lambda: working(supervisor, "one", "two"))
    one, two = (supervisor.statuses()[name] for name in ("one", "two"))
    assert one.pid != two.pid
    assert (one.width, one.height) == (96, 54)
    until(lambda: 3.0 < supervisor.statuses()["one"].fps < 7.0)
    assert {notice.camera for notice in heard if notice.text == "watching"} == {"one", "two"}
    assert (tmp_path / "baselines" / "one.baseline").exists()

    until(lambda: (supervisor.preview("one") or b"").startswith(b"\xff\xd8"))

    supervisor.remove("two")
    assert set(supervisor.statuses()) == {"one"}
    assert not _alive(two.pid)
    supervisor.stop()
    assert not _alive(one.pid)
    with Store(tmp_path / "store") as store:
        assert {run.state.value for run in store.runs()} == {"finished"}


def test_a_worker_that_is_killed_comes_back_and_the_others_do_not_notice(supervisor: Supervisor) -> None:
    supervisor.add(spec("one"))
    supervisor.add(spec("two", seed=2))
    until(lambda: working(supervisor, "one", "two"))
    before = supervisor.statuses()
    os.kill(before["one"].pid, signal.SIGKILL)
    until(lambda: supervisor.statuses()["one"].restarts == 1)
    until(lambda: working(supervisor, "one"))
    after = supervisor.statuses()
    assert after["one"].pid != before["one"].pid
    assert (
        after["one"].learned >= before["one"].learned - 1.0
    )  # its baseline was kept: it need not learn again
    assert (after["two"].pid, after["two"].restarts) == (before["two"].pid, 0)


def test_a_worker_that_hangs_is_started_again(tmp_path: Path) -> None:
    supervisor = Supervisor(tmp_path / "store", tmp_path / "baselines", LiveSettings(silence=12.0))
    supervisor.start()
    supervisor.add(spec("one"))
    until(lambda: working(supervisor, "one"))
    hung = supervisor.statuses()["one"].pid
    os.kill(hung, signal.SIGSTOP)
    until(lambda: supervisor.statuses()["one"].restarts >= 1)
    until(lambda: working(supervisor, "one"))
    assert not _alive(hung)
    supervisor.stop()


def test_a_camera_that_is_not_there_is_tried_for_ever_and_says_why(supervisor: Supervisor) -> None:
    supervisor.add(CameraSpec("gone", "rtsp://127.0.0.1:9/x"))
    until(lambda: supervisor.statuses()["gone"].state is CameraState.LOST)
    status = supervisor.statuses()["gone"]
    assert "refuses the connection" in status.message
    assert status.restarts == 0


def test_zones_are_measured_once_it_watches(supervisor: Supervisor) -> None:
    lawn = Zone(name="lawn", polygon=((0.0, 0.5), (1.0, 0.5), (1.0, 1.0)))
    supervisor.add(replace(spec("one"), zones=(lawn,)))
    until(lambda: supervisor.statuses()["one"].state is CameraState.LEARNING)
    assert supervisor.statuses()["one"].measures == {}
    until(lambda: {"lawn.count", "lawn.speed"} <= supervisor.statuses()["one"].measures.keys())


def test_other_zones_are_measured_at_once_and_masks_start_the_worker_again(supervisor: Supervisor) -> None:
    corners = ((0.0, 0.5), (1.0, 0.5), (1.0, 1.0))
    supervisor.add(spec("one"))
    until(lambda: working(supervisor, "one"))
    before = supervisor.statuses()["one"]
    supervisor.change(replace(spec("one"), zones=(Zone(name="lawn", polygon=corners),)))
    until(lambda: "lawn.count" in supervisor.statuses()["one"].measures)
    assert supervisor.statuses()["one"].pid == before.pid
    masked = replace(spec("one"), masks=(corners,), zones=(Zone(name="pond", polygon=corners),))
    supervisor.change(masked)
    until(lambda: supervisor.statuses()["one"].pid not in (0, before.pid))
    until(lambda: supervisor.statuses()["one"].measures.get("pond.count") == 0.0)
    after = supervisor.statuses()["one"]
    assert after.state is CameraState.WATCHING  # what was learned stays known
    assert after.learned >= before.learned - 1.0
    assert "lawn.count" not in after.measures
    assert supervisor.specs()["one"] == masked
    with pytest.raises(SettingError, match="There is no camera two"):
        supervisor.change(spec("two"))


def another_day() -> Timetable:
    """Return times that are not now."""
    return read_timetable({"days": [DAYS[(datetime.now(UTC).weekday() + 3) % 7]], "zone": "UTC"})


def test_at_other_times_a_camera_rests(supervisor: Supervisor) -> None:
    lawn = Zone(name="lawn", polygon=((0.0, 0.5), (1.0, 0.5), (1.0, 1.0)))
    supervisor.add(replace(spec("one"), zones=(lawn,), schedule=another_day()))
    until(lambda: supervisor.statuses()["one"].state is CameraState.RESTING)
    until(lambda: supervisor.statuses()["one"].frames > 20)
    status = supervisor.statuses()["one"]
    assert (status.learned, status.measures, status.p_value) == (0.0, {}, None)


def test_a_camera_that_goes_dark_says_so_and_raises_no_alert(tmp_path: Path) -> None:
    settings = LiveSettings(hearers=(Hearer("siren", cameras=("night",)), Hearer("deaf", cameras=("day",))))
    supervisor = Supervisor(tmp_path / "store", tmp_path / "baselines", settings)
    supervisor.start()
    ground = np.random.default_rng(0).integers(60, 200, (64, 96), dtype=np.uint8)
    folder = tmp_path / "pictures"
    folder.mkdir()
    for number in range(400):  # at 25 per second
        noise = np.random.default_rng(number).integers(-3, 4, ground.shape)
        picture = np.clip(ground + noise, 0, 255) if number < 150 else np.abs(noise)
        cv2.imwrite(str(folder / f"{number:04d}.png"), picture.astype(np.uint8))
    heard: list[Notice] = []
    supervisor.listen(heard.append)
    supervisor.add(CameraSpec("night", str(folder), learn_for=4.0))
    supervisor.add(CameraSpec("asleep", str(folder), learn_for=4.0, schedule=another_day()))
    until(lambda: "dark" in supervisor.statuses()["night"].health)
    until(lambda: "dark" in supervisor.statuses()["asleep"].health)
    assert supervisor.statuses()["asleep"].state is CameraState.RESTING
    assert "dark" in supervisor.statuses()["night"].doubts
    supervisor.stop()
    assert [notice.kind for notice in heard if notice.kind != "state"][:1] == ["health"]
    assert not [notice for notice in heard if notice.kind == "alert"]
    with Store(tmp_path / "store") as store:
        assert "dark" in {one.kind.value for one in store.health("night")}
        told = [one.message for one in Outbox(store).messages()]
        assert {message.destination for message in told} == {"siren"}
        assert told[-1].data == {"faults": ["dark"]}


def _film(folder: Path, view: Luma) -> None:
    """Write four seconds of what a camera sees of a view."""
    folder.mkdir(exist_ok=True)
    for number in range(100):  # at 25 per second, and over again
        noise = np.random.default_rng(number).integers(-3, 4, view.shape)
        picture = np.clip(view.astype(np.int16) + noise, 0, 255).astype(np.uint8)
        cv2.imwrite(str(folder / f"{number:04d}.png"), picture)


def test_a_camera_that_was_turned_while_the_server_was_down_is_told_as_moved(tmp_path: Path) -> None:
    pictures, reference = tmp_path / "pictures", tmp_path / "baselines" / "gate.health"
    seen = CameraSpec("gate", str(pictures), learn_for=4.0)
    _film(pictures, wall())
    before = Supervisor(tmp_path / "store", tmp_path / "baselines")
    before.start()
    before.add(seen)
    until(reference.exists)  # while it still runs: a server that is killed has it, too
    until(lambda: working(before, "gate"))
    assert before.statuses()["gate"].health == frozenset()
    before.stop()

    _film(pictures, np.roll(wall(), (20, 50), axis=(0, 1)))
    after = Supervisor(tmp_path / "store", tmp_path / "baselines")
    after.start()
    after.add(seen)
    until(lambda: "moved" in after.statuses()["gate"].health)
    after.restart("gate", anew=True)  # it was turned on purpose: this is the view from now on
    assert not reference.exists()
    until(reference.exists)
    until(lambda: working(after, "gate"))
    assert after.statuses()["gate"].health == frozenset()
    after.stop()


def test_learning_anew_forgets_what_was_learned(supervisor: Supervisor, tmp_path: Path) -> None:
    supervisor.add(spec("one", learn_for=5.0))
    until(lambda: working(supervisor, "one"))
    supervisor.restart("one", anew=True)
    assert not (tmp_path / "baselines" / "one.baseline").exists()
    until(lambda: supervisor.statuses()["one"].state is CameraState.LEARNING)


def test_one_thread_alone_hears_workers_while_others_restart_them(supervisor: Supervisor) -> None:
    # Two threads that read and close one link may close it twice, and by then it may be somebody else's file.
    heard_in: set[str] = set()
    supervisor.listen(lambda notice: heard_in.add(threading.current_thread().name))
    names = ("one", "two", "three")
    for name in names:
        supervisor.add(spec(name))
    until(lambda: all(supervisor.statuses()[name].pid for name in names))

    def restart_often(name: str) -> None:
        for _ in range(4):
            supervisor.restart(name)

    with ThreadPoolExecutor() as pool:
        list(pool.map(restart_often, [*names, *names]))
    supervisor.remove("three")
    until(lambda: working(supervisor, "one", "two"))
    assert heard_in == {"supervisor"}
    assert sorted(supervisor.statuses()) == ["one", "two"]


def test_names_are_checked(supervisor: Supervisor) -> None:
    supervisor.add(spec("one"))
    with pytest.raises(SettingError, match="already"):
        supervisor.add(spec("one"))
    with pytest.raises(SettingError, match="There is no camera two; there are: one"):
        supervisor.remove("two")


def test_a_listener_that_fails_harms_nobody(supervisor: Supervisor) -> None:
    heard: list[Notice] = []

    def broken(notice: Notice) -> None:
        raise RuntimeError("listener")

    supervisor.listen(broken)
    end = supervisor.listen(heard.append)
    supervisor.add(spec("one"))
    until(lambda: working(supervisor, "one"))
    assert heard
    end()


def test_statuses_are_plain_values() -> None:
    assert CameraStatus("one") == CameraStatus("one")


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
