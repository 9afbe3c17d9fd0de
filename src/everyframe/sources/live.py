"""Cameras and streams: the latest picture, what was left out, and what did not come."""

from __future__ import annotations

import time
import weakref
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace

from everyframe.errors import SourceError, SourceNotFound
from everyframe.sources.containers import duration_of, open_container, video_of
from everyframe.sources.gaps import FREEZE_AFTER, mark_gaps
from everyframe.sources.names import is_there, masked, scheme_of
from everyframe.sources.pictures import VECTOR_CODECS, to_frame
from everyframe.sources.reader import Backoff, Reader, Shot
from everyframe.sources.tap import Tap
from everyframe.types import Frame, Gap, GapReason, StreamInfo

_UNSTAMPED = 5  # pictures without a stamp at the beginning of a connection that are left out
_CLOSING = 1.0  # seconds to wait for the thread; longer only where the network hangs, and then in vain


def is_live(url: str, *, timeout: float = 10.0) -> bool:
    """Say whether a URL goes on for ever; what has a length is read as a file, without loss.

    Raises:
        SourceUnreadable: What answers is no video.
        SourceUnreachable: It refuses or does not answer.
    """
    if scheme_of(url) not in {"http", "https"}:
        return True
    with closing(open_container(url, timeout=timeout)) as container:
        return duration_of(container, video_of(container, masked(url))) is None


class _Timeline:
    """One clock over all connections: a stream's own stamps, joined by the time that passed in between."""

    def __init__(self) -> None:
        self._stamped = 0  # the connection whose stamps the offset belongs to
        self._offset = 0.0
        self._time = self._arrival = 0.0

    def at(self, arrival: float) -> float:
        """Return the time at a moment of this machine's clock at or after the last picture."""
        return self._time + max(arrival - self._arrival, 0.0)

    def of(self, shot: Shot) -> float:
        """Return a picture's time, without taking note of it."""
        # The first pictures of a connection may have no stamp: the offset is still that of the one before.
        if shot.stamp is None or shot.connection != self._stamped:
            return self.at(shot.arrival)
        return shot.stamp + self._offset

    def knows(self, shot: Shot) -> bool:
        """Say whether there was a stamp in a picture's connection, this picture's included."""
        return shot.stamp is not None or shot.connection == self._stamped

    def take(self, shot: Shot, moment: float) -> None:
        """Take a picture as shown at ``moment``; its connection's later ones count from there."""
        self._time, self._arrival = moment, shot.arrival
        if shot.stamp is not None:
            self._stamped, self._offset = shot.connection, moment - shot.stamp


