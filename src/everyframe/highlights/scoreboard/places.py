"""Rectangles in a picture: which are at the same place, in one row, next to each other."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

import numpy as np

Rectangle = tuple[float, float, float, float]
"""Left, top, right, bottom in pixels."""

Thing = TypeVar("Thing")


def middle(boxes: Sequence[Rectangle], *, outer: bool = False) -> Rectangle:
    """Return the median of boxes; or, for texts that grow, the outer edges that most keep within."""
    if outer:
        low, high = np.quantile(boxes, [0.2, 0.8], axis=0)
        return float(low[0]), float(low[1]), float(high[2]), float(high[3])
    left, top, right, bottom = np.median(boxes, axis=0)
    return float(left), float(top), float(right), float(bottom)


def around(boxes: Sequence[Rectangle]) -> Rectangle:
    """Return the smallest rectangle around some."""
    left, top = np.min(boxes, axis=0)[:2]
    right, bottom = np.max(boxes, axis=0)[2:]
    return float(left), float(top), float(right), float(bottom)


def same_line(one: Rectangle, other: Rectangle) -> bool:
    """Say whether two lines of text may be the same one in two pictures."""
    tall = min(one[3] - one[1], other[3] - other[1])
    level = abs((one[1] + one[3]) - (other[1] + other[3])) < 0.7 * tall
    alike = max(one[3] - one[1], other[3] - other[1]) < 1.7 * tall
    return level and alike and max(share_within(one, other), share_within(other, one)) > 0.4


def same_row(one: Rectangle, other: Rectangle) -> bool:
    """Say whether two words are beside each other."""
    common = min(one[3], other[3]) - max(one[1], other[1])
    return common > 0.5 * min(one[3] - one[1], other[3] - other[1])


def near(one: Rectangle, other: Rectangle) -> bool:
    """Say whether two lines of text may be parts of one board."""
    tall = max(one[3] - one[1], other[3] - other[1])
    across = max(one[0], other[0]) - min(one[2], other[2])
    down = max(one[1], other[1]) - min(one[3], other[3])
    return across < 4.0 * tall and down < 1.2 * tall


def share_within(one: Rectangle, other: Rectangle) -> float:
    """Return the share of one box that lies within another."""
    across = min(one[2], other[2]) - max(one[0], other[0])
    down = min(one[3], other[3]) - max(one[1], other[1])
    area = (one[2] - one[0]) * (one[3] - one[1])
    return max(0.0, across) * max(0.0, down) / area if area > 0.0 else 0.0


def together(things: Sequence[Thing], joined: Callable[[Thing, Thing], bool]) -> list[list[int]]:
    """Return the places of things in groups: two are in one where a chain of joined ones leads over."""
    group = list(range(len(things)))

    def root(place: int) -> int:
        while group[place] != place:
            group[place] = group[group[place]]
            place = group[place]
        return place

    for place, one in enumerate(things):
        for before in range(place):
            if root(before) != root(place) and joined(one, things[before]):
                group[root(place)] = root(before)
    found: dict[int, list[int]] = {}
    for place in range(len(things)):
        found.setdefault(root(place), []).append(place)
    return list(found.values())
