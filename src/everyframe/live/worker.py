"""One camera in a process of its own: reads, watches, writes events, tells how it is."""

from __future__ import annotations

import logging
import os
import signal
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import cv2
from threadpoolctl import threadpool_limits

from everyframe.actions import News, Outbox, Zone
from everyframe.anomaly.baseline import Baseline
from everyframe.anomaly.scoring import Scored, heat
from everyframe.errors import BaselineError, EveryframeError, SourceError, StorageError
from everyframe.files import atomic_write, file_name
from everyframe.health import HealthEvent, HealthWatcher
from everyframe.live.course import Course
from everyframe.live.diary import Diary
from everyframe.live.gauge import Gauge
from everyframe.live.later import Later
from everyframe.live.pacing import Paced
from everyframe.live.reference import Reference
from everyframe.live.spec import CameraSpec, CameraState, CameraStatus, LiveSettings, Notice
from everyframe.sources import open_source
from everyframe.sources.reader import Backoff
from everyframe.sources.tap import Tap
from everyframe.store import Run, RunKind, RunState, Store, StoreSink
from everyframe.store.pictures import thumbnail
from everyframe.store.recording import Recorder
from everyframe.types import Frame, Gap, GapReason, Source

_log = logging.getLogger(__name__)

_TELL_EVERY = 1.0  # seconds between two words about how it is
_PATIENCE = 3.0  # seconds to wait for the store: no picture is looked at meanwhile, and it is tried again
_GOOD = 60.0  # seconds of watching after which a failure counts as the first
_LATELY = 0.1  # weight of the newest second in rates
_HEED_EVERY = 3.0  # seconds between two looks for new verdicts
_LOOKED_AT = 5.0  # seconds for which previews are made after somebody asked


@dataclass(frozen=True, slots=True)
class Stop:
    """Asks a worker to end."""


@dataclass(frozen=True, slots=True)
class Look:
    """Says that somebody looks: send previews for a while."""


@dataclass(frozen=True, slots=True)
class Measure:
    """Asks to measure in other zones from now on."""

    zones: tuple[Zone, ...]


@dataclass(frozen=True, slots=True)
class Preview:
    """A picture of now, as JPEG."""

    data: bytes


def baseline_path(folder: Path, name: str) -> Path:
    """Return where the baseline of a camera lies."""
    return folder / f"{file_name(name)}.baseline"


def open_camera(spec: CameraSpec, settings: LiveSettings, tap: Tap | None = None) -> Source:
    """Open a camera; files, folders and scenes are shown as if they were one.

    Raises:
        SourceError: It cannot be opened.
    """
    source = open_source(
        spec.source,
        vectors=spec.motion == "codec",
        timeout=settings.timeout,
        stall_after=settings.stall_after,
        tap=tap,
    )
    return source if source.info.live else Paced(source)


