"""The scene of a fixed camera: what its ground, trees and sky are, and where; a look at it is enough.

From several pictures, spread over time, the middle value of each pixel is taken, so that passers-by vanish;
that picture is segmented once.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import closing

import cv2
import numpy as np
from numpy.typing import NDArray

from everyframe.errors import SourceUnreadable
from everyframe.sources import masked, open_source
from everyframe.types import RGB, Frame, Replayable, Source
from everyframe.vision.dense.classes import VOID, Classes
from everyframe.vision.dense.regions import GROUND
from everyframe.vision.dense.segmenter import Segmenter, look_of, shrunk

PICTURES = 15
"""How many are looked at; passers-by vanish from where they are seen in less than half of them."""

SECONDS = 15.0
"""How long a live camera is looked at."""

MOVING = frozenset(
    [
        "animal",
        "bicycle",
        "bicyclist",
        "bike",
        "bird",
        "boat",
        "bus",
        "car",
        "cat",
        "cow",
        "cyclist",
        "dog",
        "horse",
        "motorbike",
        "motorcycle",
        "person",
        "pedestrian",
        "people",
        "rider",
        "sheep",
        "trailer",
        "train",
        "truck",
        "van",
        "vehicle",
    ]
)
"""Classes that come and go: they are no part of a scene."""

_MAP = 160  # pixels across of what is kept of the ground
_SIDE = 1280  # pixels of the longer side of what is kept in memory
_STRIP = 64  # rows whose middle values are taken at a time
_STEP = 2.0  # seconds of a file within which a picture is looked for


def scene_picture(
    source: str | Source, *, seconds: float = SECONDS, pictures: int = PICTURES, timeout: float = 10.0
) -> RGB:
    """Return what a camera sees without what passes by, ``(H, W, 3)`` RGB, its longer side 1280 at most.

    Recordings are looked at from their beginning to their end, cameras for a while.

    Args:
        source: See ``open_source``.
        seconds: How long a live camera is looked at.
        pictures: How many are looked at.
        timeout: Seconds to wait for a URL or a device.

    Raises:
        SourceError: It cannot be read, or has no picture.
    """
    with closing(open_source(source, timeout=timeout)) as opened:
        name = masked(source) if isinstance(source, str) else opened.info.name
        seen: list[RGB] = []
        for frame in _spread(opened, seconds, pictures):
            picture = shrunk(frame.rgb(), _SIDE)
            if seen and picture.shape != seen[0].shape:
                seen.clear()  # the camera changed its picture: what counts is how it is now
            seen.append(np.array(picture))
    if not seen:
        raise SourceUnreadable(f"{name}: there is no picture in it")
    return middle(seen)


def middle(pictures: list[RGB]) -> RGB:
    """Return the median of ``(H, W, 3)`` pictures, pixel by pixel; of an even number, the lower one."""
    found = np.empty_like(pictures[0])
    place = (len(pictures) - 1) // 2
    for top in range(0, len(found), _STRIP):
        strip = np.stack([picture[top : top + _STRIP] for picture in pictures])
        found[top : top + _STRIP] = np.partition(strip, place, axis=0)[place]
    return found


def scene_classes(picture: RGB, network: Segmenter) -> NDArray[np.uint8]:
    """Return ``(H, W)``: the class of what stays, at each pixel; what is parked there stands on something.

    Args:
        picture: ``(H, W, 3)`` RGB of the scene.
        network: What segments.
    """
    logits = network.logits(picture)
    staying = np.array([name.lower() not in MOVING for name in network.classes.names])
    size = (picture.shape[0], picture.shape[1])
    if not staying.any():
        return np.full(size, VOID, np.uint8)
    numbers = np.flatnonzero(staying).astype(np.uint8)
    return numbers[look_of(logits[staying], size, confidence=False).mask]


def ground_of(scene: NDArray[np.uint8], classes: Classes) -> tuple[tuple[str, ...], NDArray[np.uint8]]:
    """Return what things move on.

    Args:
        scene: ``(H, W)`` classes of the scene.
        classes: What they are.

    Returns:
        The names of the grounds that are there, and ``(h, w)``, at most 160 wide: the number of a name at
        each place, void elsewhere.
    """
    height, width = scene.shape
    factor = min(1.0, _MAP / width)
    size = max(1, round(width * factor)), max(1, round(height * factor))
    small = np.asarray(cv2.resize(scene, size, interpolation=cv2.INTER_NEAREST), np.uint8)
    numbers = [n for n, name in enumerate(classes.names) if name.lower() in GROUND and (small == n).any()]
    places = np.full(small.shape, VOID, np.uint8)
    for place, number in enumerate(numbers):
        places[small == number] = place
    return tuple(classes.names[number] for number in numbers), places


class Spread:
    """Keeps pictures that lie apart, of footage of any length and as it comes.

    Args:
        pictures: How many at least, once there is enough footage; twice as many at most.
    """

    def __init__(self, pictures: int = PICTURES) -> None:
        self._least = pictures
        self._seen: list[RGB] = []
        self._every, self._since = 0.5, math.inf
        self._last = -math.inf

    def step(self, frame: Frame) -> None:
        """Take the next frame; times may begin anew, as they do with another source."""
        self._since += abs(frame.time - self._last) if math.isfinite(self._last) else 0.0
        self._last = frame.time
        if self._since < self._every:
            return
        self._since = 0.0
        picture = np.array(shrunk(frame.rgb(), _SIDE))
        if self._seen and picture.shape != self._seen[0].shape:
            self._seen.clear()
        self._seen.append(picture)
        if len(self._seen) >= 2 * self._least:
            # Half as many, twice as far apart.
            self._seen, self._every = self._seen[::2], 2 * self._every

    def picture(self) -> RGB | None:
        """Return what was seen without what passed by; nothing where nothing was seen."""
        return middle(self._seen) if self._seen else None


def _spread(source: Source, seconds: float, pictures: int) -> Iterator[Frame]:
    """Yield frames that lie apart: over all of a recording, over some seconds of a live source."""
    length = source.info.duration
    if isinstance(source, Replayable) and length:
        for number in range(pictures):
            time = length * (number + 0.5) / pictures
            frame = next(iter(source.between(time, time + _STEP)), None)
            if frame is not None:
                yield frame
        return
    begin: float | None = None
    count = 0
    for item in source:
        time = item.time if isinstance(item, Frame) else item.end
        begin = time if begin is None else begin
        if isinstance(item, Frame) and time - begin >= count * seconds / max(1, pictures - 1):
            count += 1
            yield item
        if count >= pictures or time - begin > seconds + _STEP:
            return
