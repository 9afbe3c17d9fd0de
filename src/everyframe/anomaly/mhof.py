"""Histograms of optical flow at two scales of speed, over blocks in space and time."""

from __future__ import annotations

from collections import deque

import numpy as np
from numpy.typing import NDArray

from everyframe.anomaly.detector import Scene
from everyframe.anomaly.windows import Rows, Windows
from everyframe.motion.field import Field, Grid

ORIENTATIONS = 8
BINS = 2 * ORIENTATIONS
"""Of one histogram: eight directions of slow motion, rightwards first, then clockwise; eight of fast."""

ACROSS = 4
"""Neighbouring blocks: above, below, left, right."""
BEFORE = 3
"""Moments before this one at the same place."""
COLUMNS = BINS * (1 + ACROSS + BEFORE)
"""Values of a row: the block, its neighbours, the block earlier (the latest first)."""

TYPES: dict[str, NDArray[np.intp]] = {
    "block": np.arange(BINS),
    "around": np.arange(BINS * (1 + ACROSS)),
    "lasting": np.r_[np.arange(BINS), np.arange(BINS * (1 + ACROSS), COLUMNS)],
}
"""The columns that each spatio-temporal type of basis takes of a row."""

FAST = 0.35
"""Typical heights per second where motion is half slow and half fast.

Between the scales the change is gradual, as no one boundary suits every camera: even where all that is
normal is far below it, the fast scale grows with the cube of the speed and tells what is faster than that.
"""

_BLOCK = 0.62  # side of a block over typical height, as the windows of a body: flow runs over the edges
_STRIDE = 2  # cells between two places of ``Windows``
_STEP = 0.35  # of the typical height between two places that are looked at
_ACTIVE = 0.12  # share of a block that must move
_MOST = 100  # rows of one field


class MhofLook:
    """Describes the motion at places where there is some; keeps the last moments of each.

    Multi-scale histograms of optical flow after Cong, Yuan and Liu ("Sparse reconstruction cost for abnormal
    event detection", CVPR 2011). Speeds are in typical heights per second and blocks have a share of the
    typical height, so that near and far compare.

    Args:
        windows: Of the camera.
    """

    def __init__(self, windows: Windows) -> None:
        self._blocks: _Blocks | None = None
        self._windows = windows
        self._past: deque[NDArray[np.float32]] = deque(maxlen=BEFORE)

    def rows(self, scene: Scene) -> Rows | None:
        """Return ``(n, 3 + COLUMNS)`` rows: ``x``, ``y``, ``hour``, then the histograms.

        A histogram holds, for each direction and scale, the share of the block that moves so times its speed
        in typical heights per second. A moment before the first is like the first. ``None`` where motion was
        not measured.
        """
        field = scene.field
        if not field.measured:
            self.reset()
            return None
        if self._blocks is None:
            self._blocks = _Blocks(self._windows, field)
        blocks = self._blocks
        integral = _integral(histograms(field, blocks.tall))
        moments = [integral, *self._past]
        moments += [moments[-1]] * (1 + BEFORE - len(moments))
        self._past.appendleft(integral)
        there = blocks.active(field.moving)
        near = [blocks.means(integral, there, number) for number in range(1 + ACROSS)]
        before = [blocks.means(one, there, 0) for one in moments[1:]]
        place = np.stack(
            [blocks.u[there], blocks.v[there], np.full(len(there), scene.hour, np.float32)], axis=1
        )
        return np.concatenate([place, *near, *before], axis=1)

    def reset(self) -> None:
        """Forget the moments before."""
        self._past.clear()


