"""How training went, as a picture: loss, mean IoU and learning rate by epoch."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from everyframe.types import RGB
from everyframe.vision.dense.classes import Colour

_PAPER: Colour = (255, 255, 255)
_INK: Colour = (29, 27, 25)
_SOFT: Colour = (98, 92, 85)
_GRID: Colour = (229, 224, 217)
_FIRST: Colour = (242, 106, 46)
_SECOND: Colour = (44, 110, 160)

_WIDE = 1200  # pixels of the picture; one panel above the other
_LEFT, _RIGHT, _ABOVE, _BELOW = 110, 40, 74, 48
_PANEL = 260
_FONT = "sans"  # comes inside OpenCV's wheel
_IOU = "Mean IoU"
_SHIFT = 4  # bits of the fraction of a pixel, for smooth lines


@dataclass(frozen=True, slots=True)
class Epoch:
    """What is known after an epoch; ``None`` where it was not measured.

    Attributes:
        epoch: Its number, from 1.
        loss: Mean loss on what is learned from.
        rate: Learning rate.
        val_loss: Mean loss on what is held out.
        val_mean_iou: Mean IoU on what is held out.
    """

    epoch: int
    loss: float
    rate: float
    val_loss: float | None = None
    val_mean_iou: float | None = None


@dataclass(frozen=True, slots=True)
class _Line:
    """A curve: what it is, its colour, and the points that are known."""

    name: str
    colour: Colour
    points: tuple[tuple[float, float], ...]


def draw_curves(epochs: Sequence[Epoch], title: str = "Training") -> bytes:
    """Draw how training went.

    Args:
        epochs: In order.
        title: What stands above.

    Returns:
        A PNG file.

    Raises:
        ValueError: There are no epochs.
    """
    if not epochs:
        raise ValueError("there is no epoch to draw")
    panels = [panel for panel in _panels(epochs) if any(line.points for line in panel[1])]
    height = _ABOVE + len(panels) * (_PANEL + _BELOW + 40) + 14
    picture: RGB = np.full((height, _WIDE, 3), _PAPER, np.uint8)
    _write(picture, title, (_LEFT, 40), 25, _INK, bold=True)
    span = (epochs[0].epoch, max(epochs[-1].epoch, epochs[0].epoch + 1))
    for number, (name, lines) in enumerate(panels):
        _panel(picture, _ABOVE + 30 + number * (_PANEL + _BELOW + 40), name, lines, span)
    _write(picture, "epoch", (_WIDE - _RIGHT - _width_of("epoch", 16), height - 14), 16, _SOFT)
    return _png(picture)


def _panels(epochs: Sequence[Epoch]) -> list[tuple[str, list[_Line]]]:
    def line(name: str, colour: Colour, value: Callable[[Epoch], float | None]) -> _Line:
        told = ((float(each.epoch), value(each)) for each in epochs)
        return _Line(name, colour, tuple((x, y) for x, y in told if y is not None and math.isfinite(y)))

    loss = [
        line("learned from", _FIRST, lambda each: each.loss),
        line("held out", _SECOND, lambda each: each.val_loss),
    ]
    return [
        ("Loss", loss),
        (_IOU, [line("held out", _SECOND, lambda each: each.val_mean_iou)]),
        ("Learning rate", [line("", _SOFT, lambda each: each.rate)]),
    ]


def _panel(picture: RGB, top: int, name: str, lines: Sequence[_Line], span: tuple[int, int]) -> None:
    """Draw curves that share their measure."""
    values = [y for line in lines for _, y in line.points]
    ticks = ticks_of(min(values) if name == _IOU else min(0.0, *values), max(values))
    low, high = ticks[0], ticks[-1]
    right = _WIDE - _RIGHT

    def place(x: float, y: float) -> tuple[float, float]:
        across = (x - span[0]) / (span[1] - span[0])
        return _LEFT + across * (right - _LEFT), top + (high - y) / (high - low) * _PANEL

    end = _write(picture, name, (_LEFT, top - 16), 19, _INK, bold=True) + 26
    for line in lines:
        if line.name and line.points:
            cv2.line(picture, (end, top - 22), (end + 24, top - 22), line.colour, 3, cv2.LINE_AA)
            end = _write(picture, line.name, (end + 34, top - 16), 17, _SOFT) + 24
    for tick in ticks:
        y = round(place(span[0], tick)[1])
        cv2.line(picture, (_LEFT, y), (right, y), _GRID, 1)
        text = f"{tick:.4g}"
        _write(picture, text, (_LEFT - 14 - _width_of(text, 16), y + 6), 16, _SOFT)
    for tick in ticks_of(*span, count=10, whole=True):
        if span[0] <= tick <= span[1]:
            text = f"{tick:.0f}"
            x = round(place(tick, low)[0])
            _write(picture, text, (x - _width_of(text, 16) // 2, top + _PANEL + 26), 16, _SOFT)
    for line in lines:
        _curve(picture, [place(x, y) for x, y in line.points], line.colour)
    if name == _IOU:
        _mark_best(picture, lines[0], place)


def _mark_best(picture: RGB, line: _Line, place: Callable[[float, float], tuple[float, float]]) -> None:
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


def _png(picture: RGB) -> bytes:
    made, data = cv2.imencode(".png", cv2.cvtColor(picture, cv2.COLOR_RGB2BGR))
    assert made
    return bytes(data.tobytes())
