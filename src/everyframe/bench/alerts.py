"""Alerts against the budget: how many on normal footage, and which staged anomalies they find."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from everyframe.anomaly import Baseline
from everyframe.bench.dataset import Dataset
from everyframe.bench.metrics import alert_rate
from everyframe.sources import open_source
from everyframe.types import Event, Frame
from everyframe.watcher import Watcher

_SLACK = 2.0  # seconds that an alert may begin after its anomaly has ended, or end before it begins


@dataclass(frozen=True, slots=True)
class AlertCount:
    """Alerts on the normal footage of a set (its ``watch`` sources).

    Attributes:
        budget: Alerts per camera-day that were asked for.
        alerts: Alerts that came.
        hours: Hours of normal footage.
        per_day: Alerts per camera-day.
        low: Lower end of its 95 % interval.
        high: Upper end.
    """

    budget: str
    alerts: int
    hours: float
    per_day: float
    low: float
    high: float


def count_alerts(dataset: Dataset, baseline: Baseline, budgets: Sequence[str]) -> list[AlertCount]:
    """Watch the normal footage of a set once for each budget and count the alerts."""
    found = []
    for budget in budgets if dataset.watch else ():
        alerts, seconds = 0, 0.0
        for entry in dataset.watch:
            vectors = baseline.about.motion == "codec"
            with closing(
                open_source(entry.source, starts=entry.starts, fps=dataset.fps, vectors=vectors)
            ) as source:
                watcher = Watcher(baseline, source.info, budget=budget)
                last = 0.0
                for item in source:
                    alerts += len(watcher.step(item))
                    watcher.scores.clear()
                    last = item.time if isinstance(item, Frame) else max(last, item.end)
                alerts += len(watcher.flush())
                seconds += last
        rate = alert_rate(alerts, seconds)
        found.append(AlertCount(budget, alerts, seconds / 3600, rate.per_day, rate.low, rate.high))
    return found


def stretches(labels: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Return ``(first, last)`` frame of each unbroken stretch of abnormal frames."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], labels, [False]]).astype(np.int8)))
    return [(int(first), int(last) - 1) for first, last in zip(edges[::2], edges[1::2], strict=True)]


def stretches_found(
    labels: NDArray[np.bool_], times: NDArray[np.floating], events: Sequence[Event]
) -> tuple[int, int, int]:
    """Return how many abnormal stretches there are, how many an alert found, and alerts that found none.

    Args:
        labels: ``(n,)`` whether each frame is abnormal.
        times: ``(n,)`` time of each frame in seconds.
        events: The alerts.
    """
    spans = [(float(times[first]), float(times[last])) for first, last in stretches(labels)]

    def meets(event: Event, span: tuple[float, float]) -> bool:
        return event.start <= span[1] + _SLACK and event.end >= span[0] - _SLACK

    hit = sum(any(meets(event, span) for event in events) for span in spans)
    stray = sum(not any(meets(event, span) for span in spans) for event in events)
    return len(spans), hit, stray
