"""Motion from the vectors that the video's own encoder found: next to free, and coarse."""

from __future__ import annotations

from collections import deque
from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from everyframe.errors import SettingError
from everyframe.motion.field import Field, Grid, MotionSettings
from everyframe.motion.flow import change_between
from everyframe.motion.lattice import Lattice, Sums
from everyframe.motion.pacing import Pace
from everyframe.motion.shrinking import shrunk
from everyframe.types import Frame, Luma

_STILL = 0.3  # work pixels over ``settings.over`` seconds: less is noise
_RATE = 3.0  # fields per second at most: vectors are summed over all pictures between, so none is lost
_PATIENCE = 25  # pictures without any vector after which a source has none
_INTRA = frozenset({"I", "SI"})
_BOTH_WAYS = frozenset({"B", "BI"})


class CodecMotion:
    """Block motion that an encoder found to save bits (H.264, MPEG-4, MPEG-2, …), made fit to watch by.

    An encoder looks for blocks that are alike, not for motion, so that its vectors on flat and on noisy
    ground mean nothing. Three things mend that: a vector counts only where the picture changed, a median
    takes out blocks that differ from all around them, and blocks that were coded anew take the motion of
    their neighbours. Only pictures that refer to an earlier one alone (P) are used: those that refer both
    ways do not say which picture they mean, and what they add is worse than nothing.

    A velocity is the mean over the last ``settings.over`` seconds, or since the last field. Fields come at
    most three times per second, and at most as often as such pictures do: this way of measuring is for who
    has little to spend on each picture.

    Babu, Tom and Wadekar, "A survey on compressed domain video analysis techniques", Multimedia Tools and
    Applications, 2016, on what such vectors are good for.

    Args:
        settings: Rate, distance in time and size of the grid.
    """

    def __init__(self, settings: MotionSettings | None = None) -> None:
        self._settings = settings or MotionSettings()
        self._pace = Pace(replace(self._settings, rate=min(self._settings.rate, _RATE)))
        self._size: tuple[int, int] | None = None
        self._lattice: Lattice | None = None
        self._without = 0  # pictures so far, while none had vectors
        self._ever = False
        self.reset()

    def step(self, frame: Frame) -> Field | None:
        """Take the next frame; see ``Motion.step``.

        Raises:
            SettingError: The source gives no motion vectors.
        """
        if frame.size != self._size:
            self.reset()
            self._size = frame.size
            self._lattice = Lattice(frame.size, self._settings.grid_size(frame.size))
        first = self._last is None
        seconds = self._seconds_of(frame)
        if seconds is not None and frame.vectors is not None:
            moved = np.flatnonzero(frame.vectors["motion_x"] | frame.vectors["motion_y"])
            self._taken.append((frame.vectors.take(moved), seconds))
        elif not first:
            return None
        return self._measure(frame) if self._pace.is_due(frame.time) else None

    def reset(self) -> None:
        """Forget what came before; see ``Motion.reset``."""
        self._pace.reset()
        self._last: int | None = None  # index of the frame before
        self._reference: float | None = None  # time of the picture that the next P picture refers to
        self._hole = False  # whether frames since then were left out
        self._usual: float | None = None  # seconds between a P picture and its reference
        self._taken: list[tuple[NDArray[np.void], float]] = []
        self._sums: deque[Sums] = deque()

    def _seconds_of(self, frame: Frame) -> float | None:
        """Return over how many seconds the vectors of a picture go, ``None`` where that is unknown."""
        if self._last is not None and frame.index != self._last + 1:
            self._hole = True
        self._last = frame.index
        self._count(frame)
        if frame.picture in _BOTH_WAYS:
            return None
        reference, hole = self._reference, self._hole
        self._reference, self._hole = frame.time, False
        if reference is None or frame.picture in _INTRA or frame.vectors is None:
            return None
        seconds = frame.time - reference
        if hole and self._usual is not None:
            # The picture that the encoder referred to may be one of those that were left out.
            seconds = min(seconds, self._usual)
        elif not hole:
            self._usual = seconds
        return seconds if 0.0 < seconds <= self._settings.longest else None

    def _count(self, frame: Frame) -> None:
        if self._ever or frame.vectors is not None:
            self._ever = True
            return
        self._without += 1
        if self._without >= _PATIENCE:
            raise SettingError(
                f"this source has no motion vectors ({self._without} pictures without any); use --motion flow"
            )

    def _measure(self, frame: Frame) -> Field:
        assert self._lattice is not None
        grid = self._settings.grid_size(frame.size)
        small = shrunk(frame.luma, grid)
        partner = self._pace.partner(frame.time)
        self._pace.remember(frame.time, small)
        measured = partner is not None and bool(self._taken)
        velocity = np.zeros((grid[1], grid[0], 2), np.float32)
        moving = np.zeros((grid[1], grid[0]), np.float32)
        if partner is not None and self._taken:
            self._collect(self._lattice)
            self._fill(self._lattice, change_between(small, partner[1]), velocity, moving)
        luma = small.astype(np.float32)
        return Field(frame.index, frame.time, frame.utc, velocity, moving, luma, frame.size, measured)

    def _collect(self, lattice: Lattice) -> None:
        """Sum what came since the last field, and drop sums that lie more than ``over`` back."""
        self._sums.append(lattice.sums(self._taken))
        self._taken = []
        covered = sum(sums.span for sums in self._sums)
        while covered - self._sums[0].span >= 0.9 * self._settings.over:
            covered -= self._sums.popleft().span

    def _fill(self, lattice: Lattice, change: Luma, velocity: Grid, moving: Grid) -> None:
        """Write velocity and what moves onto the grid."""
        assert self._size is not None
        least = _STILL * self._size[0] / self._settings.work_size(self._size)[0] / self._settings.over
        right, down = lattice.velocity(self._sums, least)
        x, y = lattice.on_grid(right), lattice.on_grid(down)
        near = cv2.dilate(change, np.ones((3, 3), np.uint8)) > 0
        moving[:] = near & (x * x + y * y > least * least)
        velocity[..., 0] = x * moving
        velocity[..., 1] = y * moving
