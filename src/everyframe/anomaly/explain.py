"""Why: which attribute deviates, by how much, from what."""

from __future__ import annotations

import numpy as np

from everyframe.anomaly.baseline import Baseline
from everyframe.anomaly.density import ATTRIBUTES
from everyframe.anomaly.scoring import Scored, weigh
from everyframe.anomaly.windows import DOWN, HOUR, RIGHT, SIZE, SPEED, STAY, Rows
from everyframe.types import Deviation

_WAYS = (
    "to the right",
    "down to the right",
    "towards the bottom",
    "down to the left",
    "to the left",
    "up to the left",
    "towards the top",
    "up to the right",
)
_SHOWN = 3  # deviations told at most
_NEAR = 3.0  # nats: attributes so far behind the strongest are not worth telling


def place_of(scored: Scored) -> tuple[int, int]:
    """Return attribute and row number of what deviates most at that moment."""
    strength = weigh(scored.attributes)
    strength[(scored.seen.best <= 0)] = -np.inf
    attribute = int(strength.argmax())
    return attribute, int(scored.seen.scores[:, attribute].argmax())


def explain(scored: Scored, baseline: Baseline) -> tuple[Deviation, ...]:
    """Return what deviates at that moment, strongest first.

    Args:
        scored: A moment with at least one row.
        baseline: What is normal.
    """
    strength = weigh(scored.attributes)
    told: list[Deviation] = []
    for attribute in np.argsort(-strength)[:_SHOWN]:
        if told and strength[attribute] < max(strength.max() - _NEAR, 1.0):
            break
        row = int(scored.seen.scores[:, attribute].argmax())
        told.append(_tell(int(attribute), scored.seen.rows[row], float(strength[attribute]), baseline))
    return tuple(told)


def reason_of(deviations: tuple[Deviation, ...]) -> str:
    """Return one sentence of the strongest deviations."""
    return ", ".join(deviation.text for deviation in deviations)


def _tell(attribute: int, row: Rows, score: float, baseline: Baseline) -> Deviation:
    name = ATTRIBUTES[attribute]
    rows = row[None]
    windows = baseline.windows
    j, i = (int(v[0]) for v in windows.places(rows))
    tall = float(windows.tall[j])
    tables = baseline.detector.tables()
    if name == "speed":
        value, normal = float(row[SPEED]) * tall, float(tables["fastest"][j, i]) * tall
        return Deviation(name, value, normal, "px/s", _times("moves", value / normal, "faster"), score)
    if name == "size":
        value, normal = float(row[SIZE]), float(tables["largest"][j, i])
        return Deviation(name, value, normal, "", _times("is", value / normal, "larger"), score)
    if name == "direction":
        heading = int(np.rint(np.arctan2(row[DOWN], row[RIGHT]) / (2 * np.pi) * 8)) % 8
        chance = 10.0 ** -float(tables["heading"][j, i, heading])
        text = f"moves {_WAYS[heading]}, as {_share(chance)} do at this place"
        return Deviation(name, chance, 1.0 / 8, "", text, score)
    if name == "presence":
        hour = 24 if np.isnan(row[HOUR]) else int(row[HOUR]) % 24
        chance = 10.0 ** -float(tables["presence"][hour, j, i])
        when = "" if hour == 24 else " at this hour"
        text = f"moves where something is seen {_share(chance, 'of the time')}{when}"
        return Deviation(name, chance, 1.0, "", text, score)
    value, normal = float(row[STAY]), float(tables["longest"][j, i])
    return Deviation(name, value, normal, "", _times("stays", value / normal, "longer"), score)


def _times(verb: str, ratio: float, more: str) -> str:
    if ratio >= 1.05:
        return f"{verb} {ratio:.1f} times {more} than anything seen at this place"
    return f"{verb} {more} than 99 % of what was seen at this place"


def _share(chance: float, of: str = "") -> str:
    tail = f" {of}" if of else ""
    if chance >= 0.01:
        return f"only {100 * chance:.0f} %{tail}"
    return f"fewer than 1 in {int(1 / max(chance, 1e-6)) // 10 * 10:,}{tail and ' moments'}"
