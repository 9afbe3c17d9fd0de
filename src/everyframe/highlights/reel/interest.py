"""What is worth seeing where nothing was taught: where much moves, and where it looks as it did not before.

One pass, a number or two per second of footage. Where a baseline is given, what deviates from it comes first.
"""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from everyframe.highlights.reel.footage import Footage
from everyframe.highlights.reel.reading import decoded
from everyframe.highlights.segments import Segment
from everyframe.highlights.shots import ShotDetector, difference
from everyframe.sources import open_source
from everyframe.sources.pictures import luma_of
from everyframe.types import Frame

if TYPE_CHECKING:
    from everyframe.anomaly.baseline import Baseline

BIN = 1.0
"""Seconds of footage for which there is one number."""

_STEP = 0.2  # seconds between two pictures that are compared: the same for every frame rate
_MEMORY = 60.0  # seconds over which it is known how things look
_NOVEL = 0.5  # weight of novelty against motion
_REACH = 4  # bins that a moment may extend to either side of its peak
_LEAST = 1  # bins that it does at least
_QUIET_BINS = 2  # bins between two moments
_SHARE = 0.5  # of a peak's height above the usual that belongs to its moment
_USUAL = 0.1  # confidence of a moment that is like all others
_UNUSUAL = 0.5  # confidence above which there is only what deviates from a baseline

Curve = NDArray[np.float64]


@dataclass(slots=True)
class Watched:
    """What one pass over a source found.

    Attributes:
        source: Path of the footage.
        motion: ``(N,)`` mean change of luma per ``BIN``.
        novelty: ``(N,)`` likewise, how unlike the last minute it looks, from 0 to 1.
        shots: Where shots begin, in seconds.
    """

    source: str
    motion: Curve
    novelty: Curve
    shots: list[float] = field(default_factory=list)


def watch(footage: Footage, source: str, tell: Callable[[float], object] | None = None) -> Watched:
    """Pass over a source once.

    Args:
        footage: The source.
        source: What segments shall call it.
        tell: Is told the seconds done.
    """
    detector = ShotDetector()
    tally = _Tally()
    shots: list[float] = []
    with closing(decoded(footage, footage.origin)) as pictures:
        for stamp, picture in pictures:
            time = footage.time(stamp)
            shots += [shot.time for shot in detector.step(time, luma_of(picture))]
            look = detector.latest
            assert look is not None
            tally.take(time, look.small, look.traits)
            if tell is not None:
                tell(time)
    shots += [shot.time for shot in detector.flush()]
    motion, novelty = tally.curves()
    return Watched(source, motion, novelty, shots)


class _Tally:
    """Sums up pictures by the second."""

    def __init__(self) -> None:
        self._changes: list[float] = []  # of the bin that is being filled
        self._motion: list[float] = []
        self._novelty: list[float] = []
        self._before: tuple[float, NDArray[np.float32]] | None = None
        self._usual: NDArray[np.float32] | None = None

    def take(self, time: float, small: NDArray[np.float32], traits: NDArray[np.float32]) -> None:
        if self._before is not None and time - self._before[0] < _STEP:
            return
        if self._before is not None:
            apart = small - self._before[1]
            # Light that changes all over is no motion.
            self._changes.append(float(np.abs(apart - np.median(apart)).mean()))
        self._before = (time, small)
        while time >= (len(self._motion) + 1) * BIN:
            self._close(traits)

    def curves(self) -> tuple[Curve, Curve]:
        if self._changes:
            self._motion.append(float(np.median(self._changes)))
            self._novelty.append(self._novelty[-1] if self._novelty else 0.0)
        return np.array(self._motion), np.array(self._novelty)

    def _close(self, traits: NDArray[np.float32]) -> None:
        # The median: neither a cut nor a flash is motion.
        self._motion.append(float(np.median(self._changes)) if self._changes else 0.0)
        self._changes = []
        if self._usual is None:
            self._usual = traits.copy()
        self._novelty.append(difference(traits, self._usual))
        self._usual += (traits - self._usual) * np.float32(BIN / min(_MEMORY, len(self._novelty) + 1.0))


def moments(watched: Sequence[Watched], most: float, best: float = 1.0) -> list[Segment]:
    """Return the moments that stand out, each from what is usual in its source; the best first.

    Args:
        watched: The sources.
        most: Seconds that all of them may last.
        best: Confidence of the best.
    """
    curves = [_curve(one) for one in watched]
    free = [np.ones(len(curve), dtype=bool) for curve in curves]
    order = sorted(
        ((float(value), number, at) for number, curve in enumerate(curves) for at, value in enumerate(curve)),
        key=lambda one: (-one[0], one[1], one[2]),
    )
    found: list[Segment] = []
    total = 0.0
    top = order[0][0] if order else 0.0
    for value, number, at in order:
        if total >= most or (found and value <= 0.0):
            break
        if not free[number][at]:
            continue
        low, high = _extent(curves[number], free[number], at)
        free[number][max(0, low - _QUIET_BINS) : high + _QUIET_BINS] = False
        confidence = best * max(_USUAL, value / top) if top > 0.0 else _USUAL * best
        found.append(
            Segment(low * BIN, high * BIN, "action", min(1.0, confidence), source=watched[number].source)
        )
        total += (high - low) * BIN
    return found if top > 0.0 else _spread(watched, most)


