"""How a training went, as a picture: panels of curves by epoch."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from everyframe.types import RGB, Colour
from everyframe.vision.png import png_of

_PAPER: Colour = (255, 255, 255)
_INK: Colour = (29, 27, 25)
SOFT: Colour = (98, 92, 85)
_GRID: Colour = (229, 224, 217)
FIRST: Colour = (242, 106, 46)
SECOND: Colour = (44, 110, 160)

_WIDE = 1200  # pixels of the picture; one panel above the other
_LEFT, _RIGHT, _ABOVE, _BELOW = 110, 40, 74, 48
_PANEL = 260
_FONT = "sans"  # comes inside OpenCV's wheel
_SHIFT = 4  # bits of the fraction of a pixel, for smooth lines


@dataclass(frozen=True, slots=True)
class Line:
    """A curve.

    Attributes:
        name: What it is of; nothing, where its panel says so.
        points: ``(epoch, value)``, as far as values are known.
        colour: Of it.
    """

    name: str
    points: tuple[tuple[float, float], ...]
    colour: Colour = FIRST


@dataclass(frozen=True, slots=True)
class Panel:
    """Curves that share their measure.

    Attributes:
        name: Of the measure.
        lines: The curves.
        best: Whether the highest point of the first one is marked; the measure then need not begin at 0.
    """

    name: str
    lines: tuple[Line, ...]
    best: bool = False


def points_of(epochs: Iterable[float], values: Iterable[float | None]) -> tuple[tuple[float, float], ...]:
    """Return the points of a curve, without those that are not known."""
    return tuple(
        (float(x), y) for x, y in zip(epochs, values, strict=True) if y is not None and math.isfinite(y)
    )


def draw_panels(panels: Sequence[Panel], span: tuple[int, int], title: str) -> bytes:
    """Draw panels, one above the other; those without a point are left out.

    Args:
        panels: What to draw.
        span: First and last epoch.
        title: What stands above.

    Returns:
        A PNG file.
    """
    shown = [panel for panel in panels if any(line.points for line in panel.lines)]
    height = _ABOVE + len(shown) * (_PANEL + _BELOW + 40) + 14
    picture: RGB = np.full((height, _WIDE, 3), _PAPER, np.uint8)
    _write(picture, title, (_LEFT, 40), 25, _INK, bold=True)
    wide = (span[0], max(span[1], span[0] + 1))
    for number, panel in enumerate(shown):
        _panel(picture, _ABOVE + 30 + number * (_PANEL + _BELOW + 40), panel, wide)
    _write(picture, "epoch", (_WIDE - _RIGHT - _width_of("epoch", 16), height - 14), 16, SOFT)
    return png_of(picture)


def _panel(picture: RGB, top: int, panel: Panel, span: tuple[int, int]) -> None:
    name, lines = panel.name, panel.lines
    values = [y for line in lines for _, y in line.points]
    ticks = ticks_of(min(values) if panel.best else min(0.0, *values), max(values))
    low, high = ticks[0], ticks[-1]
    right = _WIDE - _RIGHT

    def place(x: float, y: float) -> tuple[float, float]:
        across = (x - span[0]) / (span[1] - span[0])
        return _LEFT + across * (right - _LEFT), top + (high - y) / (high - low) * _PANEL

    end = _write(picture, name, (_LEFT, top - 16), 19, _INK, bold=True) + 26
    for line in lines:
        if line.name and line.points:
            cv2.line(picture, (end, top - 22), (end + 24, top - 22), line.colour, 3, cv2.LINE_AA)
            end = _write(picture, line.name, (end + 34, top - 16), 17, SOFT) + 24
    for tick in ticks:
        y = round(place(span[0], tick)[1])
        cv2.line(picture, (_LEFT, y), (right, y), _GRID, 1)
        text = f"{tick:.4g}"
        _write(picture, text, (_LEFT - 14 - _width_of(text, 16), y + 6), 16, SOFT)
    for tick in ticks_of(*span, count=10, whole=True):
        if span[0] <= tick <= span[1]:
            text = f"{tick:.0f}"
            x = round(place(tick, low)[0])
            _write(picture, text, (x - _width_of(text, 16) // 2, top + _PANEL + 26), 16, SOFT)
    for line in lines:
        _curve(picture, [place(x, y) for x, y in line.points], line.colour)
    if panel.best:
        _mark_best(picture, lines[0], place)


def _mark_best(picture: RGB, line: Line, place: Callable[[float, float], tuple[float, float]]) -> None:
    """Mark the highest point of a curve, and say what it is."""
    x, y = max(line.points, key=lambda point: point[1])
    at = place(x, y)
    cv2.circle(picture, (round(at[0]), round(at[1])), 6, line.colour, cv2.FILLED, cv2.LINE_AA)
    text = f"best {y:.3f}, epoch {x:.0f}"
    width = _width_of(text, 17)
    left = min(max(at[0] - width / 2, _LEFT), _WIDE - _RIGHT - width)
    _write(picture, text, (round(left), round(at[1]) + 30), 17, _INK)


def _curve(picture: RGB, points: Sequence[tuple[float, float]], colour: Colour) -> None:
    scaled: NDArray[np.int32] = np.rint(np.array(points, np.float64).reshape(-1, 2) * (1 << _SHIFT)).astype(
        np.int32
    )
    if len(points) == 1:
        cv2.circle(picture, (round(points[0][0]), round(points[0][1])), 4, colour, cv2.FILLED, cv2.LINE_AA)
    elif len(points):
        cv2.polylines(picture, [scaled], False, colour, 2, cv2.LINE_AA, _SHIFT)


def ticks_of(low: float, high: float, count: int = 5, *, whole: bool = False) -> list[float]:
    """Return round numbers from at most ``low`` to at least ``high``, in equal steps of 1, 2 or 5 times ten.

    Args:
        low: Least value.
        high: Greatest value.
        count: About how many steps.
        whole: Whether only whole numbers will do.
    """
    large = max(abs(low), abs(high), 1e-3)
    span = high - low if high - low > 1e-6 * large else large
    ten = 10.0 ** math.floor(math.log10(span / count))
    step = next(ten * times for times in (1, 2, 5, 10) if ten * times * count >= span * 0.999)
    if whole:
        step = max(1.0, step)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return [round(number * step, 12) for number in range(first, max(last, first + 1) + 1)]


def _write(
    picture: RGB, text: str, at: tuple[int, int], size: int, colour: Colour, *, bold: bool = False
) -> int:
    """Write text with its baseline at ``at``; return where it ends."""
    cv2.putText(picture, text, at, colour, cv2.FontFace(_FONT), size, 620 if bold else 400)
    return at[0] + _width_of(text, size, bold=bold)


def _width_of(text: str, size: int, *, bold: bool = False) -> int:
    box = cv2.getTextSize((0, 0), text, (0, 0), cv2.FontFace(_FONT), size, 620 if bold else 400)
    return int(box[0] + box[2])
