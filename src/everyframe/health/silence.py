"""When no new picture comes: stalled, offline, frozen; and online again."""

from __future__ import annotations

from everyframe.health import wording
from everyframe.health.kinds import HealthEvent, HealthKind
from everyframe.health.settings import HealthSettings
from everyframe.health.verdicts import Fault, Grade, Utc, Verdict
from everyframe.types import GapReason

_SILENT = frozenset({GapReason.STALL, GapReason.UNDECODABLE, GapReason.MISSING})
_REPEATS = frozenset({GapReason.DUPLICATE, GapReason.FREEZE})
_TOUCH = 1e-3  # seconds between two pieces of one run of repeats
_LONGER = 2.0  # times the longest run of repeats that is usual here
_GOOD = Verdict(Grade.GOOD)


class Silence:
    """Follows stretches without a new picture.

    A freeze is one only where the picture repeats for twice as long as it has been seen to repeat without a
    freeze: some cameras repeat their picture for seconds on end when nothing moves.

    Args:
        settings: How long each must last.
        utc: From time to POSIX seconds.
    """

    def __init__(self, settings: HealthSettings, utc: Utc) -> None:
        self._settings = settings
        self._utc = utc
        self._stalled = Fault(HealthKind.STALLED, settings.stalled_after, settings.good_for, utc)
        self._offline = Fault(HealthKind.OFFLINE, settings.offline_after, settings.good_for, utc)
        self._frozen = Fault(HealthKind.FROZEN, 0.0, settings.good_for, utc)
        self._silent_since: float | None = None
        self._why = ""
        self._repeats: tuple[float, float] | None = None  # start and end of the run that goes on
        self._froze = False
        self._usual_run = 0.0
        self._online = float("-inf")

    @property
    def state(self) -> frozenset[HealthKind]:
        """What is wrong now."""
        faults = (self._stalled, self._offline, self._frozen)
        return frozenset(fault.event.kind for fault in faults if fault.event is not None)

    def frame(self, time: float) -> list[HealthEvent]:
        """Take a new picture."""
        self._silent_since = None
        self._end_run()
        told = self._stalled.step(time, _GOOD) + self._frozen.step(time, _GOOD)
        return told + self._back(self._offline.step(time, _GOOD))

    def gap(self, start: float, end: float, reason: GapReason) -> list[HealthEvent]:
        """Take a stretch without a new picture."""
        if reason in _REPEATS:
            self._silent_since = None
            return self._repeat(start, end, reason)
        self._end_run()
        return self._silent(start, end) if reason in _SILENT else []

    def lost(self, time: float, why: str) -> list[HealthEvent]:
        """Take word that the connection is lost."""
        self._why = why
        return self._go_offline(time, time)

    def found(self, time: float) -> list[HealthEvent]:
        """Take word that it is back."""
        self._silent_since = None
        return self._back(self._offline.end(time))

    def flush(self, time: float) -> list[HealthEvent]:
        """Return what is still wrong, as over."""
        faults = (self._stalled, self._offline, self._frozen)
        return [event for fault in faults for event in fault.end(time)]

    def _silent(self, start: float, end: float) -> list[HealthEvent]:
        if self._silent_since is None:
            self._silent_since = start
        silent = end - self._silent_since
        if silent >= self._settings.offline_after or self._offline.event is not None:
            return self._go_offline(self._silent_since, end)
        if silent >= self._settings.stalled_after or self._stalled.event is not None:
            self._stalled.goes_on(wording.silent())
            return self._stalled.begin(self._silent_since, end, wording.silent())
        return []

    def _go_offline(self, start: float, now: float) -> list[HealthEvent]:
        says = wording.silent(self._why)
        self._offline.goes_on(says)
        told = self._stalled.end(now, "it is offline now")
        return told + self._frozen.end(now) + self._offline.begin(start, now, says)

    def _back(self, ended: list[HealthEvent]) -> list[HealthEvent]:
        """Add to the end of being offline that it is online."""
        told = list(ended)
        for event in ended:
            self._why = ""
            if event.end is not None and event.end > self._online:
                self._online = event.end
                text = f"online again after {wording.lasted(event.end - event.start)}"
                told.append(
                    HealthEvent(HealthKind.ONLINE, event.end, event.end, event.end_utc, event.end_utc, text)
                )
        return told

    def _repeat(self, start: float, end: float, reason: GapReason) -> list[HealthEvent]:
        run = self._repeats
        since = run[0] if run is not None and start <= run[1] + _TOUCH else start
        if run is not None and since == start:
            self._end_run()
        self._repeats = (since, end)
        if reason is not GapReason.FREEZE:
            return []
        self._froze = True
        if end - since < _LONGER * self._usual_run and self._frozen.event is None:
            return []
        self._frozen.goes_on(wording.frozen)
        return self._frozen.begin(since, end, wording.frozen)

    def _end_run(self) -> None:
        """Remember how long pictures repeat here when all is well."""
        if self._repeats is not None and not self._froze:
            self._usual_run = max(self._usual_run, self._repeats[1] - self._repeats[0])
        self._repeats, self._froze = None, False
