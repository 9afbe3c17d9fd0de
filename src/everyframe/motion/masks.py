"""Masks: parts of the picture in which nothing is watched, whatever goes on there."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from everyframe.errors import SettingError
from everyframe.motion.field import Cells, Field, Motion
from everyframe.types import Frame

Polygon = tuple[tuple[float, float], ...]
"""Corners ``(x, y)`` in shares of the picture's width and height, from the top left."""

MOST_MASKS = 32
MOST_CORNERS = 100

_FINE = 8  # a cell is drawn as so many points across and down, so that corners do not round
_COARSE = (36, 64)  # rows and columns on which it is seen whether masks leave anything
_EXAMPLE = "[[0.1, 0.1], [0.4, 0.1], [0.4, 0.6]]"


def drawn(polygon: Polygon, shape: tuple[int, int]) -> NDArray[np.uint8]:
    """Return ``(8 gh, 8 gw)`` of 0 and 1: a polygon on a grid that is eight times as fine as ``(gh, gw)``."""
    rows, columns = shape
    fine = np.zeros((rows * _FINE, columns * _FINE), np.uint8)
    corners = np.array([(x * columns * _FINE, y * rows * _FINE) for x, y in polygon])
    cv2.fillPoly(fine, [np.round(corners).astype(np.int32)], 1)
    return fine


def ignored_in(masks: Iterable[Polygon], shape: tuple[int, int]) -> Cells:
    """Return ``(gh, gw)`` which cells are masked: those that a mask touches, and those next to them.

    Motion is told a cell beyond the edge of what moves, so that a mask drawn just around something would
    leave a rim of it.
    """
    rows, columns = shape
    touched = np.zeros(shape, np.uint8)
    for polygon in masks:
        touched |= drawn(polygon, shape).reshape(rows, _FINE, columns, _FINE).max(axis=(1, 3))
    ignored: Cells = cv2.dilate(touched, np.ones((3, 3), np.uint8)) > 0
    return ignored


class Masked:
    """Motion without what lies within masks: there nothing moves, and nothing is looked at.

    Args:
        motion: What measures.
        masks: Where it does not count.
    """

    def __init__(self, motion: Motion, masks: Sequence[Polygon]) -> None:
        self._motion = motion
        self._masks = tuple(masks)
        self._ignored: Cells | None = None
        self._kept = np.zeros((0, 0), np.float32)

    def step(self, frame: Frame) -> Field | None:
        """Take the next frame; see ``Motion.step``."""
        field = self._motion.step(frame)
        if field is None:
            return None
        rows, columns = field.moving.shape
        if self._ignored is None or self._ignored.shape != (rows, columns):
            self._ignored = ignored_in(self._masks, (rows, columns))
            self._kept = (~self._ignored).astype(np.float32)
        return replace(
            field,
            velocity=field.velocity * self._kept[..., None],
            moving=field.moving * self._kept,
            ignored=self._ignored,
        )

    def reset(self) -> None:
        """Forget what came before; see ``Motion.reset``."""
        self._motion.reset()


def read_masks(told: Any, called: str = "masks") -> tuple[Polygon, ...]:
    """Make masks of lists of ``[x, y]``, and see that they can be used.

    Args:
        told: A list of polygons, each a list of corners.
        called: What to call it in a message.

    Raises:
        SettingError: It is no such list, or the masks leave nothing to watch.
    """
    if not isinstance(told, list | tuple):
        raise SettingError(f"{called} is no list of polygons; write {called} = [{_EXAMPLE}].")
    if len(told) > MOST_MASKS:
        raise SettingError(f"{called}: there are {len(told)}; draw {MOST_MASKS} at most.")
    found = tuple(_polygon(each, f"{called}: mask {number}") for number, each in enumerate(told, 1))
    if found and ignored_in(found, _COARSE).all():
        raise SettingError(f"{called}: they leave nothing to watch; leave some of the picture out of them.")
    return found


def parse_mask(text: str) -> list[list[float]]:
    """Read ``0.1,0.1 0.4,0.1 0.4,0.6``, as it is written on the command line; see ``read_masks``.

    Raises:
        SettingError: It cannot be read.
    """
    try:
        return [[float(number) for number in corner.split(",")] for corner in text.split()]
    except ValueError:
        raise SettingError(
            f"--mask={text} cannot be read; write corners like 0.1,0.1 0.4,0.1 0.4,0.6."
        ) from None


def _polygon(told: Any, called: str) -> Polygon:
    if not isinstance(told, list | tuple):
        raise SettingError(f"{called} is no list of corners; write one like {_EXAMPLE}.")
    if not 3 <= len(told) <= MOST_CORNERS:
        raise SettingError(f"{called} has {len(told)} corners; draw 3 to {MOST_CORNERS}.")
    return tuple(_corner(each, f"{called}, corner {number}") for number, each in enumerate(told, 1))


def _corner(told: Any, called: str) -> tuple[float, float]:
    if not isinstance(told, list | tuple) or len(told) != 2 or not all(map(_is_share, told)):
        raise SettingError(
            f"{called} is no [x, y] in shares of the picture, 0 to 1; write one like [0.4, 0.1]."
        )
    return float(told[0]), float(told[1])


def _is_share(value: Any) -> bool:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return number and math.isfinite(value) and 0.0 <= value <= 1.0
