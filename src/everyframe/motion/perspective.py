"""How large things are at each height of the picture, learned from the footage."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from everyframe.motion.field import Field
from everyframe.motion.objects import find_objects

_FALLBACK = 1 / 6  # of the picture's height, where too little moved to tell
_LEAST, _MOST = 1 / 20, 1 / 3  # of the picture's height
_ENOUGH = 60  # objects
_SAME = 0.15  # heights that differ by less (in their logarithm) are those of the same kind of thing
_BANDS = 12  # of rows, that all count alike however much moves there
_TRIED = 40  # heights at either end


@dataclass(frozen=True, slots=True)
class Perspective:
    """Typical height of what moves, linear in the row: ``height(y) = base + slope * y``.

    A camera that looks along the ground sees a thing of fixed size shrink linearly towards the horizon
    (Hoiem, Efros, Hebert, "Putting objects in perspective", CVPR 2006).

    Attributes:
        base: Height in pixels at the top row.
        slope: Pixels of height for each pixel further down.
        least: No smaller than this, in pixels.
        most: No larger than this, in pixels.
    """

    base: float
    slope: float
    least: float
    most: float

    def height(self, y: NDArray[np.floating] | float) -> NDArray[np.float64]:
        """Return the typical height in pixels of what has its middle at row ``y`` (pixels)."""
        return np.clip(self.base + self.slope * np.asarray(y, float), self.least, self.most)


def learn_perspective(fields: Iterable[Field], height: int) -> Perspective:
    """Fit the typical height of moving things to where they are.

    Args:
        fields: Some minutes of motion.
        height: Of the picture in pixels.

    Returns:
        The line along which most of them lie; flat where all were seen at one height of the picture.
    """
    middles, heights = [], []
    for field in fields:
        for thing in find_objects(field):
            if not thing.at_border and 1.2 * thing.box.width <= thing.box.height:
                middles.append(thing.box.y + thing.box.height / 2)
                heights.append(thing.box.height)
    least, most = _LEAST * height, _MOST * height
    if len(heights) < _ENOUGH:
        return Perspective(_FALLBACK * height, 0.0, least, most)
    y, h = np.array(middles), np.array(heights, float)
    base, slope = _commonest_line(y, h, height)
    return Perspective(base, slope, least, most)


def _commonest_line(y: NDArray[np.float64], h: NDArray[np.float64], height: int) -> tuple[float, float]:
    """Return base and slope of the line along which most heights lie: a mode, and no mean.

    Fragments are of all sizes and groups of two or three, so whatever averages over them follows how many
    there happen to be at a height of the picture. Things of one kind lie along one line.
    """
    band = np.minimum((y / height * _BANDS).astype(np.intp), _BANDS - 1)
    weight = 1.0 / np.sqrt(np.bincount(band, minlength=_BANDS)[band])
    tried = np.geomspace(_LEAST * height, _MOST * height, _TRIED)
    top, bottom = np.percentile(y, [5, 95])
    flat = bottom - top < height / _BANDS  # all at one height of the picture: nothing tells the slope
    along = np.zeros_like(y) if flat else (y - top) / (bottom - top)
    best, found = -1.0, (0.0, 0.0)
    for number, far in enumerate(tried):
        near = np.array([far]) if flat else tried[number:]
        lines = np.maximum(far + (near[:, None] - far) * along, 1.0)
        likeness = np.exp(-0.5 * (np.log(h / lines) / _SAME) ** 2) @ weight
        if likeness.max() > best:
            best, found = float(likeness.max()), (float(far), float(near[likeness.argmax()]))
    slope = 0.0 if flat else float((found[1] - found[0]) / (bottom - top))
    return float(found[0] - slope * top), slope
