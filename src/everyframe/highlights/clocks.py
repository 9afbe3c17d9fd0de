"""From the game clock to the time in the footage, by readings of the clock that somebody took from it."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from dataclasses import dataclass

from everyframe.highlights.text import folded

FARTHEST = 60.0
"""Seconds of game between two readings over which nothing is said: there may be a break."""

_BEYOND = 5.0  # seconds beyond the first or last reading that are believed
_ORDINALS = {"first": "1", "second": "2", "third": "3", "fourth": "4", "1st": "1", "2nd": "2", "3rd": "3"}
_NOISE = {"period", "quarter", "qtr", "q", "half", "set", "inning", "p", "h"}


class Unjoined(Exception):
    """A row of a feed has no place in the footage; the message says why."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What the clock in the picture said.

    Attributes:
        time: Seconds in the footage.
        period: As it is called: ``2``, ``Q2``, ``2nd half``.
        clock: Seconds on the clock, counting up or down.
    """

    time: float
    period: str
    clock: float


class GameClock:
    """Says when in the footage the clock of a game stood where.

    Between readings time goes by evenly; where the clock stood still, the moment at which it stopped counts.
    Readings that contradict most others (a digit misread) are left out.

    Args:
        readings: In any order.
    """

    def __init__(self, readings: Iterable[Reading]) -> None:
        by_period: dict[str, list[Reading]] = {}
        for reading in readings:
            by_period.setdefault(period_key(reading.period), []).append(reading)
        self._periods = {key: _course(found) for key, found in by_period.items()}

    def time_of(self, period: str, clock: float) -> float:
        """Return seconds in the footage.

        Raises:
            Unjoined: No reading is near enough, or none is of that period.
        """
        course = self._periods.get(period_key(period))
        if course is None:
            known = ", ".join(sorted(self._periods)) or "none"
            raise Unjoined(f"the clock was not read in period {period} (read: {known})")
        downward, times, clocks = course
        wanted = -clock if downward else clock
        place = bisect_left(clocks, wanted)
        if place < len(clocks) and clocks[place] == wanted:
            return times[place]
        if place in (0, len(clocks)):
            near = 0 if place == 0 else len(clocks) - 1
            away = wanted - clocks[near]
            if abs(away) > _BEYOND or times[near] + away < 0.0:
                raise Unjoined(f"the clock was read nowhere near that time ({abs(away):.0f} s away)")
            return times[near] + away
        if clocks[place] - clocks[place - 1] > FARTHEST:
            raise Unjoined(f"the clock was not read for {clocks[place] - clocks[place - 1]:.0f} s around it")
        # The clock may have stopped at the earlier reading: it goes on from where it is last seen there.
        before = bisect_right(clocks, clocks[place - 1]) - 1
        share = (wanted - clocks[before]) / (clocks[place] - clocks[before])
        return times[before] + share * (times[place] - times[before])


def period_key(period: str) -> str:
    """Return what is the same for ``Q2``, ``2``, ``2nd``, ``second quarter``."""
    words = [_ORDINALS.get(word, word) for word in folded(period).split()]
    words = [word for word in words if word not in _NOISE] or words
    word = words[0] if len(words) == 1 else " ".join(words)
    number = re.search(r"\d+", word)
    return str(int(number.group())) if number is not None and len(words) == 1 else word


def _course(readings: list[Reading]) -> tuple[bool, list[float], list[float]]:
    """Return whether a period's clock counts down, and times and clocks that rise together."""
    ordered = sorted(readings, key=lambda reading: reading.time)
    up = _rising([reading.clock for reading in ordered])
    down = _rising([-reading.clock for reading in ordered])
    downward = len(down) >= len(up)
    kept = [ordered[place] for place in (down if downward else up)]
    clocks = [-reading.clock if downward else reading.clock for reading in kept]
    return downward, [reading.time for reading in kept], clocks


def _rising(values: list[float]) -> list[int]:
    """Return the places of the longest run of values that never fall (patience sorting)."""
    ends: list[float] = []
    at: list[int] = []
    before: list[int] = []
    for place, value in enumerate(values):
        pile = bisect_right(ends, value)
        before.append(at[pile - 1] if pile else -1)
        if pile == len(ends):
            ends.append(value)
            at.append(place)
        else:
            ends[pile], at[pile] = value, place
    chosen: list[int] = []
    place = at[-1] if at else -1
    while place >= 0:
        chosen.append(place)
        place = before[place]
    return chosen[::-1]
