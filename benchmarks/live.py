"""How many cameras, and what happens when they fail: ``python -m benchmarks.live``.

``load``: many live RTSP cameras with default settings; is any of them behind, and what was dropped?
``most``: more and more of them, a few every minute, until some are behind or see too few pictures.
``soak``: some cameras, whose servers are killed and started again at random; do all come back, does memory
grow, does a reconnect cause alerts?
``latency``: cameras with cyclists and more in them; how long from a picture's arrival to its alert?

GStreamer's RTSP server shows a drawn park, encoded once; it shares the machine with what is measured.
"""

from __future__ import annotations

import argparse
import random
import socket
import statistics
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.kept import Measurement, commit, write
from benchmarks.run import repeat
from everyframe.anomaly import Baseline
from everyframe.bench import synthetic
from everyframe.live import CameraSpec, CameraState, CameraStatus, LiveSettings, Notice, Supervisor
from everyframe.live.worker import baseline_path
from everyframe.watching import learn

SIZE, FPS = (640, 360), 10
FILM = 120.0  # seconds of the film that is shown over and over
WARM_UP = 60.0  # seconds that do not count
SETTLED = 300.0  # seconds after which memory should not grow
BACK_WITHIN = 60.0  # seconds
UP, DOWN = (30.0, 90.0), (2.0, 20.0)  # seconds that a server runs, and is gone
FIRST, MORE, STEP = 12, 4, 60.0  # cameras to begin with, cameras that join, seconds between
BEHIND, ENOUGH = 2.0, 0.8  # seconds; share of its pictures that a camera must look at
SYSTEM_PYTHON = "/usr/bin/python3"


class Server:
    """An RTSP server that can be killed and started again."""

    def __init__(self, film: Path) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = int(free.getsockname()[1])
        self._film = film
        self._process: subprocess.Popen[str] | None = None
        self.start()

    @property
    def url(self) -> str:
        """Its camera's address."""
        return f"rtsp://127.0.0.1:{self.port}/camera"

    def start(self) -> None:
        """Start it; returns when it answers."""
        script = str(Path(__file__).parent / "rtsp_server.py")
        command = [SYSTEM_PYTHON, script, str(self.port), str(self._film)]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout is not None
        assert self._process.stdout.readline() == "ready\n", "is GStreamer's RTSP server installed?"

    def kill(self) -> None:
        """Kill it: those who are connected hear nothing more."""
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
            self._process = None


@dataclass(slots=True)
class Seen:
    """What was seen of all cameras, second by second.

    Attributes:
        lag: For each camera its worst lag in seconds.
        memory: Megabytes of all processes together, by seconds since the start.
        alerts: Seconds from a picture's arrival to the word of its alert.
        told: What each alert was about.
        back: Seconds from a server's return to a camera's.
    """

    lag: dict[str, float] = field(default_factory=dict)
    memory: list[tuple[float, float]] = field(default_factory=list)
    alerts: list[float] = field(default_factory=list)
    told: list[str] = field(default_factory=list)
    back: list[float] = field(default_factory=list)


@contextmanager
def watching(
    urls: dict[str, str], learn_for: float = 60.0, known: Baseline | None = None
) -> Iterator[tuple[Supervisor, Seen]]:
    """Watch cameras with default settings; what is seen grows meanwhile.

    Args:
        urls: Of the cameras, by name.
        learn_for: Seconds that they learn first.
        known: What all of them know already.
    """
    seen = Seen()

    def noted(notice: Notice) -> None:
        if notice.kind == "alert" and notice.frame_utc is not None:
            seen.alerts.append(time.time() - notice.frame_utc)
            seen.told.append(f"{datetime.now(UTC):%H:%M:%S} {notice.camera}: {notice.text}")

    with tempfile.TemporaryDirectory() as folder:
        supervisor = Supervisor(Path(folder) / "store", Path(folder) / "baselines", LiveSettings())
        supervisor.listen(noted)
        for name, url in urls.items():
            if known is not None:
                (Path(folder) / "baselines").mkdir(exist_ok=True)
                known.save(baseline_path(Path(folder) / "baselines", name))
            supervisor.add(CameraSpec(name, url, learn_for=learn_for))
        supervisor.start()
        try:
            yield supervisor, seen
        finally:
            supervisor.stop()


def look(supervisor: Supervisor, seen: Seen, since: float) -> dict[str, CameraStatus]:
    """Take one look at every camera."""
    statuses = supervisor.statuses()
    passed = time.monotonic() - since
    if passed > WARM_UP:
        for name, status in statuses.items():
            seen.lag[name] = max(seen.lag.get(name, 0.0), status.lag)
    seen.memory.append((passed, sum(own_megabytes(status.pid) for status in statuses.values())))
    return statuses


