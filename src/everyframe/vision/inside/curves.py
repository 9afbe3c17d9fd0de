"""Smooth lines that leave and reach every point vertically."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

Point = tuple[float, float]
Bend = tuple[Point, Point, Point, Point]


def bends(points: Sequence[Point]) -> list[Bend]:
    """Return the cubic curves, each by its two ends and the two points that bend it, between points."""
    found = []
    for (x, y), (to_x, to_y) in pairwise(points):
        half = (to_y - y) / 2
        found.append(((x, y), (x, y + half), (to_x, to_y - half), (to_x, to_y)))
    return found


def along(bend: Bend, steps: int) -> list[Point]:
    """Return points of a curve, both ends with them."""
    found = []
    for step in range(steps + 1):
        t = step / steps
        parts = ((1 - t) ** 3, 3 * (1 - t) ** 2 * t, 3 * (1 - t) * t * t, t**3)
        x, y = (sum(part * point[side] for part, point in zip(parts, bend, strict=True)) for side in (0, 1))
        found.append((x, y))
    return found
