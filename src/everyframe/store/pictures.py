"""Pictures of events: the box drawn, the heat laid over."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from everyframe.types import RGB, Box, Frame

ACCENT = (255, 122, 69)
"""The colour of a marked box, RGB; the report page uses the same."""

_HEAT_OPACITY = 0.72
_JPEG_QUALITY = 85


def thumbnail(
    frame: Frame,
    box: Box | None,
    heat: NDArray[np.floating[Any]] | None = None,
    width: int = 480,
    frame_size: tuple[int, int] | None = None,
) -> bytes:
    """Draw an event's picture.

    Args:
        frame: The picture at the event's peak.
        box: Where it was, in pixels of the source's frame.
        heat: ``(gh, gw)`` in [0, 1] over the whole frame on any grid: 0 is transparent, 1 is bright.
        width: Pixels of the result; the height keeps the frame's proportions.
        frame_size: ``(width, height)`` that ``box`` refers to, where ``frame`` was scaled.

    Returns:
        A JPEG file.
    """
    source_width, source_height = frame.size
    size = (width, max(1, round(width * source_height / source_width)))
    picture = resized(frame.rgb(), size)
    if heat is not None and heat.size:
        picture = _with_heat(picture, heat)
    if box is not None:
        picture = picture if heat is not None and heat.size else picture.copy()
        draw_box(picture, scaled(box, frame_size or frame.size, size))
    return jpeg(picture)


def jpeg(picture: RGB, quality: int = _JPEG_QUALITY) -> bytes:
    """Encode ``(H, W, 3)`` RGB as a JPEG file."""
    done, data = cv2.imencode(
        ".jpg", np.ascontiguousarray(picture[:, :, ::-1]), [cv2.IMWRITE_JPEG_QUALITY, quality]
    )
    assert done, "OpenCV's JPEG encoder takes every RGB picture"
    return data.tobytes()


def png(picture: RGB) -> bytes:
    """Encode ``(H, W, 3)`` RGB as a PNG file: small and sharp for what was drawn."""
    done, data = cv2.imencode(".png", np.ascontiguousarray(picture[:, :, ::-1]))
    assert done, "OpenCV's PNG encoder takes every RGB picture"
    return data.tobytes()


def resized(picture: RGB, size: tuple[int, int]) -> RGB:
    """Scale ``(H, W, 3)`` RGB to ``(width, height)``, without ripples when it shrinks."""
    height, width = picture.shape[:2]
    if (width, height) == size:
        return picture
    shrinks = size[0] < width or size[1] < height
    return np.asarray(
        cv2.resize(picture, size, interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_CUBIC), np.uint8
    )


def scaled(box: Box, before: tuple[int, int], after: tuple[int, int]) -> Box:
    """Carry a box from a picture of size ``before`` to one of size ``after``, both ``(width, height)``."""
    across, down = after[0] / before[0], after[1] / before[1]
    left, top = round(box.x * across), round(box.y * down)
    right, bottom = round((box.x + box.width) * across), round((box.y + box.height) * down)
    return Box(left, top, max(1, right - left), max(1, bottom - top))


def draw_box(picture: RGB, box: Box, margin: int = 4) -> None:
    """Mark a box in ``(H, W, 3)`` RGB, in place: a faint outline with strong corners around it.

    Args:
        picture: Written into.
        box: In pixels of ``picture``; what lies outside is cut off.
        margin: Pixels of air between the box and its outline.
    """
    height, width = picture.shape[:2]
    left, top = max(1, box.x - margin), max(1, box.y - margin)
    right = min(width - 2, box.x + box.width - 1 + margin)
    bottom = min(height - 2, box.y + box.height - 1 + margin)
    if right <= left or bottom <= top:
        return
    layer = picture.copy()
    cv2.rectangle(layer, (left, top), (right, bottom), ACCENT, 1, cv2.LINE_AA)
    cv2.addWeighted(layer, 0.45, picture, 0.55, 0, dst=picture)
    tick_x = max(3, min(18, (right - left) // 3))
    tick_y = max(3, min(18, (bottom - top) // 3))
    for thickness, colour in (
        (4, (20, 20, 24)),
        (2, ACCENT),
    ):  # the dark rim keeps it visible on bright ground
        for x, inward in ((left, 1), (right, -1)):
            for y, downward in ((top, 1), (bottom, -1)):
                corner = np.array([[x + inward * tick_x, y], [x, y], [x, y + downward * tick_y]], np.int32)
                cv2.polylines(picture, [corner], False, colour, thickness, cv2.LINE_AA)


def _with_heat(picture: RGB, heat: NDArray[np.floating[Any]]) -> RGB:
    height, width = picture.shape[:2]
    clean = np.clip(np.nan_to_num(heat, nan=0.0, posinf=1.0, neginf=0.0), 0.0, 1.0).astype(np.float32)
    smooth = cv2.resize(clean, (width, height), interpolation=cv2.INTER_LINEAR)
    cell = max(width / clean.shape[1], height / clean.shape[0])
    if cell > 2:  # bilinear edges show the grid; a blur of half a cell hides it
        smooth = cv2.GaussianBlur(smooth, (0, 0), cell / 2)
        smooth *= clean.max() / max(float(smooth.max()), 1e-6)  # a single hot cell stays hot
    smooth = np.clip(smooth, 0.0, 1.0)
    # Inferno begins in black, which would look like a shadow, and ends in white, which bright ground hides.
    levels = (70 + 145 * smooth).astype(np.uint8)
    colours = cv2.applyColorMap(levels, cv2.COLORMAP_INFERNO)[:, :, ::-1].astype(np.float32)
    opacity = (_HEAT_OPACITY * smooth**0.8)[:, :, None]
    opacity[smooth < 0.02] = 0.0
    return np.asarray(np.rint(picture * (1 - opacity) + colours * opacity), np.uint8)
