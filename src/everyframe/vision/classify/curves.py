"""How training went, as a picture and as a table."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from pathlib import Path

import cv2
import numpy as np

from everyframe.files import atomic_write
from everyframe.vision.classify.drawing import (
    COLORS,
    FAINT,
    INK,
    LINE,
    RGB,
    Color,
    paper,
    write,
    write_png,
)

_WIDE, _HIGH = 860, 340
_LEFT, _TOP, _BOTTOM, _BETWEEN = 56, 46, 34, 60
_SHIFT = 4  # bits of the fraction of a pixel, for smooth lines


def write_curves(path: Path, curves: Mapping[str, Sequence[float]]) -> None:
    """Write ``path`` as a PNG, and a CSV of the same name beside it.

    Args:
        path: Ends in ``.png``.
        curves: ``loss``, and ``held_out`` and ``accuracy`` where something was held out; a value each epoch.

    Raises:
        StorageError: They cannot be written.
    """
    write_png(path, drawn(curves))
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    names = [name for name, values in curves.items() if values]
    table.writerow(["epoch", *names])
    for epoch, row in enumerate(zip(*(curves[name] for name in names), strict=True), start=1):
        table.writerow([epoch, *(f"{value:.6f}" for value in row)])
    atomic_write(path.with_suffix(".csv"), text.getvalue().encode())


def drawn(curves: Mapping[str, Sequence[float]]) -> RGB:
    """Return the curves as a picture: losses on the left, accuracy on the right."""
    page = paper(_HIGH, _WIDE)
    wide = (_WIDE - 2 * _LEFT - _BETWEEN) // 2
    losses = {"loss": curves.get("loss", ()), "held out": curves.get("held_out", ())}
    most = max((value for values in losses.values() for value in values), default=1.0)
    _panel(page, _LEFT, wide, losses, (0.0, most or 1.0))
    shares = {"accuracy of what is held out": curves.get("accuracy", ())}
    _panel(page, _LEFT + wide + _BETWEEN, wide, shares, (0.0, 1.0))
    return page


def _panel(
    page: RGB, left: int, wide: int, curves: Mapping[str, Sequence[float]], span: tuple[float, float]
) -> None:
    high = _HIGH - _TOP - _BOTTOM
    low, most = span
    for share in (0.0, 0.25, 0.5, 0.75, 1.0):
        at = _TOP + round(high * (1.0 - share))
        cv2.line(page, (left, at), (left + wide, at), LINE, 1)
        write(page, f"{low + share * (most - low):.2f}", (left - 40, at + 5), 13, FAINT)
    longest = max((len(values) for values in curves.values()), default=0)
    write(page, "epoch 1" if longest else "no epochs", (left, _HIGH - 12), 13, FAINT)
    write(page, str(longest or ""), (left + wide - 24, _HIGH - 12), 13, FAINT)
    along = left
    for (name, values), color in zip(curves.items(), COLORS, strict=False):
        if values:
            cv2.line(page, (along, 24), (along + 18, 24), color, 3)
            write(page, name, (along + 24, 29), 14, INK)
            along += 110
            _line(page, values, span, (left, wide, high), color)


def _line(
    page: RGB,
    values: Sequence[float],
    span: tuple[float, float],
    place: tuple[int, int, int],
    color: Color,
) -> None:
    left, wide, high = place
    low, most = span
    told = np.clip((np.asarray(values) - low) / (most - low), 0.0, 1.0)
    across = left + np.linspace(0.0, wide, len(told)) if len(told) > 1 else np.array([left + wide / 2])
    points = np.column_stack([across, _TOP + high * (1.0 - told)]) * (1 << _SHIFT)
    if len(points) == 1:
        x, y = points[0].astype(int)
        cv2.circle(page, (int(x), int(y)), 4 << _SHIFT, color, -1, cv2.LINE_AA, _SHIFT)
        return
    cv2.polylines(page, [points.round().astype(np.int32)], False, color, 2, cv2.LINE_AA, _SHIFT)
