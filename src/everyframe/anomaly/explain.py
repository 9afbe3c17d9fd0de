"""Why: which attribute deviates, by how much, from what."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from everyframe.anomaly.baseline import Baseline
from everyframe.anomaly.detector import Attribute
from everyframe.anomaly.reading import weigh
from everyframe.anomaly.scoring import Scored
from everyframe.anomaly.windows import Rows
from everyframe.types import RGB, Deviation

_SHOWN = 3  # deviations told at most
_NEAR = 3.0  # nats: attributes so far behind the strongest are not worth telling


@dataclass(frozen=True, slots=True, eq=False)
class Place:
    """What deviates most in a moment.

    Attributes:
        number: Of the attribute, over all detectors.
        attribute: What it is.
        member: Which of the detectors that judge has it.
        row: ``(3 + d,)`` the strongest row of that detector.
        at: ``(x, y)``, 0 to 1.
    """

    number: int
    attribute: Attribute
    member: int
    row: Rows
    at: tuple[float, float]


def place_of(scored: Scored, baseline: Baseline) -> Place | None:
    """Return what deviates most, ``None`` where that is not to be seen at this very moment."""
    number = int(weigh(scored.attributes, baseline.voices).argmax())
    if scored.seen.best[number] <= 0:
        return None
    return _place(scored, baseline, number)


def explain(scored: Scored, baseline: Baseline) -> tuple[Deviation, ...]:
    """Return what deviates at that moment, strongest first.

    Args:
        scored: A moment with at least one row.
        baseline: What is normal.
    """
    strength = weigh(scored.attributes, baseline.voices)
    told = []
    for place in _worth_telling(scored, baseline):
        member, local = baseline.ensemble.whose(place.number)
        detector = baseline.ensemble.scored[member]
        told.append(detector.tell(local, place.row, float(strength[place.number]), baseline.windows))
    return tuple(told)


def picture_of(scored: Scored, baseline: Baseline) -> RGB | None:
    """Return the picture of the strongest deviation that has one, ``None`` where none has."""
    for place in _worth_telling(scored, baseline):
        picture = baseline.ensemble.scored[place.member].picture(place.row)
        if picture is not None:
            return picture
    return None


def reason_of(deviations: tuple[Deviation, ...], name: str = "") -> str:
    """Return one sentence of the strongest deviations, and of what people called the like, if they did."""
    why = ", ".join(deviation.text for deviation in deviations)
    return f"looks like {name}: {why}" if name else why


def _worth_telling(scored: Scored, baseline: Baseline) -> list[Place]:
    """Return what deviates, strongest first, as far as it is to be seen and not far behind."""
    strength = weigh(scored.attributes, baseline.voices)
    strength[scored.seen.best <= 0] = -np.inf
    found: list[Place] = []
    for number in np.argsort(-strength)[:_SHOWN]:
        if scored.seen.best[number] <= 0 or (found and strength[number] < max(strength.max() - _NEAR, 1.0)):
            break
        found.append(_place(scored, baseline, int(number)))
    return found


def _place(scored: Scored, baseline: Baseline, number: int) -> Place:
    ensemble = baseline.ensemble
    member, local = ensemble.whose(number)
    view = scored.seen.views[member]
    row = view.rows[int(view.scores[:, local].argmax())]
    x, y = ensemble.where(member, row[None])[0]
    return Place(number, ensemble.attributes[number], member, row, (float(x), float(y)))