class LiveSource:
    """An RTSP, HTTP or HLS stream or a V4L2 device that does not wait for us.

    A thread reads and decodes; whoever iterates gets the latest picture. What was left out comes as
    ``Gap(DROPPED)``. While nothing comes there is a ``Gap(STALL)`` every ``stall_after`` seconds, and after a
    lost connection the thread tries again for ever. ``time`` is the stream's own clock, from 0 at the first
    picture, joined over reconnects by this machine's clock; ``utc`` is when the picture arrived.

    After a reconnect frames may have another size: ``Frame.size`` and ``info`` tell, and nothing is scaled.
    Pictures that arrive late, with times for which a stall was already told, are dropped for up to
    ``stall_after`` seconds; then the clock is taken as having stood still, and goes on from the stall.
    RTSP goes over TCP.

    Args:
        spec: URL, or a device such as ``/dev/video0``.
        fps: Rate to ask a device for.
        vectors: Whether frames carry the codec's motion vectors.
        timeout: Seconds until the first picture, and later for each read.
        stall_after: Seconds without a picture that are a stall.
        freeze_after: Seconds of equal pictures after which they count as a freeze.
        backoff: How long to wait before reconnecting.
        tap: Who takes the packets, too, as they come.

    Raises:
        SourceNotFound: There is no such device.
        SourceUnreadable: What answers is no video.
        SourceUnreachable: The URL refuses, or no picture comes in time.
    """

    def __init__(
        self,
        spec: str,
        *,
        fps: float | None = None,
        vectors: bool = False,
        timeout: float = 10.0,
        stall_after: float = 2.0,
        freeze_after: float = FREEZE_AFTER,
        backoff: Backoff | None = None,
        tap: Tap | None = None,
    ) -> None:
        self._name = masked(spec)
        self._vectors, self._stall_after, self._freeze_after = vectors, stall_after, freeze_after
        kind, options = _how(spec, fps)
        self._reader = Reader(
            spec,
            format=kind,
            options=options,
            vectors=vectors,
            timeout=timeout,
            backoff=backoff or Backoff(),
            tap=tap,
        )
        weakref.finalize(self, self._reader.stop)  # a source that is forgotten must not go on reading
        self._timeline = _Timeline()
        self._start_utc: float | None = None
        self._first = 0  # number of the first picture that was taken
        self._reader.start()

    def __repr__(self) -> str:
        return f"LiveSource({self._name!r})"

    @property
    def info(self) -> StreamInfo:
        """What the present connection says; the size may change with the next one."""
        info = self._reader.info
        assert info is not None, "set before the first picture"
        return replace(info, vectors=info.codec in VECTOR_CODECS, start_utc=self._start_utc)

    @property
    def pixel_format(self) -> str | None:
        """FFmpeg's name of the pixel format."""
        return self._reader.pixel_format

    def close(self) -> None:
        """End the thread and every iteration, within a second even where the network hangs."""
        self._reader.stop(_CLOSING)

    def __iter__(self) -> Iterator[Frame | Gap]:
        if self._reader.stopped:
            raise SourceError(f"{self._name} is closed; open it again to read it")
        fps = self.info.fps
        yield from mark_gaps(self._watch(), fps=float(fps) if fps else None, freeze_after=self._freeze_after)

    def _watch(self) -> Iterator[Frame | Gap]:
        """Yield the latest pictures, and gaps for what lies between them."""
        reader, timeline = self._reader, self._timeline
        before: Shot | None = None
        late_since: float | None = None
        unknown = 0  # pictures in a row without a stamp
        told: float | None = None  # up to here, everything has been said
        while True:
            shot = reader.take(self._stall_after)
            if reader.stopped:
                return
            now = time.monotonic()
            if shot is None:
                if told is not None and (end := timeline.at(now)) > told:
                    yield Gap(told, end, GapReason.STALL)
                    told = end
                continue
            # The first pictures come in a rush: without stamps nobody knows how far apart they were.
            unknown = 0 if timeline.knows(shot) else unknown + 1
            if 0 < unknown <= _UNSTAMPED:
                continue
            moment = timeline.of(shot) if self._start_utc is not None else 0.0
            if self._start_utc is None:
                self._start_utc, self._first = shot.wall, shot.number
            stalled = told is not None and before is not None and told > timeline.at(before.arrival)
            if stalled and told is not None and moment <= told:
                late_since = now if late_since is None else late_since
                if now - late_since < self._stall_after:
                    continue
                moment = timeline.at(shot.arrival)
            late_since = None
            if told is not None and before is not None:
                start = told
                # Over a reconnect there is always a gap, however short: nothing may be compared across it.
                if moment > told and (stalled or shot.connection != before.connection):
                    yield Gap(told, moment, GapReason.STALL)
                    start = moment
                damaged = shot.damaged - before.damaged
                dropped = shot.number - before.number - 1 - damaged
                if damaged:
                    yield Gap(start, max(moment, start), GapReason.UNDECODABLE, damaged)
                    start = max(moment, start)
                if dropped:
                    yield Gap(start, max(moment, start), GapReason.DROPPED, dropped)
            timeline.take(shot, moment)
            before, told = shot, moment
            yield to_frame(shot.picture, shot.number - self._first, moment, shot.wall, vectors=self._vectors)


def _how(spec: str, fps: float | None) -> tuple[str | None, dict[str, str]]:
    """Return FFmpeg's format and options for a spec."""
    if spec.startswith("/dev/"):
        if not is_there(spec):
            raise SourceNotFound(f"{spec}: there is no such device; is the camera plugged in?")
        return "v4l2", {"framerate": f"{fps:g}"} if fps else {}
    if scheme_of(spec) in {"rtsp", "rtsps"}:
        return None, {"rtsp_transport": "tcp"}
    return None, {}
