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
        self._seen: dict[str, float] = {}
        self._looked: float | None = None
        self.measures: dict[str, float] = {}
        """Quantities by ``zone.quantity`` as of the latest look; empty while there are none."""

    def step(self, watcher: Watcher | None) -> None:
        """Measure what the watcher has just seen, if that is anything new."""
        if not self._zones:
            return
        if watcher is None:
            self._seen = self.measures = {}
            return
        if watcher.field is None:
            return
        baseline = watcher.baseline
        if self._meter is None or self._made_for is not baseline:
            self._meter = ZoneMeter(self._zones, baseline.perspective, baseline.background)
            self._made_for = baseline
        self._seen = self._meter.step(watcher.field)

    def settle(self, looked: float | None) -> None:
        """Tell what was measured, once the picture was looked at for faults.

        So measures are never newer than what is known of the camera's health.

        Args:
            looked: Time of the latest look.
        """
        if looked != self._looked:
            self._looked, self.measures = looked, self._seen
