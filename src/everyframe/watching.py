"""The pipelines for one camera: learn what is normal, watch for what is not."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from threading import Event as Stop
from typing import TypeAlias

from everyframe.anomaly.baseline import Baseline
from everyframe.anomaly.budget import Budget
from everyframe.anomaly.joining import Finding, Joiner
from everyframe.anomaly.learning import Learner
from everyframe.anomaly.reading import LOOK_AHEAD
from everyframe.anomaly.scoring import LIKENESS, Scored, Scorer
from everyframe.anomaly.verdicts import Standing, Verdicts
from everyframe.errors import BaselineMismatch
from everyframe.motion import Field, MotionSettings, open_motion
from everyframe.sources import open_source
from everyframe.store import Evidence, FrameRing, Run, Sink
from everyframe.types import Event, Frame, Gap, GapReason, Replayable, Source, StreamInfo

SourceSpec: TypeAlias = "str | os.PathLike[str] | Source"

_ADAPT_EVERY = 60.0  # seconds of footage between two steps of adaptation
_HALF_LIFE = 14 * 86_400.0  # seconds of footage after which what was learned counts half
_QUIET = 0.05  # chance above which a moment may be learned from
_AFTERMATH = 10.0  # seconds before and after an event that are not learned from
_BROKEN = (GapReason.JUMP, GapReason.STALL, GapReason.FREEZE)  # what comes next may be another picture
_CAREFUL = 0.25  # of the pace of learning, for looks that come while watching
_FIRST_LOOK = 5.0  # seconds after which it shows whether this is the view that was learned
_LOST = 60.0  # seconds after which a camera that was moved is not taken for one that somebody sets right


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a pipeline has come.

    Attributes:
        seconds: Of footage done, all sources together.
        total: Of footage in all, where known.
        frames: Done.
        events: Found so far.
        source: What is being read.
    """

    seconds: float
    total: float | None
    frames: int
    events: int
    source: str


@dataclass(frozen=True, slots=True)
class Status:
    """What a watcher can promise.

    Attributes:
        calibrating: Whether there is too little normal footage to promise the rate that was asked for.
        missing: Seconds of normal footage still missing for that.
        alert_p: Chance per moment of ten seconds below which there is an alert.
    """

    calibrating: bool
    missing: float
    alert_p: float


