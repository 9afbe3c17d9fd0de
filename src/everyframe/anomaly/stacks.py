"""Space-time patches: the last few fields around places that move, as large as a body is there."""

from __future__ import annotations

from collections import deque

import cv2
import numpy as np
from numpy.typing import NDArray

from everyframe.anomaly.detector import Scene
from everyframe.anomaly.windows import Rows, Windows

MOMENTS = 3
"""Fields in a patch, the oldest first."""
SIDE = 8
"""Samples of a patch across and down."""
CHANNELS = 2
"""Of each sample: velocity to the right and down, in typical heights per second."""
COLUMNS = MOMENTS * SIDE * SIDE * CHANNELS
"""Values of a patch, flattened from ``(MOMENTS, SIDE, SIDE, CHANNELS)``."""

_EXTENT = 1.2  # side of a patch over the typical height: a body and what it pushes or rides
_STEP = 0.3  # of the typical height between two places
_ACTIVE = 0.12  # share of a patch that must move
_MOST = 100  # patches of one field


class StackLook:
    """Cuts patches of a camera's motion; keeps the last fields.

    Each sample is the exact mean over its share of the patch, wherever that lies between the cells, so that
    a body fills as many samples near as far. What a patch holds is not the picture but its motion: clothes
    and light do not tell a walker from a cyclist, the way and the pace of their parts do.

    Args:
        windows: Of the camera.
    """

    def __init__(self, windows: Windows) -> None:
        self._windows = windows
        self._lattice: _Lattice | None = None
        self._past: deque[NDArray[np.float64]] = deque(maxlen=MOMENTS)

    def rows(self, scene: Scene) -> Rows | None:
        """Return ``(n, 3 + COLUMNS)`` rows: ``x``, ``y``, ``hour``, then the patch.

        ``None`` until there were enough fields since the last reset.
        """
        field = scene.field
        if not field.measured:
            self.reset()
            return None
        if self._lattice is None or self._lattice.grid != field.moving.shape:
            self._lattice = _Lattice(self._windows, field.moving.shape)
            self.reset()
        planes = np.dstack([field.velocity, field.moving])
        self._past.append(np.asarray(cv2.integral(planes, sdepth=cv2.CV_64F), np.float64))
        if len(self._past) < MOMENTS:
            return None
        lattice = self._lattice
        places = lattice.active(self._past[-1])
        rows = np.empty((len(places), 3 + COLUMNS), np.float32)
        rows[:, :2], rows[:, 2] = lattice.middles[places], scene.hour
        patches = rows[:, 3:].reshape(-1, MOMENTS, SIDE, SIDE, CHANNELS)
        for moment, integral in enumerate(self._past):
            patches[:, moment] = lattice.patches(integral, places)
        return rows

    def reset(self) -> None:
        """Forget the last fields."""
        self._past.clear()


class _Lattice:
    """Places that are a share of a body apart, and the corners of the samples of their patches.

    Attributes:
        grid: ``(rows, columns)`` of the field.
        middles: ``(p, 2)`` ``x`` and ``y`` of each place, 0 to 1.
    """

    def __init__(self, windows: Windows, grid: tuple[int, ...]) -> None:
        self.grid = grid
        rows, columns = grid
        wide, high = windows.cell
        known = (np.arange(len(windows.tall)) + 0.5) / len(windows.tall) * rows * high
        middles: list[tuple[float, float]] = []
        talls: list[float] = []
        y = 0.0
        while True:
            tall = float(np.interp(y, known, windows.tall))
            y += _STEP * tall / (1 if middles else 2)
            if y >= rows * high:
                break
            tall = float(np.interp(y, known, windows.tall))
            count = max(1, round(columns * wide / (_STEP * tall)))
            middles += [((i + 0.5) / count, y / (rows * high)) for i in range(count)]
            talls += [tall] * count
        self.middles = np.array(middles, np.float32)
        self._tall = np.array(talls, np.float32)
        reach = _EXTENT * (np.arange(SIDE + 1) / SIDE - 0.5)  # of the corners, in typical heights
        across = self.middles[:, :1] * columns + reach * self._tall[:, None] / wide
        down = self.middles[:, 1:] * rows + reach * self._tall[:, None] / high
        self._across = np.clip(across, 0, columns).astype(np.float32)  # (p, SIDE + 1) in cells
        self._down = np.clip(down, 0, rows).astype(np.float32)
        # Patches that hang over the border count with their whole area, as windows do.
        self._area = (_EXTENT * self._tall / SIDE) ** 2 / (wide * high)

    def active(self, integral: NDArray[np.float64]) -> NDArray[np.intp]:
        """Return the places where enough of the patch moves; of too many, the ones that move most."""
        ends = [0, SIDE]
        corners = _at(integral[..., 2:], self._down[:, ends], self._across[:, ends])[..., 0]
        share = (corners[:, 1, 1] - corners[:, 0, 1] - corners[:, 1, 0] + corners[:, 0, 0]) / (
            self._area * SIDE * SIDE
        )
        places = np.flatnonzero(share > _ACTIVE)
        if len(places) > _MOST:
            places = np.sort(places[np.argsort(-share[places], kind="stable")[:_MOST]])
        return places

    def patches(self, integral: NDArray[np.float64], places: NDArray[np.intp]) -> NDArray[np.float32]:
        """Return ``(n, SIDE, SIDE, CHANNELS)`` means over the samples, in typical heights per second."""
        corners = _at(integral[..., :CHANNELS], self._down[places], self._across[places])
        sums = np.diff(np.diff(corners, axis=1), axis=2)
        per = (self._area * self._tall)[places].astype(np.float64)
        found: NDArray[np.float32] = (sums / per[:, None, None, None]).astype(np.float32)
        return found


def _at(
    planes: NDArray[np.float64], down: NDArray[np.float32], across: NDArray[np.float32]
) -> NDArray[np.float64]:
    """Return ``(n, a, b, channels)`` planes between their cells at ``(n, a)`` rows and ``(n, b)`` columns."""
    top = np.minimum(down.astype(np.intp), planes.shape[0] - 2)
    left = np.minimum(across.astype(np.intp), planes.shape[1] - 2)
    low = (down - top)[:, :, None, None]
    far = (across - left)[:, None, :, None]
    top, left = top[:, :, None], left[:, None, :]
    above = planes[top, left] * (1 - far) + planes[top, left + 1] * far
    below = planes[top + 1, left] * (1 - far) + planes[top + 1, left + 1] * far
    found: NDArray[np.float64] = above * (1 - low) + below * low
    return found
