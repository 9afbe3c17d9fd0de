"""What the hidden units of ``rbm`` look for, as small pictures of motion."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from everyframe.anomaly.drawing import FAINT, INK, PANEL, PAPER, arrow, blend, hue, wheel, write
from everyframe.anomaly.patterns import GRID, PLANES
from everyframe.anomaly.pooled import PLACED
from everyframe.anomaly.rbm import RbmDetector
from everyframe.types import RGB

_CELL = 22  # pixels
_GAP = 16
_MARGIN = 24
_HEAD = 76
_LABEL = 24  # under each tile
_ACROSS = 8  # tiles
_SLOW = 0.12  # of the fastest cell: an arrow would only be a dot


def draw_units(detector: RbmDetector) -> RGB:
    """Draw what each hidden unit of the first layer adds to a pattern, the one most often on first.

    Colour and arrow say which way and how fast it adds motion, light where it adds what moves, dark where it
    takes it away.

    Args:
        detector: That has learned.

    Returns:
        ``(H, W, 3)`` ``uint8``.

    Raises:
        ValueError: If nothing was learned yet, or not from patterns of the usual grid.
    """
    machines = detector.machines()
    if not machines or detector.columns != len(PLANES) * GRID[0] * GRID[1]:
        raise ValueError("there are no hidden units of patterns to draw: let the detector learn first")
    scale, mean = detector.model_["scale"], detector.model_["mean"]
    often = machines[0].up((detector.pool_.rows[:, PLACED:] - mean) / scale).mean(axis=0)
    order = np.argsort(-often)
    units = (machines[0].weights * scale[:, None]).T.reshape(-1, len(PLANES), *GRID)[order]
    fastest = max(float(np.hypot(units[:, 0], units[:, 1]).max()), 1e-6)
    fullest = max(float(np.abs(units[:, 2]).max()), 1e-6)
    high, wide = GRID[0] * _CELL, GRID[1] * _CELL
    lines = -(-len(units) // _ACROSS)
    width = 2 * _MARGIN + _ACROSS * (wide + _GAP) - _GAP
    picture = np.empty((_HEAD + lines * (high + _LABEL + _GAP) + _MARGIN - _GAP, width, 3), np.uint8)
    picture[:] = PAPER
    write(picture, "Patterns of motion", (_MARGIN, 34), 20, bold=True)
    write(picture, "what each hidden unit adds, and how often it is on", (_MARGIN, 58), 14, FAINT)
    wheel(picture, (width - _MARGIN - 20, 38), 20)
    for number, (unit, share) in enumerate(zip(units, often[order], strict=True)):
        x = _MARGIN + number % _ACROSS * (wide + _GAP)
        y = _HEAD + number // _ACROSS * (high + _LABEL + _GAP)
        picture[y : y + high, x : x + wide] = _tile(unit, fastest, fullest)
        write(picture, f"{100 * share:.0f} %", (x, y + high + 18), 13, INK if share >= 0.005 else FAINT)
    return picture


def _tile(unit: NDArray[np.floating], fastest: float, fullest: float) -> RGB:
    """Return one unit ``(3, rows, columns)`` as a picture."""
    size = (GRID[1] * _CELL, GRID[0] * _CELL)
    angle, pace = np.arctan2(unit[1], unit[0]), np.hypot(unit[0], unit[1]) / fastest
    tile = np.empty((size[1], size[0], 3), np.uint8)
    tile[:] = PANEL
    moving = _blocks(unit[2] / fullest)
    tile = blend(tile, np.full_like(tile, 255), 0.45 * np.clip(moving, 0.0, 1.0))
    tile = blend(tile, np.zeros_like(tile), np.clip(-moving, 0.0, 1.0))
    tile = blend(tile, hue(_blocks(angle)), 0.75 * _blocks(pace))
    for j, i in np.argwhere(pace > _SLOW):
        middle = ((i + 0.5) * _CELL, (j + 0.5) * _CELL)
        arrow(tile, middle, float(angle[j, i]), _CELL * (0.35 + 0.55 * float(pace[j, i])), INK)
    return tile


def _blocks(values: NDArray[np.floating]) -> NDArray[np.float32]:
    """Return a value for each pixel of a tile."""
    size = (GRID[1] * _CELL, GRID[0] * _CELL)
    return np.asarray(
        cv2.resize(values.astype(np.float32), size, interpolation=cv2.INTER_NEAREST), np.float32
    )