class Watcher:
    """Watches one source, item by item.

    Args:
        baseline: What is normal; it is not changed.
        info: What is watched.
        budget: Alerts that are welcome, as ``2/day``.
        adapt: Whether to go on learning from what is normal.
        at_once: Whether to tell events when they begin, and again when they have ended.
        verdicts: What people said of earlier events; see ``take_verdicts``.

    Raises:
        BaselineMismatch: If the baseline is for another frame size.
        SettingError: If the budget cannot be read.
    """

    def __init__(
        self,
        baseline: Baseline,
        info: StreamInfo,
        *,
        budget: str | Budget = "2/day",
        adapt: bool = True,
        at_once: bool = False,
        verdicts: Iterable[Standing] = (),
    ) -> None:
        baseline.check(info)
        self.baseline = Baseline.from_bytes(baseline.to_bytes())
        self.budget = Budget.parse(budget)
        self.scores: deque[Scored] = deque()
        """The scores since they were last taken away; empty it, or it grows."""
        self._info = info
        self._adapt = adapt
        self._motion = open_motion(baseline.about.motion, baseline.settings)
        self._scorer = Scorer(self.baseline)
        self._joiner = Joiner(self.baseline, self.budget.p_value, at_once=at_once)
        self.field: Field | None = None
        """The motion that was measured last."""
        self._known = False
        self._looked_since: float | None = None
        self._last: float | None = None
        self._calm: deque[Scored] = deque()
        self._troubled = float("-inf")
        self._adapted: float | None = None
        self.take_verdicts(verdicts)

    def take_verdicts(self, verdicts: Iterable[Standing]) -> None:
        """Heed what people said of events, from the next score on; may be called at any time.

        Args:
            verdicts: All that stand; they replace those taken before.
        """
        heard = Verdicts(self.baseline, verdicts, self.budget.p_value)
        self._scorer.heed(heard)
        self._joiner.verdicts = heard

    @property
    def status(self) -> Status:
        """What can be promised now."""
        missing = max(0.0, self.budget.needed() - self.baseline.calibrated_seconds)
        return Status(missing > 0.0, missing, self.budget.p_value)

    @property
    def busy(self) -> bool:
        """Whether something unusual is going on, or was a moment ago."""
        return self._joiner.busy

    def step(self, item: Frame | Gap) -> list[Finding]:
        """Take the next frame or gap; return the events that are over (or begin, where told at once).

        Raises:
            BaselineMismatch: If the picture shows another view, or has changed its size.
        """
        if isinstance(item, Gap):
            return self._pause(item)
        if item.size != (self._info.width, self._info.height):
            raise BaselineMismatch(
                f"{self._info.name} changed its picture to {item.size[0]}x{item.size[1]}, but the baseline"
                f" was learned at {self._info.width}x{self._info.height}: learn one at the new size"
            )
        field = self.field = self._motion.step(item)
        if field is None:
            return []
        found = self._take(self._scorer.step(field))
        self._look(field.time)
        lost = self._scorer.lost_since
        if lost is not None and field.time - lost > _LOST:
            raise self._elsewhere("was moved and shows")
        self._learn_background(field.time)
        self._last = field.time
        return found

    def flush(self) -> list[Finding]:
        """Return what is still open: nothing more will come."""
        return self._take(self._scorer.flush()) + self._joiner.flush()

    def _pause(self, gap: Gap) -> list[Finding]:
        # Lost and repeated frames need nothing: motion is told per second, and averages go by time.
        if gap.reason not in _BROKEN:
            return []
        self._motion.reset()
        self.baseline.background.reset()
        self._last = None
        self._looked_since = None
        return self._take(self._scorer.flush())

    def _take(self, scores: list[Scored]) -> list[Finding]:
        found: list[Finding] = []
        for scored in scores:
            found += self._joiner.step(scored)
            self.scores.append(scored)
            if self._adapt:
                self._learn(scored)
        return found

    def _look(self, time: float) -> None:
        """Compare the view with the learned one once it has settled."""
        if self._known:
            return
        if self._looked_since is None:
            self._looked_since = time
        if time - self._looked_since < _FIRST_LOOK:
            return
        self._known = True
        likeness = self.baseline.background.likeness()
        if likeness is not None and likeness < LIKENESS:
            raise self._elsewhere("shows")

    def _elsewhere(self, shows: str) -> BaselineMismatch:
        return BaselineMismatch(
            f"{self._info.name} {shows} another view than the baseline learned from"
            f" {self.baseline.about.sources[0]}: learn one from this camera with `everyframe learn`"
        )

    def _learn_background(self, time: float) -> None:
        calm = not self._joiner.busy and time - self._troubled > _AFTERMATH
        here = self._scorer.lost_since is None
        if self._adapt and calm and here and self._last is not None:
            self.baseline.background.learn(_CAREFUL * min(1.0, time - self._last))

    def _learn(self, scored: Scored) -> None:
        """Learn what moves, late enough to know that no event came of it."""
        if scored.p_value < _QUIET or self._joiner.busy:
            self._troubled = scored.time
            self._calm.clear()
            return
        if scored.time - self._troubled > _AFTERMATH:
            self._calm.append(scored)
        if self._adapted is None:
            self._adapted = scored.time
        passed = scored.time - self._adapted
        if passed < _ADAPT_EVERY:
            return
        self._adapted = scored.time
        ensemble = self.baseline.ensemble
        ensemble.forget(1.0 - 0.5 ** (passed / _HALF_LIFE))
        while self._calm and scored.time - self._calm[0].time > _AFTERMATH:
            old = self._calm.popleft()
            ensemble.observe(old.seen.rows, old.hour)


def learn(
    sources: SourceSpec | Sequence[SourceSpec],
    *,
    starts: datetime | Sequence[datetime | None] | None = None,
    fps: float | None = None,
    motion: str = "flow",
    detector: str = "density",
    settings: MotionSettings | None = None,
    progress: Callable[[Progress], None] | None = None,
    stop: Stop | None = None,
) -> Baseline:
    """Learn what is normal for one camera, in one pass with bounded memory.

    Args:
        sources: One source or several, all of the same camera.
        starts: Local time of the first frame, of each source or of the only one.
        fps: Frames per second of folders of pictures.
        detector: ``density``, or several joined by ``+``.
        motion: ``flow`` (more exact) or ``codec`` (faster, from the motion vectors of the stream).
        settings: How motion is measured.
        progress: Called about ten times per second of work.
        stop: When set, learning ends early with what was learned so far.

    Raises:
        SourceError: If a source cannot be read.
        BaselineMismatch: If the sources have different frame sizes.
        SettingError: If there was nothing to learn from.
    """
    several = [sources] if isinstance(sources, str | os.PathLike | Source) else list(sources)
    begins = list(starts) if isinstance(starts, Sequence) else [starts] * len(several)
    settings = settings or MotionSettings()
    learner = Learner(settings, motion, detector)
    frames, before = 0, 0.0
    for spec, begin in zip(several, begins, strict=True):
        with closing(open_source(spec, starts=begin, fps=fps, vectors=motion == "codec")) as source:
            info = source.info
            learner.begin(info)
            measure = open_motion(motion, settings)
            total = _total(info, before, several)
            time = 0.0
            for item in source:
                if stop is not None and stop.is_set():
                    return learner.finish()
                if isinstance(item, Gap):
                    if item.reason in _BROKEN:
                        measure.reset()
                        learner.pause()
                    continue
                if item.size != (info.width, info.height):
                    raise BaselineMismatch(
                        f"{info.name} changed its picture from {info.width}x{info.height} to"
                        f" {item.size[0]}x{item.size[1]}: a baseline is for one size"
                    )
                frames += 1
                time = item.time
                field = measure.step(item)
                if field is not None:
                    learner.step(field)
                    if progress is not None:
                        progress(Progress(before + time, total, frames, 0, info.name))
            before += info.duration or time
    return learner.finish()


