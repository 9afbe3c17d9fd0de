"""What a part of a board said when, of readings that may be wrong: a vote, with a memory."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from typing import Generic, TypeVar

from everyframe.highlights.scoreboard.texts import POINTS

VOTES, OF = 3, 5
"""Readings that must say the same, of how many, for what may well come next."""

MORE_VOTES, OF_MORE = 6, 8
"""Likewise for what hardly can: a score that goes down, or leaps."""

LAST_VOTES = 2
"""Readings that are enough at the very end, for what may well come next: there will be no more."""

_LEAP = 8  # points that a score goes up by at once, at most
_MEMORY = 30.0  # seconds after which a reading has no vote

Value = TypeVar("Value", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Settled(Generic[Value]):
    """From when on it said what.

    Attributes:
        time: Seconds of the first reading that said so.
        value: What.
        confidence: From 0 to 1: how sure the readings were, and how many of them said so.
    """

    time: float
    value: Value
    confidence: float


def settle(
    readings: Iterable[tuple[float, Value, float]], natural: Callable[[Value, Value], bool]
) -> list[Settled[Value]]:
    """Return what it said from when on.

    A value counts when ``VOTES`` of the last ``OF`` readings say so; where it does not follow from the one
    before, when ``MORE_VOTES`` of ``OF_MORE`` do. At the end, ``LAST_VOTES`` are enough.

    Args:
        readings: Seconds, what was read, and how sure that is, in order of time.
        natural: Says whether the second value may well follow on the first.
    """
    recent: deque[tuple[float, Value, float]] = deque(maxlen=OF_MORE)
    found: list[Settled[Value]] = []
    for reading in readings:
        recent.append(reading)
        value = reading[1]
        if found and value == found[-1].value:
            continue
        usual = not found or natural(found[-1].value, value)
        votes, of = (VOTES, OF) if usual else (MORE_VOTES, OF_MORE)
        window = [one for one in list(recent)[-of:] if one[0] >= reading[0] - _MEMORY]
        agree = [one for one in window if one[1] == value]
        if len(agree) >= votes:
            sure = sum(one[2] for one in agree) / len(agree)
            since = [one for one in window if one[0] >= agree[0][0]]
            found.append(Settled(agree[0][0], value, sure * len(agree) / len(since)))
            recent = deque(agree, maxlen=OF_MORE)  # what was before has had its say
    last = list(recent)[-LAST_VOTES:]
    if found and len(last) == LAST_VOTES and len({one[1] for one in last}) == 1:
        time, value, _ = last[0]
        if value != found[-1].value and natural(found[-1].value, value):
            found.append(Settled(time, value, sum(one[2] for one in last) / LAST_VOTES))
    return found


def may_follow(before: str, after: str) -> bool:
    """Say whether a score may well go from one to the other: up by a little."""
    if not (before.isdigit() and after.isdigit()):
        return False
    return 0 < int(after) - int(before) <= _LEAP


def may_follow_in_tennis(before: str, after: str) -> bool:
    """Say whether the points of a game of tennis may go from one to the other."""
    return before != after and after in POINTS
