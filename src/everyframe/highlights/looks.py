"""What a stretch of footage looks like: a strip of frames to see, and numbers to compare.

The numbers are histograms that need no learning: edges by place, colours, and the direction of motion by
place. They find what was filmed alike, not what means the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from everyframe.errors import SourceUnreadable
from everyframe.sources.files import FileSource
from everyframe.types import RGB, Frame, Luma

MAKER = "histograms-1"
"""Vectors of different makers cannot be compared."""

FRAMES = 8
"""Frames of a strip."""

SIZE = 308
"""Numbers of a vector."""

_WIDTH = 240  # pixels of a frame of a strip
_READ_THROUGH = 12.0  # seconds up to which a stretch is decoded whole
_EDGES, _FLOW = (64, 48), (96, 56)  # (width, height) at which edges and motion are measured
_WEIGHTS = (1.0, 0.7, 0.7)  # of edges, colours and motion
_ROOT = np.sqrt(sum(weight**2 for weight in _WEIGHTS))


@dataclass(frozen=True, slots=True)
class Look:
    """What a stretch of footage looks like.

    Attributes:
        strip: ``(h, FRAMES * w, 3)`` RGB: frames side by side, in order.
        vector: ``(SIZE,)``, of length 1.
    """

    strip: RGB
    vector: NDArray[np.float32]


def look(source: FileSource, start: float, end: float) -> Look:
    """Look at a stretch of footage.

    Args:
        source: The footage.
        start: Seconds.
        end: Seconds, after ``start``.

    Raises:
        SourceError: It cannot be read, or there is no picture there.
    """
    frames = _frames(source, start, end)
    pictures = [_small(frame) for frame in frames]
    return Look(np.hstack(pictures), _vector(pictures))


def _frames(source: FileSource, start: float, end: float) -> list[Frame]:
    """Return ``FRAMES`` frames at even distances; where there are fewer, some of them twice."""
    wanted = [start + (end - start) * (place + 0.5) / FRAMES for place in range(FRAMES)]
    found: list[Frame] = []
    if end - start <= _READ_THROUGH:
        last: Frame | None = None
        for frame in source.between(start, end):
            while len(found) < FRAMES and frame.time >= wanted[len(found)]:
                found.append(frame)
            last = frame
        found += [last] * (FRAMES - len(found)) if last is not None else []
    else:
        firsts = (next(source.between(time, end), None) for time in wanted)
        found += [frame for frame in firsts if frame is not None]
        found += found[-1:] * (FRAMES - len(found))
    if not found:
        raise SourceUnreadable(f"{source.info.name}: there is no picture between {start:g} and {end:g} s")
    return found


def _small(frame: Frame) -> RGB:
    picture = frame.rgb()
    height = max(2, round(_WIDTH * picture.shape[0] / picture.shape[1]))
    return np.asarray(cv2.resize(picture, (_WIDTH, height), interpolation=cv2.INTER_AREA), np.uint8)


def _vector(pictures: Sequence[RGB]) -> NDArray[np.float32]:
    grey = [np.asarray(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), np.uint8) for picture in pictures]
    middle = len(pictures) // 2
    edges = np.concatenate([_edges(grey[place]) for place in (0, middle, len(grey) - 1)])
    parts = (edges, _colours(pictures[middle]), _motion(grey))
    whole = [weight * _unit(part) for weight, part in zip(_WEIGHTS, parts, strict=True)]
    return np.asarray(np.concatenate(whole) / _ROOT, np.float32)


def _edges(grey: Luma) -> NDArray[Any]:
    """Return ``(72,)``: how much edge of each of six directions there is in each of 4 x 3 places."""
    small = cv2.resize(grey, _EDGES, interpolation=cv2.INTER_AREA).astype(np.float32)
    across, down = cv2.Sobel(small, cv2.CV_32F, 1, 0), cv2.Sobel(small, cv2.CV_32F, 0, 1)
    size, angle = cv2.cartToPolar(across, down)
    return np.asarray(np.sqrt(_by_place(size, angle % np.pi / np.pi, (4, 3), 6)))


def _colours(picture: RGB) -> NDArray[Any]:
    hsv = cv2.cvtColor(picture, cv2.COLOR_RGB2HSV)
    counts = cv2.calcHist([hsv], [0, 1], None, [10, 4], [0, 180, 0, 256])
    return np.sqrt(np.asarray(counts).ravel())


def _motion(grey: Sequence[Luma]) -> NDArray[Any]:
    """Return ``(52,)``: how much moves in each of eight directions in each of 3 x 2 places, and how fast."""
    small = [np.asarray(cv2.resize(one, _FLOW, interpolation=cv2.INTER_AREA), np.uint8) for one in grey]
    method = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_ULTRAFAST)
    total, speeds = np.zeros(48), np.zeros(4)
    for one, other in pairwise(small):
        flow = method.calc(one, other, np.zeros((*one.shape, 2), np.float32))
        size, angle = cv2.cartToPolar(flow[..., 0], flow[..., 1])
        size[size < 0.3] = 0.0  # the grain of the picture moves, too
        total += _by_place(size, angle / (2 * np.pi), (3, 2), 8)
        speeds += np.histogram(size, [0.3, 1.0, 3.0, 9.0, 1e9])[0]
    return np.asarray(np.sqrt(np.concatenate([total, speeds])))


def _by_place(size: Any, turn: Any, places: tuple[int, int], directions: int) -> NDArray[Any]:
    """Sum sizes by place in the picture and by direction; ``turn`` is from 0 to 1."""
    height, width = size.shape
    rows = np.arange(height)[:, None] * places[1] // height
    columns = np.arange(width)[None, :] * places[0] // width
    direction = np.minimum((np.asarray(turn) * directions).astype(int), directions - 1)
    bins = ((rows * places[0] + columns) * directions + direction).ravel()
    count = places[0] * places[1] * directions
    return np.asarray(np.bincount(bins, np.asarray(size).ravel(), minlength=count))


def _unit(values: NDArray[Any]) -> NDArray[Any]:
    length = float(np.linalg.norm(values))
    return values / length if length > 0.0 else values
