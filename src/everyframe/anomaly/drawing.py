"""Lines, letters and colours for the pictures of what is normal."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from everyframe.types import RGB

Color = tuple[int, int, int]
"""Red, green, blue, 0 to 255."""

PAPER: Color = (14, 17, 22)
PANEL: Color = (24, 28, 35)
INK: Color = (236, 239, 243)
FAINT: Color = (142, 151, 163)
LINE: Color = (52, 59, 69)

_FONT = "sans"  # comes inside OpenCV's wheel
_SHIFT = 4  # bits of the fraction of a pixel, for smooth lines


def write(
    picture: RGB, text: str, at: tuple[int, int], size: int, color: Color = INK, *, bold: bool = False
) -> int:
    """Write text with its baseline at ``at`` (pixels); return where it ends."""
    face = cv2.FontFace(_FONT)
    cv2.putText(picture, text, at, color, face, size, 620 if bold else 400)
    return at[0] + width_of(text, size, bold=bold)


def width_of(text: str, size: int, *, bold: bool = False) -> int:
    """Return the width of a text in pixels."""
    face = cv2.FontFace(_FONT)
    box = cv2.getTextSize((0, 0), text, (0, 0), face, size, 620 if bold else 400)
    return int(box[0] + box[2])


def shorten(text: str, size: int, room: int) -> str:
    """Cut a text so that it fits into ``room`` pixels, with an ellipsis where it was cut."""
    if width_of(text, size) <= room:
        return text
    while text and width_of(text + "…", size) > room:
        text = text[:-1]
    return text.rstrip(" ,·") + "…"


def ramp(name: int) -> NDArray[np.uint8]:
    """Return ``(256, 3)`` RGB of one of OpenCV's perceptual colour maps."""
    steps = np.arange(256, dtype=np.uint8)[:, None]
    return np.ascontiguousarray(np.asarray(cv2.applyColorMap(steps, name), np.uint8)[:, 0, ::-1])


PRESENCE = ramp(cv2.COLORMAP_INFERNO)
SPEED = ramp(cv2.COLORMAP_VIRIDIS)


def hue(angle: NDArray[np.floating] | float) -> NDArray[np.uint8]:
    """Return ``(..., 3)`` RGB of equal lightness for directions in radians (Ottosson's Oklab, 2020)."""
    turned = np.asarray(angle, np.float64) + 1.1  # rightwards is orange, leftwards blue: told apart by all
    a, b = 0.13 * np.cos(turned), 0.13 * np.sin(turned)
    light = 0.79
    long = (light + 0.3963377774 * a + 0.2158037573 * b) ** 3
    medium = (light - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (light - 0.0894841775 * a - 1.2914855480 * b) ** 3
    linear = np.stack(
        [
            4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short,
            -1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short,
            -0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short,
        ],
        axis=-1,
    )
    found: NDArray[np.uint8] = np.rint(255 * np.clip(linear, 0.0, 1.0) ** (1 / 2.2)).astype(np.uint8)
    return found


def blend(under: RGB, over: RGB, share: NDArray[np.floating]) -> RGB:
    """Lay ``(H, W, 3)`` over another, ``share`` ``(H, W)`` saying how much of it shows."""
    weight = np.clip(share, 0.0, 1.0)[..., None]
    mixed: RGB = np.rint(under * (1.0 - weight) + over * weight).astype(np.uint8)
    return mixed


def colored(values: NDArray[np.floating], colors: NDArray[np.uint8]) -> RGB:
    """Return the colours of values in [0, 1]."""
    found: RGB = colors[np.rint(np.clip(values, 0.0, 1.0) * 255).astype(np.intp)]
    return found


def grown(values: NDArray[np.floating], size: tuple[int, int]) -> NDArray[np.float32]:
    """Enlarge a map to ``(width, height)``, smoothly and without leaving its range."""
    large = cv2.resize(values.astype(np.float32), size, interpolation=cv2.INTER_CUBIC)
    found: NDArray[np.float32] = np.clip(np.asarray(large, np.float32), values.min(), values.max())
    return found


def hatch(picture: RGB) -> None:
    """Fill a picture with fine slanted lines: nothing is known here."""
    picture[:] = PANEL
    height, width = picture.shape[:2]
    for start in range(-height, width, 7):
        cv2.line(picture, (start, height), (start + height, 0), LINE, 1, cv2.LINE_AA)


def arrow(picture: RGB, middle: tuple[float, float], angle: float, length: float, color: Color) -> None:
    """Draw an arrow of ``length`` pixels around its middle, pointing along ``angle`` (radians, clockwise)."""
    along = np.array([np.cos(angle), np.sin(angle)])
    across = np.array([-along[1], along[0]])
    tip = np.array(middle) + along * length / 2
    tail = np.array(middle) - along * length / 2
    head = min(0.45 * length, 9.0)
    neck = tip - along * head
    wings = np.stack([tip, neck + across * head * 0.5, neck - across * head * 0.5])
    scale = 1 << _SHIFT

    def fixed(points: NDArray[np.floating]) -> NDArray[np.int32]:
        rounded: NDArray[np.int32] = np.rint(points * scale).astype(np.int32)
        return rounded

    start, end = fixed(tail), fixed(neck)
    ends = (int(start[0]), int(start[1])), (int(end[0]), int(end[1]))
    cv2.line(picture, *ends, color, 2, cv2.LINE_AA, _SHIFT)
    cv2.fillConvexPoly(picture, fixed(wings), color, cv2.LINE_AA, _SHIFT)


def bar(picture: RGB, box: tuple[int, int, int, int], colors: NDArray[np.uint8]) -> None:
    """Draw a colour map as a bar from left to right in ``(x, y, width, height)``."""
    x, y, width, height = box
    picture[y : y + height, x : x + width] = colored(np.linspace(0, 1, width), colors)[None]


def wheel(picture: RGB, middle: tuple[int, int], radius: int) -> None:
    """Draw the colours of all directions as a ring."""
    x, y = middle
    down, right = np.mgrid[-radius : radius + 1, -radius : radius + 1].astype(np.float64)
    away = np.hypot(down, right)
    ring = np.clip(radius + 0.5 - away, 0, 1) * np.clip(away - radius * 0.5 + 0.5, 0, 1)
    place = (slice(y - radius, y + radius + 1), slice(x - radius, x + radius + 1))
    picture[place] = blend(picture[place], hue(np.arctan2(down, right)), ring)
