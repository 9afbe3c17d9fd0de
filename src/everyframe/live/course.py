"""What one camera goes through: it is learned, watched, and learned better while it is watched."""

from __future__ import annotations

import time as clock
from collections.abc import Callable, Iterable
from dataclasses import replace

from everyframe.anomaly.baseline import Baseline
from everyframe.anomaly.joining import Finding
from everyframe.anomaly.learning import Learner
from everyframe.anomaly.verdicts import Standing
from everyframe.errors import BaselineMismatch
from everyframe.live.spec import CameraSpec, CameraState
from everyframe.looks import Look
from everyframe.motion import Field, MotionSettings, open_motion
from everyframe.types import Frame, Gap, GapReason, StreamInfo
from everyframe.watcher import Watcher

_LOOK_AGAIN = 60.0  # seconds after which a camera that shows another view is held against its baseline again


class Course:
    """Takes a camera's frames and gaps; returns the events as they begin and end.

    Args:
        spec: How to watch it.
        info: What is known of the stream.
        baseline: What was learned before, if anything was.
        learn_until: Seconds of footage up to which the baseline is made anew whenever there is twice as much.
        keep: Called with each new baseline.
    """

    def __init__(
        self,
        spec: CameraSpec,
        info: StreamInfo,
        baseline: Baseline | None,
        *,
        learn_until: float,
        keep: Callable[[Baseline], None],
    ) -> None:
        self._spec, self._info = spec, info
        self._until, self._keep = learn_until, keep
        self._settings = MotionSettings()
        self._baseline = baseline
        self._watcher: Watcher | None = None
        self._learner: Learner | None = None
        self._look: Look | None = None
        self._next = spec.learn_for
        self._standing: tuple[Standing, ...] = ()
        self._away_since: float | None = None
        self._resting = False
        self.message = ""
        """What is wrong and what to do, where something is."""
        if baseline is None:
            self._begin_learning()
        else:
            self._try_watching(0.0)

    @property
    def state(self) -> CameraState:
        """What it is doing."""
        if self._resting:
            return CameraState.RESTING
        if self._watcher is not None:
            return CameraState.WATCHING
        return CameraState.LEARNING if self._away_since is None else CameraState.ELSEWHERE

    @property
    def watcher(self) -> Watcher | None:
        """Who watches, once there is something to hold pictures against; while it rests nothing new comes."""
        return self._watcher

    @property
    def learned(self) -> float:
        """Seconds of footage that the baseline knows, or will know."""
        here = self._learner.seconds if self._learner is not None else 0.0
        return max(here, self._baseline.about.seconds if self._baseline is not None else 0.0)

    def step(self, item: Frame | Gap) -> list[Finding]:
        """Take the next frame or gap; return events that begin or have ended."""
        if isinstance(item, Frame) and not self._spec.schedule.always:
            on = self._spec.schedule.schedule.holds(clock.time() if item.utc is None else item.utc)
            if not on and not self._resting:
                return self._rest(item.time)
            self._resting = not on
        if self._resting:
            return []
        if isinstance(item, Frame) and item.size != (self._info.width, self._info.height):
            # After a reconnect a camera may send another size: it is held against what was learned.
            if self._baseline is None:
                self._info = replace(self._info, width=item.size[0], height=item.size[1])
                self._begin_learning()
                return []
            return self._leave(
                f"{self._info.name} changed its picture from {self._info.width}x{self._info.height} to"
                f" {item.size[0]}x{item.size[1]}: set it back, or have it learned anew",
                item.time,
            )
        if self._look is not None and isinstance(item, Frame):
            self._look.step(item)
        if self._away_since is not None:
            if isinstance(item, Frame) and item.time - self._away_since >= _LOOK_AGAIN:
                self._try_watching(item.time)
            if self._watcher is None:
                return []
        if self._watcher is None:
            return self._learn(item)
        try:
            found = self._watcher.step(item)
        except BaselineMismatch as error:
            return self._leave(str(error), item.time if isinstance(item, Frame) else item.end)
        if isinstance(item, Gap):
            self._pause(item)
        else:
            self._learn_beside(self._watcher)
        return found

    def heed(self, verdicts: Iterable[Standing]) -> None:
        """Take what people said of this camera's events; it counts from now on."""
        standing = tuple(verdicts)
        if standing == self._standing:
            return
        self._standing = standing
        if self._watcher is not None:
            self._watcher.take_verdicts(standing)

    def flush(self) -> list[Finding]:
        """Return the events that still go on: nothing more will come."""
        return self._watcher.flush() if self._watcher is not None else []

    def _rest(self, time: float) -> list[Finding]:
        """Look no more for a while: events are over, and what comes later goes on from nothing."""
        found = self.flush()
        pause = Gap(time, time, GapReason.JUMP)
        if self._watcher is not None:
            self._watcher.step(pause)
            self._pause(pause)
        elif self._learner is not None:
            self._learn(pause)
        self._resting = True
        return found

    def _begin_learning(self) -> None:
        self._learner = Learner(self._settings, self._spec.motion, self._spec.detector)
        self._learner.begin(self._info)
        self._motion = open_motion(self._spec.motion, self._settings, self._spec.masks)
        self._look = Look(self._spec.ground) if self._spec.ground else None

    def _learn(self, item: Frame | Gap) -> list[Finding]:
        if isinstance(item, Gap):
            if item.reason.breaks:
                self._motion.reset()
                self._pause(item)
            return []
        field = self._motion.step(item)
        if field is not None:
            self._take(field)
        return []

    def _learn_beside(self, watcher: Watcher) -> None:
        """Go on learning from what is not unusual."""
        if self._learner is None or watcher.field is None:
            return
        if watcher.busy:
            self._learner.pause()
        else:
            self._take(watcher.field)

    def _take(self, field: Field) -> None:
        assert self._learner is not None
        self._learner.step(field)
        if self._learner.seconds >= self._next:
            self._next = 2.0 * self._learner.seconds
            self._baseline = self._learner.finish()
            if self._look is not None:
                self._baseline.grounds = self._look.grounds()
            self._keep(self._baseline)
            self._watch(self._baseline)
            if self._learner.seconds >= self._until:
                self._learner = self._look = None

    def _pause(self, gap: Gap) -> None:
        if self._learner is not None and gap.reason.breaks:
            self._learner.pause()

    def _watch(self, baseline: Baseline) -> None:
        before = self._watcher
        self._watcher = Watcher(
            baseline,
            self._info,
            budget=self._spec.budget,
            at_once=True,
            verdicts=self._standing,
            masks=self._spec.masks,
        )
        if before is not None:
            self._watcher.scores.extend(before.scores)

    def _try_watching(self, time: float) -> None:
        assert self._baseline is not None
        try:
            self._watch(self._baseline)
            self._away_since, self.message = None, ""
        except BaselineMismatch as error:
            self._away_since, self.message = time, str(error)

    def _leave(self, message: str, time: float) -> list[Finding]:
        """Stop watching a picture that is not the one that was learned."""
        found = self._watcher.flush() if self._watcher is not None else []
        self._watcher = self._learner = self._look = None
        self._away_since, self.message = time, message
        return found
