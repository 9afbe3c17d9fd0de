"""Patterns of motion of the size of a body, wherever in the picture it is."""

from __future__ import annotations

from collections import deque

import cv2
import numpy as np
import scipy
from numpy.typing import NDArray

from everyframe.anomaly.detector import Scene
from everyframe.anomaly.pooled import PLACED
from everyframe.anomaly.windows import SIZE, Rows, Windows

PLANES = ("right", "down", "moving")
"""What a pattern holds: velocity in typical heights per second, and the share that moves."""

GRID = (6, 4)
"""``(rows, columns)`` of cells of a pattern, square ones."""

VALUES = len(PLANES) * GRID[0] * GRID[1]
"""Columns of a row beside ``x``, ``y`` and ``hour``."""

_CELL = 0.15  # of the typical height: a pattern is 0.9 of it high and 0.6 wide, as a body is
_OVER = 0.5  # seconds of fields that a pattern is the mean of: the noise of flow does not last
_MOST = 120  # patterns for each field


class PatternLook:
    """Cuts the motion around places that move into patterns that do not depend on how far away they are.

    Args:
        windows: Places, and how large a body is there.
    """

    def __init__(self, windows: Windows) -> None:
        self.windows = windows
        self._past: deque[tuple[float, NDArray[np.float32]]] = deque()
        high, wide = GRID
        y, x = np.meshgrid(np.arange(high + 1) - high / 2, np.arange(wide + 1) - wide / 2, indexing="ij")
        self._edges = (_CELL * np.stack([x.ravel(), y.ravel()])).astype(np.float32)  # (2, corners) heights

    def rows(self, scene: Scene) -> Rows | None:
        """Return ``(n, 3 + VALUES)``: ``x``, ``y``, ``hour``, then ``PLANES``, each row by row.

        Velocities are means over all of a cell, what stands still in it included, so that an edge of flow
        counts for less than a body.
        """
        field = scene.field
        if not field.measured:
            return None
        planes = np.dstack([field.velocity, field.moving])
        self._past.append((field.time, planes))
        while not 0.0 <= field.time - self._past[0][0] < _OVER:
            self._past.popleft()
        placed = self.windows.rows(field, scene.stayed, scene.hour)
        placed = placed[placed[:, SIZE] > 0]
        if len(placed) > _MOST:
            placed = placed[np.linspace(0, len(placed) - 1, _MOST).astype(np.intp)]
        if len(placed) == 0:
            return np.zeros((0, PLACED + VALUES), np.float32)
        mean = np.mean([past for _, past in self._past], axis=0)
        return np.concatenate([placed[:, :PLACED], self._patterns(mean, placed)], axis=1)

    def reset(self) -> None:
        """Forget the last fields."""
        self._past.clear()

    def _patterns(self, planes: NDArray[np.float32], placed: Rows) -> NDArray[np.float32]:
        """Return ``(n, VALUES)`` means over cells around places; outside of the picture nothing moves."""
        rows, columns = planes.shape[:2]
        tall = self.windows.tall[self.windows.places(placed)[0]].astype(np.float32)[:, None]
        across, down = (tall / np.float32(side) for side in self.windows.cell)  # cells for each height
        x = placed[:, :1] * np.float32(columns) + self._edges[0] * across
        y = placed[:, 1:2] * np.float32(rows) + self._edges[1] * down
        # Between its points an integral image is linear, so means over parts of cells are exact. OpenCV's
        # remap would round places to 1/32 of a cell: 3 % of what a far pattern's cell holds.
        corners = [
            scipy.ndimage.map_coordinates(
                cv2.integral(planes[..., k], sdepth=cv2.CV_64F), (y, x), order=1, mode="nearest"
            )
            for k in range(len(PLANES))
        ]
        squares = np.stack(corners, axis=-1).reshape(-1, GRID[0] + 1, GRID[1] + 1, len(PLANES))
        sums = np.diff(np.diff(squares, axis=1), axis=2)
        sums /= (_CELL**2 * across * down)[:, None, None]
        sums[..., :2] /= tall[:, None, None]
        found: NDArray[np.float32] = sums.transpose(0, 3, 1, 2).reshape(len(placed), VALUES)
        return found.astype(np.float32)
