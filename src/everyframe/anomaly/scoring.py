"""From fields to scores: one number for each moment, and where and why."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from everyframe.anomaly.baseline import Baseline
from everyframe.anomaly.calibration import Tail
from everyframe.anomaly.contexts import hour_of
from everyframe.anomaly.density import ATTRIBUTES
from everyframe.anomaly.steadiness import Steadiness
from everyframe.anomaly.windows import Rows
from everyframe.motion.field import Field

LOOK_AHEAD = 1.0
"""Seconds that a score waits for what comes next."""

_AHEAD = 0.4  # seconds (standard deviation) over which scores are averaged into the future
BACK = np.array([0.4, 2.0, 0.4, 2.0, 2.0])  # and into the past, for each attribute
_AGREE = (2, 3, 4, 3, 3)  # places that must agree, for each attribute
_MEMORY = 3 * float(BACK.max())  # seconds

SILENT = np.array([0.0, 5.5, 5.5, 5.5, 5.5])
"""In nats: below it an attribute has nothing to say; speed always has.

The others are those that a few minutes of footage know least of: where nobody went so far, what never stood
there. Their own tails cannot know what the next hour brings."""

_WEIGHT = np.array([1.0, 2.0, 2.0, 2.0, 2.0])  # once they speak, they mean it


def weigh(surprises: NDArray[np.floating]) -> NDArray[np.float64]:
    """Return ``(..., 5)`` how much each attribute says, of ``(..., 5)`` surprises."""
    said: NDArray[np.float64] = (surprises - SILENT) * _WEIGHT
    return said


LIKENESS = 0.2
"""Correlation with the view that was learned, below which it is another view."""

_ALL_CHANGED = 0.4  # share of the picture that looks foreign: then it is the camera or the light


def fuse(surprises: NDArray[np.floating]) -> NDArray[np.float64]:
    """Return the joint score ``(...)`` of ``(..., 5)`` surprises: the strongest attribute's."""
    joint: NDArray[np.float64] = weigh(surprises).max(axis=-1)
    return joint


def surprises(scores: NDArray[np.floating], tails: list[Tail]) -> NDArray[np.float64]:
    """Return ``(..., 5)`` surprises of ``(..., 5)`` attribute scores."""
    return np.stack([tail.surprise(scores[..., k]) for k, tail in enumerate(tails)], axis=-1)


def smooth(times: NDArray[np.floating], scores: NDArray[np.floating]) -> NDArray[np.float64]:
    """Average ``(n, 5)`` scores over neighbours in time, cut at the look-ahead.

    By time and not by number, so that lost frames change nothing. Speed shows at once; the other attributes
    gather evidence over the seconds before.
    """
    apart = times[None, :] - times[:, None]  # later ones are positive
    found = np.empty(scores.shape, np.float64)
    for width in np.unique(BACK):
        weight = np.exp(-0.5 * (apart / np.where(apart > 0, _AHEAD, width)) ** 2)
        weight[(apart > LOOK_AHEAD + 1e-6) | (apart < -3 * width)] = 0.0
        chosen = width == BACK
        found[:, chosen] = weight @ scores[:, chosen] / weight.sum(axis=1, keepdims=True)
    return found


def strongest(scores: NDArray[np.floating]) -> NDArray[np.float32]:
    """Return ``(5,)`` the strongest of ``(n, 5)`` scores that enough places agree on.

    A single window may catch a reflection or the edge of two flows; a body fills several.
    """
    best = np.zeros(scores.shape[1], np.float32)
    for attribute, number in enumerate(_AGREE):
        if len(scores) >= number:
            column = scores[:, attribute]
            best[attribute] = np.partition(column, len(column) - number)[len(column) - number]
    return best


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """What one field holds, before smoothing.

    Attributes:
        field: The motion.
        rows: ``(n, 8)`` rows.
        scores: ``(n, 5)`` attribute scores of the rows.
        best: ``(5,)`` the strongest of each attribute.
    """

    field: Field
    rows: Rows
    scores: NDArray[np.float32]
    best: NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Scored:
    """A field's joint score.

    Attributes:
        seen: What it holds.
        attributes: ``(5,)`` surprise of each attribute, smoothed over time.
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
        self._windows = baseline.windows
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
        rows = self._windows.rows(field, stayed, hour_of(field.utc))
        scores = self._baseline.detector.attribute_scores(rows)
        self._waiting.append(Seen(field, rows, scores, strongest(scores)))
        return self._due(field.time - LOOK_AHEAD)

    def flush(self) -> list[Scored]:
        """Return the scores of all that still waits: nothing more will come."""
        found = self._due(np.inf)
        self._waiting.clear()
        self._done = 0
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
        smoothed = smooth(times, np.stack([seen.best for seen in self._waiting]))[self._done : ready]
        attributes = surprises(smoothed, self._baseline.attributes)
        joint = fuse(attributes)
        chances = self._baseline.tail.p_value(joint)
        found = [
            Scored(self._waiting[self._done + k], attributes[k], float(joint[k]), float(chances[k]))
            for k in range(ready - self._done)
        ]
        self._done = ready
        while self._done and self._waiting[0].field.time < until - _MEMORY:
            self._waiting.popleft()
            self._done -= 1
        return found


def heat(scored: Scored, baseline: Baseline) -> NDArray[np.float32]:
    """Return ``(ny, nx)`` in [0, 1]: how surprising each place is, 1 where it is as at the alert's peak."""
    windows = baseline.windows
    picture = np.zeros(windows.shape, np.float32)
    if len(scored.seen.rows):
        joint = fuse(surprises(scored.seen.scores, baseline.attributes))
        low = float(-np.log(baseline.tail.share))
        strength = np.clip((joint - low) / max(float(joint.max()) - low, 1.0), 0.0, 1.0)
        j, i = windows.places(scored.seen.rows)
        np.maximum.at(picture, (j, i), strength.astype(np.float32))
    return picture


__all__ = [
    "ATTRIBUTES",
    "BACK",
    "LOOK_AHEAD",
    "Scored",
    "Scorer",
    "Seen",
    "fuse",
    "heat",
    "smooth",
    "surprises",
]