def histograms(field: Field, tall: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return ``(gh, gw, BINS)`` the speed of each cell, in the bins of its direction and scale.

    Between two directions and between the scales it is shared, so that a small change changes little.

    Args:
        field: The motion.
        tall: ``(gh,)`` typical heights in pixels.
    """
    planes = np.zeros((*field.moving.shape, BINS), np.float32)
    j, i = np.nonzero(field.moving)
    velocity = field.velocity[j, i] / tall[j, None]
    speed = np.hypot(velocity[:, 0], velocity[:, 1]) * field.moving[j, i]
    turn = np.arctan2(velocity[:, 1], velocity[:, 0]) * np.float32(ORIENTATIONS / (2 * np.pi))
    below = np.floor(turn)
    share = turn - below
    first = below.astype(np.intp) % ORIENTATIONS
    fast = speed**2 / (speed**2 + FAST**2)
    for scale, energy in ((0, speed * (1 - fast)), (ORIENTATIONS, speed * fast)):
        planes[j, i, first + scale] = energy * (1 - share)
        planes[j, i, (first + 1) % ORIENTATIONS + scale] = energy * share
    return planes


class _Blocks:
    """The block around each place that is looked at, and its four neighbours.

    Args:
        windows: Of the camera.
        field: Any of its fields.
    """

    def __init__(self, windows: Windows, field: Field) -> None:
        rows, columns = field.moving.shape
        ny, nx = windows.shape
        x, y = (np.arange(n) * _STRIDE + _STRIDE // 2 for n in (nx, ny))
        keep = _sparse(windows, (ny, nx))
        j, i = np.nonzero(keep)
        place_tall = windows.tall[j]
        self.tall = np.interp(np.arange(rows), y, windows.tall).astype(np.float32)
        self.u = ((x[i] + 0.5) / columns).astype(np.float32)
        self.v = ((y[j] + 0.5) / rows).astype(np.float32)
        half_high = np.maximum(1, np.round(place_tall * _BLOCK / windows.cell[1] / 2)).astype(np.intp)
        half_wide = np.maximum(1, np.round(place_tall * _BLOCK / windows.cell[0] / 2)).astype(np.intp)
        high, wide = 2 * half_high + 1, 2 * half_wide + 1
        self._area = (high * wide).astype(np.float32)
        self._shape = (rows + 1, columns + 1)
        corners = []
        for down, right in ((0, 0), (-1, 0), (1, 0), (0, -1), (0, 1)):
            middle_y, middle_x = y[j] + down * high, x[i] + right * wide
            top, bottom = (np.clip(middle_y + edge, 0, rows) for edge in (-half_high, half_high + 1))
            left, end = (np.clip(middle_x + edge, 0, columns) for edge in (-half_wide, half_wide + 1))
            width = columns + 1
            corners.append(
                np.stack([bottom * width + end, top * width + end, bottom * width + left, top * width + left])
            )
        self._corners = np.stack(corners)  # (5, 4, places) into the flattened integral image

    def active(self, moving: Grid) -> NDArray[np.intp]:
        """Return which places have enough motion in their block; evenly thinned where there are many."""
        share = self.means(_integral(moving[..., None]), np.arange(len(self.u)), 0)[:, 0]
        there = np.flatnonzero(share > _ACTIVE)
        if len(there) > _MOST:
            there = there[np.linspace(0, len(there) - 1, _MOST).round().astype(np.intp)]
        return there

    def means(
        self, integral: NDArray[np.float32], places: NDArray[np.intp], number: int
    ) -> NDArray[np.float32]:
        """Return ``(n, channels)`` means over the block (0) or a neighbour (1 to 4) of some places.

        Blocks that hang over the border count with their whole area: half a body there is no body.
        """
        flat = integral.reshape(-1, integral.shape[-1])
        at = self._corners[number][:, places]
        sums = flat[at[0]] - flat[at[1]] - flat[at[2]] + flat[at[3]]
        found: NDArray[np.float32] = (sums / self._area[places, None]).astype(np.float32)
        return found


def _sparse(windows: Windows, shape: tuple[int, int]) -> NDArray[np.bool_]:
    """Return ``(ny, nx)`` which places to look at: about every third of a body, down and across."""
    keep = np.zeros(shape, bool)
    stride = _STRIDE * windows.cell[1], _STRIDE * windows.cell[0]
    j = 0.0
    while round(j) < shape[0]:
        row = round(j)
        across = max(1.0, windows.tall[row] * _STEP / stride[1])
        keep[row, np.unique(np.arange(0, shape[1] - 0.5, across).round().astype(np.intp))] = True
        j += max(1.0, windows.tall[row] * _STEP / stride[0])
    return keep


def _integral(planes: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return ``(gh + 1, gw + 1, channels)`` sums over everything above and to the left."""
    height, width, channels = planes.shape
    found = np.zeros((height + 1, width + 1, channels), np.float64)
    np.cumsum(planes, axis=0, out=found[1:, 1:])
    np.cumsum(found[1:, 1:], axis=1, out=found[1:, 1:])
    return found
