"""Changing pictures and their masks, so that a network never sees a street twice the same."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from everyframe.errors import SettingError
from everyframe.vision import hues
from everyframe.vision.dense.classes import VOID

Matrix = NDArray[np.float32]

_GREY = np.array([0.299, 0.587, 0.114])


@dataclass(frozen=True, slots=True)
class Change:
    """How much pictures are changed; 0 of everything leaves them as they are.

    Attributes:
        scale: Greatest and, as its inverse, smallest enlargement; 1 keeps sizes.
        turn: Degrees, both ways.
        flip: Whether left and right are swapped in half of the pictures.
        colour: Share by which brightness, contrast, saturation and hue vary.

    Raises:
        SettingError: One of them is out of its range.
    """

    scale: float = 2.0
    turn: float = 5.0
    flip: bool = True
    colour: float = 0.3

    def __post_init__(self) -> None:
        if not 1.0 <= self.scale <= 8.0 or not 0.0 <= self.turn <= 45.0 or not 0.0 <= self.colour <= 0.9:
            raise SettingError("scale is 1 to 8, turn 0 to 45 degrees, and colour 0 to 0.9")


def changed(
    picture: NDArray[np.uint8],
    mask: NDArray[np.uint8],
    size: tuple[int, int],
    change: Change,
    chance: np.random.Generator,
) -> tuple[NDArray[np.uint8], NDArray[np.uint8], Matrix]:
    """Return a changed picture and mask of one size, and how its colours are to be changed.

    Enlarging, turning, flipping and cropping are one step of resampling, whatever the picture's size.

    Args:
        picture: ``(H, W, 3)`` RGB.
        mask: ``(H, W)``; what comes from outside of the picture is ``VOID``.
        size: Height and width of what is returned.
        change: How much.
        chance: Where chance comes from.

    Returns:
        ``(*size, 3)``, ``(*size)``, and ``(3, 4)``: a matrix of the colours, and what is added to them.
    """
    height, width = size
    zoom = float(np.exp(chance.uniform(-1.0, 1.0) * np.log(change.scale)))
    stretch = float(np.exp(chance.uniform(-0.1, 0.1))) if change.scale > 1.0 else 1.0
    angle = float(np.deg2rad(chance.uniform(-change.turn, change.turn)))
    sides = (zoom * stretch * (-1.0 if change.flip and chance.random() < 0.5 else 1.0), zoom / stretch)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    linear = turn * np.asarray(sides)  # picture to crop
    room = np.array([picture.shape[1] * zoom * stretch - width, picture.shape[0] * zoom / stretch - height])
    # Where the picture is larger than the crop, any part of it; where smaller, it lies anywhere within.
    shift = chance.uniform(-0.5, 0.5, 2) * np.abs(room)
    middle = np.array([(picture.shape[1] - 1) / 2.0, (picture.shape[0] - 1) / 2.0])
    offset = np.array([(width - 1) / 2.0, (height - 1) / 2.0]) + shift - linear @ middle
    matrix = np.hstack([linear, offset[:, None]])
    # Shrinking by more than a little would leave out lines of pixels: the picture is averaged first.
    soft = cv2.blur(picture, (2, 2)) if zoom < 0.7 else picture
    seen = cv2.warpAffine(soft, matrix, (width, height), flags=cv2.INTER_LINEAR)
    told = cv2.warpAffine(
        mask,
        matrix,
        (width, height),
        flags=cv2.INTER_NEAREST,
        borderMode=cv2.BORDER_CONSTANT,
        borderValue=VOID,
    )
    return np.asarray(seen, np.uint8), np.asarray(told, np.uint8), colours(change.colour, chance)


def colours(amount: float, chance: np.random.Generator) -> Matrix:
    """Return ``(3, 4)``: how colours from 0 to 255 are changed, as a matrix and what is added.

    Args:
        amount: Share by which brightness, contrast and saturation vary; hue by a third of it.
        chance: Where chance comes from.
    """
    light, contrast, saturation, hue, *tint = chance.uniform(-amount, amount, 7)
    grey = np.tile(_GREY, (3, 1))
    matrix = (
        (grey + (1.0 + saturation) * (np.eye(3) - grey)) @ hues.turned(hue * np.pi / 3.0) * (1.0 + contrast)
    )
    matrix *= (1.0 + 0.3 * np.asarray(tint))[:, None]
    added = 127.5 * (light - contrast) * np.ones((3, 1))
    return np.hstack([matrix, added]).astype(np.float32)
