"""From fields to scores: one number for each moment, and where and why."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from everyframe.anomaly.baseline import Baseline
from everyframe.anomaly.contexts import hour_of
from everyframe.anomaly.detector import Scene
from everyframe.anomaly.ensemble import View
from everyframe.anomaly.reading import LOOK_AHEAD, fuse, memory, smooth, surprises
from everyframe.anomaly.steadiness import Steadiness
from everyframe.anomaly.windows import Rows
from everyframe.motion.field import Field

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
    """

    field: Field
    rows: list[Rows | None]
    views: tuple[View, ...]
    best: NDArray[np.float32]


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


class Scorer:
    """Scores fields against a baseline, one second late.

    Args:
        baseline: What is normal.
    """

    def __init__(self, baseline: Baseline) -> None:
        self._baseline = baseline
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
            self._baseline.background.reset()  # what stayed before is not there any more, or elsewhere
        stayed = self._baseline.background.step(field)
        self._look_round(moved, field.time)
        if moved or not field.measured or self.lost_since is not None:
            return self._due(field.time - LOOK_AHEAD)
        foreign = self._baseline.background.foreign
        if foreign is not None and float(foreign.mean()) > _ALL_CHANGED:
            self._baseline.background.forget_stays()
            stayed = np.zeros_like(stayed)
        settled = self._baseline.background.settled
        assert settled is not None
        rows = self._eyes.rows(Scene(field, stayed, settled, hour_of(field.utc)))
        self._views = self._ensemble.views(rows, self._views)
        best = np.concatenate([view.best for view in self._views])
        self._waiting.append(Seen(field, rows, self._views, best))
        return self._due(field.time - LOOK_AHEAD)

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
        times = np.array([seen.field.time for seen in self._waiting])
        smoothed = smooth(
            times,
            np.stack([seen.best for seen in self._waiting]),
            self._ensemble.attributes,
            slice(self._done, ready),
        )
        attributes = surprises(smoothed, self._baseline.attributes)
        joint = fuse(attributes, self._voices)
        chances = self._baseline.tail.p_value(joint)
        found = [
            Scored(self._waiting[self._done + k], attributes[k], float(joint[k]), float(chances[k]))
            for k in range(ready - self._done)
        ]
        self._done = ready
        while self._done and self._waiting[0].field.time < until - memory(self._ensemble.attributes):
            self._waiting.popleft()
            self._done -= 1
        return found


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
