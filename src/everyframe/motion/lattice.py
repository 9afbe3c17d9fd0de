"""From an encoder's blocks to velocities on cells of one size."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from everyframe.motion.field import Grid

_CELL = 8  # pixels: the smallest block that decoders tell of
_AGREE = 2  # neighbours that move, for a block without motion to take theirs


@dataclass(frozen=True, slots=True, eq=False)
class Sums:
    """What the blocks of a few pictures add up to.

    Attributes:
        planes: ``(3, rows, columns)``: displacement to the right and down in pixels, and the seconds in
            which there was any.
        span: Seconds that the pictures cover.
    """

    planes: NDArray[np.float32]
    span: float


class Lattice:
    """Cells of 8 x 8 pixels, on which every block of an encoder falls whole.

    Args:
        size: ``(width, height)`` of the picture in pixels.
        grid: ``(columns, rows)`` of the grid that fields have.
    """

    def __init__(self, size: tuple[int, int], grid: tuple[int, int]) -> None:
        width, height = size
        # Encoders fill the picture up with whole blocks of 16.
        self.columns, self.rows = -(-width // 16) * 2, -(-height // 16) * 2
        across = ((np.arange(grid[0]) + 0.5) * (width / grid[0] / _CELL)).astype(np.intp)
        down = ((np.arange(grid[1]) + 0.5) * (height / grid[1] / _CELL)).astype(np.intp)
        self._places = down[:, None] * self.columns + across

    def sums(self, taken: Sequence[tuple[NDArray[np.void], float]]) -> Sums:
        """Add up the vectors of pictures.

        Args:
            taken: For each picture its ``(n,)`` vectors as FFmpeg tells them, and the seconds they go over.
        """
        raw = np.concatenate([vectors.view(f"V{vectors.itemsize}") for vectors, _ in taken])
        told: NDArray[np.void] = raw.view(taken[0][0].dtype)
        seconds = np.repeat([each for _, each in taken], [len(vectors) for vectors, _ in taken])
        width, height = told["w"].astype(np.intp), told["h"].astype(np.intp)
        x, y = told["dst_x"] - (width >> 1), told["dst_y"] - (height >> 1)
        left, right = x >> 3, (x + width - 1) >> 3
        top, bottom = (y >> 3) * self.columns, ((y + height - 1) >> 3) * self.columns
        # A block of 16 x 16 covers four cells; a smaller one meets a cell two or four times, with its share.
        cells = np.empty((4, len(told)), np.intp)
        planes = np.empty((3, 4, len(told)))
        for row, pair in enumerate(((top, left), (top, right), (bottom, left), (bottom, right))):
            np.add(*pair, out=cells[row])
        share = width * height * (1.0 / 256.0)
        # FFmpeg tells where a block came from, so that what it shows moved the other way.
        scaled = share / -np.maximum(told["motion_scale"], 1).astype(np.float64)
        planes[0], planes[1] = scaled * told["motion_x"], scaled * told["motion_y"]
        planes[2] = share * seconds
        count = self.rows * self.columns
        where = np.clip(cells.reshape(-1), 0, count - 1)
        summed = [np.bincount(where, plane.reshape(-1), count) for plane in planes]
        stacked = np.array(summed, np.float32).reshape(3, self.rows, self.columns)
        return Sums(stacked, sum(each for _, each in taken))

    def velocity(self, sums: Iterable[Sums], least: float) -> tuple[Grid, Grid]:
        """Return the velocity to the right and down, ``(rows, columns)`` each, in px/s.

        Args:
            sums: Of the pictures to take the mean over.
            least: In px/s; what is slower does not move.
        """
        total = np.sum([each.planes for each in sums], axis=0)
        # By the time in which a cell moved, not by all of it: otherwise a thing that comes into a cell, or is
        # coded anew for a picture, would seem slow.
        mean = total[:2] / np.maximum(total[2], 1e-6)
        right, down = cv2.medianBlur(mean[0], 3), cv2.medianBlur(mean[1], 3)
        moves = (right * right + down * down > least * least).astype(np.float32)
        near = cv2.boxFilter(moves, -1, (3, 3), normalize=False)
        share = (near >= _AGREE) * (1.0 - moves) / np.maximum(near, np.float32(1.0))
        return _filled(right * moves, share), _filled(down * moves, share)

    def on_grid(self, plane: Grid) -> Grid:
        """Return ``(gh, gw)`` of ``(rows, columns)``: what lies in the middle of each cell of the grid."""
        placed: Grid = plane.reshape(-1).take(self._places)
        return placed


def _filled(plane: Grid, share: Grid) -> Grid:
    """Give cells a share of the sum of their neighbours, all ``(rows, columns)``."""
    filled: Grid = plane + share * cv2.boxFilter(plane, -1, (3, 3), normalize=False)
    return filled