def own_megabytes(pid: int) -> float:
    """Return the memory of a process that it shares with no other, in MB; 0 where it has ended."""
    try:
        told = Path(f"/proc/{pid}/smaps_rollup").read_text()
    except OSError:
        return 0.0
    lines = [line.split() for line in told.splitlines()]
    return sum(int(words[1]) for words in lines if words[0].startswith("Private_")) * 1024 / 1e6


def load(film: Path, cameras: int, minutes: float) -> dict[str, Any]:
    """Watch many cameras for some minutes."""
    server = Server(film)
    try:
        with watching({f"camera {n:02}": server.url for n in range(cameras)}) as (supervisor, seen):
            since = time.monotonic()
            statuses: dict[str, CameraStatus] = {}
            while time.monotonic() - since < minutes * 60.0:
                statuses = look(supervisor, seen, since)
                progress(since, minutes, statuses)
                time.sleep(1.0)
            passed = time.monotonic() - since
            frames = [status.frames for status in statuses.values()]
            return {
                "cameras": cameras,
                "minutes": minutes,
                "watching": sum(one.state is CameraState.WATCHING for one in statuses.values()),
                "worst_lag_s": round(max(seen.lag.values()), 3),
                "frames": sum(frames),
                "least_fps": round(min(frames) / passed, 2),
                "dropped": sum(status.dropped for status in statuses.values()),
                "restarts": sum(status.restarts for status in statuses.values()),
                "megabytes_per_camera": round(seen.memory[-1][1] / cameras, 1),
                "alerts": len(seen.alerts),
            }
    finally:
        server.kill()


def most(film: Path, cameras: int, minutes: float) -> dict[str, Any]:
    """Let more and more cameras join; return how many were held, and what happened then.

    The last half of a step counts: who joins has to connect and learn first.
    """
    server = Server(film)
    steps: list[dict[str, Any]] = []
    try:
        with watching({f"camera {n:02}": server.url for n in range(FIRST)}) as (supervisor, seen):
            since, count = time.monotonic(), FIRST
            while count <= cameras and time.monotonic() - since < minutes * 60.0:
                begin = time.monotonic()
                worst, before, at = 0.0, {}, begin
                while (passed := time.monotonic() - begin) < STEP:
                    statuses = look(supervisor, seen, since)
                    progress(since, minutes, statuses)
                    if passed < STEP / 2:
                        before, at = {name: one.frames for name, one in statuses.items()}, time.monotonic()
                    else:
                        worst = max(worst, *(one.lag for one in statuses.values()))
                    time.sleep(0.5)
                span = time.monotonic() - at
                least = min((one.frames - before[name]) / span for name, one in statuses.items())
                held = worst <= BEHIND and least >= ENOUGH * FPS
                steps.append({"cameras": count, "worst_lag_s": round(worst, 2), "least_fps": round(least, 2)})
                print(f"\n  {steps[-1]}")
                if not held:
                    break
                for n in range(count, count + MORE):
                    supervisor.add(CameraSpec(f"camera {n:02}", server.url, learn_for=60.0))
                count += MORE
        good = [
            one["cameras"]
            for one in steps
            if one["worst_lag_s"] <= BEHIND and one["least_fps"] >= ENOUGH * FPS
        ]
        return {"most": max(good, default=0), "steps": steps}
    finally:
        server.kill()


def soak(film: Path, cameras: int, minutes: float, seed: int) -> dict[str, Any]:
    """Kill the servers of cameras at random for some minutes."""
    servers = {f"camera {n:02}": Server(film) for n in range(cameras)}
    stop = threading.Event()
    returned: dict[str, float] = {}
    returns: list[str] = []
    kills = 0

    def plague(name: str, own: random.Random) -> None:
        nonlocal kills
        while not stop.wait(own.uniform(*UP)):
            servers[name].kill()
            kills += 1
            stop.wait(own.uniform(*DOWN))
            servers[name].start()
            returned[name] = time.monotonic()
            returns.append(f"{datetime.now(UTC):%H:%M:%S} {name}")

    each = enumerate(servers)
    threads = [threading.Thread(target=plague, args=(name, random.Random(seed + n))) for n, name in each]
    try:
        with watching({name: server.url for name, server in servers.items()}) as (supervisor, seen):
            since = time.monotonic()
            for thread in threads:
                thread.start()
            frames: dict[str, int] = {}
            while time.monotonic() - since < minutes * 60.0:
                statuses = look(supervisor, seen, since)
                progress(since, minutes, statuses)
                for name, status in statuses.items():
                    goes = status.frames != frames.get(name) and status.state is not CameraState.LOST
                    if goes and name in returned:
                        seen.back.append(time.monotonic() - returned.pop(name))
                    frames[name] = status.frames
                time.sleep(0.25)
            late = [name for name, at in returned.items() if time.monotonic() - at > BACK_WITHIN]
            return {
                "cameras": cameras,
                "minutes": minutes,
                "kills": kills,
                "back": len(seen.back),
                "not_back": late,
                "slowest_back_s": round(max(seen.back, default=0.0), 1),
                "megabytes_after_5_min": around(seen, SETTLED),
                "megabytes_at_the_end": around(seen, minutes * 60.0),
                "alerts": len(seen.alerts),
                "told": seen.told,
                "returns": [one for one in returns if any(one[9:] in told for told in seen.told)],
                "restarts": sum(status.restarts for status in supervisor.statuses().values()),
            }
    finally:
        stop.set()
        for thread in threads:
            thread.join()
        for server in servers.values():
            server.kill()


