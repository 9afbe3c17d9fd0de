"""The thread that reads a live source, keeps only the latest picture and reconnects for ever."""

from __future__ import annotations

import logging
import random
import threading
import time
from contextlib import closing
from dataclasses import dataclass

import av
from av.container import InputContainer

from everyframe.errors import SourceError, SourceUnreachable
from everyframe.sources.containers import explained, open_container, rate_of, video_of
from everyframe.sources.names import masked
from everyframe.sources.tap import Tap
from everyframe.types import StreamInfo

_log = logging.getLogger(__name__)

_PACED = frozenset({"hls", "dash"})
"""Formats that come in segments, faster than they play: shown at their own pace, or most would be dropped."""

_CLOCKLESS = frozenset({"h264", "hevc", "image2pipe", "jpeg_pipe", "mjpeg", "mpjpeg"})
"""Formats without timestamps; FFmpeg makes some up at 25 a second, so their arrival is nearer the truth."""


@dataclass(frozen=True, slots=True)
class Shot:
    """A picture as it came in.

    Attributes:
        picture: As decoded.
        connection: How many times the source had been opened.
        stamp: Presentation time in seconds on this connection's own clock, ``None`` where it has none.
        arrival: ``time.monotonic()`` when it came.
        wall: ``time.time()`` when it came.
        number: Count of pictures and of undecodable packets before it.
        damaged: How many of those before it could not be decoded.
    """

    picture: av.VideoFrame
    connection: int
    stamp: float | None
    arrival: float
    wall: float
    number: int
    damaged: int


@dataclass(frozen=True, slots=True)
class Backoff:
    """How long to wait before another try: doubling from ``first`` to ``most``, less up to a half by chance.

    The chance keeps a hundred cameras behind one switch from coming back in the same instant.
    """

    first: float = 0.5
    most: float = 30.0

    def wait(self, tries: int) -> float:
        """Return the seconds to wait after so many failed tries (from 1)."""
        longest = min(self.most, self.first * 2.0 ** min(tries - 1, 30))
        return longest * random.uniform(0.5, 1.0)  # noqa: S311 - no secret


