"""The picture of a network as PNG, drawn with OpenCV, whose letters come with it."""

from __future__ import annotations

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from everyframe.errors import SettingError
from everyframe.types import RGB
from everyframe.vision.inside.curves import along, bends
from everyframe.vision.inside.picture import ARROW, PAPER, Arrow, Picture, Rect, Words
from everyframe.vision.png import png_of

_SCALE = 2  # pixels to one of the layout, for sharp letters
_SHIFT = 4  # bits of a fraction of a pixel
_LARGEST = 30_000  # pixels of a side, beyond which viewers give up
_RADIUS = 8.0


def to_rgb(picture: Picture) -> RGB:
    """Return the picture, ``(H, W, 3)``, at twice the size of its layout.

    Raises:
        SettingError: It would be larger than a picture can be.
    """
    wide, high = round(picture.width) * _SCALE, round(picture.height) * _SCALE
    if max(wide, high) > _LARGEST:
        raise SettingError(
            f"the picture would be {wide} x {high} pixels: choose a smaller depth, or an SVG file"
        )
    canvas: RGB = np.full((high, wide, 3), PAPER, np.uint8)
    for part in picture.parts:
        if isinstance(part, Rect):
            _rect(canvas, part)
        elif isinstance(part, Arrow):
            _arrow(canvas, part)
        else:
            _words(canvas, part)
    return canvas


def to_png(picture: Picture) -> bytes:
    """Return the bytes of a PNG file.

    Raises:
        SettingError: It would be larger than a picture can be.
    """
    return png_of(to_rgb(picture), [cv2.IMWRITE_PNG_COMPRESSION, 9])


def _fixed(points: list[tuple[float, float]]) -> NDArray[np.int32]:
    found: NDArray[np.int32] = np.rint(np.array(points) * (_SCALE << _SHIFT)).astype(np.int32)
    return found


def _rect(canvas: RGB, rect: Rect) -> None:
    x, y, w, h, r = rect.x, rect.y, rect.width, rect.height, _RADIUS
    points: list[tuple[float, float]] = []
    for middle_x, middle_y, begin in (
        (x + w - r, y + r, -90),
        (x + w - r, y + h - r, 0),
        (x + r, y + h - r, 90),
        (x + r, y + r, 180),
    ):
        angles = np.radians(np.arange(begin, begin + 91, 9)).tolist()
        points.extend((middle_x + r * math.cos(one), middle_y + r * math.sin(one)) for one in angles)
    outline = _fixed(points)
    if rect.fill:
        cv2.fillPoly(canvas, [outline], rect.fill, cv2.LINE_AA, _SHIFT)
    if not rect.dashed:
        cv2.polylines(canvas, [outline], True, rect.line, 3, cv2.LINE_AA, _SHIFT)
        return
    for corner, other in zip(points, [*points[1:], points[0]], strict=True):
        length = float(np.hypot(other[0] - corner[0], other[1] - corner[1]))
        for begin in np.arange(0.0, length, 9.0).tolist():
            ends = [
                tuple(a + (b - a) * min(at, length) / length for a, b in zip(corner, other, strict=True))
                for at in (float(begin), float(begin) + 5.0)
            ]
            line = _fixed([(ends[0][0], ends[0][1]), (ends[1][0], ends[1][1])])
            cv2.polylines(canvas, [line], False, rect.line, 2, cv2.LINE_AA, _SHIFT)


def _arrow(canvas: RGB, arrow: Arrow) -> None:
    points = [point for bend in bends(arrow.points) for point in along(bend, 12)]
    x, y = points[-1]
    points[-1] = (x, y - 4)
    cv2.polylines(canvas, [_fixed(points)], False, ARROW, 3, cv2.LINE_AA, _SHIFT)
    cv2.fillPoly(canvas, [_fixed([(x, y), (x - 4.5, y - 10), (x + 4.5, y - 10)])], ARROW, cv2.LINE_AA, _SHIFT)


def _words(canvas: RGB, words: Words) -> None:
    at = (round(words.x * _SCALE), round(words.y * _SCALE))
    weight = 620 if words.bold else 400
    cv2.putText(canvas, words.text, at, words.color, cv2.FontFace("sans"), words.size * _SCALE, weight)