def work(spec: CameraSpec, place: str, folder: Path, settings: LiveSettings, link: Connection) -> None:
    """Watch a camera until told to stop; the body of the worker's process.

    Args:
        spec: How to watch it.
        place: Of the store.
        folder: Where baselines lie.
        settings: How cameras are kept running.
        link: To the supervisor: statuses, notices and previews go out, ``Stop``, ``Look`` and
            ``Measure`` come in.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # whoever started us decides when to end
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    cv2.setNumThreads(1)  # there is a process for each camera already
    with (
        threadpool_limits(limits=1),
        suppress(EOFError, BrokenPipeError, ConnectionError),
    ):  # nobody is there any more: end
        Worker(spec, place, folder, settings, link).run()


class Worker:
    """What runs in the process; see ``work``."""

    def __init__(
        self, spec: CameraSpec, place: str, folder: Path, settings: LiveSettings, link: Connection
    ) -> None:
        self._spec, self._settings, self._link = spec, settings, link
        self._place, self._folder = place, folder
        self._stopped = False
        self._looked = float("-inf")
        self._told = float("-inf")
        self._shown = float("-inf")
        self._state = CameraState.CONNECTING
        self._message = ""
        self._frames = self._dropped = 0
        self._fps = self._lag = 0.0
        self._counted: tuple[float, int] = (time.monotonic(), 0)
        self._course: Course | None = None
        self._size = (0, 0)
        self._health: HealthWatcher | None = None
        self._gauge = Gauge(spec.zones)
        self._time = 0.0
        self._heeded = float("-inf")
        self._latest: Scored | None = None

    def run(self) -> None:
        """Open, watch, and open again, until told to stop."""
        backoff, tries, failures = Backoff(), 0, 0
        while not self._stopped:
            self._tell(force=True)
            began = time.monotonic()
            try:
                with closing(open_camera(self._spec, self._settings, self._recorder())) as source:
                    tries = 0
                    self._watch(source)
            except SourceError as error:
                tries += 1
                self._gauge.step(None)
                self._become(CameraState.LOST, str(error))
                self._idle(backoff.wait(tries))
            except EveryframeError as error:
                # Its own settings, or a store that is gone: nothing that a new process would do better.
                failures = 1 if time.monotonic() - began > _GOOD else failures + 1
                self._gauge.step(None)
                self._become(CameraState.FAILED, str(error))
                self._idle(backoff.wait(failures))

    def _recorder(self) -> Recorder | None:
        folder = self._settings.recordings
        if folder is None or not self._spec.record:
            return None
        return Recorder(folder / file_name(self._spec.name))

    def _watch(self, source: Source) -> None:
        info = source.info
        baseline = self._load()
        self._size = (info.width, info.height)
        with (
            Store(self._place, patience=_PATIENCE) as store,
            store.begin(self._spec.name, info, RunKind.WATCH, budget=self._spec.budget) as run,
        ):
            news = News(Outbox(store), self._settings.hearers)
            sink = StoreSink(
                run,
                before=self._settings.clip_before,
                after=self._settings.clip_after,
                also=news.also(self._spec.name),
            )
            course = self._course = Course(
                self._spec, info, baseline, learn_until=self._settings.learn_until, keep=self._save
            )
            later = Later(self._say)
            diary = Diary(self._spec.name, sink, source, self._send, later)
            store.close_health(self._spec.name)
            self._health = HealthWatcher(info)
            reference = Reference(self._folder, self._spec.name)
            reference.give(self._health)
            for item in source:
                later.step()
                self._take(item, course, diary, run, later)
                self._gauge.step(None if self._rests else course.watcher)
                self._note(store, news, self._health.step(item), later)
                self._gauge.settle(self._health.looked)
                reference.take(self._health)
                self._heed(store, course, later)
                if self._stopped:
                    break
            reference.take(self._health, at_once=True)
            self._note(store, news, self._health.flush(self._time), later)
            for finding in course.flush():
                diary.write(finding)
            diary.close()
            run.finish(RunState.FINISHED if self._stopped else RunState.INTERRUPTED)

    def _take(self, item: Frame | Gap, course: Course, diary: Diary, run: Run, later: Later) -> None:
        if isinstance(item, Gap):
            with _kept(run, later):
                run.add_gap(item)
            if item.reason is GapReason.DROPPED:
                self._dropped += item.frames or 0
        else:
            self._frames += 1
            self._time = item.time
            self._size = item.size
            diary.see(item)
        for finding in course.step(item):
            diary.write(finding)
        with _kept(run, later):
            self._record(course, run)
        if isinstance(item, Frame):
            if item.utc is not None:
                lag = max(0.0, time.time() - item.utc)
                self._lag += _LATELY * (lag - self._lag)
            self._show(item, course)
        stalled = isinstance(item, Gap) and item.reason is GapReason.STALL
        if stalled:
            self._become(CameraState.LOST, f"{self._spec.name} sends nothing; it is tried again for ever")
        elif isinstance(item, Frame):
            self._become(course.state, later.trouble or course.message)
        self._tell()

    def _heed(self, store: Store, course: Course, later: Later) -> None:
        """Look now and then for what people said meanwhile, wherever they said it."""
        now = time.monotonic()
        if now - self._heeded >= _HEED_EVERY and not later.trouble:
            self._heeded = now
            with suppress(StorageError):  # a look that fails is made again; what is written says it
                course.heed(store.standing(self._spec.name))

    def _note(self, store: Store, news: News, faults: list[HealthEvent], later: Later) -> None:
        name = self._spec.name

        def note(fault: HealthEvent, wrong: list[str]) -> None:
            store.note_health(name, fault, also=news.also_health(name, wrong, fault.text))
            kind = "health" if fault.end is None else "health over"
            self._send(Notice(kind, name, f"{fault.kind}: {fault.text}", time.time()))

        wrong = [] if self._health is None else [each.value for each in self._health.state]
        for fault in faults:
            later.do(partial(note, fault, wrong))

    def _record(self, course: Course, run: Run) -> None:
        watcher = course.watcher
        while watcher is not None and watcher.scores:
            self._latest = watcher.scores.popleft()
            run.add_score(self._latest.time, self._latest.score, self._latest.p_value)
        run.watched(self._frames, self._latest.time if self._latest is not None else 0.0)

    def _show(self, frame: Frame, course: Course) -> None:
        now = time.monotonic()
        if now - self._looked > _LOOKED_AT or now - self._shown < self._settings.preview_every:
            return
        self._shown = now
        warm = None
        unusual = self._latest is not None and self._latest.p_value < 0.05 and not self._rests
        if course.watcher is not None and self._latest is not None and unusual:
            warm = heat(self._latest, course.watcher.baseline)
        self._send(Preview(thumbnail(frame, None, warm, width=640)))

    def _load(self) -> Baseline | None:
        path = baseline_path(self._folder, self._spec.name)
        try:
            return Baseline.load(path) if path.exists() else None
        except BaselineError as error:
            _log.warning("%s; it is learned anew", error)
            return None

    def _save(self, baseline: Baseline) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        try:
            atomic_write(baseline_path(self._folder, self._spec.name), baseline.to_bytes())
        except EveryframeError as error:
            _log.warning("%s; the baseline is kept in memory only", error)

    @property
    def _rests(self) -> bool:
        return self._course is not None and self._course.state is CameraState.RESTING

    def _say(self, text: str) -> None:
        self._send(Notice("storage", self._spec.name, text, time.time()))

    def _become(self, state: CameraState, message: str) -> None:
        if (state, message) == (self._state, self._message):
            return
        changed = state is not self._state
        self._state, self._message = state, message
        if changed:
            self._send(Notice("state", self._spec.name, message or state.value, time.time()))
        self._tell(force=True)

    def _idle(self, seconds: float) -> None:
        """Wait, but hear when to stop, and say meanwhile that we are there."""
        end = time.monotonic() + seconds
        while not self._stopped and (left := end - time.monotonic()) > 0:
            self._link.poll(min(left, _TELL_EVERY))
            self._tell()

    def _tell(self, *, force: bool = False) -> None:
        """Say how it is, once a second; hear what is asked."""
        now = time.monotonic()
        if not force and now - self._told < _TELL_EVERY:
            return
        self._listen()
        since, before = self._counted
        if now - since >= _TELL_EVERY:
            self._fps = (self._frames - before) / (now - since)
            self._counted = (now, self._frames)
        self._told = now
        watcher = self._course.watcher if self._course is not None else None
        self._send(
            CameraStatus(
                name=self._spec.name,
                state=self._state,
                message=self._message,
                width=self._size[0],
                height=self._size[1],
                fps=self._fps,
                frames=self._frames,
                dropped=self._dropped,
                lag=self._lag,
                learned=self._course.learned if self._course is not None else 0.0,
                calibrating=watcher.status.missing if watcher is not None else 0.0,
                p_value=self._latest.p_value if self._latest is not None and not self._rests else None,
                measures=self._gauge.measures,
                health=frozenset(kind.value for kind in self._health.state) if self._health else frozenset(),
                doubts=frozenset(kind.value for kind in self._health.doubts) if self._health else frozenset(),
                pid=os.getpid(),
                utc=time.time(),
            )
        )

    def _listen(self) -> None:
        while self._link.poll():
            asked = self._link.recv()
            if isinstance(asked, Stop):
                self._stopped = True
            elif isinstance(asked, Look):
                self._looked = time.monotonic()
            elif isinstance(asked, Measure):
                self._gauge = Gauge(asked.zones)

    def _send(self, word: Any) -> None:
        self._link.send(word)


@contextmanager
def _kept(run: Run, later: Later) -> Iterator[None]:
    """Go on where what was gathered could not be written: it stays gathered, and is written later."""
    try:
        yield
    except StorageError:
        if not later.trouble:
            later.do(run.flush)
