"""What was seen at a place, in numbers that other days can be compared with."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from everyframe.anomaly.baseline import Baseline
from everyframe.anomaly.ensemble import View
from everyframe.anomaly.explain import Place
from everyframe.anomaly.likeness import Sightings
from everyframe.anomaly.reading import surprises, weigh
from everyframe.anomaly.scoring import Scored
from everyframe.anomaly.windows import DOWN, RIGHT, SIZE, STAY, Windows
from everyframe.types import Sighting

_AROUND = 1.0  # typical heights within which what is seen belongs to the place
_MOST = 16  # sightings of one event
_ALIKE = 0.35  # distance within which one sighting stands for others of the same event


def sight(scored: Scored, place: Place, baseline: Baseline, windows: Windows) -> Sighting:
    """Describe what is seen at a place at that moment.

    Args:
        scored: The moment.
        place: Where to look.
        baseline: What is normal.
        windows: Of the same camera.
    """
    width, height = scored.seen.field.size
    row, _ = windows.places(np.array([place.at], np.float32))
    tall = float(windows.tall[int(row[0])])
    x, y = place.at

    def apart(where: NDArray[np.float32]) -> NDArray[np.float64]:
        """Return ``(n,)`` distances in typical heights."""
        away: NDArray[np.float64] = np.hypot((where[:, 0] - x) * width, (where[:, 1] - y) * height) / tall
        return away

    right = down = size = stay = 0.0
    motion = scored.seen.rows[0]  # the first member is always the one that counts by place
    if motion is not None and len(motion):
        away = apart(motion[:, :2])
        if away.min() <= _AROUND:
            right, down, size, stay = (
                float(motion[int(away.argmin()), k]) for k in (RIGHT, DOWN, SIZE, STAY)
            )
    said: list[tuple[str, float]] = []
    for member, view in enumerate(scored.seen.views):
        names = [one.name for one in baseline.ensemble.scored[member].attributes]
        near = apart(baseline.ensemble.where(member, view.rows)) <= _AROUND
        loud = says(view, member, baseline)[near].max(axis=0, initial=0.0)
        said += zip(names, (round(float(value), 3) for value in loud), strict=True)
    hour = None if np.isnan(scored.hour) else scored.hour
    return Sighting(x, y, tall / height, hour, right, down, size, stay, scored.score, tuple(said))


def says(view: View, member: int, baseline: Baseline) -> NDArray[np.float64]:
    """Return ``(n, k)`` what each of a member's attributes says of each of its rows, in nats."""
    part = baseline.ensemble.tails_of(member)
    return weigh(surprises(view.scores, baseline.attributes[part]), baseline.voices[part])


def along(peak: Sighting, course: Sequence[Sighting], aspect: float) -> tuple[Sighting, ...]:
    """Return the peak, and as few others as say what the whole course was like.

    Each next one is what is least like those chosen so far (Gonzalez, "Clustering to minimize the maximum
    intercluster distance", 1985), until all of the course is alike to one of them.

    Args:
        peak: Where the event was strongest.
        course: All that was seen of it.
        aspect: Width of the picture over its height.
    """
    names = [name for name, _ in peak.says]
    whole = Sightings(course, names)
    chosen = [peak]
    nearest = Sightings(chosen, names).apart(whole, aspect)[0]
    while len(chosen) < _MOST and len(nearest) and nearest.max() > _ALIKE:
        chosen.append(course[int(nearest.argmax())])
        nearest = np.minimum(nearest, Sightings(chosen[-1:], names).apart(whole, aspect)[0])
    return tuple(chosen)