def action(watched: Sequence[Watched]) -> list[Segment]:
    """Return all the action: the seconds in which more moves than in the quiet ones."""
    found = []
    for one in watched:
        curve = _smooth(np.log1p(one.motion))
        if not len(curve):
            continue
        busy = curve > _threshold(curve)
        edges = np.flatnonzero(np.diff(np.concatenate([[0], busy.astype(np.int8), [0]])))
        for low, high in zip(edges[::2], edges[1::2], strict=True):
            weight = float(curve[low:high].max() / max(float(curve.max()), 1e-9))
            found.append(Segment(low * BIN, high * BIN, "action", min(1.0, weight), source=one.source))
    return found or _spread(watched, math.inf)


def loaded(baseline: Baseline | str | os.PathLike[str]) -> Baseline:
    """Return a baseline, from its file where that was named.

    Raises:
        BaselineError: It cannot be read.
    """
    from everyframe.anomaly.baseline import Baseline  # takes as long to load as all else of a reel

    return baseline if isinstance(baseline, Baseline) else Baseline.load(baseline)


def unusual(
    path: str, baseline: Baseline | str | os.PathLike[str], tell: Callable[[float], object] | None = None
) -> list[Segment]:
    """Return what deviates from a baseline; the rarer, the more confident.

    Raises:
        SourceError: The source cannot be read.
        BaselineError: The baseline cannot be used for it.
    """
    from everyframe.watcher import Watcher

    known = loaded(baseline)
    found: list[Segment] = []
    with closing(open_source(path, vectors=known.about.motion == "codec")) as source:
        watcher = Watcher(known, source.info, budget="1/hour", adapt=False)

        def take(findings: Iterable[object]) -> None:
            for finding in findings:
                event = finding.event  # type: ignore[attr-defined]
                rare = min(1.0, -math.log10(max(event.p_value, 1e-12)) / 12.0)
                found.append(
                    Segment(
                        max(0.0, event.start),
                        max(event.end, event.start + 0.5),
                        event.name or "unusual",
                        _UNUSUAL + (1.0 - _UNUSUAL) * rare,
                        source=path,
                        about={"reason": event.reason},
                    )
                )

        for item in source:
            take(watcher.step(item))
            watcher.scores.clear()
            if tell is not None:
                tell(item.time if isinstance(item, Frame) else item.end)
        take(watcher.flush())
    return found


def _curve(one: Watched) -> Curve:
    """Return one number per second: above what is usual for this source is positive."""
    return _smooth(_standing(one.motion) + _NOVEL * _standing(one.novelty))


def _standing(curve: Curve) -> Curve:
    """Return how far above the usual a curve is, in usual deviations."""
    if not len(curve):
        return curve
    usual = float(np.median(curve))
    spread = float(np.median(np.abs(curve - usual))) * 1.4826
    # What hardly ever moves has no usual deviation.
    spread = max(spread, 0.05 * float(curve.max() - curve.min()), 1e-6)
    standing: Curve = np.clip((curve - usual) / spread, -3.0, 12.0)
    return standing


def _smooth(curve: Curve) -> Curve:
    if len(curve) < 3:
        return curve
    smooth: Curve = np.convolve(np.pad(curve, 1, mode="edge"), [0.25, 0.5, 0.25], mode="valid")
    return smooth


def _extent(curve: Curve, free: NDArray[np.bool_], at: int) -> tuple[int, int]:
    least = _SHARE * curve[at]
    low = high = at
    while low > 0 and at - low < _REACH and free[low - 1] and (curve[low - 1] >= least or at - low < _LEAST):
        low -= 1
    end = len(curve) - 1
    while (
        high < end
        and high - at < _REACH
        and free[high + 1]
        and (curve[high + 1] >= least or high - at < _LEAST)
    ):
        high += 1
    return low, high + 1


def _spread(watched: Sequence[Watched], most: float) -> list[Segment]:
    """Return moments that are spread evenly: nothing stands out."""
    found = []
    for one in watched:
        length = len(one.motion) * BIN
        count = max(1, int(min(most, length) / len(watched) / 4.0 / 2.0))
        for number in range(count):
            middle = length * (number + 0.5) / count
            start = max(0.0, middle - 2.0)
            end = min(length, middle + 2.0)
            if end > start:
                found.append(Segment(start, end, "view", _USUAL, source=one.source))
    return found


def _threshold(curve: Curve) -> float:
    """Return the value that parts two groups best (Otsu 1979)."""
    values = np.sort(curve)
    count = np.arange(1, len(values))
    sums = np.cumsum(values)
    if not len(count) or values[0] == values[-1]:
        return float(values[-1])
    low = sums[:-1] / count
    high = (sums[-1] - sums[:-1]) / (len(values) - count)
    between = count * (len(values) - count) * (high - low) ** 2
    at = int(np.argmax(between))
    return float((values[at] + values[at + 1]) / 2)
