"""A chance that holds at each time of day, and not only on the average of the day."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from everyframe.anomaly.calibration import JOINT_LEAST, JOINT_TAIL, Tail
from everyframe.anomaly.contexts import HOURS

_AROUND = 2  # hours before and after that lend an hour their moments
_ENOUGH = 360  # moments: an hour of footage
_KEPT = 400  # largest values of each hour


class HourTails:
    """How the joint score is distributed at each hour of the day.

    Most of a day is quiet, so that a busy hour has more than its share of what the whole day calls rare.
    Scores are therefore held against those of their own hours, too: Mondrian conformal prediction (Vovk,
    Lindsay, Nouretdinov, Gammerman, "Mondrian confidence machine", 2003) with hours as categories, which
    overlap, as an hour of one day is little footage. An hour only ever lowers a score: how quiet it always
    is cannot be known from the one night that was seen.

    Args:
        tails: Of the joint score, by hour; an hour without one is judged by the whole day.
    """

    def __init__(self, tails: Mapping[int, Tail] | None = None) -> None:
        self.tails = dict(tails or {})

    @classmethod
    def fit(cls, joint: ArrayLike, hours: ArrayLike) -> HourTails:
        """Return the tails of normal moments.

        Args:
            joint: ``(n,)`` their joint scores.
            hours: ``(n,)`` local time of day, 0 to 24; NaN where there is no clock.
        """
        scores, when = np.asarray(joint, np.float64), np.asarray(hours, np.float64)
        known = np.isfinite(when)
        scores, slots = scores[known], when[known].astype(np.intp) % HOURS
        found = {}
        for hour in range(HOURS):
            apart = np.abs(slots - hour)
            near = scores[np.minimum(apart, HOURS - apart) <= _AROUND]
            if len(near) >= _ENOUGH and (slots == hour).any():
                tail = Tail(near, JOINT_LEAST, JOINT_TAIL)
                tail.top = tail.top[-_KEPT:]
                found[hour] = tail
        return cls(found)

    def level(self, scores: ArrayLike, hours: ArrayLike, whole: Tail) -> NDArray[np.float64]:
        """Return ``(n,)`` scores that are as rare over the whole day as these are at their hours.

        Never more than they were, and only those in the tail of the whole day are changed.

        Args:
            scores: ``(n,)`` joint scores.
            hours: ``(n,)`` local time of day; NaN where there is no clock.
            whole: How scores are distributed over the whole day.
        """
        found = np.array(scores, np.float64)
        for k, (score, hour) in enumerate(zip(found.tolist(), np.asarray(hours, np.float64), strict=True)):
            tail = None if np.isnan(hour) else self.tails.get(int(hour) % HOURS)
            if tail is not None and score > whole.start:
                chance = float(tail.p_value(score))
                found[k] = max(whole.start, min(score, whole.score_of(chance)))
        return found

    def state(self) -> dict[str, NDArray[Any]]:
        """Return everything as named arrays."""
        return {
            f"{hour}.{name}": value
            for hour, tail in self.tails.items()
            for name, value in tail.state().items()
        }

    @classmethod
    def restored(cls, state: Mapping[str, NDArray[Any]]) -> HourTails:
        """Return what ``state`` described."""
        parts: dict[int, dict[str, NDArray[Any]]] = {}
        for key, value in state.items():
            hour, name = key.split(".")
            parts.setdefault(int(hour), {})[name] = value
        return cls({hour: Tail.restored(part) for hour, part in parts.items()})
