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
        # As numbers, because joining records takes ten times as long.
        raw = np.concatenate([vectors.view(np.int32) for vectors, _ in taken])
        told: NDArray[np.void] = raw.view(taken[0][0].dtype)
        width, height = told["w"].astype(np.intp), told["h"].astype(np.intp)
        left, top = told["dst_x"] - (width >> 1), told["dst_y"] - (height >> 1)
        share = width * height * (1.0 / 256.0)
        # FFmpeg tells where a block came from, so that what it shows moved the other way.
        scaled = share / -np.maximum(told["motion_scale"], 1).astype(np.float64)
        # A block of 16 x 16 covers four cells; a smaller one meets a cell two or four times, with its share.
        planes = np.empty((3, 4, len(told)))
        planes[0], planes[1] = scaled * told["motion_x"], scaled * told["motion_y"]
        start = 0
        for vectors, seconds in taken:
            these = slice(start, start + len(vectors))
            planes[2, :, these] = share[these] * seconds
            start = these.stop
        where = self._corners(left, top, left + width - 1, top + height - 1)
        summed = np.empty((3, self.rows * self.columns), np.float32)
        for plane, weights in zip(summed, planes, strict=True):
            plane[:] = np.bincount(where, weights.reshape(-1), len(plane))
        return Sums(
            summed.reshape(3, self.rows, self.columns),
            sum(each for _, each in taken),
        )

    def _corners(
        self, left: NDArray[np.intp], top: NDArray[np.intp], right: NDArray[np.intp], bottom: NDArray[np.intp]
    ) -> NDArray[np.intp]:
        """Return ``(4 n,)`` the cells in which the corners of ``n`` blocks lie, places in pixels."""
        left, right = left >> 3, right >> 3
        top, bottom = (top >> 3) * self.columns, (bottom >> 3) * self.columns
        cells = np.empty((4, len(left)), np.intp)
        for row, pair in enumerate(((top, left), (top, right), (bottom, left), (bottom, right))):
            np.add(*pair, out=cells[row])
        last = self.rows * self.columns - 1
        if len(left) and (cells.min() < 0 or cells.max() > last):
            np.clip(cells, 0, last, out=cells)
        return cells.reshape(-1)

    def velocity(self, sums: Iterable[Sums], least: float) -> tuple[Grid, Grid]:
        """Return the velocity to the right and down, ``(rows, columns)`` each, in px/s.

        Args:
            sums: Of the pictures to take the mean over.
            least: In px/s; what is slower does not move.
        """
        first, *others = (each.planes for each in sums)
        total = first
        for planes in others:
            total = total + planes
        # By the time in which a cell moved, not by all of it: otherwise a thing that comes into a cell, or is
        # coded anew for a picture, would seem slow.
        mean = total[:2] / np.maximum(total[2], np.float32(1e-6))
        right, down = cv2.medianBlur(mean[0], 3), cv2.medianBlur(mean[1], 3)
        moves = (right * right + down * down > least * least).astype(np.float32)
        near = cv2.boxFilter(moves, -1, (3, 3), normalize=False)
        share = (near >= _AGREE) * (1.0 - moves)
        share /= np.maximum(near, np.float32(1.0))
        return _filled(right * moves, share), _filled(down * moves, share)

    def on_grid(self, plane: Grid) -> Grid:
        """Return ``(gh, gw)`` of ``(rows, columns)``: what lies in the middle of each cell of the grid."""
        placed: Grid = plane.reshape(-1).take(self._places)
        return placed


def _filled(plane: Grid, share: Grid) -> Grid:
    """Give cells a share of the sum of their neighbours, all ``(rows, columns)``; ``plane`` is filled."""
    plane += share * cv2.boxFilter(plane, -1, (3, 3), normalize=False)
    return plane