def watch(
    source: SourceSpec,
    baseline: Baseline | str | os.PathLike[str],
    *,
    budget: str | Budget = "2/day",
    adapt: bool = True,
    verdicts: Iterable[Standing] = (),
    starts: datetime | None = None,
    fps: float | None = None,
    sinks: Sequence[Sink] = (),
    run: Run | None = None,
    progress: Callable[[Progress], None] | None = None,
    stop: Stop | None = None,
) -> Iterator[Event]:
    """Watch a source and yield what deviates from the baseline.

    Args:
        source: File, folder, address, device, or a source that is open already (and stays open).
        baseline: What is normal, or the file that holds it.
        budget: Alerts that are welcome on normal footage: ``2/day``, ``1/hour``, ``14/week``.
        adapt: Whether to go on learning from what is normal.
        verdicts: What people said of earlier events of this camera, as ``Store.standing`` returns them.
        starts: Local time of the first frame.
        fps: Frames per second of folders of pictures.
        sinks: Where events are delivered.
        run: Where scores and gaps are kept.
        progress: Called about ten times per second of work.
        stop: When set, watching ends early; events that go on are still yielded.

    Raises:
        SourceError: If the source cannot be read.
        BaselineError: If the baseline cannot be used for it.
    """
    known = baseline if isinstance(baseline, Baseline) else Baseline.load(baseline)
    opened = open_source(source, starts=starts, fps=fps, vectors=known.about.motion == "codec")
    try:
        yield from _watch(opened, known, Budget.parse(budget), adapt, verdicts, sinks, run, progress, stop)
    finally:
        for sink in sinks:
            sink.close()
        if opened is not source:
            opened.close()


def _watch(
    source: Source,
    baseline: Baseline,
    budget: Budget,
    adapt: bool,
    verdicts: Iterable[Standing],
    sinks: Sequence[Sink],
    run: Run | None,
    progress: Callable[[Progress], None] | None,
    stop: Stop | None,
) -> Iterator[Event]:
    info = source.info
    watcher = Watcher(baseline, info, budget=budget, adapt=adapt, verdicts=verdicts)
    ring = None if isinstance(source, Replayable) or not sinks else FrameRing()
    recent: deque[Frame] = deque()
    frames = events = 0
    first: float | None = None
    time = 0.0

    def deliver(findings: list[Finding]) -> Iterator[Event]:
        nonlocal events
        for finding in findings:
            events += 1
            if sinks:
                evidence = Evidence(
                    frame=_frame_at(finding.index, recent, source, finding.event.peak),
                    heat=finding.heat,
                    source=source,
                    ring=ring,
                    fps=float(info.fps) if info.fps else None,
                    why=finding.why,
                )
                for sink in sinks:
                    sink.deliver(finding.event, evidence)
            yield finding.event

    def record() -> None:
        while watcher.scores:
            scored = watcher.scores.popleft()
            if run is not None:
                run.add_score(scored.time, scored.score, scored.p_value)

    for item in source:
        if stop is not None and stop.is_set():
            break
        if isinstance(item, Gap):
            if run is not None:
                run.add_gap(item)
        else:
            frames += 1
            time = item.time
            first = time if first is None else first
            if sinks:
                recent.append(item)
                while time - recent[0].time > 2 * LOOK_AHEAD + 1.0:
                    recent.popleft()
                if ring is not None:
                    ring.add(item)
                for sink in sinks:
                    sink.advance(time)
        yield from deliver(watcher.step(item))
        if watcher.scores:
            record()
            if run is not None:
                run.watched(frames, time - (first or 0.0))
            if progress is not None:
                progress(Progress(time, info.duration, frames, events, info.name))
    yield from deliver(watcher.flush())
    record()
    if run is not None:
        run.watched(frames, time - (first or 0.0))


def _frame_at(index: int, recent: deque[Frame], source: Source, time: float) -> Frame | None:
    """Return the frame of the peak: from memory, or read again where it is long gone."""
    for frame in recent:
        if frame.index == index:
            return frame
    if isinstance(source, Replayable):
        for frame in source.between(time - 1e-3, time + 1e-3):
            return frame
    return recent[-1] if recent else None


def _total(info: StreamInfo, before: float, several: Sequence[SourceSpec]) -> float | None:
    """Return the length of all sources, judged by the one at hand."""
    if info.duration is None:
        return None
    if len(several) == 1:
        return info.duration
    return max(before + info.duration, info.duration * len(several))


__all__ = ["Progress", "Status", "Watcher", "learn", "watch"]
