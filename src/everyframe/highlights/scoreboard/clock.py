"""The clock of a game from what was read of it: it runs or stands, and starts anew; the rest was misread."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_BACK = 60  # readings among which the one before is looked for
_JUMP = 3.0  # readings that must be gained for the clock to have leapt
_SLACK = 1.2  # seconds: a clock shows whole ones
_BEYOND = 3.0  # seconds beyond the readings of a stretch for which they speak
_FARTHEST = 60.0  # seconds between two readings over which nothing is said


@dataclass(frozen=True, slots=True)
class Tick:
    """A reading of a clock.

    Attributes:
        time: Seconds in the footage.
        clock: Seconds on the clock.
        step: Seconds that it counts in.
    """

    time: float
    clock: float
    step: float = 1.0


@dataclass(frozen=True, slots=True)
class Course:
    """How a clock went.

    Attributes:
        ticks: The readings that agree, in order of time.
        fresh: Of each, whether the clock was set anew before it.
        down: Whether it counts down.
    """

    ticks: tuple[Tick, ...] = ()
    fresh: tuple[bool, ...] = ()
    down: bool = False

    @property
    def running(self) -> int:
        """How many pairs of readings in a row show a clock that ran."""
        pairs = zip(self.ticks, self.ticks[1:], self.fresh[1:], strict=False)
        return sum(
            not fresh and after.time - before.time <= 30.0 and _ran(before, after)
            for before, after, fresh in pairs
        )

    def at(self, time: float) -> float | None:
        """Return what the clock showed; ``None`` where no reading is near enough to say so."""
        times = [tick.time for tick in self.ticks]
        place = int(np.searchsorted(times, time, side="right"))
        sign = -1.0 if self.down else 1.0
        if place in (0, len(times)) or self.fresh[place]:
            return self._beyond(time, place, sign)
        before, after = self.ticks[place - 1], self.ticks[place]
        if after.time - before.time > _FARTHEST:
            return None
        # Where it stood for a part of the time, it is taken to have run first.
        return before.clock + sign * min(time - before.time, abs(after.clock - before.clock))

    def _beyond(self, time: float, place: int, sign: float) -> float | None:
        """Return what the clock showed before the first, after the last or beside a leap of the readings."""
        near = [one for one in (place - 1, place) if 0 <= one < len(self.ticks)]
        one = min(near, key=lambda one: abs(self.ticks[one].time - time), default=-1)
        if one < 0 or abs(self.ticks[one].time - time) > _BEYOND:
            return None
        tick = self.ticks[one]
        pair = (one - 1, one) if one == place - 1 else (one, one + 1)
        inside = pair[0] >= 0 and pair[1] < len(self.ticks) and not self.fresh[pair[1]]
        ran = inside and _ran(self.ticks[pair[0]], self.ticks[pair[1]])
        return max(0.0, tick.clock + (sign * (time - tick.time) if ran else 0.0))


def course(ticks: Sequence[Tick]) -> Course:
    """Return the course that most readings agree with.

    The longest chain in which each reading follows from the one before: the clock went on by no more than
    the time that passed, and not backwards. To leap costs as much as three readings, so one misread reading,
    or two, are left out.

    Args:
        ticks: In order of time.
    """
    if not ticks:
        return Course()
    up, down = _chain(ticks, 1.0), _chain(ticks, -1.0)
    best, sign = (down, -1.0) if down[0] >= up[0] else (up, 1.0)
    _, places, fresh = best
    return Course(tuple(ticks[place] for place in places), tuple(fresh), sign < 0.0)


def _chain(ticks: Sequence[Tick], sign: float) -> tuple[float, list[int], list[bool]]:
    """Return how good the best chain is, its places, and before which of them the clock leapt."""
    times = np.array([tick.time for tick in ticks])
    clocks = sign * np.array([tick.clock for tick in ticks])
    slack = _SLACK * np.array([tick.step for tick in ticks])
    worth: NDArray[np.float64] = np.ones(len(ticks))
    before = np.full(len(ticks), -1)
    leapt = np.ones(len(ticks), bool)
    best = (-np.inf, -1)  # of all chains so far
    for place in range(len(ticks)):
        low = max(0, place - _BACK)
        passed = times[place] - times[low:place]
        gone = clocks[place] - clocks[low:place]
        wide = np.maximum(slack[place], slack[low:place])
        follows = (gone >= -0.01) & (gone <= passed + wide)
        if follows.any():
            good = np.where(follows, worth[low:place], -np.inf)
            last = place - low - 1 - int(np.argmax(good[::-1]))  # of equals, the latest
            worth[place], before[place], leapt[place] = 1.0 + good[last], low + last, False
        if best[0] - _JUMP + 1.0 > worth[place]:
            worth[place], before[place], leapt[place] = best[0] - _JUMP + 1.0, best[1], True
        if worth[place] >= best[0]:
            best = (float(worth[place]), place)
    places: list[int] = []
    fresh: list[bool] = []
    place = best[1]
    while place >= 0:
        places.append(place)
        fresh.append(bool(leapt[place]))
        place = int(before[place])
    fresh[-1] = False  # nothing was before the first
    return best[0], places[::-1], fresh[::-1]


def _ran(before: Tick, after: Tick) -> bool:
    slack = _SLACK * max(before.step, after.step)
    gone = abs(after.clock - before.clock)
    return gone > 0.0 and abs(gone - (after.time - before.time)) <= slack
