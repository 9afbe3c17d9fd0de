"""Video files, and finite videos behind a URL: read without loss, at their own times."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import datetime
from fractions import Fraction

import av
import numpy as np
from av.container import InputContainer
from av.video.stream import VideoStream
from numpy.typing import NDArray

from everyframe.errors import SourceError, SourceUnreadable
from everyframe.sources.containers import Clock, duration_of, explained, open_container, rate_of, video_of
from everyframe.sources.gaps import FREEZE_AFTER, mark_gaps
from everyframe.sources.names import masked
from everyframe.sources.pictures import VECTOR_CODECS, to_frame
from everyframe.types import Frame, Gap, GapReason, StreamInfo

_MOST_ERRORS = 100  # read errors in a row after which the rest of the file is given up
_SEEK_BACK = (0.0, 2.0, 10.0)  # seconds before the wanted time to try, where an index leads past it
_GUESSING = frozenset({"h264", "hevc", "m4v", "mjpeg", "mpeg", "mpegts", "mpegvideo"})
"""Formats that do not say how long they last; FFmpeg guesses from their size and last timestamps."""
_HOLE = 1.5  # intervals: a step this long has room for a lost frame
_MOST_REORDERED = 16  # pictures that a decoder holds back at most (H.264, level limits)
_FALLBACK_FPS = Fraction(25)


class FileSource:
    """A video file; every frame comes, with the presentation time that the file gives it.

    Time 0 is the first frame. Damaged packets become ``Gap(UNDECODABLE)``, what a truncated file lacks
    ``Gap(MISSING)`` at its end. Rotation metadata is ignored: pictures come as they are stored.

    Args:
        path: The file, or the URL of one.
        starts: When its first frame was taken; without a time zone, in this machine's local time.
        fps: Frame rate to assume for streams without timestamps.
        vectors: Whether frames carry the codec's motion vectors.
        threads: How many threads decode.
        timeout: Seconds to wait for a URL.
        freeze_after: Seconds of equal pictures after which they count as a freeze.

    Raises:
        SourceNotFound: There is no such file.
        SourceUnreadable: It is no video, or none of it can be decoded.
        SourceUnreachable: The URL refuses or does not answer.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        *,
        starts: datetime | None = None,
        fps: float | None = None,
        vectors: bool = False,
        threads: int = 1,
        timeout: float = 10.0,
        freeze_after: float = FREEZE_AFTER,
    ) -> None:
        self._path = os.fspath(path)
        self._name = masked(self._path)
        self._vectors, self._threads, self._timeout = vectors, threads, timeout
        self._freeze_after = freeze_after
        self._start_utc = starts.timestamp() if starts is not None else None
        self._closed = False
        self._timeline: NDArray[np.int64] | None = None
        with closing(self._open()) as container:
            stream = self._video(container)
            told = Fraction(fps).limit_denominator(100_000) if fps else None
            self._rate = rate_of(stream) or told
            self._duration = duration_of(container, stream)
            self._promised = None if container.format.name in _GUESSING else self._duration
            self._origin: int | None = None  # the first frame's timestamp, in the stream's time base
            first = next((f for f in self._pictures(container, stream) if isinstance(f, Frame)), None)
            if first is None:
                raise SourceUnreadable(
                    f"{self._name}: no frame of this video can be decoded; check that the file is complete"
                )
            codec = stream.codec_context.name
            self.pixel_format = stream.codec_context.pix_fmt
            """FFmpeg's name of the pixel format."""
            self._info = StreamInfo(
                name=self._name,
                width=first.size[0],
                height=first.size[1],
                fps=self._rate,
                frames=stream.frames or None,
                duration=self._duration,
                codec=codec,
                vectors=codec in VECTOR_CODECS,
                start_utc=self._start_utc,
            )

    def __repr__(self) -> str:
        return f"FileSource({self._name!r})"

    @property
    def info(self) -> StreamInfo:
        """What the container says."""
        return self._info

    def close(self) -> None:
        """End every iteration at its next packet."""
        self._closed = True

    def __iter__(self) -> Iterator[Frame | Gap]:
        with closing(self._open()) as container:
            pictures = self._pictures(container, self._video(container))
            fps = float(self._rate) if self._rate else None
            yield from mark_gaps(pictures, fps=fps, freeze_after=self._freeze_after)

    def between(self, start: float, end: float) -> Iterator[Frame]:
        """Yield the frames with ``start <= time <= end`` (seconds), repeated pictures too.

        The first call reads through the packets, without decoding them, to learn each frame's number.
        """
        for frame in self._from(start):
            if frame.time > end:
                return
            if frame.time >= start:
                yield frame

    def _open(self) -> InputContainer:
        if self._closed:
            raise SourceError(f"{self._name} is closed; open it again to read it")
        return open_container(self._path, timeout=self._timeout)

    def _video(self, container: InputContainer) -> VideoStream:
        return video_of(container, self._name, vectors=self._vectors, threads=self._threads)

    def _from(self, start: float) -> Iterator[Frame]:
        """Yield frames from a key frame before ``start``, or from the beginning where that is unsure."""
        timeline = self._known_timeline()
        for back in _SEEK_BACK if len(timeline) else ():
            if start - back <= 0.0:
                break
            with closing(self._open()) as container:
                stream = self._video(container)
                if not self._sought(container, stream, start - back):
                    continue
                found = (f for f in self._pictures(container, stream) if isinstance(f, Frame))
                first = next(found, None)
                if first is None or first.time > start:
                    continue
                step = float(stream.time_base or 1)
                known = (timeline - timeline[0]) * step - step / 2
                shift = int(np.searchsorted(known, first.time, side="right")) - 1 - first.index
                yield replace(first, index=first.index + shift)
                for frame in found:
                    yield replace(frame, index=frame.index + shift)
                return
        with closing(self._open()) as container:
            pictures = self._pictures(container, self._video(container))
            yield from (f for f in mark_gaps(pictures, repeats=False) if isinstance(f, Frame))

    def _sought(self, container: InputContainer, stream: VideoStream, start: float) -> bool:
        assert self._origin is not None
        assert stream.time_base is not None
        try:
            container.seek(self._origin + int(start / stream.time_base), stream=stream)
        except av.error.FFmpegError:
            return False
        return True

    def _known_timeline(self) -> NDArray[np.int64]:
        """Return the timestamps of all packets in order; empty where they do not tell the frames' numbers."""
        if self._timeline is None:
            stamps: list[int] = []
            latest, usable = -(2**63), self._origin is not None
            with closing(self._open()) as container:
                for packet in container.demux(self._video(container)):
                    if packet.size == 0:
                        continue
                    if packet.pts is None or (packet.dts is not None and packet.dts < latest):
                        usable = False  # no clock, or one that leaps back: only reading in order is right
                        break
                    latest = packet.dts if packet.dts is not None else latest
                    if packet.pts >= (self._origin or 0):
                        stamps.append(packet.pts)
            self._timeline = np.unique(np.array(stamps if usable else [], dtype=np.int64))
        return self._timeline

    def _pictures(self, container: InputContainer, stream: VideoStream) -> Iterator[Frame | Gap]:
        """Yield every picture at the file's own time, and gaps for what cannot be decoded."""
        base = float(stream.time_base or 0) or 1.0
        interval = float(1 / (self._rate or _FALLBACK_FPS))
        start_utc, vectors = self._start_utc, self._vectors
        index = lost = waited = 0
        time = -interval
        clock = Clock()
        for picture in self._decoded(container, stream):
            if picture is None or picture.is_corrupt:
                lost += 1
                continue
            stamp = clock.stamp(picture.pts, picture.dts)
            if stamp is None:
                now = time + interval * (1 + lost)
            else:
                if self._origin is None:
                    self._origin = stamp
                now = (stamp - self._origin) * base
            if lost:
                # Decoders put pictures into another order than packets: the hole may lie ahead.
                waited += 1
                if not 0.0 < now - time < _HOLE * interval or waited > _MOST_REORDERED:
                    yield Gap(max(min(time, now), 0.0), max(now, 0.0), GapReason.UNDECODABLE, lost)
                    index, lost, waited = index + lost, 0, 0
            time = now
            utc = None if start_utc is None else start_utc + time
            yield to_frame(picture, index, time, utc, vectors=vectors)
            index += 1
        if not self._closed:
            yield from self._rest(max(time, 0.0), lost, interval)

    def _rest(self, time: float, lost: int, interval: float) -> Iterator[Gap]:
        """Tell what lies between the last picture and the end that the container promised."""
        end = max((self._promised or 0.0) - interval, time)
        if lost:
            middle = min(time + lost * interval, end)
            yield Gap(time, middle, GapReason.UNDECODABLE, lost)
            time = middle
        if end - time > max(3 * interval, 0.25):
            yield Gap(time, end, GapReason.MISSING)

    def _decoded(self, container: InputContainer, stream: VideoStream) -> Iterator[av.VideoFrame | None]:
        """Yield pictures, and ``None`` for each packet of which none can be made."""
        packets = container.demux(stream)
        errors = 0
        while errors < _MOST_ERRORS and not self._closed:
            try:
                packet = next(packets, None)
            except av.error.EOFError:
                return
            except av.error.FFmpegError as error:
                if isinstance(error, (av.error.ExitError, av.error.ConnectionResetError)):
                    raise explained(error, self._path, self._timeout) from None
                errors += 1
                packets = container.demux(stream)
                continue
            if packet is None:
                return
            try:
                yield from packet.decode()
                errors = 0
            except av.error.EOFError:
                return
            except av.error.FFmpegError:
                yield None
