"""Starts a worker for each camera, hears what they say, and starts again those that end or hang."""

from __future__ import annotations

import logging
import math
import multiprocessing
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from multiprocessing.connection import Connection, wait
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Any

from everyframe.errors import SettingError
from everyframe.live.reference import reference_path
from everyframe.live.spec import CameraSpec, CameraState, CameraStatus, LiveSettings, Notice
from everyframe.live.worker import Look, Measure, Preview, Stop, baseline_path, work
from everyframe.sources.reader import Backoff

_log = logging.getLogger(__name__)

_ROUND = 0.5  # seconds between two looks at who is still there
_PATIENCE = 5.0  # seconds that a worker gets to end by itself
_GOOD = 60.0  # seconds after which a worker that then ends counts as having run well
_BACKOFF = Backoff(first=0.5, most=30.0)

Listener = Callable[[Notice], None]


@dataclass(slots=True, eq=False)
class _Camera:
    spec: CameraSpec
    status: CameraStatus
    process: ForkServerProcess | None = None
    link: Connection | None = None
    started: float = 0.0
    heard: float = 0.0
    due: float = 0.0  # when to start it (again)
    failures: int = 0
    preview: bytes | None = None
    asked: float | None = None  # when its worker was asked to end; None while nobody wants that
    gone: threading.Event = field(default_factory=threading.Event)  # the worker that was asked has ended
    changing: threading.Lock = field(default_factory=threading.Lock)  # one restart or removal at a time


