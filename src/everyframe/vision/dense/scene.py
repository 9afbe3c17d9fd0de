"""The scene of a fixed camera: what its ground, trees and sky are, and where; a look at it is enough.

From several pictures, spread over time, the middle value of each pixel is taken, so that passers-by vanish;
that picture is segmented once.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import numpy as np
from numpy.typing import NDArray

from everyframe.errors import SourceUnreadable
from everyframe.sources import masked, open_source
from everyframe.types import RGB, Frame, Replayable, Source
from everyframe.vision.dense.classes import VOID, Classes
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


def ground_at(
    scene: NDArray[np.uint8], classes: Classes, box: tuple[float, float, float, float]
) -> str | None:
    """Return the class of what something stands on: of the scene where it touches the ground.

    Args:
        scene: ``(H, W)`` classes of the scene, of any size.
        classes: What they are.
        box: Left, top, width and height of the thing, in shares of the picture.

    Returns:
        The name of the class; nothing where it is not known.
    """
    rows, columns = scene.shape
    left, top, width, height = box
    # A little below the middle of its lower edge, and to both sides: boxes are not exact.
    foot = min(rows - 1, max(0, int((top + height) * rows)))
    low = slice(max(0, foot - max(1, rows // 100)), foot + 1)
    first = min(columns - 1, max(0, int((left + 0.25 * width) * columns)))
    last = min(columns, max(first + 1, int(np.ceil((left + 0.75 * width) * columns))))
    there = np.bincount(scene[low, first:last].ravel(), minlength=256)[: len(classes)]
    return classes.names[int(there.argmax())] if there.any() else None


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
