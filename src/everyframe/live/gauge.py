"""What goes on in a camera's zones, measured with whatever is known of its normal by now."""

from __future__ import annotations

from collections.abc import Iterable

from everyframe.actions import Zone, ZoneMeter
from everyframe.anomaly.baseline import Baseline
from everyframe.watcher import Watcher


class Gauge:
    """Measures zones as long as somebody watches; before that nobody knows how large things are there.

    Args:
        zones: Where.
    """

    def __init__(self, zones: Iterable[Zone]) -> None:
        self._zones = tuple(zones)
        self._meter: ZoneMeter | None = None
        self._made_for: Baseline | None = None
        self.measures: dict[str, float] = {}
        """The latest quantities by ``zone.quantity``; empty while there are none."""

    def step(self, watcher: Watcher | None) -> None:
        """Measure what the watcher has just seen, if that is anything new."""
        if not self._zones:
            return
        if watcher is None:
            self.measures = {}
            return
        if watcher.field is None:
            return
        baseline = watcher.baseline
        if self._meter is None or self._made_for is not baseline:
            self._meter = ZoneMeter(self._zones, baseline.perspective, baseline.background)
            self._made_for = baseline
        self.measures = self._meter.step(watcher.field)
