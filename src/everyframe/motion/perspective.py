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
_TYPICAL = 40  # percentile: fragments make the lower ones, groups the higher ones


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
        A robust fit: the slope is kept only where things were seen at enough heights of the picture.
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
    base, slope = _robust_line(y, h, height)
    return Perspective(base, slope, least, most)


def _robust_line(y: NDArray[np.float64], h: NDArray[np.float64], height: int) -> tuple[float, float]:
    """Fit a line to the typical heights in bands of rows."""
    edges = np.linspace(0, height, 13)
    band = np.digitize(y, edges) - 1
    rows, tall, weight = [], [], []
    for number in range(12):
        here = h[band == number]
        if len(here) >= max(15, 0.02 * len(h)):
            rows.append(float(np.median(y[band == number])))
            tall.append(float(np.percentile(here, _TYPICAL)))
            weight.append(np.sqrt(len(here)))
    if len(rows) < 3:
        return float(np.percentile(h, _TYPICAL)), 0.0
    slope = float(np.clip(np.polyfit(rows, tall, 1, w=weight)[0], 0.0, 1.0))
    middle = float(np.average(rows, weights=weight))
    return float(np.average(tall, weights=weight)) - slope * middle, slope
