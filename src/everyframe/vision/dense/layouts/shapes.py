"""Filling the shapes of COCO's annotations: polygons, and run lengths."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray


def fill(shape: Any, height: int, width: int) -> NDArray[np.bool_]:
    """Return what a shape covers.

    Args:
        shape: A list of polygons ``[x1, y1, x2, y2, …]``, or ``{"size": [H, W], "counts": …}`` with run
            lengths as a list or in COCO's compressed form.
        height: Of the picture.
        width: Of the picture.

    Returns:
        ``(H, W)``.

    Raises:
        ValueError: It is neither, or of another size.
    """
    if isinstance(shape, list):
        covered = np.zeros((height, width), np.bool_)
        for polygon in shape:
            _fill_polygon(covered, np.asarray(polygon, np.float64))
        return covered
    if isinstance(shape, dict) and {"size", "counts"} <= set(shape):
        if list(shape["size"]) != [height, width]:
            raise ValueError(f"run lengths are of the size {shape['size']} and not {[height, width]}")
        counts = shape["counts"]
        runs = _decompress(counts) if isinstance(counts, str) else counts
        return _fill_runs(runs, height, width)
    raise ValueError("a shape is neither polygons nor run lengths")


def _fill_polygon(covered: NDArray[np.bool_], points: NDArray[np.float64]) -> None:
    """Add the pixels whose centres lie in a polygon, by the even-odd rule."""
    if points.ndim != 1 or len(points) < 6 or len(points) % 2 or not np.isfinite(points).all():
        raise ValueError("a polygon does not have three points or more of two numbers each")
    height, width = covered.shape
    # In pixel centres: (0.5, 0.5) of COCO's measure is the middle of the first pixel.
    x, y = points[0::2] - 0.5, points[1::2] - 0.5
    top, bottom = max(0, int(np.ceil(y.min()))), min(height - 1, int(np.floor(y.max())))
    if top > bottom:
        return
    rows = np.arange(top, bottom + 1)[:, None]
    x2, y2 = np.roll(x, -1), np.roll(y, -1)
    # An edge counts for the rows from its upper end on to before its lower one: no corner counts twice.
    crossed = (np.minimum(y, y2) <= rows) & (rows < np.maximum(y, y2))
    row, edge = np.nonzero(crossed)
    at = x[edge] + (rows[row, 0] - y[edge]) * (x2[edge] - x[edge]) / (y2[edge] - y[edge])
    column = np.clip(np.ceil(at), 0, width).astype(np.int64)
    turns = np.zeros((len(rows), width + 1), np.uint8)
    np.add.at(turns, (row, column), 1)
    inside = np.bitwise_and(np.cumsum(turns[:, :width], axis=1, dtype=np.uint8), 1).view(np.bool_)
    covered[top : bottom + 1] |= inside


def _fill_runs(runs: Sequence[int], height: int, width: int) -> NDArray[np.bool_]:
    """Lay out lengths of nothing, something, nothing … down the columns."""
    lengths = np.asarray(runs, np.int64)
    if lengths.ndim != 1 or (lengths < 0).any() or int(lengths.sum()) != height * width:
        raise ValueError(f"run lengths do not add up to {height} times {width}")
    line = np.repeat(np.arange(len(lengths)) % 2 == 1, lengths)
    return line.reshape(width, height).T


def _decompress(text: str) -> list[int]:
    """Read COCO's compressed form: five bits a letter, lowest first; each the change to the last but one."""
    runs: list[int] = []
    value = shift = 0
    for letter in text:
        bits = ord(letter) - 48
        if not 0 <= bits < 64:
            raise ValueError("compressed run lengths have a letter that is none of theirs")
        value |= (bits & 31) << shift
        shift += 5
        if bits & 32:
            continue
        if bits & 16:  # negative
            value -= 1 << shift
        runs.append(value + (runs[-2] if len(runs) > 2 else 0))
        value = shift = 0
    if shift:
        raise ValueError("compressed run lengths end early")
    return runs