def knowing(normal: Path) -> Baseline:
    """Draw five normal minutes into a file, and learn them."""
    synthetic.write_clip(normal, seconds=300.0, fps=FPS, size=SIZE, seed=1)
    return learn(normal)


def latency(film: Path, cameras: int, minutes: float) -> dict[str, Any]:
    """Watch cameras in which something happens, and time the alerts.

    They know five normal minutes: what is learned from the film itself would hold its anomalies for normal.
    """
    known = knowing(film.with_name("normal.mp4"))
    server = Server(film)
    try:
        urls = {f"camera {n:02}": server.url for n in range(cameras)}
        with watching(urls, known=known) as (supervisor, seen):
            since = time.monotonic()
            while time.monotonic() - since < minutes * 60.0:
                progress(since, minutes, look(supervisor, seen, since))
                time.sleep(1.0)
            times = sorted(seen.alerts)
            return {
                "cameras": cameras,
                "minutes": minutes,
                "alerts": len(times),
                "median_s": round(statistics.median(times), 3) if times else None,
                "p95_s": round(times[int(0.95 * (len(times) - 1))], 3) if times else None,
            }
    finally:
        server.kill()


def around(seen: Seen, at: float) -> float:
    """Return the median memory of the minute before a time, in MB."""
    near = [value for when, value in seen.memory if at - 60.0 <= when <= at]
    return round(statistics.median(near), 1) if near else float("nan")


def progress(since: float, minutes: float, statuses: dict[str, CameraStatus]) -> None:
    """Say how it goes, in one line that is written over."""
    passed = (time.monotonic() - since) / 60.0
    states = [status.state.value for status in statuses.values()]
    counts = ", ".join(f"{states.count(state)} {state}" for state in sorted(set(states)))
    print(f"\r  {passed:5.1f} of {minutes:g} min: {counts:60}", end="", flush=True)


def main() -> None:
    """Measure what is asked for, print it and keep it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("what", choices=("load", "most", "soak", "latency"))
    parser.add_argument("--cameras", type=int)
    parser.add_argument("--minutes", type=float)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", action="store_true", help="keep the figures in benchmarks/results")
    told = parser.parse_args()
    cameras = told.cameras or {"load": 16, "most": 64, "soak": 8, "latency": 8}[told.what]
    minutes = told.minutes or {"load": 10.0, "most": 15.0, "soak": 30.0, "latency": 10.0}[told.what]
    with tempfile.TemporaryDirectory() as folder:
        short, film = Path(folder) / "short.mp4", Path(folder) / "film.mp4"
        busy = told.what == "latency"
        seconds, script = (None, "anomalies") if busy else (FILM, "normal")
        synthetic.write_clip(short, seconds=seconds, fps=FPS, size=SIZE, script=script)
        repeat(short, int((minutes + 2.0) * 60.0 / FILM) + 1, film)
        if told.what == "load":
            found = load(film, cameras, minutes)
        elif told.what == "most":
            found = most(film, cameras, minutes)
        elif told.what == "soak":
            found = soak(film, cameras, minutes, told.seed)
        else:
            found = latency(film, cameras, minutes)
    print()
    for name, value in found.items():
        print(f"{name:24} {value}")
    if told.keep:
        command = f"python -m benchmarks.live {told.what} --cameras {cameras} --minutes {minutes:g}"
        day = f"{datetime.now(UTC):%Y-%m-%d}"
        write(f"live-{told.what}", Measurement(command, day, commit(), found))


if __name__ == "__main__":
    main()
