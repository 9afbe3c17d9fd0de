"""Scores joined over time and place into events."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from everyframe.anomaly.baseline import Baseline
from everyframe.anomaly.explain import Place, explain, picture_of, place_of, reason_of
from everyframe.anomaly.grounds import in_words
from everyframe.anomaly.reading import LOOK_AHEAD
from everyframe.anomaly.scoring import Scored, heat
from everyframe.anomaly.sightings import along, sight
from everyframe.anomaly.verdicts import Verdicts
from everyframe.motion.objects import find_objects
from everyframe.types import RGB, Box, Event, Sighting

_PATIENCE = 4.0  # seconds without anything unusual after which an event has ended
_REPORT_AFTER = 20.0  # seconds: an event that goes on is told, once, while it goes on
_STRIDE = 6.0  # typical heights per second that a thing may move between two sightings
_REACH = 2.5  # typical heights, likewise at no time at all
_STILL_HERE = 0.7  # of the smoothed surprise, at that very moment
_KEEPS_ON = 10.0  # an event goes on while the chance is below so many times the alert's


@dataclass(slots=True, eq=False)
class Finding:
    """An event with what is needed to show it.

    Attributes:
        event: The event.
        index: ``Frame.index`` at its peak.
        heat: ``(ny, nx)`` in [0, 1] at its peak.
        why: A picture of what deviates then, where a detector draws one.
        number: Of the event, from 1; the same where one is told twice.
        over: Whether the event has ended; told at once, it is only how it began.
    """

    event: Event
    index: int
    heat: NDArray[np.float32]
    why: RGB | None = None
    number: int = 0
    over: bool = True


@dataclass(slots=True, eq=False)
class _Open:
    start: float
    last: float
    utc: float | None
    at: tuple[float, float]
    peak: Scored
    box: Box
    number: int
    seen: Sighting  # at the peak
    told: bool = False
    course: list[Sighting] = field(default_factory=list)
    track: list[tuple[float, Box]] = field(default_factory=list)


class Joiner:
    """Joins what is unusual into events.

    Args:
        baseline: What is normal.
        alert_p: Chance below which a moment is an alert.
        at_once: Whether to tell an event when it begins, and again when it has ended: somebody is waiting.
        verdicts: What people said of earlier events: the like of what they named has its name.
    """

    def __init__(
        self,
        baseline: Baseline,
        alert_p: float,
        *,
        at_once: bool = False,
        verdicts: Verdicts | None = None,
    ) -> None:
        self.verdicts = verdicts
        self._at_once = at_once
        self._count = 0
        self._baseline = baseline
        self._windows = baseline.windows
        self._aspect = baseline.about.width / baseline.about.height
        self._alert_p = alert_p
        self._open: list[_Open] = []

    @property
    def busy(self) -> bool:
        """Whether something unusual is going on, or was a moment ago."""
        return bool(self._open)

    def step(self, scored: Scored) -> list[Finding]:
        """Take the next score; return the events that it ends, or that have gone on for long."""
        found = self._expire(scored.time)
        if scored.p_value > self._alert_p * _KEEPS_ON:
            return found
        place = place_of(scored, self._baseline)
        if place is None or not self._is_here(scored, place):
            return found
        box, at, tall = self._where(scored, place)
        current = self._near(scored, at, tall)
        begins = False
        seen = sight(scored, place, self._baseline, self._windows)
        if current is None:
            if scored.p_value > self._alert_p or self._is_aftermath(scored, place):
                return found
            self._count += 1
            current = _Open(
                scored.time, scored.time, scored.seen.field.utc, at, scored, box, self._count, seen
            )
            self._open.append(current)
            begins = self._at_once
        current.last, current.at = scored.time, at
        current.track.append((scored.time, box))
        current.course.append(seen)
        if scored.score > current.peak.score:
            current.peak, current.box, current.seen = scored, box, seen
        if begins:
            found.append(self._finding(current, over=False))
        elif not self._at_once and not current.told and scored.time - current.start >= _REPORT_AFTER:
            current.told = True
            found.append(self._finding(current))
            current.track, current.course = [], []
        return found

    def _is_here(self, scored: Scored, place: Place) -> bool:
        """Say whether what is unusual is still to be seen: scores remember seconds, places do not."""
        number = place.number
        now = float(self._baseline.attributes[number].surprise(scored.seen.best[number]))
        return now >= _STILL_HERE * float(scored.attributes[number])

    def _is_aftermath(self, scored: Scored, place: Place) -> bool:
        """Say whether this may only be what an event elsewhere left in the averages over the past."""
        remembers = place.attribute.back > LOOK_AHEAD
        return remembers and any(scored.score < event.peak.score for event in self._open)

    def flush(self) -> list[Finding]:
        """Return the events that are going on: nothing more will come."""
        return self._expire(np.inf)

    def _expire(self, time: float) -> list[Finding]:
        over = [event for event in self._open if time - event.last > _PATIENCE]
        self._open = [event for event in self._open if time - event.last <= _PATIENCE]
        return [self._finding(event) for event in over if not event.told]

    def _near(self, scored: Scored, at: tuple[float, float], tall: float) -> _Open | None:
        def distance(event: _Open) -> float:
            return float(np.hypot(event.at[0] - at[0], event.at[1] - at[1]))

        def reach(event: _Open) -> float:
            return tall * (_REACH + _STRIDE * (scored.time - event.last))

        near = [event for event in self._open if distance(event) <= reach(event)]
        return min(near, key=distance, default=None)

    def _where(self, scored: Scored, place: Place) -> tuple[Box, tuple[float, float], float]:
        """Return box, middle (pixels) and typical height of what is unusual."""
        field = scored.seen.field
        width, height = field.size
        x, y = place.at[0] * width, place.at[1] * height
        j, _ = self._windows.places(np.array([place.at], np.float32))
        tall = float(self._windows.tall[int(j[0])])
        box = _around(x, y, tall, field.size)
        if place.attribute.moves:
            near = [thing.box for thing in find_objects(field) if thing.box.overlap(box) > 0.0]
            if near:
                best = max(near, key=lambda other: other.overlap(box))
                # A crowd that moves as one patch says less about where than the window does.
                if best.height <= 2.5 * tall and best.width <= 4 * tall:
                    box = best
        return box, (x, y), tall

    def _grounded(self, reason: str, box: Box) -> str:
        """Add to a reason what the thing stands on, where that is known."""
        known = self._baseline
        size = known.about.width, known.about.height
        ground = known.grounds.under(box, size) if known.grounds is not None else None
        if known.grounds is None or ground is None:
            return reason
        share = known.grounds.share(ground, known.detector.visits(), self._windows.tall, size[1])
        return f"{reason}, {in_words(ground, share)}"

    def _finding(self, event: _Open, *, over: bool = True) -> Finding:
        deviations = explain(event.peak, self._baseline)
        sightings = along(event.seen, event.course, self._aspect)
        name = "" if self.verdicts is None else self.verdicts.name_of(sightings)
        told = Event(
            start=event.start,
            end=event.last,
            peak=event.peak.time,
            box=event.box,
            score=event.peak.score,
            p_value=event.peak.p_value,
            reason=self._grounded(reason_of(deviations, name), event.box),
            deviations=deviations,
            utc=event.utc,
            track=tuple(event.track),
            name=name,
            sightings=sightings,
        )
        why = picture_of(event.peak, self._baseline)
        at = event.peak.seen.field.index
        return Finding(told, at, heat(event.peak, self._baseline), why, event.number, over)


def _around(x: float, y: float, tall: float, size: tuple[int, int]) -> Box:
    left, top = int(np.clip(x - tall / 2, 0, size[0] - 2)), int(np.clip(y - tall / 2, 0, size[1] - 2))
    right, bottom = (
        int(np.clip(x + tall / 2, left + 1, size[0])),
        int(np.clip(y + tall / 2, top + 1, size[1])),
    )
    return Box(left, top, right - left, bottom - top)
