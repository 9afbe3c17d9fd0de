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
from everyframe.anomaly.joining import Finding
from everyframe.anomaly.learning import Learner
from everyframe.anomaly.reading import LOOK_AHEAD
from everyframe.anomaly.verdicts import Standing
from everyframe.errors import BaselineMismatch
from everyframe.looks import Look
from everyframe.motion import MotionSettings, Polygon, open_motion
from everyframe.sources import open_source
from everyframe.store import Evidence, FrameRing, Run, Sink
from everyframe.types import Event, Frame, Gap, Replayable, Source, StreamInfo
from everyframe.watcher import Watcher

SourceSpec: TypeAlias = "str | os.PathLike[str] | Source"


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


def learn(
    sources: SourceSpec | Sequence[SourceSpec],
    *,
    starts: datetime | Sequence[datetime | None] | None = None,
    fps: float | None = None,
    motion: str = "flow",
    detector: str = "density",
    settings: MotionSettings | None = None,
    masks: Sequence[Polygon] = (),
    ground: str | os.PathLike[str] = "",
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
        masks: Polygons, in shares of the picture, within which nothing is looked at.
        ground: Segmentation network, by name or file, that tells what things move on, so that alerts say it.
        progress: Called about ten times per second of work.
        stop: When set, learning ends early with what was learned so far.

    Raises:
        SourceError: If a source cannot be read.
        ModelError: If the network cannot.
        BaselineMismatch: If the sources have different frame sizes.
        SettingError: If there was nothing to learn from.
    """
    several = [sources] if isinstance(sources, str | os.PathLike | Source) else list(sources)
    begins = list(starts) if isinstance(starts, Sequence) else [starts] * len(several)
    settings = settings or MotionSettings()
    learner = Learner(settings, motion, detector)
    look = Look(ground) if ground else None
    frames, before = 0, 0.0
    for spec, begin in zip(several, begins, strict=True):
        with closing(open_source(spec, starts=begin, fps=fps, vectors=motion == "codec")) as source:
            info = source.info
            learner.begin(info)
            measure = open_motion(motion, settings, masks)
            total = _total(info, before, several)
            time = 0.0
            for item in source:
                if stop is not None and stop.is_set():
                    return _grounded(learner.finish(), look)
                if isinstance(item, Gap):
                    if item.reason.breaks:
                        measure.reset()
                        learner.pause()
                    continue
                if look is not None:
                    look.step(item)
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
    return _grounded(learner.finish(), look)


def _grounded(baseline: Baseline, look: Look | None) -> Baseline:
    if look is not None:
        baseline.grounds = look.grounds()
    return baseline


def watch(
    source: SourceSpec,
    baseline: Baseline | str | os.PathLike[str],
    *,
    budget: str | Budget = "2/day",
    adapt: bool = True,
    verdicts: Iterable[Standing] = (),
    masks: Sequence[Polygon] = (),
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
        masks: Polygons, in shares of the picture, within which nothing is watched.
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
        watcher = Watcher(
            known, opened.info, budget=Budget.parse(budget), adapt=adapt, verdicts=verdicts, masks=masks
        )
        yield from _watch(opened, watcher, sinks, run, progress, stop)
    finally:
        for sink in sinks:
            sink.close()
        if opened is not source:
            opened.close()


def _watch(
    source: Source,
    watcher: Watcher,
    sinks: Sequence[Sink],
    run: Run | None,
    progress: Callable[[Progress], None] | None,
    stop: Stop | None,
) -> Iterator[Event]:
    info = source.info
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


__all__ = ["Progress", "learn", "watch"]
