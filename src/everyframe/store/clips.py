"""Clips of events: short MP4 files that every browser plays."""

from __future__ import annotations

import itertools
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from functools import cache
from pathlib import Path

import av
import numpy as np
from av.video.stream import VideoStream

from everyframe.files import writing
from everyframe.store.pictures import draw_box, resized, scaled
from everyframe.store.ring import FrameRing
from everyframe.types import RGB, Box, Event, Frame, Replayable, Source

MAX_WIDTH = 960
LONGEST = 60.0
"""Seconds; of a longer event the clip shows this much around its peak."""

_TICKS = 90_000  # per second: MPEG's clock, a whole number of ticks for all usual rates
_MARGIN = 0.25  # seconds that a box stays before its first and after its last sighting


def write_clip(
    frames: Iterable[Frame],
    path: Path | str,
    *,
    fps: float | None = None,
    boxes: Mapping[float, Box] | Sequence[tuple[float, Box]] = (),
    frame_size: tuple[int, int] | None = None,
) -> Path:
    """Write an MP4 (H.264, 4:2:0) whose pictures come exactly as far apart as the frames' times say.

    Pictures wider than 960 pixels are made smaller. A frame that is not later than the one before is left
    out. The index is at the front of the file, so that it plays while it loads.

    Args:
        frames: In order of time; the first is at 0 seconds of the clip.
        path: Where; it is there whole or not at all.
        fps: Expected rate, for the encoder's choices and how long the last picture stays.
        boxes: What to mark: boxes at times, between which they move in straight lines.
        frame_size: ``(width, height)`` that the boxes refer to, where the frames were scaled.

    Returns:
        ``path``.

    Raises:
        StorageError: If it cannot be written.
        ValueError: If there are no frames.
    """
    path = Path(path)
    coming = iter(frames)
    first = next(coming, None)
    if first is None:
        raise ValueError("a clip needs at least one frame")
    size = _clip_size(first.size)
    track = _Track(boxes)
    rate = Fraction(fps if fps and fps > 0 else 25).limit_denominator(1001)
    with (
        writing(path) as temporary,
        av.open(str(temporary), "w", format="mp4", options={"movflags": "+faststart"}) as container,
    ):
        stream = _stream(container, size, rate)
        last = -1
        for frame in itertools.chain([first], coming):
            ticks = round((frame.time - first.time) * _TICKS)
            if ticks <= last:
                continue
            last = ticks
            picture = av.VideoFrame.from_ndarray(_drawn(frame, size, track, frame_size), format="rgb24")
            picture.pts, picture.time_base = ticks, Fraction(1, _TICKS)
            picture.duration = round(_TICKS / rate)
            container.mux(stream.encode(picture))
        container.mux(stream.encode(None))
    return path


def clip_for(
    event: Event,
    source: Source | Replayable | None,
    ring: FrameRing | None,
    path: Path | str,
    *,
    before: float = 3.0,
    after: float = 3.0,
    fps: float | None = None,
) -> Path | None:
    """Write the clip of an event, from the source where its past can be read again, else from the ring.

    Args:
        event: What to show.
        source: Where it was seen.
        ring: The last seconds of a live source.
        path: Where to write it.
        before: Seconds to show before the event.
        after: Seconds to show after it.
        fps: Expected rate.

    Returns:
        ``path``, or ``None`` where no picture of that time is left.

    Raises:
        StorageError: If it cannot be written.
    """
    start, end = clip_window(event, before, after)
    size: tuple[int, int] | None = None
    frames: Iterator[Frame]
    if isinstance(source, Replayable):
        frames = source.between(start, end)
    elif ring is not None:
        frames, size = ring.frames(start, end), ring.frame_size
    else:
        return None
    first = next(frames, None)
    if first is None:
        return None
    boxes = event.track or ((event.peak, event.box),)
    return write_clip(itertools.chain([first], frames), path, fps=fps, boxes=boxes, frame_size=size)


def clip_window(event: Event, before: float, after: float) -> tuple[float, float]:
    """Return the first and last second of an event's clip, at most a minute around its peak."""
    start, end = event.start - before, event.end + after
    if end - start > LONGEST:
        start = min(max(start, event.peak - LONGEST / 2), end - LONGEST)
        end = start + LONGEST
    return start, end


class _Track:
    """Boxes at times, and in between."""

    def __init__(self, boxes: Mapping[float, Box] | Sequence[tuple[float, Box]]) -> None:
        known = dict(boxes)  # of two boxes at one time the later entry counts
        self._times = sorted(known)
        self._boxes = [known[time] for time in self._times]

    def at(self, time: float) -> Box | None:
        """Return the box at ``time``, or ``None`` before the first and after the last."""
        times, boxes = self._times, self._boxes
        if not times or not times[0] - _MARGIN <= time <= times[-1] + _MARGIN:
            return None
        after = bisect_right(times, time)
        if after == 0 or after == len(times):
            return boxes[0] if after == 0 else boxes[-1]
        one, two = boxes[after - 1], boxes[after]
        share = (time - times[after - 1]) / (times[after] - times[after - 1])
        return Box(
            round(one.x + share * (two.x - one.x)),
            round(one.y + share * (two.y - one.y)),
            round(one.width + share * (two.width - one.width)),
            round(one.height + share * (two.height - one.height)),
        )


@cache
def encoder() -> str:
    """Choose the best encoder that this build of FFmpeg has.

    Raises:
        RuntimeError: It has none.
    """
    for name in ("libx264", "libopenh264", "h264_videotoolbox", "mpeg4"):
        if name in av.codecs_available:
            return name
    raise RuntimeError("this build of PyAV has no MPEG-4 encoder")


def _stream(container: av.container.OutputContainer, size: tuple[int, int], rate: Fraction) -> VideoStream:
    stream = container.add_stream(encoder(), rate=rate)
    assert isinstance(stream, VideoStream)
    stream.width, stream.height = size
    stream.pix_fmt = "yuv420p"
    stream.codec_context.time_base = Fraction(1, _TICKS)
    if encoder() == "libx264":
        stream.options = {"preset": "veryfast", "crf": "24"}
    else:
        stream.bit_rate = 4 * size[0] * size[1]
    return stream


def _clip_size(size: tuple[int, int]) -> tuple[int, int]:
    """Return an even size, as 4:2:0 asks, at most ``MAX_WIDTH`` wide."""
    width, height = size
    factor = min(1.0, MAX_WIDTH / width)
    return max(2, round(width * factor / 2) * 2), max(2, round(height * factor / 2) * 2)


def _drawn(frame: Frame, size: tuple[int, int], track: _Track, frame_size: tuple[int, int] | None) -> RGB:
    box = track.at(frame.time)
    picture = resized(frame.rgb(), size)
    if box is not None:
        picture = np.array(picture)  # never draw into the source's own picture
        draw_box(picture, scaled(box, frame_size or frame.size, size))
    return np.ascontiguousarray(picture)
