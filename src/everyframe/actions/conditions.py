"""Whether the condition of a rule holds."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence

from everyframe.actions.memory import CameraMemory
from everyframe.actions.rules import Condition, Rule
from everyframe.types import Event


def note_alerts(rule: Rule, memory: CameraMemory, utc: float, alerts: Sequence[Event]) -> None:
    """Remember for each condition when the last alert came that counts for it."""
    for number, condition in enumerate(rule.when):
        if any(_counts(condition, alert) for alert in alerts):
            memory.alerts[number] = utc


def holds(
    rule: Rule, memory: CameraMemory, utc: float, measures: Mapping[str, float], health: Collection[str]
) -> bool:
    """Say whether the rule's condition holds at ``utc`` (POSIX seconds)."""
    each = (
        _holds(condition, memory.alerts.get(number), utc, measures, health)
        for number, condition in enumerate(rule.when)
    )
    return all(each) if rule.match == "all" else any(each)


def shown(rule: Rule, measures: Mapping[str, float]) -> dict[str, float]:
    """Return those of the measures that the rule looks at; not-a-number for what is not known."""
    return {name: float(measures.get(name, math.nan)) for name in rule.measures}


def _holds(
    condition: Condition,
    alerted: float | None,
    utc: float,
    measures: Mapping[str, float],
    health: Collection[str],
) -> bool:
    if condition.health is not None:
        return condition.health in health
    if condition.alert is not None:
        return alerted is not None and 0.0 <= utc - alerted <= condition.within
    assert condition.measure is not None
    value = measures.get(condition.measure, math.nan)
    if math.isnan(value):
        return False  # what is not known is no reason to act
    above = condition.above is None or value > condition.above
    below = condition.below is None or value < condition.below
    return above and below


def _counts(condition: Condition, alert: Event) -> bool:
    if condition.alert is None:
        return False
    if condition.p_below is not None and not alert.p_value < condition.p_below:
        return False
    return condition.alert == "any" or any(each.attribute == condition.alert for each in alert.deviations)
