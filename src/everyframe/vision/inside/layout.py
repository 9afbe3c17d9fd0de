"""Where boxes and arrows stand: in rows from top to bottom, arrows that skip rows beside what they skip.

After Sugiyama, Tagawa and Toda, "Methods for visual understanding of hierarchical system structures" (1981):
a row for each step of the longest way, a place in every row for each arrow that passes it, few crossings,
and places as near to their neighbours as the order allows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from sklearn.isotonic import isotonic_regression

_SWEEPS = 12
_PASSING = 18.0  # pixels of an arrow that passes a row
_APART = 22.0  # pixels between two boxes


@dataclass(frozen=True, slots=True)
class Layout:
    """Places in pixels, from the left; rows by number.

    Attributes:
        rows: Of each box.
        middles: Of each box.
        ways: Of each arrow, from box to box: the middles of where it passes rows on its way.
        left: The leftmost pixel.
        right: The rightmost.
    """

    rows: list[int]
    middles: list[float]
    ways: dict[tuple[int, int], list[float]]
    left: float
    right: float


def lay(widths: Sequence[float], inputs: Sequence[Sequence[int]]) -> Layout:
    """Return the layout of boxes of these widths that take what boxes before them give."""
    rows: list[int] = []
    for given in inputs:
        rows.append(max((rows[one] + 1 for one in given), default=0))
    count = len(widths)
    at = list(rows)
    links: list[tuple[int, int]] = []
    passing: dict[tuple[int, int], list[int]] = {}
    for box, given in enumerate(inputs):
        for one in given:
            chain = list(range(count, count + rows[box] - rows[one] - 1))
            count += len(chain)
            at.extend(rows[one] + 1 + step for step in range(len(chain)))
            ends = [one, *chain, box]
            links.extend(pairwise(ends))
            passing[one, box] = chain
    grid: list[list[int]] = [[] for _ in range(max(at, default=-1) + 1)]
    for item in sorted(range(count), key=lambda item: item >= len(widths)):
        grid[at[item]].append(item)
    above: dict[int, list[int]] = {item: [] for item in range(count)}
    below: dict[int, list[int]] = {item: [] for item in range(count)}
    for one, other in links:
        above[other].append(one)
        below[one].append(other)
    _untangle(grid, above, below)
    alone = [[item for item in row if item < len(widths)] for row in grid]
    middles = _place(alone, widths, inputs, _spine(rows, inputs))
    taken = [
        [(middles[box] - widths[box] / 2, middles[box] + widths[box] / 2) for box in row] for row in alone
    ]
    ways = {
        link: [_lane(taken[rows[link[0]] + 1 : rows[link[1]]], middles[link[0]], middles[link[1]])]
        * len(chain)
        if chain
        else []
        for link, chain in sorted(passing.items(), key=lambda told: len(told[1]))
    }
    spans = [span for row in taken for span in row] or [(0.0, 0.0)]
    return Layout(rows, middles, ways, min(span[0] for span in spans), max(span[1] for span in spans))


def _lane(rows: Sequence[list[tuple[float, float]]], *wishes: float) -> float:
    """Return where an arrow passes rows straight, and take that place: below one of its ends, or outside."""
    spans = [span for row in rows for span in row]
    free = [
        wish
        for wish in wishes
        if all(wish + _PASSING < left or wish - _PASSING > right for left, right in spans)
    ]
    place = free[0] if free else max(right for _, right in spans) + _PASSING
    for row in rows:
        row.append((place, place))
    return place


def _untangle(grid: list[list[int]], above: dict[int, list[int]], below: dict[int, list[int]]) -> None:
    """Order every row by where its neighbours stand in the rows around it."""
    spot = {item: float(place) for row in grid for place, item in enumerate(row)}
    for sweep in range(_SWEEPS):
        near = above if sweep % 2 == 0 else below
        for row in grid if sweep % 2 == 0 else grid[::-1]:
            wish = {item: _mean([spot[one] for one in near[item]], spot[item]) for item in row}
            row.sort(key=lambda item: wish[item])
            spot.update({item: float(place) for place, item in enumerate(row)})


def _spine(rows: Sequence[int], inputs: Sequence[Sequence[int]]) -> set[int]:
    """Return the boxes of a longest way through the network, which shall stand below each other."""
    if not rows:
        return set()
    here = max(range(len(rows)), key=lambda box: rows[box])
    found = {here}
    while rows[here]:
        here = next(one for one in inputs[here] if rows[one] == rows[here] - 1)
        found.add(here)
    return found


def _place(
    grid: list[list[int]], widths: Sequence[float], inputs: Sequence[Sequence[int]], spine: set[int]
) -> list[float]:
    """Return the middles of boxes: the spine in a line, others near to what they are joined to."""
    near: list[list[int]] = [list(given) for given in inputs]
    for box, given in enumerate(inputs):
        for one in given:
            near[one].append(box)
    places = [0.0] * len(widths)
    for sweep in range(2 * _SWEEPS):
        for row in grid if sweep % 2 == 0 else grid[::-1]:
            wish = [
                0.0 if box in spine else _mean([places[one] for one in near[box]], places[box]) for box in row
            ]
            # As near to the wishes, in squares, as the order and the widths allow.
            steps = [(widths[a] + widths[b]) / 2 + _APART for a, b in pairwise(row)]
            offsets = np.concatenate([[0.0], np.cumsum(steps)])
            weights = [1e6 if box in spine else 1.0 for box in row]
            found = isotonic_regression(np.array(wish) - offsets, sample_weight=weights) + offsets
            for box, place in zip(row, found.tolist(), strict=True):
                places[box] = place
    return places


def _mean(values: Sequence[float], otherwise: float) -> float:
    return sum(values) / len(values) if values else otherwise
