"""What a source is, found out by opening it and reading its first two seconds."""

from __future__ import annotations

import os
from contextlib import closing
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

from everyframe.sources.opening import open_source
from everyframe.types import Frame, Source

_SECONDS = 2.0  # of the source
_MOST_FRAMES = 240
_UNEVEN = 0.2  # of the usual interval: what rounding to a coarse time base does stays below


@dataclass(frozen=True, slots=True)
class Probe:
    """What is known of a source once its first seconds have been read.

    Attributes:
        name: What to call it; never holds credentials.
        codec: FFmpeg's name, ``None`` for pictures and synthetic scenes.
        pixel_format: FFmpeg's name, ``None`` likewise.
        width: Pixels.
        height: Pixels.
        fps: Average frames per second as the source says, ``None`` where it does not.
        measured_fps: The same as measured over the first seconds, ``None`` from fewer than two frames.
        variable: Whether the intervals between those frames differ.
        duration: Seconds, ``None`` for live sources.
        frames: How many there are, where that is known.
        vectors: Whether motion vectors really came.
        live: Whether reading slower than the source loses frames.
    """

    name: str
    codec: str | None
    pixel_format: str | None
    width: int
    height: int
    fps: Fraction | None
    measured_fps: float | None
    variable: bool
    duration: float | None
    frames: int | None
    vectors: bool
    live: bool


def probe(spec: str | os.PathLike[str] | Source, *, timeout: float = 10.0) -> Probe:
    """Open a source, read its first two seconds, and say what it is.

    Args:
        spec: As for ``open_source``.
        timeout: Seconds to wait for a URL or a device.

    Raises:
        SourceError: It cannot be read; the message says why not and what to do.
    """
    source = open_source(spec, vectors=True, timeout=timeout)
    with closing(source):
        times: list[tuple[int, float]] = []
        vectors = False
        for item in source:
            if isinstance(item, Frame):
                times.append((item.index, item.time))
                vectors = vectors or item.vectors is not None
            reached = item.time if isinstance(item, Frame) else item.end
            if reached - (times[0][1] if times else 0.0) >= _SECONDS or len(times) >= _MOST_FRAMES:
                break
        info = source.info
    span = times[-1][1] - times[0][1] if times else 0.0
    steps = sorted((later - time) / (after - index) for (index, time), (after, later) in pairwise(times))
    usual = steps[len(steps) // 2] if steps else 0.0
    uneven = any(abs(step - usual) > _UNEVEN * usual for step in steps)
    return Probe(
        name=info.name,
        codec=info.codec,
        pixel_format=getattr(source, "pixel_format", None),
        width=info.width,
        height=info.height,
        fps=info.fps,
        measured_fps=(times[-1][0] - times[0][0]) / span if span > 0.0 else None,
        variable=uneven and not info.live,
        duration=info.duration,
        frames=info.frames,
        vectors=vectors,
        live=info.live,
    )
