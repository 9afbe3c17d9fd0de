"""What people said of events, and how it changes the scores of what comes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from everyframe.anomaly.baseline import Baseline
from everyframe.anomaly.calibration import Tail
from everyframe.anomaly.ensemble import View
from everyframe.anomaly.explain import Place, place_of
from everyframe.anomaly.likeness import Sightings, kernel
from everyframe.anomaly.reading import fuse, strongest, surprises
from everyframe.anomaly.scoring import Scored
from everyframe.anomaly.sightings import says, sight
from everyframe.types import Sighting, VerdictKind

_WORTH = 10.0  # moments of the neighbourhood that what the baseline says of it counts for
_HEARD = 0.2  # chance above which nothing needs lowering
_COVERED = 1.5  # times as loud as an example may be to stand back with it


@dataclass(frozen=True, slots=True)
class Standing:
    """A verdict that stands.

    Attributes:
        sightings: Of the event, ``Event.sightings``.
        kind: What was said.
        name: What the like is called, where it is real.
        watched: Seconds of footage to each event that people were shown: what a false alarm is rare in.
    """

    sightings: tuple[Sighting, ...]
    kind: VerdictKind
    name: str = ""
    watched: float = 0.0


class Verdicts:
    """What follows from the verdicts that stand; a function of their list and of nothing else.

    ``normal``: the like of it, at that place and hour, joins what is normal there. Of a moment with weight
    ``w`` of confirmed examples (each by its nearest sighting), the chance becomes
    ``(10 p + w) / (10 + w)``: the localised conformal p-value (Guan, "Localized conformal prediction",
    Biometrika 2023) in which the baseline counts for ten moments (the m-estimate of Cestnik, ECAI 1990).
    Weights fall off with distance to nothing, so that all else keeps its score. What goes on elsewhere at the
    same moment keeps its own, too: the moment is scored again without what was confirmed.

    ``real``: its like is known by name, and no example of ``normal`` counts that is farther than it.

    ``false``: the score joins those of normal moments (``Tail.with_alarms``).

    ``later``: nothing.

    Args:
        baseline: What is normal.
        verdicts: Those that stand; their order means nothing.
        alert_p: Chance below which a moment is an alert.

    Attributes:
        tail: How the joint score is distributed over normal moments, false alarms included.
    """

    def __init__(
        self,
        baseline: Baseline,
        verdicts: Iterable[Standing] = (),
        alert_p: float = 0.0,
    ) -> None:
        # In an order of their own: sums of weights and equal distances must not hang on who spoke first.
        told = sorted(verdicts, key=repr)
        names = [attribute.name for attribute in baseline.ensemble.attributes]
        self._baseline = baseline
        self._windows = baseline.windows
        self._names = names
        self._aspect = baseline.about.width / baseline.about.height
        normal = [one for one in told if one.kind is VerdictKind.NORMAL and one.sightings]
        real = [one for one in told if one.kind is VerdictKind.REAL and one.sightings]
        self._normal = Sightings([s for one in normal for s in one.sightings], names)
        self._before: dict[int, tuple[View, View]] = {}
        self._whose = np.repeat(np.arange(len(normal)), [len(one.sightings) for one in normal])
        self._real = Sightings([s for one in real for s in one.sightings], names)
        named = [one for one in real if one.name]
        self._named = Sightings([one.sightings[0] for one in named], names)
        self._called = [one.name for one in named]
        alarms = [one.sightings[0].score for one in told if one.kind is VerdictKind.FALSE and one.sightings]
        self.tail: Tail = baseline.tail
        if alarms:
            watched = sum(one.watched for one in told if one.kind is not VerdictKind.LATER)
            self.tail = baseline.tail.with_alarms(alarms, watched, alert_p)

    @property
    def lowers(self) -> bool:
        """Whether anything was called normal."""
        return len(self._normal) > 0

    def name_of(self, sightings: Iterable[Sighting]) -> str:
        """Return what people called the like of an event; empty where nothing named is near enough.

        Args:
            sightings: Of the event, its peak first.
        """
        peak = Sightings(list(sightings)[:1], self._names)
        if len(peak) == 0 or len(self._named) == 0:
            return ""
        # By what each was at its height: on the way there a cyclist may look like anybody.
        apart = self._named.kind(peak)[:, 0]
        nearest = int(apart.argmin())
        return self._called[nearest] if apart[nearest] < 1.0 else ""

    def without_normal(self, views: tuple[View, ...], hour: float) -> tuple[View, ...]:
        """Return views without the rows of what was called normal; the same ones where there are none."""
        return tuple(self._uncovered(view, member, hour) for member, view in enumerate(views))

    def hear(self, scored: Scored, left: Scored | None) -> Scored:
        """Return a moment with the score that it has given what people said.

        Args:
            scored: The moment as the baseline judges it.
            left: The same without what was called normal, as far as anything was.
        """
        place = None if not self.lowers or scored.p_value > _HEARD else place_of(scored, self._baseline)
        if place is None or left is None:
            return scored
        lowered = self._lowered(scored, place)
        if lowered is scored:
            return self._by_itself(scored, place, left)
        rest = place_of(left, self._baseline)
        left = left if rest is None else self._lowered(left, rest)
        return left if left.score >= lowered.score else lowered

    def _lowered(self, scored: Scored, place: Place) -> Scored:
        """Return a moment as what deviates most in it counts, given all that was called normal."""
        weight = self._weight(scored, place)
        if weight <= 0.0:
            return scored
        chance = (_WORTH * scored.p_value + weight) / (_WORTH + weight)
        score = min(scored.score, self.tail.score_of(chance))
        return replace(scored, score=score, p_value=max(chance, scored.p_value))

    def _by_itself(self, scored: Scored, place: Place, left: Scored) -> Scored:
        """Return a moment without what the averages remember of something normal that has just gone."""
        number = place.number
        if left.seen.best[number] < scored.seen.best[number]:
            return scored  # it stands among what was called normal, and is something else
        now = surprises(scored.seen.best, self._baseline.attributes)
        score = max(left.score, min(scored.score, float(fuse(now, self._baseline.voices))))
        if score >= scored.score:
            return scored
        return replace(scored, score=score, p_value=float(self.tail.p_value(score)))

    def _weight(self, scored: Scored, place: Place) -> float:
        """Return how many confirmed examples there are of what deviates most in a moment."""
        seen = Sightings([sight(scored, place, self._baseline, self._windows)], self._names)
        apart = self._normal.apart(seen, self._aspect)[:, 0]
        if len(self._real):
            nearest = self._real.apart(seen, self._aspect).min()
            if nearest < 1.0:
                apart = np.where(apart < nearest, apart, np.inf)
        best = np.zeros(int(self._whose[-1]) + 1)
        np.maximum.at(best, self._whose, kernel(apart))
        return float(best.sum())

    def _uncovered(self, view: View, member: int, hour: float) -> View:
        seen, left = self._before.get(member, (None, view))
        if view is not seen:  # a view stands for as long as its detector sees nothing new
            left = view
            covered = self._covered(view, member, hour)
            if covered.any():
                rows, scores = view.rows[~covered], view.scores[~covered]
                best = strongest(scores, self._baseline.ensemble.scored[member].attributes)
                left = View(rows, scores, best)
            self._before[member] = view, left
        return left

    def _covered(self, view: View, member: int, hour: float) -> NDArray[np.bool_]:
        """Say ``(n,)`` which rows belong to something called normal: there, then, and no louder than it."""
        part = self._baseline.ensemble.tails_of(member)
        if len(view.rows) == 0:
            return np.zeros(0, bool)
        where = self._baseline.ensemble.where(member, view.rows).astype(np.float64)
        near = self._normal.near(where[:, 0], where[:, 1], np.array([hour]), self._aspect)
        covered = np.zeros(len(where), bool)
        some = near.any(axis=0)
        if some.any():
            said = np.full((int(some.sum()), len(self._names)), np.nan)
            rows = View(view.rows[some], view.scores[some], view.best)
            said[:, part] = says(rows, member, self._baseline)
            covered[some] = (near[:, some] & (self._normal.louder(said) < _COVERED)).any(axis=0)
        return covered
