"""The data that flows through the house: frames, gaps, boxes, events, and what people say of them.

Arrays are ``(H, W)`` luma or ``(H, W, 3)`` RGB, ``uint8``. Times are seconds: ``time`` on the source's
own presentation clock, ``utc`` as POSIX seconds where the source knows it. Speeds are pixels per second.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction
from typing import Any, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

Luma = NDArray[np.uint8]
"""``(H, W)`` brightness, ``uint8``."""

RGB = NDArray[np.uint8]
Colour = tuple[int, int, int]
"""``(H, W, 3)`` colour, ``uint8``."""

Floats = NDArray[np.floating[Any]]
"""An array of real numbers; the docstring that uses it states its shape."""


class GapReason(StrEnum):
    """Why there is no (new) picture for a while."""

    MISSING = "missing"  # frames or packets that should be there are not
    STALL = "stall"  # a live source sent nothing for a while
    UNDECODABLE = "undecodable"  # packets came, but no picture could be made of them
    JUMP = "jump"  # the clock of the source leapt
    DUPLICATE = "duplicate"  # the picture repeats the one before, bit for bit
    FREEZE = "freeze"  # it has been repeating for so long that the camera hangs
    DROPPED = "dropped"  # we were too slow for a live source and left frames out

    @property
    def breaks(self) -> bool:
        """Whether what comes next may be another picture, not to be compared with the one before."""
        return self in (GapReason.JUMP, GapReason.STALL, GapReason.FREEZE)


@dataclass(frozen=True, slots=True)
class Gap:
    """A stretch of time without a new picture: data like any frame, never an exception.

    Attributes:
        start: Presentation time in seconds of the last picture before the gap.
        end: Presentation time in seconds of the first picture after it, or of the last missing one.
        reason: Why.
        frames: How many frames are missing or repeated, where that is known; their indices are left out.
    """

    start: float
    end: float
    reason: GapReason
    frames: int | None = None


def _grey_to_rgb(luma: Luma) -> RGB:
    return np.repeat(luma[:, :, None], 3, axis=2)


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """One picture.

    Attributes:
        index: Position in the source, from 0. Frames that are left out (gaps) keep their numbers.
        time: Presentation time in seconds.
        luma: ``(H, W)`` ``uint8``, as decoded; never write into it.
        utc: POSIX seconds, or ``None`` where the source has no clock.
        vectors: The codec's motion vectors as FFmpeg's structured array (``source, w, h, src_x, src_y,
            dst_x, dst_y, flags, motion_x, motion_y, motion_scale``), or ``None`` where they were not asked
            for or the picture has none (intra-coded).
        picture: ``"I"``, ``"P"``, ``"B"``, or ``""`` where unknown.
        to_rgb: Makes the colour picture when somebody wants it; ``None`` for grey sources.
    """

    index: int
    time: float
    luma: Luma
    utc: float | None = None
    vectors: NDArray[np.void] | None = None
    picture: str = ""
    to_rgb: Callable[[], RGB] | None = field(default=None, repr=False)

    @property
    def size(self) -> tuple[int, int]:
        """``(width, height)`` in pixels."""
        return self.luma.shape[1], self.luma.shape[0]

    def rgb(self) -> RGB:
        """Convert to colour, ``(H, W, 3)`` ``uint8``; costs more than decoding, so ask only where needed."""
        return self.to_rgb() if self.to_rgb is not None else _grey_to_rgb(self.luma)


@dataclass(frozen=True, slots=True)
class StreamInfo:
    """What is known of a source before (and without) reading all of it.

    Attributes:
        name: What to call it in messages; never holds credentials.
        width: Pixels.
        height: Pixels.
        fps: Average frames per second, exact where the container says so, ``None`` where unknown.
        frames: How many frames there are, where that is known.
        duration: Seconds, ``None`` for live sources.
        codec: FFmpeg's name of the codec, ``None`` for pictures and synthetic scenes.
        live: Whether reading slower than the source loses frames.
        vectors: Whether the codec can tell motion vectors.
        start_utc: POSIX seconds of time 0, where known.
    """

    name: str
    width: int
    height: int
    fps: Fraction | None = None
    frames: int | None = None
    duration: float | None = None
    codec: str | None = None
    live: bool = False
    vectors: bool = False
    start_utc: float | None = None


@runtime_checkable
class Source(Protocol):
    """Anything that yields ``Frame | Gap`` in order of time.

    Iterating a second time starts anew where the source can do that (files, folders, scenes).
    """

    @property
    def info(self) -> StreamInfo:
        """What is known of the source."""
        ...

    def __iter__(self) -> Iterator[Frame | Gap]: ...

    def close(self) -> None:
        """Let go of files, sockets and threads; safe to call twice and while iterating."""
        ...


@runtime_checkable
class Replayable(Protocol):
    """A source whose past can be read again: files, folders, scenes, but no live stream."""

    def between(self, start: float, end: float) -> Iterator[Frame]:
        """Yield the frames with ``start <= time <= end`` (seconds), independent of any other iteration."""
        ...


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in pixels of the source's frame, origin at the top left."""

    x: int
    y: int
    width: int
    height: int

    def union(self, other: Box) -> Box:
        """Return the smallest box around both."""
        x, y = min(self.x, other.x), min(self.y, other.y)
        right = max(self.x + self.width, other.x + other.width)
        bottom = max(self.y + self.height, other.y + other.height)
        return Box(x, y, right - x, bottom - y)

    def overlap(self, other: Box) -> float:
        """Return intersection over union, in [0, 1]."""
        across = min(self.x + self.width, other.x + other.width) - max(self.x, other.x)
        down = min(self.y + self.height, other.y + other.height) - max(self.y, other.y)
        if across <= 0 or down <= 0:
            return 0.0
        shared = across * down
        return shared / (self.width * self.height + other.width * other.height - shared)


