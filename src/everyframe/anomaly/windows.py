"""Rows: what happens in windows of the size of a body, one row for each place where anything does."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from everyframe.motion.field import Field, Grid
from everyframe.motion.perspective import Perspective

COLUMNS = ("x", "y", "hour", "right", "down", "speed", "size", "stay")
"""What a row holds; see ``Windows.rows``."""

X, Y, HOUR, RIGHT, DOWN, SPEED, SIZE, STAY = range(len(COLUMNS))

_STRIDE = 2  # cells of the motion grid between two places
_BODY = 0.62  # window over typical height: flow runs over the edges of things
_LARGE = 1.7  # the window for sizes, in typical heights
_SMALL = 0.15  # the window for what stays, in typical heights
_ACTIVE = 0.12  # share of a window that must move
_STAYS = 2.0  # seconds
_INSIDE = 0.5  # of a window

Rows = NDArray[np.float32]
"""``(n, len(COLUMNS))``."""


@dataclass(frozen=True, slots=True, eq=False)
class _Boxes:
    """Windows around each place, for sums over an integral image.

    Attributes:
        corners: ``(4, places)`` where the corners lie in the flattened integral image: below on the right,
            above on the right, below on the left, above on the left.
        area: ``(places,)`` in cells.
    """

    corners: NDArray[np.intp]
    area: NDArray[np.float32]

    def means(self, integral: NDArray[Any]) -> NDArray[np.float32]:
        """Return ``(places,)`` means over all windows, from an integral image."""
        return _between(integral.take(self.corners)) / self.area

    def means_at(self, places: NDArray[np.intp], integral: NDArray[Any]) -> NDArray[np.float32]:
        """Return ``(n,)`` means over the windows of some places only."""
        return _between(integral.take(self.corners.take(places, axis=1))) / self.area.take(places)


def _between(corners: NDArray[Any]) -> NDArray[np.float32]:
    """Return ``(n,)`` sums over windows of ``(4, n)`` values at their corners."""
    found = corners[0] - corners[1]
    found -= corners[2]
    found += corners[3]
    sums: NDArray[np.float32] = found.astype(np.float32)
    return sums


def _integral(plane: NDArray[np.float32]) -> NDArray[Any]:
    return np.asarray(cv2.integral(plane, sdepth=cv2.CV_64F))


class Windows:
    """Looks at a field through windows that are as large as a body is at that place.

    Args:
        perspective: Typical heights, in pixels of the source.
        grid: ``(columns, rows)`` of the motion grid.
        size: ``(width, height)`` of the source in pixels.
    """

    def __init__(self, perspective: Perspective, grid: tuple[int, int], size: tuple[int, int]) -> None:
        columns, rows = grid
        self.cell = (size[0] / columns, size[1] / rows)
        self._x = np.arange(_STRIDE // 2, columns, _STRIDE)
        self._y = np.arange(_STRIDE // 2, rows, _STRIDE)
        self.shape = (len(self._y), len(self._x))
        self.tall = perspective.height((self._y + 0.5) * self.cell[1])  # (ny,) pixels
        self._body = self._boxes(grid, _BODY)
        self._large = self._boxes(grid, _LARGE)
        self._small = self._boxes(grid, _SMALL)
        # Of each place, row by row.
        self._u = np.tile(((self._x + 0.5) / columns).astype(np.float32), len(self._y))
        self._v = np.repeat(((self._y + 0.5) / rows).astype(np.float32), len(self._x))
        self._tall = np.repeat(self.tall.astype(np.float32), len(self._x))

    def _boxes(self, grid: tuple[int, int], part: float) -> _Boxes:
        columns, rows = grid
        # The width follows the height of the row, so left and right are (ny, nx).
        half_high = np.maximum(1, np.round(self.tall * part / self.cell[1] / 2)).astype(np.intp)
        half_wide = np.maximum(1, np.round(self.tall * part / self.cell[0] / 2)).astype(np.intp)
        top = np.clip(self._y - half_high, 0, rows)[:, None] * (columns + 1)
        bottom = np.clip(self._y + half_high + 1, 0, rows)[:, None] * (columns + 1)
        left = np.clip(self._x[None] - half_wide[:, None], 0, columns)
        right = np.clip(self._x[None] + half_wide[:, None] + 1, 0, columns)
        corners = np.stack([bottom + right, top + right, bottom + left, top + left]).reshape(4, -1)
        # Windows that hang over the border count with the part inside, so that who comes in is seen at once,
        # but not with less than half: a few cells at the very edge are no body.
        whole = ((2 * half_high + 1) * (2 * half_wide + 1))[:, None]
        inside = (bottom - top) // (columns + 1) * (right - left)
        area = np.maximum(inside, _INSIDE * whole).astype(np.float32)
        return _Boxes(corners, area.reshape(-1))

    def rows(self, field: Field, stayed: Grid, hour: float) -> Rows:
        """Describe every place where something moves or stays.

        Args:
            field: The motion.
            stayed: ``(gh, gw)`` from ``Background.step``.
            hour: Local time of day, 0 to 24; NaN where unknown.

        Returns:
            Rows of: ``x``, ``y`` (of the place, 0 to 1); ``hour``; ``right``, ``down`` (velocity in typical
            heights per second, averaged over the whole window, what stands still in it included: so a large
            thing counts for more than a hand); ``speed`` (its length); ``size`` (share of the large window
            that moves); ``stay`` (seconds that something foreign has stayed in the small window).
        """
        moving = _integral(field.moving)
        active = self._body.means(moving) > _ACTIVE
        stays = self._small.means(_integral(stayed))
        # Few places hold anything, so all else is looked at only there.
        chosen = np.flatnonzero(active | (stays > _STAYS))
        rows = np.zeros((len(chosen), len(COLUMNS)), np.float32)
        if len(chosen) == 0:
            return rows
        rows[:, X], rows[:, Y], rows[:, HOUR] = self._u[chosen], self._v[chosen], hour
        rows[:, STAY] = stays[chosen]
        moves = active[chosen]
        there = chosen[moves]
        if len(there):
            right, down = (
                self._body.means_at(there, _integral(field.velocity[..., k])) / self._tall[there]
                for k in range(2)
            )
            rows[moves, RIGHT], rows[moves, DOWN], rows[moves, SPEED] = right, down, np.hypot(right, down)
            rows[moves, SIZE] = self._large.means_at(there, moving)
        return rows

    def places(self, rows: Rows) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """Return the row and column of the map of places that each row belongs to."""
        j = np.clip(np.rint(rows[:, Y] * self.shape[0] - 0.5), 0, self.shape[0] - 1).astype(np.intp)
        i = np.clip(np.rint(rows[:, X] * self.shape[1] - 0.5), 0, self.shape[1] - 1).astype(np.intp)
        return j, i
