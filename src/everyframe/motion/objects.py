"""Moving objects: connected patches of the grid that move, with their boxes and flow."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from everyframe.motion.field import Field
from everyframe.types import Box

_LEAST_CELLS = 4


@dataclass(frozen=True, slots=True)
class MovingObject:
    """A patch that moves.

    Attributes:
        box: Around it, in pixels of the source.
        cells: How many cells of the grid it covers.
        velocity: Mean ``(rightwards, downwards)`` in px/s.
        spread: Standard deviation of the velocity over its cells, in px/s: limbs move, wheels roll.
        at_border: Whether it touches the border of the picture, so that part of it may be outside.
    """

    box: Box
    cells: int
    velocity: tuple[float, float]
    spread: float
    at_border: bool

    @property
    def speed(self) -> float:
        """Length of the mean velocity in px/s."""
        return float(np.hypot(*self.velocity))


def find_objects(field: Field) -> list[MovingObject]:
    """Return the moving objects of a field, largest first."""
    mask = (field.moving > 0.5).astype(np.uint8)
    if not mask.any():
        return []
    count, labels, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=4)
    rows, columns = mask.shape
    wide, high = field.cell
    found = []
    for number in range(1, count):
        x, y, width, height, cells = (int(v) for v in stats[number])
        if cells < _LEAST_CELLS:
            continue
        part = (slice(y, y + height), slice(x, x + width))
        inside = (labels[part] == number) & (field.moving[part] > 0.5)
        velocity = field.velocity[part][inside]
        if len(velocity) == 0:
            continue
        mean = velocity.mean(axis=0)
        left, top = round(x * wide), round(y * high)
        box = Box(left, top, round((x + width) * wide) - left, round((y + height) * high) - top)
        found.append(
            MovingObject(
                box,
                cells,
                (float(mean[0]), float(mean[1])),
                float(np.sqrt(((velocity - mean) ** 2).sum(axis=1).mean())),
                x == 0 or y == 0 or x + width == columns or y + height == rows,
            )
        )
    return sorted(found, key=lambda thing: -thing.cells)
