"""Dense optical flow, computed only where something changed."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np

from everyframe.motion.field import Field, Grid, MotionSettings
from everyframe.motion.pacing import Pace
from everyframe.types import Frame, Luma

_MARGIN = 12  # work pixels around what changed: flow needs to see where things came from
_LEAST_SIDE = 40  # the pyramid of the flow needs some room
_STILL = 0.3  # work pixels between the two pictures: less is noise


def change_between(one: Luma, other: Luma) -> Luma:
    """Return ``(h, w)`` mask of what changed between two pictures by more than their noise."""
    difference = np.asarray(cv2.blur(cv2.absdiff(one, other), (3, 3)), np.uint8)
    # Most of a fixed camera's picture does not move, so the median difference is its noise; a passing cloud
    # raises the median and with it the bar.
    noise = _median(difference[::4, ::4])
    mask = cv2.threshold(difference, 2.5 * noise + 3.0, 255, cv2.THRESH_BINARY)[1]
    return np.asarray(mask, np.uint8)


def _median(values: Luma) -> float:
    """Return the median; NumPy's own spends most of its time on preparations."""
    flat = values.ravel()
    middle = ((flat.size - 1) // 2, flat.size // 2)
    parted = np.partition(flat, middle)
    return (float(parted[middle[0]]) + float(parted[middle[1]])) / 2.0


def _region(mask: Luma) -> tuple[slice, slice] | None:
    """Return rows and columns around all that is set, with a margin, or ``None``."""
    x, y, width, height = cv2.boundingRect(mask)
    if width == 0:
        return None
    spans = []
    for start, length, limit in ((y, height, mask.shape[0]), (x, width, mask.shape[1])):
        low, high = max(0, start - _MARGIN), min(limit, start + length + _MARGIN)
        missing = _LEAST_SIDE - (high - low)
        if missing > 0:
            low = max(0, low - (missing + 1) // 2)
            high = min(limit, low + _LEAST_SIDE)
            low = max(0, high - _LEAST_SIDE)
        spans.append(slice(low, high))
    return spans[0], spans[1]


class FlowMotion:
    """Dense inverse search flow (Kroeger et al., "Fast optical flow using dense inverse search", ECCV 2016).

    Flow is computed backwards, from the present picture to the past one, so that a velocity lies where the
    thing is now. Only the region where pictures differ is computed.

    Args:
        settings: Rate, distance in time and size of the picture.
    """

    def __init__(self, settings: MotionSettings | None = None) -> None:
        self._settings = settings or MotionSettings()
        self._pace = Pace(self._settings)
        self._size: tuple[int, int] | None = None
        flow = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_FAST)
        flow.setFinestScale(0)
        flow.setPatchSize(8)
        flow.setPatchStride(4)
        flow.setGradientDescentIterations(12)
        flow.setVariationalRefinementIterations(2)
        self._flow: Any = flow  # OpenCV's types do not say that it may begin from nothing

    def step(self, frame: Frame) -> Field | None:
        """Take the next frame; see ``Motion.step``."""
        if frame.size != self._size:
            self.reset()
            self._size = frame.size
        if not self._pace.is_due(frame.time):
            return None
        work_size = self._settings.work_size(frame.size)
        work: Luma = np.asarray(cv2.resize(frame.luma, work_size, interpolation=cv2.INTER_AREA), np.uint8)
        grid = self._settings.grid_size(frame.size)
        luma: Grid = cv2.resize(work, grid, interpolation=cv2.INTER_AREA).astype(np.float32)
        velocity = np.zeros((grid[1], grid[0], 2), np.float32)
        moving = np.zeros((grid[1], grid[0]), np.float32)
        partner = self._pace.partner(frame.time)
        self._pace.remember(frame.time, work)
        if partner is not None:
            self._measure(work, partner[1], frame.time - partner[0], velocity, moving)
        return Field(
            frame.index, frame.time, frame.utc, velocity, moving, luma, frame.size, partner is not None
        )

    def reset(self) -> None:
        """Forget what came before; see ``Motion.reset``."""
        self._pace.reset()

    def _measure(self, now: Luma, past: Luma, seconds: float, velocity: Grid, moving: Grid) -> None:
        changed = change_between(now, past)
        region = _region(changed)
        if region is None:
            return
        rows, columns = region
        # Even borders, so that the region falls on whole cells.
        rows = slice(rows.start // 2 * 2, (rows.stop + 1) // 2 * 2)
        columns = slice(columns.start // 2 * 2, (columns.stop + 1) // 2 * 2)
        back = self._flow.calc(
            np.ascontiguousarray(now[rows, columns]), np.ascontiguousarray(past[rows, columns]), None
        )
        height, width = back.shape[:2]
        cells = (width // 2, height // 2)
        shift = cv2.resize(-back, cells, interpolation=cv2.INTER_AREA)
        length = cv2.magnitude(shift[..., 0], shift[..., 1])
        share = cv2.resize(changed[rows, columns], cells, interpolation=cv2.INTER_AREA)
        near = cv2.dilate(share, np.ones((3, 3), np.uint8)) > 0
        active = ((length > _STILL) & near).astype(np.float32)
        assert self._size is not None
        scale = (self._size[0] / now.shape[1], self._size[1] / now.shape[0])
        place = (slice(rows.start // 2, rows.stop // 2), slice(columns.start // 2, columns.stop // 2))
        moving[place] = active
        velocity[place] = shift * (active / np.float32(seconds))[..., None] * np.array(scale, np.float32)
