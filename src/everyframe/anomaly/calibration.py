"""From scores to chances: how often does normal footage look like this?"""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy  # each part of it loads when it is first used: scipy.stats takes most of a second
from numpy.typing import ArrayLike, NDArray

MOMENT = 10.0
"""Seconds: chances are stated for moments of this length, so 8,640 to a day."""

MOMENTS_PER_DAY = 86_400.0 / MOMENT

JOINT_LEAST, JOINT_TAIL = 0.5, 0.03
"""How the tail of the joint score is fitted: quiet and busy moments are two crowds, and only the busy ones
make the tail of the whole."""

_LEAST_TAIL = 15  # but no fewer than so many, or a quarter of them
_SHAPED = 60  # values in the tail from which its shape is fitted too
_MOST_SHAPE = 0.5
_KEPT = 4_000  # largest values kept one by one
_MOST_AGAIN = 30  # times that what was learned is counted again, for footage watched since


class Tail:
    """The chance that a normal value is at least this large.

    Within what was seen it is the conformal p-value ``(1 + #{v >= x}) / (n + 1)`` (Vovk, Gammerman, Shafer,
    "Algorithmic Learning in a Random World", 2005). Among the largest a generalised Pareto tail takes over
    (Pickands 1975; for streams: Siffer et al., KDD 2017), so that larger values go on being rarer. Its shape
    is held in [0, 0.5]: a tail with an end would call the first new thing impossible.

    Args:
        values: Scores of normal moments.
        least: The fitted tail falls off no faster than on this scale: differences below it mean nothing.
        tail: Share of the values that the tail is fitted to.

    Attributes:
        count: How many values there were.
        top: ``(m,)`` the largest of them, ascending.
        start: Where the fitted tail begins.
        scale: Of the tail.
        shape: Of the tail; 0 is exponential.
        above: How many values lie in the tail.
    """

    def __init__(self, values: ArrayLike, least: float = 1e-3, tail: float = 0.1) -> None:
        ordered = np.sort(np.asarray(values, np.float64).ravel())
        self.count = len(ordered)
        self.top: NDArray[np.float64] = ordered[-_KEPT:]
        self.start, self.scale, self.shape, self.above = _fit(ordered, self.count, least, tail)

    def p_value(self, values: ArrayLike) -> NDArray[np.float64]:
        """Return the chance of a normal value as large as each of ``values``, in (0, 1]."""
        x = np.asarray(values, np.float64)
        at_least = len(self.top) - np.searchsorted(self.top, x, side="left")
        lowest = self.top[0] if len(self.top) else np.inf
        counted = np.where(x < lowest, 1.0, (1.0 + at_least) / (self.count + 1.0))
        chance = np.where(x > self.start, self.share * np.exp(-self._beyond(x)), counted)
        found: NDArray[np.float64] = np.clip(chance, 1e-300, 1.0)
        return found

    def surprise(self, values: ArrayLike) -> NDArray[np.float64]:
        """Return ``-log`` of the p-value in the tail, and straight on below its start.

        Unlike the p-value it is strictly increasing everywhere, so that values below the tail keep their
        order.
        """
        x = np.asarray(values, np.float64)
        below = np.minimum(x - self.start, 0.0) / self.scale
        found: NDArray[np.float64] = -np.log(self.share) + self._beyond(x) + below
        return found

    def _beyond(self, x: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return minus the logarithm of the fitted tail's survival function; 0 below its start."""
        excess = np.maximum(x - self.start, 0.0) / self.scale
        if self.shape < 1e-9:
            return excess
        found: NDArray[np.float64] = np.log1p(self.shape * excess) / self.shape
        return found

    def score_of(self, chance: float) -> float:
        """Return the value that a normal one reaches with that chance: the inverse of ``p_value``.

        Args:
            chance: In (0, 1]; beyond the values that are kept, the smallest of them stands for all.
        """
        if chance < self.share:
            beyond = float(np.log(self.share / chance))
            grown = beyond if self.shape < 1e-9 else float(np.expm1(self.shape * beyond)) / self.shape
            return self.start + self.scale * grown
        if len(self.top) == 0:
            return self.start
        at_least = max(1, int(np.ceil(chance * (self.count + 1.0) - 1.0)))
        return float(min(self.start, self.top[max(0, len(self.top) - at_least)]))

    def with_alarms(self, scores: ArrayLike, watched: float, alert_p: float) -> Tail:
        """Return the tail of a joint score once false alarms count as the normal moments that they were.

        Footage that was watched without an alert counts too, or the tail would fear alarms more and more: it
        is taken to be as the footage learned, as far as that stays below the alert.

        Args:
            scores: Of the false alarms.
            watched: Seconds of footage in which they are all that there were.
            alert_p: Chance below which a moment is an alert.
        """
        moments = watched / MOMENT / max(1, self.count)
        again = min(round(moments), _MOST_AGAIN)
        calm = np.tile(self.top[self.p_value(self.top) > alert_p], again)
        alarms = np.asarray(scores, np.float64).ravel()
        found = Tail([])
        ordered = np.sort(np.concatenate([self.top, calm, alarms]))
        found.count = self.count * (1 + again) + len(alarms)
        found.top = ordered[-_KEPT:]
        found.start, found.scale, found.shape, found.above = _fit(
            ordered, found.count, JOINT_LEAST, JOINT_TAIL
        )
        return found

    @property
    def share(self) -> float:
        """The chance of a value in the tail."""
        return (self.above + 1.0) / (self.count + 1.0)

    def state(self) -> dict[str, NDArray[Any]]:
        """Return everything as named arrays."""
        numbers = [self.count, self.start, self.scale, self.shape, self.above]
        return {"top": self.top, "fit": np.array(numbers, np.float64)}

    @classmethod
    def restored(cls, state: dict[str, NDArray[Any]]) -> Tail:
        """Return what ``state`` described."""
        tail = cls([])
        count, tail.start, tail.scale, tail.shape, above = (float(v) for v in state["fit"])
        tail.count, tail.above = int(count), int(above)
        tail.top = state["top"].astype(np.float64)
        return tail


def _fit(
    ordered: NDArray[np.float64], count: int, least: float, tail: float
) -> tuple[float, float, float, int]:
    """Return start, scale, shape and number of values of the tail of the largest of ``count`` values."""
    if count == 0:
        return 0.0, max(1.0, least), 0.0, 0
    above = min(max(int(tail * count), _LEAST_TAIL), max(1, count // 4), len(ordered))
    start = float(ordered[-above])
    excess = ordered[-above:] - start
    if above < _SHAPED:
        # From the mean square and not the mean: with few values a single large one has to count. Of an
        # exponential tail it is twice the squared scale.
        return start, max(least, float(np.sqrt((excess**2).mean() / 2))), 0.0, above
    shape, _, scale = scipy.stats.genpareto.fit(excess, floc=0.0)
    if not 0.0 <= shape <= _MOST_SHAPE:
        shape = float(np.clip(shape, 0.0, _MOST_SHAPE))
        scale = float(excess.mean()) * (1.0 - shape)
    return start, max(least, float(scale)), float(shape), above