@dataclass(frozen=True, slots=True)
class Deviation:
    """One attribute that is not as it normally is at this place and hour.

    Attributes:
        attribute: Its name, such as ``speed``; each detector has its own.
        value: What was measured.
        normal: The nearest that is normal here.
        unit: Unit of both (``px/s``, ``s``, ``%``, or empty).
        text: The same as a clause: ``moves 2.6 times faster than anything seen at this place``.
        score: The attribute's own anomaly score; higher is more abnormal.
    """

    attribute: str
    value: float
    normal: float
    unit: str
    text: str
    score: float


@dataclass(frozen=True, slots=True)
class Sighting:
    """What was seen at one place at one moment, in numbers that other days can be compared with.

    Nothing in it refers to what a baseline holds, so it stays valid when the baseline goes on learning.

    Attributes:
        x: Place, 0 to 1 of the picture's width.
        y: Place, 0 to 1 of its height.
        tall: Typical height of what moves there, as a share of the picture's height.
        hour: Local time of day, 0 to 24; ``None`` where there is no clock.
        right: Velocity in typical heights per second.
        down: Likewise, downwards.
        size: Share of a window of 1.7 typical heights that moves, 0 to 1.
        stay: Seconds that something foreign has stood there.
        score: Anomaly score of the moment.
        says: What each attribute said there, in nats, by its name.
    """

    x: float
    y: float
    tall: float
    hour: float | None
    right: float
    down: float
    size: float
    stay: float
    score: float
    says: tuple[tuple[str, float], ...] = ()


class VerdictKind(StrEnum):
    """What a person says of an event."""

    REAL = "real"  # worth an alert: tell me of the like again
    NORMAL = "normal"  # this is normal here: the like at that place and hour is none
    FALSE = "false"  # there was nothing: such scores come of themselves
    LATER = "later"  # not decided


@dataclass(frozen=True, slots=True)
class Event:
    """Something that deviated from this camera's normal, for a while, at a place.

    Attributes:
        start: Presentation time in seconds when it began.
        end: When it was last seen.
        peak: When its score was highest.
        box: Where it was at its peak.
        score: Highest anomaly score.
        p_value: Chance that normal footage shows a score this high (see ``anomaly.calibration``).
        reason: What deviates and by how much, in words.
        deviations: The same as numbers, strongest first.
        utc: POSIX seconds of ``start``, where the source has a clock.
        track: ``(time, box)`` of what was seen between start and end.
        name: What people called the like of it; empty where they did not.
        sightings: What was seen in numbers, at its peak first, then along its course; for verdicts on it.
    """

    start: float
    end: float
    peak: float
    box: Box
    score: float
    p_value: float
    reason: str
    deviations: tuple[Deviation, ...] = ()
    utc: float | None = None
    track: tuple[tuple[float, Box], ...] = ()
    name: str = ""
    sightings: tuple[Sighting, ...] = ()

    @property
    def duration(self) -> float:
        """Seconds from start to end."""
        return self.end - self.start
