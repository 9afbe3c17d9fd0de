"""Where the action is: a square that follows what moves, as large as it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
import scipy
from numpy.typing import NDArray

from everyframe.highlights.looking import HELD, STEP, Look

_CELL = 4  # small pixels: motion is followed on a coarse grid
_NOISE = 3.0  # small pixels per second that are no motion
_FAST = 60.0  # small pixels per second above which faster is not more
_STEADY = 0.3  # seconds over which the square's path is smoothed
_REACH = 0.3  # shares of the picture's height within which motion belongs to the same action
_ROOM = 3.1  # side of the square in distances within which most of the motion lies
_MOST = 0.85  # how much is most
_LEAST = 24.0  # small pixels: below, there is nothing to see


@dataclass(frozen=True, slots=True, eq=False)
class Squares:
    """A square for each look.

    Attributes:
        centre: ``(T, 2)`` in small pixels, ``x`` and ``y``.
        side: Small pixels; one for all looks, for an actor does not change its size.
    """

    centre: NDArray[np.float64]
    side: float


def follow(looks: Sequence[Look]) -> Squares:
    """Return the square that holds most of what moves, and goes with it."""
    height, width = looks[0].luma.shape
    energy = np.stack([_energy(look) for look in looks])  # (T, rows, columns) of the coarse grid
    if energy.sum() <= 0.0:
        centre = np.tile([width / 2.0, height / 2.0], (len(looks), 1))
        return Squares(centre, float(height))
    reach = _REACH * height / _CELL
    path = _path(
        scipy.ndimage.gaussian_filter(energy, (_STEADY / STEP, reach / 2, reach / 2), mode="constant")
    )
    ys, xs = np.mgrid[0 : energy.shape[1], 0 : energy.shape[2]]
    y, x = path[:, 0].astype(np.float64), path[:, 1].astype(np.float64)
    for _ in range(3):
        apart = (ys[None] - y[:, None, None]) ** 2 + (xs[None] - x[:, None, None]) ** 2
        near = energy * np.exp(-0.5 * apart / reach**2)
        weight = (
            scipy.ndimage.gaussian_filter1d(near.sum(axis=(1, 2)), _STEADY / STEP, mode="nearest")
            + 1e-3 * near.max()
            + 1e-9
        )
        down = scipy.ndimage.gaussian_filter1d((near * ys).sum(axis=(1, 2)), _STEADY / STEP, mode="nearest")
        across = scipy.ndimage.gaussian_filter1d((near * xs).sum(axis=(1, 2)), _STEADY / STEP, mode="nearest")
        floor = 1e-3 * near.max() + 1e-9
        y, x = (down + floor * y) / weight, (across + floor * x) / weight
    far_y = _quantile(np.abs(ys[None] - y[:, None, None]), near)
    far_x = _quantile(np.abs(xs[None] - x[:, None, None]), near)
    side = float(np.clip(_ROOM * _CELL * max(far_y, far_x), _LEAST, 1.2 * max(height, width)))
    return Squares((np.stack([x, y], axis=1) + 0.5) * _CELL - 0.5, side)


@lru_cache(maxsize=HELD)  # windows overlap
def _energy(look: Look) -> NDArray[np.float32]:
    height, width = look.luma.shape
    speed = np.linalg.norm(look.flow.astype(np.float32), axis=2)
    over = np.minimum(np.clip(speed - _NOISE, 0.0, None), _FAST)
    size = (width // _CELL, height // _CELL)
    return np.asarray(cv2.resize(over, size, interpolation=cv2.INTER_AREA), np.float32)


def _path(volume: NDArray[np.float32]) -> NDArray[np.int64]:
    """Return ``(T, 2)`` rows and columns: the connected path through a volume that has most in it."""
    best = volume[0]
    back = []
    shape = volume.shape[1:]
    shifts = [(dy, dx) for dy in (0, -1, 1) for dx in (0, -1, 1, -2, 2)]
    for now in volume[1:]:
        wide = np.pad(best, 2, constant_values=-1.0)
        options = np.stack(
            [wide[2 + dy : 2 + dy + shape[0], 2 + dx : 2 + dx + shape[1]] for dy, dx in shifts]
        )
        chosen = options.argmax(axis=0)
        back.append(chosen)
        best = np.take_along_axis(options, chosen[None], axis=0)[0] + now
    row, column = np.unravel_index(int(best.argmax()), shape)
    path = [(int(row), int(column))]
    for chosen in reversed(back):
        dy, dx = shifts[int(chosen[path[-1]])]
        path.append((path[-1][0] + dy, path[-1][1] + dx))
    return np.array(path[::-1])


def _quantile(values: NDArray[np.float64], weights: NDArray[np.floating]) -> float:
    order = np.argsort(values, axis=None)
    running = np.cumsum(weights.ravel()[order].astype(np.float64))
    at = int(np.searchsorted(running, _MOST * running[-1]))
    return float(values.ravel()[order[min(at, len(order) - 1)]])
