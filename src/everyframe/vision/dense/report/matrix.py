"""The confusion matrix as a drawing, and the mistakes that weigh most in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from everyframe.vision.dense.classes import Classes

_CELL = 44
_LETTER = 7.4  # pixels that a letter takes
_NUMBERED = 24  # classes up to which numbers fit into cells


@dataclass(frozen=True, slots=True)
class Cell:
    """A field of the matrix: where, how much of its row, what to say."""

    x: float
    y: float
    share: float
    right: bool
    number: str
    text: str


@dataclass(frozen=True, slots=True)
class Drawing:
    """What the page needs to draw the matrix."""

    width: float
    height: float
    left: float
    top: float
    cell: float
    cells: tuple[Cell, ...]
    rows: tuple[tuple[float, str], ...]


@dataclass(frozen=True, slots=True)
class Mistake:
    """A class that was told as another: what share of its pixels, and how many."""

    truth: int
    told: int
    share: float
    pixels: int


def draw(matrix: NDArray[np.int64], classes: Classes) -> Drawing:
    """Lay out the matrix, each row as shares of its class's true pixels.

    Args:
        matrix: ``(classes, classes)`` pixels; row: true, column: told.
        classes: Their names.
    """
    cell = _CELL if len(classes) <= _NUMBERED else 16
    names = max(len(name) for name in classes.names)
    left = top = 16 + _LETTER * names
    cells = []
    for row, total in enumerate(matrix.sum(axis=1)):
        for column in np.flatnonzero(matrix[row]):
            share = float(matrix[row, column] / total)
            said = f"{100 * share:.0f}" if share >= 0.005 else ""
            cells.append(
                Cell(
                    left + column * cell,
                    top + row * cell,
                    round(share, 4),
                    bool(row == column),
                    said if cell == _CELL else "",
                    f"{classes.names[row]} told as {classes.names[column]}: {percent(share)}",
                )
            )
    side = len(classes) * cell
    rows = tuple((round((number + 0.5) * cell, 1), name) for number, name in enumerate(classes.names))
    return Drawing(left + side + 2, top + side + 2, left, top, cell, tuple(cells), rows)


def mistakes(matrix: NDArray[np.int64], count: int = 6) -> tuple[Mistake, ...]:
    """Return the pairs of classes that share most pixels wrongly told, most first.

    Args:
        matrix: ``(classes, classes)`` pixels; row: true, column: told.
        count: How many, at most.
    """
    wrong = matrix.copy()
    np.fill_diagonal(wrong, 0)
    totals: Sequence[int] = matrix.sum(axis=1).tolist()
    found = []
    for place in np.argsort(-wrong, axis=None, kind="stable")[:count]:
        truth, told = (int(index) for index in np.unravel_index(place, wrong.shape))
        pixels = int(wrong[truth, told])
        if pixels:
            found.append(Mistake(truth, told, pixels / totals[truth], pixels))
    return tuple(found)


def percent(share: float) -> str:
    """Say a share: ``34 %``, ``1.2 %``, ``0.04 %``."""
    return f"{100 * share:.0f} %" if share >= 0.1 else f"{100 * share:.2g} %"
