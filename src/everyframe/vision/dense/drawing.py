"""Masks as pictures: laid over what was seen, and as indexed PNG files that other programs read."""

from __future__ import annotations

import io

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from everyframe.types import RGB, Colour
from everyframe.vision.dense.classes import VOID, Classes

OPACITY = 0.5
"""Of colours laid over a picture."""

_VOID_COLOUR: Colour = (224, 224, 192)  # as PASCAL VOC has it
_PAPER, _INK = (14, 17, 22), (236, 239, 243)
_QUALITY = 90  # of JPEG
_FONT = "sans"  # comes inside OpenCV's wheel
_LEAST_SHARE = 0.001  # of the picture: a class that has less is not in the legend


def shares(mask: NDArray[np.uint8], classes: Classes) -> NDArray[np.float64]:
    """Return ``(classes,)``: the share of a mask that each class has, of what is not void.

    Args:
        mask: ``(H, W)`` classes.
        classes: What they are.
    """
    counts = np.bincount(mask.ravel(), minlength=256)[: len(classes)].astype(np.float64)
    total = counts.sum()
    return counts / total if total else counts


def percent(share: float) -> str:
    """Say a share of a picture: ``34 %``, ``<1 %``."""
    return f"{100 * share:.0f} %" if share >= 0.01 else "<1 %"


def overlay(picture: RGB, mask: NDArray[np.uint8], classes: Classes, opacity: float = OPACITY) -> RGB:
    """Lay each class's colour over a picture; what is void shows as it is.

    Args:
        picture: ``(H, W, 3)`` RGB.
        mask: ``(H, W)`` classes.
        classes: What they are, and their colours.
        opacity: 0 shows the picture alone, 1 the colours.

    Returns:
        ``(H, W, 3)`` RGB.

    Raises:
        ValueError: The two are not of one size.
    """
    if picture.shape[:2] != mask.shape:
        raise ValueError(f"a picture of {picture.shape[:2]} has a mask of {mask.shape}")
    colours = _palette(classes)[mask]
    mixed = np.asarray(cv2.addWeighted(picture, 1.0 - opacity, colours, opacity, 0.0), np.uint8)
    void = mask == VOID
    if void.any():
        mixed[void] = picture[void]
    return mixed


def with_legend(picture: RGB, mask: NDArray[np.uint8], classes: Classes) -> RGB:
    """Put below a picture what each colour means: the classes that are there, the largest first.

    Args:
        picture: ``(H, W, 3)`` RGB, as ``overlay`` drew it.
        mask: ``(H, W)`` classes.
        classes: What they are, and their colours.

    Returns:
        ``(H + legend, W, 3)`` RGB; very small pictures stay as they are.
    """
    width = picture.shape[1]
    size = int(np.clip(width / 40, 11, 44))
    there = shares(mask, classes)
    order = [int(n) for n in np.argsort(-there, kind="stable") if there[n] >= _LEAST_SHARE]
    texts = [f"{classes.names[n]} {percent(there[n])}" for n in order]
    rows = _in_rows([_width_of(text, size) + 2 * size for text in texts], width - size, size)
    if not rows or max(_width_of(text, size) + 3 * size for text in texts) > width:
        return picture
    line = round(1.9 * size)
    legend: RGB = np.empty((len(rows) * line + size // 2, width, 3), np.uint8)
    legend[:] = _PAPER
    for number, row in enumerate(rows):
        base = number * line + round(1.5 * size)
        for place, left in row:
            colour = classes.colours[order[place]]
            cv2.rectangle(legend, (left, base - size), (left + size, base), colour, cv2.FILLED)
            face = cv2.FontFace(_FONT)
            cv2.putText(legend, texts[place], (left + round(1.5 * size), base), _INK, face, size, 400)
    return np.concatenate([picture, legend])


def palette_png(mask: NDArray[np.uint8], classes: Classes) -> bytes:
    """Return a mask as an indexed PNG file: its values are the classes', its palette their colours.

    It has the form of PASCAL VOC's masks (Everingham et al., 2010), so that what reads those reads it.

    Args:
        mask: ``(H, W)`` classes, 255 where void.
        classes: What they are, and their colours.
    """
    picture = Image.fromarray(np.ascontiguousarray(mask)).convert("L")
    picture.putpalette(_palette(classes).tobytes())
    data = io.BytesIO()
    picture.save(data, "PNG", optimize=False)
    return data.getvalue()


def jpeg(picture: RGB) -> bytes:
    """Return ``(H, W, 3)`` RGB as a JPEG file."""
    data = io.BytesIO()
    Image.fromarray(picture).save(data, "JPEG", quality=_QUALITY)
    return data.getvalue()


def _palette(classes: Classes) -> NDArray[np.uint8]:
    """Return ``(256, 3)`` RGB of every value that a mask can have."""
    colours = np.zeros((256, 3), np.uint8)
    colours[VOID] = _VOID_COLOUR
    colours[: len(classes)] = classes.colours
    return colours


def _in_rows(widths: list[int], room: int, gap: int) -> list[list[tuple[int, int]]]:
    """Return rows of ``(number, left)`` in which parts of these widths stand side by side."""
    rows: list[list[tuple[int, int]]] = []
    left = room + 1
    for number, width in enumerate(widths):
        if not rows or left + width > room:
            rows.append([])
            left = gap
        rows[-1].append((number, left))
        left += width + gap
    return rows


def _width_of(text: str, size: int) -> int:
    box = cv2.getTextSize((0, 0), text, (0, 0), cv2.FontFace(_FONT), size, 400)
    return int(box[0] + box[2])