class Supervisor:
    """Keeps any number of cameras watched, each by a process of its own.

    A worker may crash or hang without hurting the others: it is started again, ever more patiently. All
    methods may be called from any thread; one thread alone starts workers, hears them and lets them go, so
    that no link is read or closed by two at once.

    Args:
        place: Of the store: a folder, file or URL.
        folder: Where baselines lie.
        settings: How cameras are kept running.
    """

    def __init__(self, place: str | Path, folder: Path, settings: LiveSettings | None = None) -> None:
        self._place, self._folder = str(place), folder
        self._settings = settings or LiveSettings()
        self._cameras: dict[str, _Camera] = {}
        self._listeners: list[Listener] = []
        self._lock = threading.RLock()
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._context = multiprocessing.get_context("forkserver")
        # One process imports everything once; workers are copies of it and start in no time.
        self._context.set_forkserver_preload(["everyframe.live.preload"])

    def start(self) -> None:
        """Begin to watch; returns at once."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="supervisor", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """End all workers; what they found is kept. Safe to call twice."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def add(self, spec: CameraSpec) -> None:
        """Watch one more camera.

        Raises:
            SettingError: There is one of that name already.
        """
        with self._lock:
            if spec.name in self._cameras:
                raise SettingError(f"There is a camera {spec.name} already; choose another name.")
            self._cameras[spec.name] = _Camera(spec, CameraStatus(spec.name))

    def remove(self, name: str) -> None:
        """Watch a camera no longer; its events and its baseline stay.

        Raises:
            SettingError: There is no such camera.
        """
        with self._lock:
            camera = self._known(name)
        with camera.changing:
            self._end(camera)
            with self._lock:
                self._cameras.pop(name, None)

    def restart(self, name: str, *, anew: bool = False) -> None:
        """Start a camera's worker again.

        Args:
            name: Of the camera.
            anew: Whether to forget its baseline and what it usually looks like, and learn both anew.

        Raises:
            SettingError: There is no such camera.
        """
        with self._lock:
            camera = self._known(name)
        with camera.changing:
            self._end(camera)
            if anew:
                for place in (baseline_path(self._folder, name), reference_path(self._folder, name)):
                    place.unlink(missing_ok=True)
            with self._lock:
                camera.due, camera.failures = 0.0, 0

    def change(self, spec: CameraSpec) -> None:
        """Watch a camera in another way from now on; its baseline stays.

        Other zones are measured at once; for anything else its worker is started again.

        Args:
            spec: Its name is that of a camera that is watched.

        Raises:
            SettingError: There is no such camera.
        """
        with self._lock:
            camera = self._known(spec.name)
        with camera.changing:
            with self._lock:
                if replace(camera.spec, zones=spec.zones) == spec:
                    camera.spec = spec
                    if camera.link is not None:
                        with suppress(OSError):
                            camera.link.send(Measure(spec.zones))
                    return
            self._end(camera)
            with self._lock:
                camera.spec = spec
                camera.due, camera.failures = 0.0, 0

    def statuses(self) -> dict[str, CameraStatus]:
        """Return how each camera is, by name."""
        with self._lock:
            return {name: camera.status for name, camera in self._cameras.items()}

    def specs(self) -> dict[str, CameraSpec]:
        """Return how each camera is watched, by name."""
        with self._lock:
            return {name: camera.spec for name, camera in self._cameras.items()}

    def preview(self, name: str) -> bytes | None:
        """Return the latest picture of a camera as JPEG, and ask for the next; ``None`` where there is none.

        Raises:
            SettingError: There is no such camera.
        """
        with self._lock:
            camera = self._known(name)
            if camera.link is not None:
                with suppress(OSError):
                    camera.link.send(Look())
            return camera.preview

    def listen(self, callback: Listener) -> Callable[[], None]:
        """Call back for each notice, from the supervisor's thread; return what ends that."""
        with self._lock:
            self._listeners.append(callback)

        def end() -> None:
            with self._lock, suppress(ValueError):
                self._listeners.remove(callback)

        return end

    def _known(self, name: str) -> _Camera:
        if name not in self._cameras:
            there = ", ".join(sorted(self._cameras)) or "none"
            raise SettingError(f"There is no camera {name}; there are: {there}.")
        return self._cameras[name]

    def _run(self) -> None:
        while True:
            now = time.monotonic()
            with self._lock:
                cameras = list(self._cameras.values())
                for camera in cameras:
                    if self._stop.is_set():
                        self._ask_to_end(camera)
                    self._look_after(camera, now)
                links = {camera.link: camera for camera in cameras if camera.link is not None}
                ends = [camera.process.sentinel for camera in cameras if camera.process is not None]
            if self._stop.is_set() and not ends:
                return
            if not ends:
                self._stop.wait(_ROUND)
                continue
            for word in wait([*links, *ends], _ROUND):
                if isinstance(word, Connection):
                    self._hear(links[word], word)

    def _look_after(self, camera: _Camera, now: float) -> None:
        process = camera.process
        if process is None:
            if now >= camera.due and not self._stop.is_set():
                self._begin(camera, now)
        elif camera.asked is not None:
            if process.is_alive() and now - camera.asked > _PATIENCE:
                process.kill()
                process.join()
            if not process.is_alive():
                self._hear_the_last(camera)
                self._let_go(camera)
        elif not process.is_alive():
            self._failed(camera, now, f"its worker ended (exit code {process.exitcode})")
        elif now - camera.heard > self._settings.silence:
            process.kill()
            process.join()
            self._failed(camera, now, f"its worker said nothing for {self._settings.silence:.0f} s")

    def _begin(self, camera: _Camera, now: float) -> None:
        ours, theirs = self._context.Pipe()
        process = self._context.Process(
            target=work,
            args=(camera.spec, self._place, self._folder, self._settings, theirs),
            name=f"camera {camera.spec.name}",
            daemon=True,
        )
        process.start()
        theirs.close()
        camera.process, camera.link = process, ours
        camera.started = camera.heard = now

    def _failed(self, camera: _Camera, now: float, why: str) -> None:
        self._let_go(camera)
        camera.failures = 1 if now - camera.started > _GOOD else camera.failures + 1
        pause = _BACKOFF.wait(camera.failures)
        camera.due = now + pause
        restarts = camera.status.restarts + 1
        text = f"{camera.spec.name}: {why}; it is started again in {pause:.1f} s"
        _log.warning("%s", text)
        camera.status = replace(
            camera.status, state=CameraState.FAILED, message=text, restarts=restarts, pid=0, utc=time.time()
        )
        self._announce(Notice("state", camera.spec.name, text, time.time()))

    def _hear(self, camera: _Camera, link: Connection) -> None:
        try:
            while link.poll():
                self._take(camera, link.recv())
        except (EOFError, OSError):
            # It ended; the next look says how. Until then there is nothing to hear.
            with self._lock:
                camera.link = None
                link.close()

    def _hear_the_last(self, camera: _Camera) -> None:
        if camera.link is not None:
            self._hear(camera, camera.link)

    def _take(self, camera: _Camera, word: Any) -> None:
        with self._lock:
            camera.heard = time.monotonic()
            if isinstance(word, CameraStatus):
                camera.status = replace(word, restarts=camera.status.restarts)
            elif isinstance(word, Preview):
                camera.preview = word.data
        if isinstance(word, Notice):
            self._announce(word)

    def _announce(self, notice: Notice) -> None:
        with self._lock:
            listeners = list(self._listeners)
        for listener in listeners:
            try:
                listener(notice)
            except Exception:  # a listener's fault must not end the watching of all cameras
                _log.exception("somebody who listens failed at %s", notice)

    def _ask_to_end(self, camera: _Camera) -> None:
        if camera.process is not None and camera.asked is None:
            camera.asked = time.monotonic()
            camera.gone.clear()
            if camera.link is not None:
                with suppress(OSError):
                    camera.link.send(Stop())

    def _end(self, camera: _Camera) -> None:
        """End a camera's worker, kindly first; return when it is gone, and begin no other."""
        with self._lock:
            camera.due = math.inf
            self._ask_to_end(camera)
            if camera.process is None:
                return
        camera.gone.wait()

    def _let_go(self, camera: _Camera) -> None:
        if camera.link is not None:
            camera.link.close()
        if camera.process is not None:
            camera.process.join()
            camera.process.close()
        camera.process, camera.link, camera.preview, camera.asked = None, None, None, None
        camera.gone.set()
