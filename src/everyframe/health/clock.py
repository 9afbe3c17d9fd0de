"""Whether the source's clock can be believed: times that go back, and UTC that leaps or drifts."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from everyframe.health.settings import HealthSettings
from everyframe.health.verdicts import Grade, Verdict
from everyframe.health.wording import lasted
from everyframe.sources.gaps import JUMP_AFTER
from everyframe.types import Gap, GapReason

_WINDOW = 600.0  # seconds over which a drift is judged
_EVERY = 10.0  # seconds between two notes of it
_GOOD = Verdict(Grade.GOOD)


def goes_back(gap: Gap) -> bool:
    """Say whether a jump of the clock was backwards: a source tells such a one without length.

    Where it says that no frame is missing, as when a recording begins anew, no clock went anywhere.
    """
    return gap.reason is GapReason.JUMP and gap.frames != 0 and gap.end - gap.start <= JUMP_AFTER


class ClockJudge:
    """Holds a source's UTC against its own times and, where it is live, against this machine's clock.

    Args:
        settings: How far off is too far.
        machine: Returns this machine's POSIX seconds; ``None`` where the source is not live.
    """

    def __init__(self, settings: HealthSettings, machine: Callable[[], float] | None) -> None:
        self._settings = settings
        self._machine = machine
        self._offset: float | None = None  # UTC at the source's time 0, as the last frame says
        self._notes: deque[tuple[float, float]] = deque(maxlen=int(_WINDOW / _EVERY) + 1)

    def step(self, time: float, utc: float | None) -> tuple[Verdict, str | None]:
        """Take the next frame's time and UTC.

        Returns:
            Whether the clock is off or drifts, and what leapt just now, if anything did.
        """
        if utc is None:
            return _GOOD, None
        before, self._offset = self._offset, utc - time
        leap = 0.0 if before is None else self._offset - before
        if abs(leap) > self._settings.clock_leap:
            self._notes.clear()
            return _GOOD, f"UTC leapt {'ahead' if leap > 0 else 'back'} by {lasted(abs(leap))}"
        if not self._notes or time - self._notes[-1][0] >= _EVERY:
            self._notes.append((time, self._offset))
        return self._drift(time) or self._off(utc) or _GOOD, None

    def _drift(self, time: float) -> Verdict | None:
        since, before = self._notes[0]
        assert self._offset is not None
        drift = self._offset - before
        if abs(drift) <= self._settings.clock_leap:
            return None
        way = "slow" if drift > 0 else "fast"
        said = f"its clock runs {way} by {lasted(abs(drift))} in {lasted(time - since)}"
        return Verdict(Grade.BAD, lambda _: said)

    def _off(self, utc: float) -> Verdict | None:
        if self._machine is None:
            return None
        off = utc - self._machine()
        if abs(off) <= self._settings.clock_off:
            return None
        said = f"its clock is {lasted(abs(off))} {'ahead of' if off > 0 else 'behind'} this machine's"
        return Verdict(Grade.BAD, lambda _: said)
