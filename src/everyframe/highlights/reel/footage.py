"""What footage is, as far as cutting it asks."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
from av.container import InputContainer
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from everyframe.errors import SettingError, SourceUnreadable
from everyframe.highlights.reel import h264
from everyframe.sources.containers import duration_of, open_container, rate_of, video_of
from everyframe.sources.names import masked

_GUESSING = frozenset({"h264", "hevc", "m4v", "mjpeg", "mpeg", "mpegts", "mpegvideo", "avi"})
"""Formats whose length FFmpeg guesses; reading through the packets tells it."""
_MOST_ERRORS = 100  # read errors in a row after which the rest of the file is given up
_FALLBACK_FPS = Fraction(25)
_PLAIN = frozenset({"yuv420p", "yuvj420p"})  # pixels that edges can be encoded in as the source has them
_PROFILES = ("Baseline", "Constrained Baseline", "Main", "High")


@dataclass(frozen=True, slots=True)
class Footage:
    """One source, opened and looked at.

    Attributes:
        path: Where it lies.
        origin: Stamp of its first picture, in ticks of ``time_base``: time 0.
        time_base: Seconds of a tick.
        rate: Pictures per second, nearly so where they vary.
        length: Seconds.
        size: ``(width, height)`` in pixels, as stored.
        aspect: Width of a pixel for its height.
        rotation: Degrees by which the picture has to be turned anticlockwise to stand upright.
        interlaced: Whether its pictures hold two moments each.
        codec: FFmpeg's name.
        pixels: FFmpeg's name of their format.
        colour: Range, primaries, transfer and matrix, as FFmpeg numbers them.
        profile: Of its codec.
        header: The parameter sets, for H.264.
        sound: Whether it has any.
        orderly: Whether its packets tell when they are shown; AVI's do not, whatever FFmpeg makes of them.
    """

    path: str
    origin: int
    time_base: Fraction
    rate: Fraction
    length: float
    size: tuple[int, int]
    aspect: Fraction
    rotation: int
    interlaced: bool
    codec: str
    pixels: str
    colour: tuple[int, int, int, int]
    profile: str
    header: h264.Header | None
    sound: bool
    orderly: bool

    @property
    def name(self) -> str:
        """What to call it; holds no credentials."""
        return masked(self.path)

    @property
    def shown(self) -> tuple[int, int]:
        """``(width, height)`` as it should be seen: upright, of square pixels, even."""
        width, height = round(self.size[0] * self.aspect), self.size[1]
        if self.rotation % 180:
            width, height = height, width
        return max(2, width // 2 * 2), max(2, height // 2 * 2)

    @property
    def obstacle(self) -> str:
        """Why its pictures cannot be copied beside encoded ones; empty where they can."""
        if self.codec != "h264":
            return f"it is {self.codec}, and only H.264 can be cut without encoding it again"
        if self.header is None or self.header.length not in (0, 4):
            return "its H.264 has no header that a film can share"
        if self.pixels not in _PLAIN or self.profile not in _PROFILES:
            return f"no encoder here matches its {self.profile} {self.pixels}"
        if not self.orderly:
            return "its packets do not tell when they are shown"
        if self.interlaced:
            return "it is interlaced"
        return "it is turned by its metadata" if self.rotation else ""

    def stamp(self, time: float) -> int:
        """Return the stamp of the first picture that is not before a time in seconds."""
        ticks = Fraction(time).limit_denominator(1_000_000) / self.time_base
        return self.origin - int((-ticks + Fraction(1, 2)) // 1)  # half a tick is rounding

    def time(self, stamp: int) -> float:
        """Return the time of a stamp in seconds."""
        return float((stamp - self.origin) * self.time_base)

    def shown_at(self, picture: VideoFrame) -> int:
        """Return a picture's stamp.

        Raises:
            SourceUnreadable: It has none.
        """
        stamp = _stamp_of(picture, self.orderly)
        if stamp is None:
            raise SourceUnreadable(no_clock(self.name))
        return stamp

    def opened(self) -> InputContainer:
        """Open it again."""
        return open_container(self.path)

    def video(self, container: InputContainer) -> VideoStream:
        """Return its pictures in a container that ``opened`` gave."""
        return video_of(container, self.name, threads=0)


def open_footage(path: str | os.PathLike[str]) -> Footage:
    """Look at a source.

    Raises:
        SettingError: It is a folder, a device or a live stream, from which no reel can be cut.
        SourceNotFound: There is no such file.
        SourceUnreadable: It is no video, or none of it can be decoded, or it has no clock.
    """
    where = os.fspath(path)
    if Path(where).is_dir() or where.startswith(("/dev/", "synthetic:", "rtsp")):
        raise SettingError(f"{masked(where)}: a reel is cut from video files; give files")
    name = masked(where)
    with closing(open_container(where)) as container:
        stream = video_of(container, name)
        first = _first_picture(container, stream)
        if first is None:
            raise SourceUnreadable(
                f"{name}: no picture of this video can be decoded; check that the file is whole"
            )
        orderly = container.format.name != "avi"
        origin = _stamp_of(first, orderly)
        if origin is None or not stream.time_base:
            raise SourceUnreadable(no_clock(name))
        context = stream.codec_context
        rate = rate_of(stream) or _FALLBACK_FPS
        aspect = Fraction(stream.sample_aspect_ratio or 1)
        return Footage(
            path=where,
            origin=origin,
            time_base=Fraction(stream.time_base),
            rate=Fraction(rate),
            length=_length(container, stream, origin, rate, where),
            size=(first.width, first.height),
            aspect=aspect if aspect > 0 else Fraction(1),
            rotation=round(first.rotation) % 360,
            interlaced=first.interlaced_frame,
            codec=context.codec.canonical_name,
            pixels=first.format.name,
            colour=(context.color_range, context.color_primaries, context.color_trc, context.colorspace),
            profile=context.profile or "",
            header=h264.header(context.extradata) if context.codec.canonical_name == "h264" else None,
            sound=any(one.codec_context is not None for one in container.streams.audio),
            orderly=orderly,
        )


def no_clock(name: str) -> str:
    """Say that a file's pictures have no times."""
    return f"{name}: its pictures have no timestamps; convert it first, for example to MP4"


