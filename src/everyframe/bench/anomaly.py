"""Accuracy on a labelled set: learn its normal footage, score the rest, compare with the labels."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from everyframe.anomaly import LOOK_AHEAD, Baseline
from everyframe.anomaly.reading import weigh
from everyframe.anomaly.scoring import Scored, place_map
from everyframe.bench.ablation import ablate
from everyframe.bench.alerts import count_alerts, stretches_found
from everyframe.bench.dataset import Dataset, Entry, TestEntry, load, without_clock
from everyframe.bench.metrics import auc_micro, auc_micro_rescaled, eer, per_clip
from everyframe.bench.pixels import PixelAuc
from everyframe.bench.speed import one_thread
from everyframe.sources import Dropping, open_source
from everyframe.types import Event, Frame, Gap, Source
from everyframe.watcher import Watcher
from everyframe.watching import learn

_NOWHERE = -20.0  # joint score of a pixel at which nothing is to be seen: below all that is scored
_DECODED = 3_000  # frames after which the speed of decoding alone is known well enough


@dataclass(frozen=True, slots=True)
class Result:
    """What a detector is worth on a set.

    Attributes:
        dataset: Name of the set.
        detector: Name of the detector.
        motion: ``flow`` or ``codec``.
        auc_micro: Frame-level AUC, all test frames in one ranking.
        auc_micro_rescaled: The same, each clip by its own minimum and maximum: it has seen the future.
        eer: Equal error rate.
        auc_pixel: Pixel-level AUC; ``None`` without masks.
        fps_learn: Frames per second learned from, decoding included, one thread.
        fps_score: Frames per second watched, decoding included, one thread.
        decode_fps: Frames per second of decoding the test sources alone.
        baseline_bytes: Size of the baseline's file.
        look_ahead_s: Seconds that a score waits for what comes next.
        missing: Share of the test frames that were taken away.
        budget: Alerts per camera-day that were asked for.
        stretches: Unbroken abnormal stretches in the test sources.
        stretches_found: How many of them an alert found at that budget.
        stray_alerts: Alerts in the test sources that found none.
        watch: Alerts on the set's further normal footage, for each budget that was asked for.
        clock: Whether the detector knew the time of day.
        attributes: For each attribute the AUC of it alone, and without it.
        per_clip: For each test clip its AUC and scores.
    """

    dataset: str
    detector: str
    motion: str
    auc_micro: float
    auc_micro_rescaled: float
    eer: float
    auc_pixel: float | None
    fps_learn: float
    fps_score: float
    decode_fps: float
    baseline_bytes: int
    look_ahead_s: float
    missing: float
    budget: str
    stretches: int
    stretches_found: int
    stray_alerts: int
    watch: list[dict[str, Any]] = field(default_factory=list)
    clock: bool = True
    attributes: list[dict[str, Any]] = field(default_factory=list)
    per_clip: list[dict[str, Any]] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """Return it as plain values."""
        return asdict(self)


def run(
    root: str | Path,
    *,
    detector: str = "density",
    motion: str = "flow",
    missing: float = 0.0,
    burst: float = 1.0,
    seed: int = 0,
    budget: str = "2/day",
    watch_budgets: Sequence[str] = (),
    clock: bool = True,
    progress: Callable[[str], None] | None = None,
) -> Result:
    """Measure a detector on a set.

    Args:
        root: Folder with a ``dataset.json``.
        detector: Name of the detector.
        motion: ``flow`` or ``codec``.
        missing: Share of the test frames to take away, as gaps.
        burst: Mean length of a gap in frames.
        seed: Of which frames those are.
        budget: For counting alerts in the test sources.
        watch_budgets: Budgets at which the further normal footage is watched, if there is any.
        clock: Whether the detector may know the time of day; without, one model serves all hours.
        progress: Told what is being done.

    Raises:
        DatasetError: If the set is not as its form asks.
        EveryframeError: If a source cannot be read.
    """
    dataset = load(root) if clock else without_clock(load(root))
    say = progress or (lambda _: None)
    with one_thread():
        say(f"learning {len(dataset.train)} sources")
        started = time.perf_counter()
        frames = 0

        def count(done: Any) -> None:
            nonlocal frames
            frames = done.frames

        baseline = learn(
            [entry.source for entry in dataset.train],
            starts=[entry.starts for entry in dataset.train],
            fps=dataset.fps,
            motion=motion,
            detector=detector,
            progress=count,
        )
        fps_learn = frames / (time.perf_counter() - started)
        pixels = PixelAuc() if any(entry.masks for entry in dataset.test) else None
        clips: list[_Clip] = []
        for entry in dataset.test:
            say(f"scoring {entry.source.name}")
            clips.append(_score(dataset, entry, baseline, missing, burst, seed + len(clips), budget, pixels))
        say("counting alerts on normal footage")
        watched = count_alerts(dataset, baseline, watch_budgets)
        say("decoding alone")
        decode_fps = _decode(dataset, dataset.test)
    scores, labels = [clip.scores for clip in clips], [clip.labels for clip in clips]
    found = np.sum([stretches_found(c.labels, c.times, c.events) for c in clips], axis=0).tolist()
    names = [entry.source.stem for entry in dataset.test]
    return Result(
        dataset=dataset.name,
        detector=baseline.about.detector,
        motion=motion,
        auc_micro=auc_micro(scores, labels),
        auc_micro_rescaled=auc_micro_rescaled(scores, labels),
        eer=eer(scores, labels),
        auc_pixel=pixels.result() if pixels is not None else None,
        fps_learn=fps_learn,
        fps_score=sum(clip.frames for clip in clips) / sum(clip.seconds for clip in clips),
        decode_fps=decode_fps,
        baseline_bytes=len(baseline.to_bytes()),
        look_ahead_s=LOOK_AHEAD,
        missing=missing,
        budget=budget,
        stretches=found[0],
        stretches_found=found[1],
        stray_alerts=found[2],
        watch=[asdict(count) for count in watched],
        clock=clock,
        attributes=[
            asdict(share)
            for share in ablate([one.name for one in baseline.voices], [clip.said for clip in clips], labels)
        ],
        per_clip=[asdict(row) for row in per_clip(names, scores, labels)],
    )


@dataclass(slots=True, eq=False)
class _Clip:
    scores: NDArray[np.float64]
    said: NDArray[np.float64]  # (n, k) of each attribute
    labels: NDArray[np.bool_]
    times: NDArray[np.float64]
    frames: int
    seconds: float
    events: list[Event]


def _open(dataset: Dataset, entry: Entry | TestEntry, motion: str = "flow") -> Source:
    return open_source(entry.source, starts=entry.starts, fps=dataset.fps, vectors=motion == "codec")


def _score(
    dataset: Dataset,
    entry: TestEntry,
    baseline: Baseline,
    missing: float,
    burst: float,
    seed: int,
    budget: str,
    pixels: PixelAuc | None,
) -> _Clip:
    with closing(_open(dataset, entry, baseline.about.motion)) as source:
        stream: Source = Dropping(source, missing, burst, seed) if missing else source
        watcher = Watcher(baseline, source.info, budget=budget, adapt=False)
        events: list[Event] = []
        frames = last = 0
        started = time.perf_counter()
        for item in stream:
            if isinstance(item, Gap):
                last += item.frames or 0
            else:
                frames, last = frames + 1, max(last, item.index)
            events += [finding.event for finding in watcher.step(item)]
        events += [finding.event for finding in watcher.flush()]
        seconds = time.perf_counter() - started
        scored = list(watcher.scores)
    total = _total(dataset, entry, last + 1)
    # Every frame is judged, the missing ones too: theirs is what lies between the nearest that were seen.
    wanted = dataset.frames(entry)
    indices = np.arange(total) if wanted is None else np.asarray(wanted)
    known = [one.seen.field.index for one in scored]
    voices = baseline.voices
    values = weigh(np.array([one.attributes for one in scored]).reshape(-1, len(voices)), voices)
    said = np.zeros((len(indices), len(voices)))
    scores = np.zeros(len(indices))
    if known:
        said = np.stack([np.interp(indices, known, column) for column in values.T], axis=1)
        scores = np.interp(indices, known, [one.score for one in scored])
    labels = dataset.aligned(entry, indices, total)
    if pixels is not None and entry.masks is not None:
        _add_pixels(pixels, dataset, entry, indices, scored, baseline)
    times = (
        np.interp(indices, known, [one.time for one in scored]) if known else indices / (dataset.fps or 25)
    )
    return _Clip(scores, said, labels, times, frames, seconds, events)


def _total(dataset: Dataset, entry: TestEntry, seen: int) -> int:
    wanted = dataset.frames(entry)
    if wanted is not None and len(wanted):
        return int(wanted[-1]) + 1
    return max(seen, len(dataset.labels(entry)))


def _add_pixels(
    pixels: PixelAuc,
    dataset: Dataset,
    entry: TestEntry,
    indices: NDArray[np.integer[Any]],
    scored: list[Scored],
    baseline: Baseline,
) -> None:
    known = np.array([one.seen.field.index for one in scored])
    if len(known) == 0:
        return
    nearest = np.abs(indices[:, None] - known[None]).argmin(axis=1)
    maps: dict[int, NDArray[np.float32]] = {}
    for index, which in zip(indices, nearest, strict=True):
        mask = dataset.mask(entry, int(index))
        if mask is None:
            continue
        if int(which) not in maps:
            maps = {int(which): place_map(scored[int(which)], baseline, _NOWHERE)}
        pixels.add(maps[int(which)], mask)


def _decode(dataset: Dataset, entries: tuple[TestEntry, ...] | list[TestEntry]) -> float:
    frames, seconds = 0, 0.0
    for entry in entries:
        with closing(_open(dataset, entry)) as source:
            started = time.perf_counter()
            for item in source:
                frames += isinstance(item, Frame)
                if frames >= _DECODED:
                    break
            seconds += time.perf_counter() - started
        if frames >= _DECODED:
            break
    return frames / max(seconds, 1e-9)
