"""Learning what is normal: one pass, bounded memory, any number of sources."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial

import numpy as np
from numpy.typing import NDArray

from everyframe._version import __version__
from everyframe.anomaly.baseline import About, Baseline
from everyframe.anomaly.calibration import JOINT_LEAST, JOINT_TAIL, MOMENT, Tail
from everyframe.anomaly.contexts import HOURS, hour_of
from everyframe.anomaly.detector import Scene
from everyframe.anomaly.ensemble import Ensemble, Eyes, View
from everyframe.anomaly.hourly import HourTails
from everyframe.anomaly.moments import Moment, Moments, Seen
from everyframe.anomaly.reading import fuse, surprises
from everyframe.anomaly.registry import kinds_of
from everyframe.anomaly.windows import Windows
from everyframe.errors import BaselineMismatch, SettingError
from everyframe.motion.background import Background
from everyframe.motion.field import Field, MotionSettings
from everyframe.motion.perspective import learn_perspective
from everyframe.types import StreamInfo

_WARM_UP = 400  # fields with motion from which the perspective is learned
_SHORTEST_BLOCK, _LONGEST_BLOCK = 2, 90  # moments
_BLOCKS = 12  # about so many blocks to what was seen so far
_MOST_VALUES = 32_000_000  # kept on disk until the end, 64 MB; later ones are judged as they come
_SETTLING = 60.0  # seconds after which the background is known well enough to judge what lingers


class Learner:
    """Learns a baseline from fields.

    The footage is dealt in blocks to two detectors. What one has learned is scored by the other, so that all
    of it is held back once (cross-conformal prediction: Vovk 2015); in the end both are joined. Blocks grow
    with the footage, because a second next to a learned one is no independent witness.

    Args:
        settings: How motion is measured.
        motion: ``flow`` or ``codec``, for the record.
        detector: Name of the detector, or of several joined by ``+``.

    Raises:
        SettingError: There is no such detector.
    """

    def __init__(
        self, settings: MotionSettings | None = None, motion: str = "flow", detector: str = "density"
    ) -> None:
        self.settings = settings or MotionSettings()
        self._motion = motion
        self._detector = detector
        self._kinds = kinds_of(detector)
        self._names: list[str] = []
        self._size: tuple[int, int] | None = None
        self._waiting: list[tuple[float, Scene]] = []  # with the seconds learned from until then
        self._windows: Windows | None = None
        self._background: Background | None = None
        self._folds: list[Ensemble] = []
        self._eyes: Eyes | None = None
        self._views: tuple[View, ...] = ()
        self._still = [np.zeros(HOURS + 1), np.zeros(HOURS + 1)]
        self._fold = 0
        self._block_end = 0.0
        self._moments = Moments(_MOST_VALUES)
        self._moment: Moment | None = None
        self._last: float | None = None
        self._hours = [0.0] * (HOURS + 1)
        self.seconds = 0.0
        """Seconds of footage learned from."""

    def begin(self, info: StreamInfo) -> None:
        """Say that what follows comes from another source.

        Raises:
            BaselineMismatch: If its frame size is not that of the sources before.
        """
        size = (info.width, info.height)
        if self._size is not None and size != self._size:
            raise BaselineMismatch(
                f"{info.name} is {size[0]}x{size[1]}, but the sources before it are"
                f" {self._size[0]}x{self._size[1]}: a baseline is for one camera, learn each on its own"
            )
        self._size = size
        self._names.append(info.name)
        self._last = None
        self._close_moment()
        self._next_block(self.seconds)
        if self._background is None:
            self._background = Background(self.settings.grid_size(size)[1] // 3)
        self._background.reset()
        self._look_away()

    def pause(self) -> None:
        """Say that there is a gap: what comes next is not to be compared with what came before."""
        self._last = None
        self._close_moment()
        self._look_away()

    def step(self, field: Field) -> None:
        """Learn from the next field."""
        assert self._background is not None, "begin() comes first"
        passed = 0.0 if self._last is None else min(1.0, max(0.0, field.time - self._last))
        self._last = field.time
        self.seconds += passed
        hour = hour_of(field.utc)
        slot = HOURS if np.isnan(hour) else int(hour) % HOURS
        self._hours[slot] += passed
        stayed = self._background.step(field)
        settled = self._background.seen > _SETTLING
        self._background.learn(passed)
        if not field.measured:
            return
        if not settled:
            stayed = np.zeros_like(stayed)
        look = self._background.settled
        assert look is not None
        scene = Scene(field, stayed, look.copy(), hour)
        if self._windows is not None:
            self._take(scene, self.seconds)
        elif field.moving.any():
            self._waiting.append((self.seconds, scene))
            if len(self._waiting) >= _WARM_UP:
                self._measure_perspective()
        else:
            self._still[self._fold][slot] += 1

    def finish(self) -> Baseline:
        """Return what was learned so far; more can be learned afterwards.

        Raises:
            SettingError: If there was no footage to learn from.
        """
        if self._size is None or self._background is None or self.seconds < 1.0:
            raise SettingError("nothing was learned: the sources hold less than a second of footage")
        if self._windows is None:
            self._measure_perspective()
        self._close_moment()
        tails, joint, hours = self._calibrate()
        ensemble = self._folds[0].merge(self._folds[1])
        ensemble.maps.exposure_ += self._still[0] + self._still[1]
        width, height = self._size
        about = About(
            sources=self._names,
            seconds=round(self.seconds, 1),
            width=width,
            height=height,
            motion=self._motion,
            detector=self._detector,
            created=datetime.now(UTC).isoformat(timespec="seconds"),
            version=__version__,
            hours=[round(h, 1) for h in self._hours],
        )
        return Baseline(
            about, self.settings, self._perspective, ensemble, self._background, tails, joint, hours
        )

    def _measure_perspective(self) -> None:
        assert self._size is not None
        self._perspective = learn_perspective((scene.field for _, scene in self._waiting), self._size[1])
        self._windows = Windows(self._perspective, self.settings.grid_size(self._size), self._size)
        self._folds = [Ensemble(self._kinds, self._windows) for _ in range(2)]
        self._eyes = self._folds[0].eyes()
        waiting, self._waiting = self._waiting, []
        last: float | None = None
        # By the time at which each came: dealt as it is now, all of it would go to one half.
        self._block_end = 0.0
        for seconds, scene in waiting:
            if last is not None and not 0 <= scene.field.time - last <= MOMENT:
                self._close_moment()
                self._look_away()
                self._next_block(seconds)
            last = scene.field.time
            self._take(scene, seconds)

    def _look_away(self) -> None:
        """Forget what was just seen: the next scene may be another one."""
        self._views = ()
        if self._eyes is not None:
            self._eyes.reset()

    def _take(self, scene: Scene, seconds: float) -> None:
        assert self._eyes is not None
        rows = self._eyes.rows(scene)
        if seconds >= self._block_end:
            self._next_block(seconds)
        time = scene.field.time
        moment = self._moment
        if moment is None or not 0.0 <= time - moment.start < MOMENT or moment.fold != self._fold:
            self._close_moment()
            moment = self._moment = Moment(self._fold, time, scene.hour, judged=self._moments.full)
        moment.times.append(time)
        if not moment.judged:
            # What was seen early is judged in the end, when the other half knows enough.
            moment.seen.append([None if seen is None else seen.astype(np.float16) for seen in rows])
        else:
            self._views = self._folds[1 - self._fold].views(rows, self._views)
            moment.best.append(np.concatenate([view.best for view in self._views]))
        self._folds[self._fold].observe(rows, scene.hour)

    def _next_block(self, seconds: float) -> None:
        """Deal what comes after so many seconds of footage to the other half."""
        self._fold = 1 - self._fold
        # Whole moments: the two halves of one that was cut would count as two.
        moments = min(max(round(seconds / _BLOCKS / MOMENT), _SHORTEST_BLOCK), _LONGEST_BLOCK)
        self._block_end = seconds + moments * MOMENT

    def _close_moment(self) -> None:
        moment, self._moment = self._moment, None
        if moment is not None:
            judge = partial(_best, self._folds[1 - moment.fold])
            self._moments.close(moment, self._folds[0].attributes, judge)

    def _calibrate(self) -> tuple[list[Tail], Tail, HourTails]:
        """Judge each moment by the half that did not see it; return the tails: attributes', joint, hourly."""
        attributes = self._folds[0].attributes
        peaks = self._moments.peaks(attributes, [partial(_best, fold) for fold in self._folds])
        # Moments in which nothing is to be seen say nothing about how things move.
        tails = [Tail(peaks[peaks[:, k] > 0, k], one.least, one.tail) for k, one in enumerate(attributes)]
        voices = [one.after(tail.count) for one, tail in zip(attributes, tails, strict=True)]
        # The strongest attribute speaks for all, so the peak of the fused is the fused of the peaks.
        joint = fuse(surprises(peaks, tails), voices)
        hours = HourTails.fit(joint.tolist(), self._moments.hours)
        return tails, Tail(joint, JOINT_LEAST, JOINT_TAIL), hours


def _best(ensemble: Ensemble, seen: list[Seen]) -> NDArray[np.float32]:
    """Return ``(fields, k)`` the strongest of each attribute in each field of a moment."""
    views: tuple[View, ...] = ()
    best = []
    for rows in seen:
        views = ensemble.views(rows, views)
        best.append(np.concatenate([view.best for view in views]))
    return np.stack(best)
