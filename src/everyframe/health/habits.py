"""At which hours of the day something is nothing new: dark nights, the evening sun in the lens."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

_HOURS = 24
_NO_CLOCK = 24  # the place in the table for footage without a clock
_HALF_LIFE = 14 * 3600.0  # seconds of footage of one hour of the day: two weeks of days
_USUAL = 0.1  # share of earlier footage of this hour
_ENOUGH = 600.0  # seconds of earlier footage of this hour
_ENOUGH_WITHOUT_CLOCK = 6 * 3600.0
_USUAL_WITHOUT_CLOCK = 0.05


class Habit:
    """How much of the footage of each hour showed something, as seconds.

    What goes on now counts only when it is over, so that a long fault does not excuse itself.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._shown = np.zeros(_HOURS + 1)
        self._seen = np.zeros(_HOURS + 1)
        self._now = np.zeros(_HOURS + 1)

    def is_usual(self, utc: float | None) -> bool:
        """Say whether it was often so at this hour, or at the one before or after."""
        if utc is None:
            shown, seen = self._shown[_NO_CLOCK], self._seen[_NO_CLOCK]
            return bool(seen >= _ENOUGH_WITHOUT_CLOCK and shown >= _USUAL_WITHOUT_CLOCK * seen)
        hour = hour_of(utc)
        near = [(hour + step) % _HOURS for step in (-1, 0, 1)]
        return any(self._seen[h] >= _ENOUGH and self._shown[h] >= _USUAL * self._seen[h] for h in near)

    def step(self, utc: float | None, shows: bool, seconds: float) -> None:
        """Take what a look that stands for so many seconds showed."""
        hour = _NO_CLOCK if utc is None else hour_of(utc)
        if shows:
            self._now[hour] += seconds
            return
        if self._now.any():
            self._shown += self._now
            self._seen += self._now
            self._now[:] = 0.0
        half = _HALF_LIFE * (_HOURS if hour == _NO_CLOCK else 1)
        fade = 0.5 ** (seconds / half)
        self._shown[hour] *= fade
        self._seen[hour] = self._seen[hour] * fade + seconds

    def save(self) -> dict[str, NDArray[np.generic]]:
        """Return it as an array."""
        return {self._name: np.stack([self._shown, self._seen, self._now])}

    def restore(self, arrays: Mapping[str, NDArray[np.generic]]) -> None:
        """Take what ``save`` returned."""
        kept = np.array(arrays[self._name], float).reshape(3, _HOURS + 1)
        self._shown, self._seen, self._now = kept.copy()


def hour_of(utc: float) -> int:
    """Return the hour of the day, UTC: only that it is the same every day matters."""
    return int(utc % 86_400.0 // 3600.0)
