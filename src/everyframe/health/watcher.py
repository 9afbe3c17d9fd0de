"""A camera's health, item by item."""

from __future__ import annotations

import time as machine
from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

from everyframe.errors import BaselineCorrupt
from everyframe.health import wording
from everyframe.health.clock import ClockJudge, goes_back
from everyframe.health.kinds import HealthEvent, HealthKind
from everyframe.health.picture import KINDS, PictureJudge
from everyframe.health.settings import HealthSettings
from everyframe.health.silence import Silence
from everyframe.health.verdicts import Fault, Grade, Verdict
from everyframe.types import Frame, Gap, GapReason, StreamInfo

_REPEATS = frozenset({GapReason.DUPLICATE, GapReason.FREEZE, GapReason.DROPPED})  # no time unseen
_JITTER = 1.0  # seconds that a frame may be behind without its clock having gone back


class HealthWatcher:
    """Tells what is wrong with one camera, from the items that its source yields.

    An event is told once when it begins, with ``end=None``, and once more when it is over; ``kind`` and
    ``start`` identify it. Events of one kind never overlap. Memory is bounded, and the picture is looked at
    once a second, on a small copy.

    Args:
        info: What is watched.
        settings: How long each fault must last.
        clock: Returns this machine's POSIX seconds; live sources are held against it.
    """

    def __init__(
        self,
        info: StreamInfo,
        settings: HealthSettings = HealthSettings(),  # noqa: B008 - frozen
        clock: Callable[[], float] = machine.time,
    ) -> None:
        self._settings = settings
        self._time = 0.0  # never runs backwards, whatever the source's does
        self._shift = 0.0  # from the source's time to this one
        self._begun = False
        self._looked: float | None = None
        self._offset = info.start_utc  # UTC at time 0
        self._picture = PictureJudge(settings)
        self._clock = ClockJudge(settings, clock if info.live else None)
        after = {
            HealthKind.DARK: (settings.dark_after, None),
            HealthKind.BLINDED: (settings.blinded_after, None),
            HealthKind.COVERED: (settings.covered_after, settings.partly_covered_after),
            HealthKind.DEFOCUSED: (settings.defocused_after, None),
            HealthKind.MOVED: (settings.shifted_after, settings.another_view_after),
            HealthKind.WRONG_CLOCK: (settings.clock_after, None),
        }
        self._doubts: frozenset[HealthKind] = frozenset()
        self._faults = {
            kind: Fault(kind, sure, settings.good_for, self._utc, weak)
            for kind, (sure, weak) in after.items()
        }
        self._silence = Silence(settings, self._utc)

    @property
    def state(self) -> frozenset[HealthKind]:
        """What is wrong now; empty where all is well."""
        wrong = {kind for kind, fault in self._faults.items() if fault.event is not None}
        return frozenset(wrong | self._silence.state)

    @property
    def doubts(self) -> frozenset[HealthKind]:
        """What the latest look at the picture found wrong, however short it has been so.

        A fault is told only when it has lasted; until then nobody should act on such a picture either.
        """
        return self._doubts

    @property
    def looked(self) -> float | None:
        """Seconds, on the watcher's own clock, of the latest look at the picture."""
        return self._looked

    def step(self, item: Frame | Gap) -> list[HealthEvent]:
        """Take the next frame or gap; return what begins and what is over."""
        return self._gap(item) if isinstance(item, Gap) else self._frame(item)

    def flush(self, time: float) -> list[HealthEvent]:
        """Return what is still wrong, as over at ``time``: nothing more will come."""
        now = self._now(time)
        told = [event for fault in self._faults.values() for event in fault.end(now)]
        return told + self._silence.flush(now)

    def lost(self, time: float, utc: float | None, why: str) -> list[HealthEvent]:
        """Say that the connection is lost; the camera is offline at once.

        Args:
            time: Presentation time in seconds.
            utc: POSIX seconds, where known.
            why: In words, without credentials.
        """
        now = self._now(time, utc)
        return self._silence.lost(now, why)

    def found(self, time: float, utc: float | None) -> list[HealthEvent]:
        """Say that the connection is back; the camera is online at once."""
        return self._silence.found(self._now(time, utc))

    @property
    def learned(self) -> bool:
        """Whether enough of the picture was seen to judge it; until then ``save`` holds next to nothing."""
        return self._picture.learned

    def save(self) -> dict[str, NDArray[np.generic]]:
        """Return what is usual for this camera, to survive a restart; what is wrong now is not kept."""
        return self._picture.save()

    def restore(self, arrays: Mapping[str, NDArray[np.generic]]) -> None:
        """Take what ``save`` returned.

        Raises:
            BaselineCorrupt: If it is something else.
        """
        picture = PictureJudge(self._settings)
        try:
            picture.restore(arrays)
        except (KeyError, ValueError, TypeError) as error:
            raise BaselineCorrupt(
                "What was kept of this camera's health is damaged, or of another version; remove it to begin"
                " anew."
            ) from error
        self._picture = picture

    # -- frames and gaps --------------------------------------------------------------------------------

    def _frame(self, frame: Frame) -> list[HealthEvent]:
        told = []
        behind = self._time - self._shift - frame.time
        if self._begun and behind > _JITTER:
            self._shift = self._time - frame.time
            told += self._leap(f"its clock went back by {wording.lasted(behind)}")
        time = self._now(frame.time, frame.utc)
        verdict, leapt = self._clock.step(time, frame.utc)
        if leapt is not None:
            told += self._leap(leapt)
        told += self._faults[HealthKind.WRONG_CLOCK].step(time, verdict)
        told += self._silence.frame(time)
        if self._looked is None or time - self._looked >= self._settings.look_every:
            told += self._look(frame, time)
        return told

    def _look(self, frame: Frame, time: float) -> list[HealthEvent]:
        every = self._settings.look_every
        # A look after a long gap says no more than any other.
        seconds = every if self._looked is None else min(time - self._looked, 2.0 * every)
        self._looked = time
        verdicts = self._picture.step(frame.luma, self._utc(time), seconds)
        self._doubts = frozenset(kind for kind in KINDS if verdicts[kind].grade is Grade.BAD)
        return [event for kind in KINDS for event in self._faults[kind].step(time, verdicts[kind])]

    def _gap(self, gap: Gap) -> list[HealthEvent]:
        start = self._now(gap.start)
        end = self._now(gap.end)
        told = []
        if goes_back(gap):
            told += self._leap("its clock went back")
        if gap.reason not in _REPEATS and end - start > 2.0 * self._settings.look_every:
            for kind in KINDS:  # what was seen before says nothing of the time in between
                self._faults[kind].step(end, Verdict(Grade.UNSEEN))
        return told + self._silence.gap(start, end, gap.reason)

    def _leap(self, said: str) -> list[HealthEvent]:
        """Begin a fault of the clock at once: a leap is over as soon as it is there."""
        fault = self._faults[HealthKind.WRONG_CLOCK]
        fault.goes_on(lambda _: said)
        return fault.begin(self._time, self._time, lambda _: said)

    # -- time -------------------------------------------------------------------------------------------

    def _now(self, time: float, utc: float | None = None) -> float:
        """Return the time that never runs backwards."""
        time += self._shift
        self._time = max(self._time, time) if self._begun else time
        self._begun = True
        if utc is not None:
            self._offset = utc - self._time
        return self._time

    def _utc(self, time: float) -> float | None:
        return None if self._offset is None else time + self._offset
