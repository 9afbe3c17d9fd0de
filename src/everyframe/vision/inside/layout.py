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
    sizes = list(widths)
    at = list(rows)
    links: list[tuple[int, int]] = []
    passing: dict[tuple[int, int], list[int]] = {}
    for box, given in enumerate(inputs):
        for one in given:
            chain = list(range(len(sizes), len(sizes) + rows[box] - rows[one] - 1))
            sizes.extend(_PASSING for _ in chain)
            at.extend(rows[one] + 1 + step for step in range(len(chain)))
            ends = [one, *chain, box]
            links.extend(pairwise(ends))
            passing[one, box] = chain
    grid: list[list[int]] = [[] for _ in range(max(at, default=-1) + 1)]
    for item in sorted(range(len(sizes)), key=lambda item: item >= len(widths)):
        grid[at[item]].append(item)
    above: dict[int, list[int]] = {item: [] for item in range(len(sizes))}
    below: dict[int, list[int]] = {item: [] for item in range(len(sizes))}
    for one, other in links:
        above[other].append(one)
        below[one].append(other)
    _untangle(grid, above, below)
    places = _place(grid, sizes, above, below, _spine(rows, inputs))
    left = min((places[item] - sizes[item] / 2 for item in range(len(sizes))), default=0.0)
    right = max((places[item] + sizes[item] / 2 for item in range(len(sizes))), default=0.0)
    ways = {link: [places[item] for item in chain] for link, chain in passing.items()}
    return Layout(rows, places[: len(widths)], ways, left, right)


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
    grid: list[list[int]],
    sizes: Sequence[float],
    above: dict[int, list[int]],
    below: dict[int, list[int]],
    spine: set[int],
) -> list[float]:
    places = [0.0] * len(sizes)
    for sweep in range(2 * _SWEEPS):
        for row in grid if sweep % 2 == 0 else grid[::-1]:
            near = {item: above[item] + below[item] for item in row}
            wish = [
                0.0 if item in spine else _mean([places[one] for one in near[item]], places[item])
                for item in row
            ]
            # As near to the wishes, in squares, as the order and the widths allow.
            steps = [(sizes[a] + sizes[b]) / 2 + _APART for a, b in pairwise(row)]
            offsets = np.concatenate([[0.0], np.cumsum(steps)])
            weights = [1e6 if item in spine else 1.0 for item in row]
            found = isotonic_regression(np.array(wish) - offsets, sample_weight=weights) + offsets
            for item, place in zip(row, found.tolist(), strict=True):
                places[item] = place
    return places


def _mean(values: Sequence[float], otherwise: float) -> float:
    return sum(values) / len(values) if values else otherwise
