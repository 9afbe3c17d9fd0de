"""From fields to scores: one number for each moment, and where and why."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from everyframe.anomaly.baseline import Baseline
from everyframe.anomaly.calibration import Tail
from everyframe.anomaly.contexts import hour_of
from everyframe.anomaly.detector import Scene
from everyframe.anomaly.ensemble import View
from everyframe.anomaly.reading import LOOK_AHEAD, fuse, memory, smooth, surprises
from everyframe.anomaly.steadiness import Steadiness
from everyframe.anomaly.windows import Rows
from everyframe.motion.field import Field, Grid

LIKENESS = 0.2
"""Correlation with the view that was learned, below which it is another view."""

_ALL_CHANGED = 0.4  # share of the picture that looks foreign: then it is the camera or the light


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """What one field holds, before smoothing.

    Attributes:
        field: The motion.
        rows: What each member of the ensemble saw, ``None`` where that was nothing new.
        views: The same with its scores, of each detector that judges.
        best: ``(k,)`` the strongest of each attribute.
        left: The views without what people called normal, ``None`` where nobody called anything so.
    """

    field: Field
    rows: list[Rows | None]
    views: tuple[View, ...]
    best: NDArray[np.float32]
    left: tuple[View, ...] | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Scored:
    """A field's joint score.

    Attributes:
        seen: What it holds.
        attributes: ``(k,)`` surprise of each attribute, smoothed over time.
        score: The joint score.
        p_value: Chance that a normal moment reaches it.
    """

    seen: Seen
    attributes: NDArray[np.float64]
    score: float
    p_value: float

    @property
    def time(self) -> float:
        """Presentation time in seconds."""
        return self.seen.field.time

    @property
    def hour(self) -> float:
        """Local time of day in hours; NaN where there is no clock."""
        return hour_of(self.seen.field.utc)


class Opinion(Protocol):
    """What people think of scores; see ``verdicts.Verdicts``."""

    tail: Tail

    @property
    def lowers(self) -> bool:
        """Whether anything was called normal."""
        ...

    def without_normal(self, views: tuple[View, ...], hour: float) -> tuple[View, ...]:
        """Return views without the rows of what was called normal."""
        ...

    def hear(self, scored: Scored, left: Scored | None) -> Scored:
        """Return a moment with the score that it has given what people said."""
        ...


class Scorer:
    """Scores fields against a baseline, one second late.

    Args:
        baseline: What is normal.
        opinion: What people said of earlier scores; it has the last word on every score.
    """

    def __init__(self, baseline: Baseline, opinion: Opinion | None = None) -> None:
        self._baseline = baseline
        self._opinion = opinion
        self._ensemble = baseline.ensemble
        self._voices = baseline.voices
        self._eyes = baseline.ensemble.eyes()
        self._views: tuple[View, ...] = ()
        self._steadiness = Steadiness()
        self.lost_since: float | None = None
        """Since when the camera looks elsewhere: nothing is scored where no place is the one learned."""
        self._waiting: deque[Seen] = deque()
        self._done = 0  # how many of the waiting were given out already

    def step(self, field: Field) -> list[Scored]:
        """Take the next field; return the scores that are due."""
        moved = self._steadiness.step(field)
        if moved:
            # What stayed before is not there any more, or elsewhere, and nothing goes on from before.
            self._baseline.background.reset()
            self._eyes.reset()
        stayed = self._baseline.background.step(field)
        self._look_round(moved, field.time)
        if moved or not field.measured or self.lost_since is not None:
            return self._due(field.time - LOOK_AHEAD)
        foreign = self._baseline.background.foreign
        if foreign is not None and _share(foreign, field) > _ALL_CHANGED:
            self._baseline.background.forget_stays()
            self._eyes.reset()
            stayed = np.zeros_like(stayed)
        settled = self._baseline.background.settled
        assert settled is not None
        rows = self._eyes.rows(Scene(field, stayed, settled, hour_of(field.utc)))
        self._views = self._ensemble.views(rows, self._views)
        self._waiting.append(self._opined(Seen(field, rows, self._views, _best(self._views))))
        return self._due(field.time - LOOK_AHEAD)

    def heed(self, opinion: Opinion) -> None:
        """Take another opinion from the next score on."""
        self._opinion = opinion
        self._waiting = deque(self._opined(seen) for seen in self._waiting)

    def _opined(self, seen: Seen) -> Seen:
        """Return what is seen with what is left of it once what people called normal is taken away."""
        if self._opinion is None or not self._opinion.lowers:
            return seen if seen.left is None else replace(seen, left=None)
        return replace(seen, left=self._opinion.without_normal(seen.views, hour_of(seen.field.utc)))

    def flush(self) -> list[Scored]:
        """Return the scores of all that still waits: nothing more will come."""
        found = self._due(np.inf)
        self._waiting.clear()
        self._done = 0
        self._views = ()
        self._eyes.reset()
        return found

    def _look_round(self, moved: bool, time: float) -> None:
        """Once the camera has moved, see whether the view is still the learned one, or is it again."""
        if not moved and self.lost_since is None:
            return
        likeness = self._baseline.background.likeness()
        if likeness is not None and likeness >= LIKENESS:
            self.lost_since = None
        elif self.lost_since is None and likeness is not None:
            self.lost_since = time

    def _due(self, until: float) -> list[Scored]:
        ready = self._done
        while ready < len(self._waiting) and self._waiting[ready].field.time <= until:
            ready += 1
        if ready == self._done:
            return []
        due = slice(self._done, ready)
        found = self._judged([seen.best for seen in self._waiting], due)
        if self._opinion is not None:
            left = self._left(due) if self._opinion.lowers else [None] * len(found)
            found = [self._opinion.hear(*pair) for pair in zip(found, left, strict=True)]
        self._done = ready
        while self._done and self._waiting[0].field.time < until - memory(self._ensemble.attributes):
            self._waiting.popleft()
            self._done -= 1
        return found

    def _left(self, due: slice) -> list[Scored]:
        """Score the moments that are due as if nothing had been there that people called normal."""
        views = [seen.views if seen.left is None else seen.left for seen in self._waiting]
        found = self._judged([_best(seen) for seen in views], due)
        return [
            replace(one, seen=replace(one.seen, views=seen, best=_best(seen)))
            for one, seen in zip(found, views[due], strict=True)
        ]

    def _judged(self, best: list[NDArray[np.float32]], due: slice) -> list[Scored]:
        """Score the moments that are due, given the strongest of each attribute in all that wait."""
        times = np.array([seen.field.time for seen in self._waiting])
        smoothed = smooth(times, np.stack(best), self._ensemble.attributes, due)
        attributes = surprises(smoothed, self._baseline.attributes)
        seen = list(self._waiting)[due]
        hours = [hour_of(one.field.utc) for one in seen]
        joint = self._baseline.hours.level(fuse(attributes, self._voices), hours, self._baseline.tail)
        tail = self._baseline.tail if self._opinion is None else self._opinion.tail
        return [
            Scored(one, attributes[k], float(joint[k]), float(chance))
            for k, (one, chance) in enumerate(zip(seen, tail.p_value(joint), strict=True))
        ]


def _share(foreign: Grid, field: Field) -> float:
    """Return how much of what is not masked looks foreign."""
    kept = foreign.size if field.ignored is None else foreign.size - int(field.ignored.sum())
    return float(foreign.sum()) / max(1, kept)


def _best(views: tuple[View, ...]) -> NDArray[np.float32]:
    return np.concatenate([view.best for view in views])


def place_map(scored: Scored, baseline: Baseline, least: float) -> NDArray[np.float32]:
    """Return ``(ny, nx)`` joint score of each place at that moment, ``least`` where nothing is to be seen."""
    windows, ensemble, voices = baseline.windows, baseline.ensemble, baseline.voices
    picture = np.full(windows.shape, least, np.float32)
    for member, view in enumerate(scored.seen.views):
        part = ensemble.tails_of(member)
        joint = fuse(surprises(view.scores, baseline.attributes[part]), voices[part])
        where = windows.places(ensemble.where(member, view.rows))
        np.maximum.at(picture, where, joint.astype(np.float32))
    return picture


def heat(scored: Scored, baseline: Baseline) -> NDArray[np.float32]:
    """Return ``(ny, nx)`` in [0, 1]: how surprising each place is, 1 where it is as at the alert's peak."""
    low = float(-np.log(baseline.tail.share))
    picture = place_map(scored, baseline, low)
    warm: NDArray[np.float32] = (picture - low) / max(float(picture.max()) - low, 1.0)
    return warm
