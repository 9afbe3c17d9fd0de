"""Pictures as squares: as they are, or changed a little, so that none is seen twice the same."""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from everyframe.vision import hues

Square = NDArray[np.uint8]
"""``(side, side, 3)`` RGB."""


@dataclass(frozen=True, slots=True)
class Change:
    """How much pictures are changed.

    Attributes:
        mirror: Whether left and right may change places.
        turn: Degrees, either way.
        least: Smallest share of the picture that is kept.
        narrow: Largest ratio of a cut's sides before it is made square.
        light: Share by which brightness, contrast and saturation vary.
        hue: Share of the circle of hues, either way.
        grey: How often colour is taken away.
        hidden: How often a rectangle is blotted out.
    """

    mirror: bool = True
    turn: float = 15.0
    least: float = 0.35
    narrow: float = 4 / 3
    light: float = 0.35
    hue: float = 0.03
    grey: float = 0.05
    hidden: float = 0.25


def whole(picture: NDArray[np.uint8], side: int) -> Square:
    """Return all of ``(H, W, 3)`` as a square; what is longer is squeezed."""
    smaller = min(picture.shape[:2]) > side
    how = cv2.INTER_AREA if smaller else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(picture, (side, side), interpolation=how), np.uint8)


def changed(picture: NDArray[np.uint8], side: int, change: Change, chance: np.random.Generator) -> Square:
    """Return a part of ``(H, W, 3)``, turned, mirrored, in another light, as a square.

    The same state of ``chance`` gives the same square.
    """
    square = _cut(picture, side, change, chance)
    square = _lit(square, change, chance)
    if chance.random() < change.hidden:
        height, width = (int(side * chance.uniform(0.15, 0.4)) for _ in range(2))
        top, left = int(chance.integers(0, side - height + 1)), int(chance.integers(0, side - width + 1))
        square[top : top + height, left : left + width] = square.mean(axis=(0, 1)).astype(np.uint8)
    return square


def _cut(picture: NDArray[np.uint8], side: int, change: Change, chance: np.random.Generator) -> Square:
    height, width = picture.shape[:2]
    share = chance.uniform(change.least, 1.0)
    ratio = math.exp(chance.uniform(-1.0, 1.0) * math.log(change.narrow))
    # Of the picture squeezed to a square, as it is seen later.
    across, down = min(1.0, math.sqrt(share * ratio)) * width, min(1.0, math.sqrt(share / ratio)) * height
    left, top = chance.uniform(0.0, width - across), chance.uniform(0.0, height - down)
    angle = math.radians(chance.uniform(-change.turn, change.turn))
    flip = -1.0 if change.mirror and chance.random() < 0.5 else 1.0
    # From a pixel of the square to one of the picture.
    cos, sin = math.cos(angle), math.sin(angle)
    turned = np.array([[flip * cos, -sin], [flip * sin, cos]])
    scaled = np.diag([across / side, down / side]) @ turned
    middle = np.array([left + across / 2, top + down / 2]) - 0.5
    place = np.column_stack([scaled, middle - scaled @ np.full(2, (side - 1) / 2)])
    how = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return np.asarray(
        cv2.warpAffine(picture, place, (side, side), flags=how, borderMode=cv2.BORDER_REFLECT_101), np.uint8
    )


def _lit(square: Square, change: Change, chance: np.random.Generator) -> Square:
    bright, contrast, full = 1.0 + chance.uniform(-change.light, change.light, 3)
    seen = square.astype(np.float32)
    if chance.random() < change.grey:
        full = 0.0
    grey = seen @ np.array([0.299, 0.587, 0.114], np.float32)
    seen = grey[:, :, None] * np.float32(1.0 - full) + seen * np.float32(full)
    turn = chance.uniform(-change.hue, change.hue) * 2.0 * math.pi
    if full > 0.0 and turn:
        seen = seen @ hues.turned(turn).T.astype(np.float32)
    mean = float(seen.mean())
    seen = (seen - mean) * np.float32(contrast) + np.float32(mean * bright)
    return np.clip(seen, 0.0, 255.0).astype(np.uint8)