class Reader:
    """Reads one live source in a thread of its own.

    Args:
        spec: URL or device.
        format: FFmpeg's format, where it cannot be guessed.
        options: FFmpeg's options.
        vectors: Whether to have motion vectors decoded.
        timeout: Seconds for opening, and for each read after that.
        backoff: When to try again.
        tap: Who takes the packets, too.
    """

    def __init__(
        self,
        spec: str,
        *,
        format: str | None,  # noqa: A002 - FFmpeg's and PyAV's own word
        options: dict[str, str],
        vectors: bool,
        timeout: float,
        backoff: Backoff,
        tap: Tap | None = None,
    ) -> None:
        self._tap = tap
        self._spec, self._name = spec, masked(spec)
        self._format, self._options = format, options
        self._vectors, self._timeout, self._backoff = vectors, timeout, backoff
        self._changed = threading.Condition()
        self._stop = threading.Event()
        self._latest: Shot | None = None
        self._failure: BaseException | None = None
        self._connections = self._number = self._damaged = 0
        self.info: StreamInfo | None = None
        self.pixel_format: str | None = None
        self._thread = threading.Thread(target=self._run, name=f"reader of {self._name}", daemon=True)

    def start(self) -> None:
        """Connect, and return when the first picture is there.

        Raises:
            SourceNotFound: There is no such device.
            SourceUnreadable: What answers is no video.
            SourceUnreachable: It refuses, or no picture came in time.
        """
        self._thread.start()
        with self._changed:
            self._changed.wait_for(lambda: self._latest is not None or self._ended(), self._timeout)
            if self._failure is not None:
                raise self._failure
            if self._latest is None:
                self._stop.set()
                what = "answers, but sends no picture" if self.info else "does not answer"
                raise SourceUnreachable(
                    f"{self._name} {what} in time ({self._timeout:g} s); check the address and the network, "
                    "or allow more time"
                )

    def take(self, wait: float) -> Shot | None:
        """Return the latest picture that nobody took yet; ``None`` when none came within ``wait`` seconds.

        Raises:
            BaseException: Whatever ended the thread, if anything did.
        """
        with self._changed:
            self._changed.wait_for(lambda: self._latest is not None or self._ended(), max(wait, 0.0))
            shot, self._latest = self._latest, None
            if shot is None and self._failure is not None:
                raise self._failure
            return shot

    @property
    def stopped(self) -> bool:
        """Whether nothing more will come, because somebody closed the source."""
        return self._stop.is_set()

    def stop(self, patience: float = 0.0) -> None:
        """Ask the thread to end and wait ``patience`` seconds for it.

        A thread that hangs in the network ends by itself when its read times out.
        """
        again = self._stop.is_set()
        self._stop.set()
        with self._changed:
            self._latest = None
            self._changed.notify_all()
        if (
            not again
            and patience
            and self._thread.is_alive()
            and self._thread is not threading.current_thread()
        ):
            self._thread.join(patience)

    def _ended(self) -> bool:
        return self._failure is not None or self._stop.is_set()

    def _run(self) -> None:
        tries = 0
        try:
            while not self._stop.is_set():
                before = self._number
                try:
                    try:
                        with closing(self._open()) as container:
                            self._play(container)
                    finally:
                        if self._tap is not None:
                            self._tap.end()
                    reason = "the stream ended"
                except SourceError as error:
                    if self._connections == 0 or self._number == 0:
                        raise  # the very first try: the person who named the source is still there to be told
                    reason = str(error)
                tries = 1 if self._number > before else tries + 1
                wait = self._backoff.wait(tries)
                if not self._stop.is_set():
                    _log.info("%s: %s; trying again in %.1f s", self._name, reason, wait)
                self._stop.wait(wait)
        except BaseException as error:
            with self._changed:
                self._failure = error
                self._changed.notify_all()

    def _open(self) -> InputContainer:
        return open_container(self._spec, timeout=self._timeout, format=self._format, options=self._options)

    def _play(self, container: InputContainer) -> None:
        stream = video_of(container, self._name, vectors=self._vectors)
        self._connections += 1
        context = stream.codec_context
        self.info = StreamInfo(
            name=self._name,
            width=context.width,
            height=context.height,
            fps=rate_of(stream),
            codec=context.name,
            live=True,
        )
        self.pixel_format = context.pix_fmt
        base = float(stream.time_base or 1)
        has_clock = container.format.name not in _CLOCKLESS
        pace = _Pace() if container.format.name in _PACED else None
        if self._tap is not None:
            self._tap.begin(stream)
        packets = container.demux(stream)
        while not self._stop.is_set():
            try:
                packet = next(packets, None)
            except av.error.EOFError:
                return
            except av.error.FFmpegError as error:
                raise explained(error, self._spec, self._timeout) from None
            if packet is None:
                return
            if self._tap is not None:
                self._tap.take(packet)
            try:
                pictures = packet.decode()
            except av.error.EOFError:
                return
            except av.error.FFmpegError:
                self._damaged += 1
                self._number += 1
                continue
            for picture in pictures:
                stamp = picture.pts if picture.pts is not None else picture.dts
                seconds = stamp * base if stamp is not None and has_clock else None
                if pace is not None and seconds is not None:
                    self._stop.wait(pace.wait(seconds))
                self._show(picture, seconds)

    def _show(self, picture: av.VideoFrame, stamp: float | None) -> None:
        with self._changed:
            if picture.is_corrupt:
                self._damaged += 1
            elif not self._stop.is_set():
                self._latest = Shot(
                    picture,
                    self._connections,
                    stamp,
                    time.monotonic(),
                    time.time(),
                    self._number,
                    self._damaged,
                )
                self._changed.notify_all()
            self._number += 1


class _Pace:
    """Says how long to hold a picture so that pictures come as fast as they play."""

    def __init__(self) -> None:
        self._zero: float | None = None  # monotonic time of stamp 0

    def wait(self, stamp: float) -> float:
        now = time.monotonic()
        ahead = self._zero + stamp - now if self._zero is not None else 0.0
        if self._zero is None or ahead < 0.0 or ahead > 30.0:
            self._zero = now - stamp  # late, or the clock leapt: go on from here
            return 0.0
        return ahead
