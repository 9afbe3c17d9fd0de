"""Segmentation of footage and cameras: picture by picture, without flicker."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from everyframe.sources import open_source
from everyframe.types import RGB, Frame, Gap, Source
from everyframe.vision.dense.segmenter import SHIPPED, Segmenter, look_of, shrunk
from everyframe.vision.dense.smoothing import SECONDS, Smoother
from everyframe.vision.dense.tiles import WHOLE

_HAIR = 1e-6  # seconds: what rounding may take from a time


@dataclass(frozen=True, slots=True, eq=False)
class Segmented:
    """A picture of footage, and what is seen in it.

    Attributes:
        frame: The picture.
        picture: The same in colour, ``(H, W, 3)`` RGB.
        mask: ``(H, W)`` ``uint8``, the class of each pixel.
    """

    frame: Frame
    picture: RGB
    mask: NDArray[np.uint8]


def segment(
    source: str | os.PathLike[str] | Source,
    model: str | Path | Segmenter = SHIPPED,
    *,
    every: float = 0.0,
    smooth: float = SECONDS,
    threads: int = 1,
) -> Iterator[Segmented]:
    """Segment a video file, a folder of one camera's pictures, a stream or a device, picture by picture.

    Args:
        source: See ``open_source``.
        model: A network's name or file, or the network.
        every: Seconds between two pictures that are looked at, at least; 0 looks at all of them.
        smooth: Seconds that scores are averaged over; 0 takes each picture by itself.
        threads: How many work on a picture, where ``model`` is a name or a file.

    Yields:
        Each picture that was looked at, as it comes.

    Raises:
        SourceError: The source cannot be read.
        ModelError: The model cannot.
    """
    network = model if isinstance(model, Segmenter) else Segmenter(model, threads=threads)
    with closing(open_source(source)) as opened:
        yield from segment_frames(opened, network, every=every, smooth=smooth)


def segment_frames(
    items: Iterable[Frame | Gap], network: Segmenter, *, every: float = 0.0, smooth: float = SECONDS
) -> Iterator[Segmented]:
    """Segment frames as they come; see ``segment``."""
    smoother = Smoother(smooth)
    due = -np.inf
    for item in items:
        if isinstance(item, Gap):
            if item.reason.breaks:
                smoother.reset()
            continue
        if item.time < due - _HAIR:
            continue
        # Counted from when it was due: so rates that do not divide each other come out right.
        due = due + every if due + every > item.time else item.time + every
        picture = item.rgb()
        logits = network.logits(_fitting(picture))
        logits = smoother.step(item.time, item.luma, logits)
        size = picture.shape[0], picture.shape[1]
        yield Segmented(item, picture, look_of(logits, size, confidence=False).mask)


def _fitting(picture: RGB) -> RGB:
    """Return a picture that can be seen at once: tiles have no scores that could be averaged cheaply."""
    height, width = picture.shape[:2]
    if height * width <= WHOLE:
        return picture
    return shrunk(picture, int(max(height, width) * (WHOLE / (height * width)) ** 0.5))
