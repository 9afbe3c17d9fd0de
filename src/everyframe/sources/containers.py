"""Opening things with FFmpeg, and saying in one line why one cannot be opened."""

from __future__ import annotations

import errno
import time
from fractions import Fraction

import av
from av.container import InputContainer
from av.video.stream import VideoStream

from everyframe.errors import SourceError, SourceNotFound, SourceUnreachable, SourceUnreadable
from everyframe.sources.names import is_there, masked, scheme_of

# What the server says no with, and what a person can do about it.
_ANSWERS: tuple[tuple[type[BaseException] | tuple[type[BaseException], ...], str], ...] = (
    (av.error.ConnectionRefusedError, "refuses the connection; check host and port, and that it is running"),
    (av.error.HTTPUnauthorizedError, "refuses the login (401); the URL needs the right user:password@host"),
    (av.error.HTTPForbiddenError, "forbids access (403); check the user's rights and the path"),
    (av.error.HTTPNotFoundError, "does not know this path (404); check the URL"),
    (av.error.HTTPServerError, "answers with a server error (5xx); look at the server or try again later"),
    (
        (av.error.ExitError, av.error.TimeoutError),
        "does not answer in time ({timeout:g} s); check the address and the network, or allow more time",
    ),
)
_NETWORK = frozenset({"http", "https", "rtsp", "rtsps", "rtmp", "rtmps", "rtp", "udp", "tcp", "srt", "mms"})


def is_network(spec: str) -> bool:
    """Say whether ``spec`` is the URL of something at the other end of a network."""
    return scheme_of(spec) in _NETWORK


def explained(error: Exception, spec: str, timeout: float) -> SourceError:
    """Turn FFmpeg's error on opening or reading ``spec`` into ours.

    FFmpeg's own message is not passed on as a whole: it holds the URL with its credentials.
    """
    name = masked(spec)
    missing = (
        isinstance(error, av.error.FileNotFoundError) or getattr(error, "errno", 0) == errno.ENAMETOOLONG
    )
    if missing and not is_network(spec):
        return SourceNotFound(f"{name}: there is no such file")
    if isinstance(error, av.error.PermissionError) and not is_network(spec):
        return SourceUnreadable(f"{name}: may not be read; check its permissions")
    if is_network(spec):
        for kind, text in _ANSWERS:
            if isinstance(error, kind):
                return SourceUnreachable(f"{name} {text.format(timeout=timeout)}")
        if isinstance(error, (OSError, av.error.HTTPError)) and not isinstance(
            error, (av.error.InvalidDataError, av.error.EOFError)
        ):
            reason = getattr(error, "strerror", None) or type(error).__name__
            return SourceUnreachable(
                f"{name} cannot be reached ({reason}); check the address and the network"
            )
    return SourceUnreadable(f"{name}: this is not video that FFmpeg can read; check that it is whole")


def open_container(
    spec: str,
    *,
    timeout: float = 10.0,
    format: str | None = None,  # noqa: A002 - FFmpeg's and PyAV's own word
    options: dict[str, str] | None = None,
) -> InputContainer:
    """Open a file, URL or device.

    Args:
        spec: What FFmpeg takes.
        timeout: Seconds for opening, and then for each read.
        format: FFmpeg's format, where it cannot be guessed.
        options: FFmpeg's options.

    Raises:
        SourceNotFound: There is no such file.
        SourceUnreadable: It is no video.
        SourceUnreachable: A URL refuses or does not answer in ``timeout``.
    """
    waits = (timeout, timeout) if is_network(spec) else None
    # Without the prefix FFmpeg takes "a:b.mp4" for a protocol.
    where = f"file:{spec}" if format is None and is_there(spec) else spec
    # FFmpeg takes a clock that starts again for one that ran over, and leaps 26 hours ahead.
    options = {"correct_ts_overflow": "0", **(options or {})}
    began = time.monotonic()
    try:
        return av.open(where, mode="r", timeout=waits, format=format, options=options)
    except (av.error.FFmpegError, ValueError) as error:
        # Where the time runs out decides what FFmpeg calls it; in the middle of a handshake, bad data.
        late = waits is not None and time.monotonic() - began >= 0.95 * timeout
        reason = av.error.TimeoutError(errno.ETIMEDOUT, "timed out") if late else error
        raise explained(reason, spec, timeout) from None


def video_of(container: InputContainer, name: str, *, vectors: bool = False, threads: int = 1) -> VideoStream:
    """Return the container's video stream, set up for decoding.

    Raises:
        SourceUnreadable: It has none, or FFmpeg has no decoder for it.
    """
    stream = next((s for s in container.streams.video if s.disposition.name != "attached_pic"), None)
    if stream is None:
        kinds = ", ".join(sorted({s.type for s in container.streams})) or "nothing"
        raise SourceUnreadable(f"{name}: it holds no video (only {kinds}); give a file or URL with a picture")
    context = stream.codec_context
    if context is None:
        raise SourceUnreadable(f"{name}: there is no decoder for its video; convert it, for example to H.264")
    context.thread_count = threads
    context.thread_type = "AUTO" if threads != 1 else "SLICE"
    if vectors:
        context.options = {"flags2": "+export_mvs"}
    return stream


def rate_of(stream: VideoStream) -> Fraction | None:
    """Return the average frames per second as the container says, ``None`` where it does not."""
    for rate in (stream.average_rate, stream.guessed_rate, stream.base_rate):
        if rate and 0 < rate <= 1000:
            return Fraction(rate)
    return None


def duration_of(container: InputContainer, stream: VideoStream) -> float | None:
    """Return how many seconds the video lasts as the container says, ``None`` where it does not."""
    if stream.duration and stream.time_base:
        return float(stream.duration * stream.time_base)
    return container.duration / av.time_base if container.duration and container.duration > 0 else None


class Clock:
    """Which of a decoded picture's two timestamps is to be believed.

    Pictures come in order of presentation, so the one of the two that has stepped back less often is right:
    AVI knows no presentation times, and what a decoder makes up for its B-frames runs zigzag. FFmpeg's own
    players decide so.
    """

    def __init__(self) -> None:
        self._pts = self._dts = -(2**63)
        self._wrong_pts = self._wrong_dts = 0

    def stamp(self, pts: int | None, dts: int | None) -> int | None:
        """Return the next picture's timestamp in the stream's time base; ``None`` where it has none."""
        if pts is not None:
            self._wrong_pts += pts <= self._pts
            self._pts = pts
        if dts is not None:
            self._wrong_dts += dts <= self._dts
            self._dts = dts
        return dts if pts is None or (dts is not None and self._wrong_pts > self._wrong_dts) else pts
