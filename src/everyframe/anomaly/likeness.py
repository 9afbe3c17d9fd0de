"""How alike two sightings are: place, hour, and what is done there."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from everyframe.types import Sighting

_PLACE = 1.5  # typical heights beyond which it is another place
_HOURS = 3.0  # beyond which it is another time of day
_PACE = 0.5  # share by which velocities may differ
_SLOW = 0.2  # typical heights per second by which they may differ anyhow
_SIZES = 2.0  # factor between sizes
_STAYS = 3.0  # factor between stays
_LEAST_SIZE, _LEAST_STAY = 0.1, 5.0  # below which differences mean nothing
_LOUDER = 2.0  # nats by which an attribute may say more than it did
_LOUDER_SHARE = 0.35  # and this share of what it said

Numbers = NDArray[np.float64]


class Sightings:
    """Sightings as arrays, to be compared with others.

    Args:
        sightings: ``m`` of them.
        names: Attributes that count; what a sighting does not say of one is not held against anybody.

    Attributes:
        says: ``(m, k)`` what each attribute said; NaN where it was not asked.
    """

    def __init__(self, sightings: Sequence[Sighting], names: Sequence[str]) -> None:
        table = np.array(
            [
                (s.x, s.y, s.tall, np.nan if s.hour is None else s.hour, s.right, s.down, s.size, s.stay)
                for s in sightings
            ],
            np.float64,
        ).reshape(-1, 8)
        self.x, self.y, self.tall, self.hour, self.right, self.down, self.size, self.stay = table.T
        said = [dict(s.says) for s in sightings]
        self.says: Numbers = np.array(
            [[one.get(name, np.nan) for name in names] for one in said], np.float64
        ).reshape(-1, len(names))

    def __len__(self) -> int:
        return len(self.x)

    def apart(self, other: Sightings, aspect: float) -> Numbers:
        """Return ``(m, n)`` how unlike each other sighting is: 1 and more is something else.

        The parts are scaled so that each alone reaches 1 where one would call it another place, another time
        of day, or something else that is done; an attribute that says less than it did is no difference.

        Args:
            other: ``n`` sightings.
            aspect: Width of the picture over its height.
        """
        place = self.away(other.x, other.y, aspect) / _PLACE
        hours = self.hours(other.hour) / _HOURS
        found: Numbers = np.sqrt(place**2 + hours**2 + self._motion(other) ** 2 + self.doing(other) ** 2)
        return found

    def doing(self, other: Sightings) -> Numbers:
        """Return ``(m, n)`` how unlike is what is done, wherever, whenever and whichever way."""
        found: Numbers = np.hypot(self._shape(other), self.louder(other.says))
        return found

    def kind(self, other: Sightings) -> Numbers:
        """Return ``(m, n)`` how unlike they are in kind: 1 and more has another name.

        A cyclist is one wherever, whenever and whichever way she rides. Unlike for ``apart``, an attribute
        that says less is a difference, too: what is fast is not what goes the wrong way.
        """
        mine, theirs = np.hypot(self.right, self.down)[:, None], np.hypot(other.right, other.down)[None]
        pace = np.abs(mine - theirs) / (_PACE * np.maximum(mine, theirs) + _SLOW)
        says, heard = np.maximum(self.says, 0.0)[:, None], np.maximum(other.says, 0.0)[None]
        room = _LOUDER + _LOUDER_SHARE * np.maximum(says, heard)
        said = np.nan_to_num(np.abs(says - heard) / room, nan=0.0).max(axis=2, initial=0.0)
        found: Numbers = np.sqrt(pace**2 + self._shape(other) ** 2 + said**2)
        return found

    def away(self, x: Numbers, y: Numbers, aspect: float) -> Numbers:
        """Return ``(m, n)`` distances to places, in typical heights of the sightings."""
        across = (self.x[:, None] - x[None]) * aspect
        found: Numbers = np.hypot(across, self.y[:, None] - y[None]) / self.tall[:, None]
        return found

    def near(self, x: Numbers, y: Numbers, hour: Numbers, aspect: float) -> NDArray[np.bool_]:
        """Say ``(m, n)`` whether places are those of the sightings, at that time of day."""
        return (self.away(x, y, aspect) < _PLACE) & (self.hours(hour) < _HOURS)

    def hours(self, hour: Numbers) -> Numbers:
        """Return ``(m, n)`` hours between times of day; 0 where one of them is not known."""
        apart = np.abs(self.hour[:, None] - hour[None])
        return np.nan_to_num(np.minimum(apart, 24.0 - apart), nan=0.0)

    def louder(self, says: Numbers) -> Numbers:
        """Return ``(m, n)`` how much more ``(n, k)`` attributes say than here: 1 is too much to be alike."""
        more = says[None] - self.says[:, None]
        room = _LOUDER + _LOUDER_SHARE * np.maximum(self.says, 0.0)[:, None]
        found: Numbers = np.nan_to_num(np.maximum(more, 0.0) / room, nan=0.0).max(axis=2, initial=0.0)
        return found

    def _shape(self, other: Sightings) -> Numbers:
        """Return ``(m, n)`` how unlike their sizes and stays are."""
        size = _ratio(self.size, other.size, _LEAST_SIZE) / np.log(_SIZES)
        stay = _ratio(self.stay, other.stay, _LEAST_STAY) / np.log(_STAYS)
        found: Numbers = np.hypot(size, stay)
        return found

    def _motion(self, other: Sightings) -> Numbers:
        """Return ``(m, n)`` how unlike the velocities are."""
        between = np.hypot(self.right[:, None] - other.right[None], self.down[:, None] - other.down[None])
        fast = np.maximum(np.hypot(self.right, self.down)[:, None], np.hypot(other.right, other.down)[None])
        found: Numbers = between / (_PACE * fast + _SLOW)
        return found


def kernel(apart: Numbers) -> Numbers:
    """Return how much each counts as the like: 1 for the same, nothing from a distance of 1 on.

    The biweight kernel: smooth, and exactly zero for what is something else, however strict the budget.
    """
    found: Numbers = np.maximum(0.0, 1.0 - apart**2) ** 2
    return found


def _ratio(some: Numbers, others: Numbers, least: float) -> Numbers:
    """Return ``(m, n)`` absolute logarithms of ratios."""
    found: Numbers = np.abs(np.log((some[:, None] + least) / (others[None] + least)))
    return found