def packets_of(container: InputContainer, stream: VideoStream) -> Iterator[av.Packet[VideoStream]]:
    """Yield a stream's packets, past what cannot be read; the last one is empty."""
    coming = container.demux(stream)
    errors = 0
    while errors < _MOST_ERRORS:
        try:
            packet = next(coming, None)
        except av.error.EOFError:
            return
        except av.error.FFmpegError:
            errors += 1
            coming = container.demux(stream)
            continue
        if packet is None:
            return
        errors = 0
        yield packet


def _stamp_of(picture: VideoFrame, orderly: bool) -> int | None:
    return picture.pts if orderly and picture.pts is not None else picture.dts


def _first_picture(container: InputContainer, stream: VideoStream) -> VideoFrame | None:
    for packet in packets_of(container, stream):
        with suppress(av.error.FFmpegError):
            for picture in packet.decode():
                if not picture.is_corrupt:
                    return picture
    return None


def _length(container: InputContainer, stream: VideoStream, origin: int, rate: Fraction, where: str) -> float:
    """Return how many seconds there are from the first picture on."""
    base = Fraction(stream.time_base or 1)
    told = duration_of(container, stream)
    if told is not None and container.format.name not in _GUESSING:
        began = float(stream.start_time * base) if stream.start_time is not None else 0.0
        if not stream.duration and container.start_time is not None:
            began = container.start_time / av.time_base
        return max(began + told - float(origin * base), float(1 / rate))
    latest = origin
    with closing(open_container(where)) as again:
        for packet in packets_of(again, video_of(again, masked(where))):
            stamp = packet.pts if packet.pts is not None else packet.dts
            if stamp is not None and packet.size:
                latest = max(latest, stamp)
    return float((latest - origin) * base + 1 / rate)
