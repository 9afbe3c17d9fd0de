"""Recordings: what a camera sends, kept as it came in files of a minute, until there is no room."""

from __future__ import annotations

import logging
import shutil
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
from av.container import OutputContainer
from av.video.stream import VideoStream

from everyframe.files import file_name

_log = logging.getLogger(__name__)

FOLDER = "recordings"
"""Where they lie, in a store's folder; a folder for each camera."""

_LENGTH = 60.0  # seconds of a file, or until the next key frame after that
_AGAIN = 60.0  # seconds after which it is tried again, where a file could not be written
_BEING_WRITTEN = 120.0  # seconds since the last change for which a file is left alone
_ENDING = ".mp4"


@dataclass(frozen=True, slots=True)
class Recording:
    """One file.

    Attributes:
        path: Where it lies.
        start_utc: POSIX seconds of its first picture.
        end_utc: Of its last, or nearly so.
        size: In bytes.
    """

    path: Path
    start_utc: float
    end_utc: float
    size: int


@dataclass(frozen=True, slots=True)
class Room:
    """How much recordings may take.

    Attributes:
        seconds: Older ones are removed.
        size: Bytes of all together; the oldest are removed first.
        free: Bytes of the disk that stay free, whatever else fills it.
    """

    seconds: float
    size: float
    free: float


class Recorder:
    """Writes packets into files as they come: nothing is encoded again.

    Files are MP4 in fragments of one key frame each, so that a process that is killed, or a disk that is
    full, costs the last seconds and not the file. A fault is told in the log, and recording goes on when it
    can: it must not hurt the watching.

    Args:
        folder: Where to; made where it is missing.
        length: Seconds of a file.
        now: The clock, POSIX seconds.
    """

    def __init__(
        self, folder: Path, *, length: float = _LENGTH, now: Callable[[], float] = time.time
    ) -> None:
        self._folder, self._length, self._now = folder, length, now
        self._source: VideoStream | None = None
        self._file: OutputContainer | None = None
        self._target: Any = None
        self._started = 0.0
        self._zero = 0
        self._latest = -1  # decoding time of the packet before, in the stream's own units
        self._not_before = 0.0

    def begin(self, stream: VideoStream) -> None:
        """Take that a connection begins."""
        self.end()
        self._source = stream

    def take(self, packet: av.Packet[Any]) -> None:
        """Keep a packet; a file begins with a key frame."""
        if self._source is None or packet.size == 0 or packet.dts is None or packet.pts is None:
            return
        now = self._now()
        try:
            due = self._file is None or now - self._started >= self._length
            if due and packet.is_keyframe and now >= self._not_before:
                self._open(packet, now)
            if self._file is not None:
                self._write(packet)
        except (OSError, av.error.FFmpegError, ValueError) as error:
            reason = getattr(error, "strerror", None) or error
            _log.warning("recording to %s stops for %.0f s: %s", self._folder, _AGAIN, reason)
            self._not_before = now + _AGAIN
            self._close()

    def end(self) -> None:
        """Close the file; may be called twice."""
        self._close()
        self._source = None

    def _open(self, packet: av.Packet[Any], now: float) -> None:
        self._close()
        self._folder.mkdir(parents=True, exist_ok=True)
        path = self._folder / f"{round(now * 1000)}{_ENDING}"
        options = {"movflags": "frag_keyframe+empty_moov+default_base_moof", "flush_packets": "1"}
        self._file = av.open(str(path), "w", format="mp4", options=options)
        assert self._source is not None
        self._target = self._file.add_stream_from_template(self._source)
        self._started, self._zero, self._latest = now, packet.dts or 0, -1

    def _write(self, packet: av.Packet[Any]) -> None:
        assert self._file is not None
        assert packet.dts is not None
        assert packet.pts is not None
        dts = packet.dts - self._zero
        if dts <= self._latest:  # a camera's clock that leaps back: the next key frame begins a file
            self._close()
            return
        copy = av.Packet(bytes(packet))
        copy.dts, copy.pts = dts, packet.pts - self._zero
        copy.time_base = packet.time_base or Fraction(1, 90_000)
        copy.duration = packet.duration or 0
        copy.is_keyframe = packet.is_keyframe
        copy.stream = self._target
        self._file.mux_one(copy)
        self._latest = dts

    def _close(self) -> None:
        file, self._file, self._target = self._file, None, None
        if file is not None:
            with suppress(OSError, av.error.FFmpegError):
                file.close()


def folder_of(store: Path, camera: str) -> Path:
    """Return where a camera's recordings lie, in the folder of a store."""
    return store / FOLDER / file_name(camera)


def recorded(folder: Path, since: float = 0.0, until: float = float("inf")) -> list[Recording]:
    """Return the files of one camera that have something of a stretch of time, in order.

    Args:
        folder: Of the camera.
        since: POSIX seconds.
        until: Likewise.
    """
    found = []
    for path in folder.glob(f"*{_ENDING}"):
        one = _recording(path)
        if one is not None and one.end_utc > since and one.start_utc < until:
            found.append(one)
    return sorted(found, key=lambda one: one.start_utc)


def make_room(folder: Path, room: Room, now: float | None = None) -> int:
    """Remove the oldest recordings until what is left has room; return how many.

    What is being written is left alone.

    Args:
        folder: With a folder for each camera.
        room: How much there is.
        now: POSIX seconds.
    """
    moment = time.time() if now is None else now
    every = [one for camera in folder.glob("*/") for one in recorded(camera)]
    every.sort(key=lambda one: one.start_utc)
    size = sum(one.size for one in every)
    try:
        free = shutil.disk_usage(folder).free
    except OSError:
        return 0
    removed = 0
    for one in every:
        aged = moment - one.end_utc > room.seconds
        if not aged and size <= room.size and free >= room.free:
            break
        if moment - one.end_utc < _BEING_WRITTEN:
            continue
        with suppress(OSError):
            one.path.unlink()
            removed += 1
            size -= one.size
            free += one.size
    return removed


def _recording(path: Path) -> Recording | None:
    try:
        told = path.stat()
        start = int(path.stem) / 1000.0
    except (OSError, ValueError):
        return None
    return Recording(path, start, max(start, told.st_mtime), told.st_size)
