"""Which pictures a report shows, and how: as they are, what is true, what was told, where that is wrong."""

from __future__ import annotations

import base64
import io
import math
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from everyframe.types import RGB, Colour
from everyframe.vision.dense.classes import VOID, Classes
from everyframe.vision.dense.drawing import palette_png

WRONG: Colour = (255, 106, 46)
"""Where what was told is wrong."""

UNCOUNTED: Colour = (224, 224, 192)
"""Where nothing counts; as void is in masks."""

_WIDEST = 560  # pixels; a phone shows half of it, a screen a quarter of the page
_QUALITY = 82


@dataclass(frozen=True, slots=True, eq=False)
class Sample:
    """A picture, what its pixels are and what was told of them.

    Attributes:
        name: What to call it.
        picture: ``(H, W, 3)`` RGB.
        truth: ``(H, W)`` true classes, ``VOID`` where nothing counts.
        told: ``(H, W)`` told classes.
    """

    name: str
    picture: RGB
    truth: NDArray[np.uint8]
    told: NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Shown:
    """A sample on the page: addresses that hold the pictures themselves.

    Attributes:
        name: What it is called.
        iou: Its mean IoU.
        width: Of each picture, in pixels.
        height: Of each picture.
        picture: What the camera saw.
        truth: True classes in their colours.
        told: Told classes in their colours.
        wrong: Where they differ.
    """

    name: str
    iou: float
    width: int
    height: int
    picture: str
    truth: str
    told: str
    wrong: str


def choose(ious: Sequence[float], count: int) -> dict[str, list[int]]:
    """Choose the pictures that were told worst, in the middle, and best; none twice.

    Args:
        ious: Of each picture; ``nan`` where there is nothing to say.
        count: How many of each.

    Returns:
        Their places under ``worst``, ``median`` and ``best``, the worst and the best first.
    """
    order = sorted((place for place, iou in enumerate(ious) if not math.isnan(iou)), key=ious.__getitem__)
    count = min(count, max(1, len(order) // 3))
    worst, rest = order[:count], order[count:]
    best, rest = rest[::-1][:count], rest[: max(0, len(rest) - count)]
    first = max(0, (len(rest) - count + 1) // 2)
    return {"worst": worst, "median": rest[first : first + count], "best": best}


def show(sample: Sample, iou: float, classes: Classes) -> Shown:
    """Make a sample ready for the page.

    Args:
        sample: The picture and its classes.
        iou: Its mean IoU.
        classes: With their colours.
    """
    height, width = sample.truth.shape
    scale = min(1.0, _WIDEST / width)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    truth, told = (
        np.asarray(cv2.resize(mask, size, interpolation=cv2.INTER_NEAREST), np.uint8)
        for mask in (sample.truth, sample.told)
    )
    picture = np.asarray(cv2.resize(sample.picture, size, interpolation=cv2.INTER_AREA), np.uint8)
    return Shown(
        sample.name,
        iou,
        *size,
        _address(_jpeg(picture), "jpeg"),
        _address(palette_png(truth, classes), "png"),
        _address(palette_png(told, classes), "png"),
        _address(_jpeg(where_wrong(picture, truth, told)), "jpeg"),
    )


def where_wrong(picture: RGB, truth: NDArray[np.uint8], told: NDArray[np.uint8]) -> RGB:
    """Draw where what was told is wrong, on the picture made grey; what does not count is pale.

    Args:
        picture: ``(H, W, 3)`` RGB.
        truth: ``(H, W)`` true classes.
        told: ``(H, W)`` told classes.

    Returns:
        ``(H, W, 3)`` RGB.
    """
    grey = np.asarray(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), np.uint8)
    drawn: RGB = np.repeat((grey // 2 + 40)[:, :, None], 3, axis=2)
    wrong = truth != told
    drawn[wrong] = np.rint(0.8 * np.array(WRONG) + 0.2 * drawn[wrong])  # what is there shows through
    drawn[truth == VOID] = UNCOUNTED
    return drawn


def _jpeg(picture: RGB) -> bytes:
    data = io.BytesIO()
    Image.fromarray(picture).save(data, "JPEG", quality=_QUALITY)
    return data.getvalue()


def _address(data: bytes, kind: str) -> str:
    return f"data:image/{kind};base64,{base64.b64encode(data).decode()}"
