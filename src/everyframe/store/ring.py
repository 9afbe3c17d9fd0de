"""The last seconds of a live source, kept small."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np

from everyframe.store.pictures import jpeg, resized
from everyframe.types import RGB, Frame

_MAX_WIDTH = 960  # as wide as a clip gets


@dataclass(frozen=True, slots=True)
class _Kept:
    index: int
    time: float
    utc: float | None
    data: bytes


class FrameRing:
    """Keeps the newest frames as JPEG in memory, within bounds of time and of bytes.

    What leaves either bound is forgotten, oldest first. Pictures wider than 960 pixels are made smaller.
    Safe to fill from one thread and read from another.

    Args:
        seconds: How long to remember.
        max_bytes: How much memory the pictures may take.

    Attributes:
        frame_size: ``(width, height)`` of the newest frame as it came, or ``None``.
        nbytes: Bytes that the pictures take now, never more than ``max_bytes``.
    """

    def __init__(self, seconds: float = 20.0, max_bytes: int = 64_000_000) -> None:
        self.frame_size: tuple[int, int] | None = None
        self.nbytes = 0
        self._seconds = seconds
        self._max_bytes = max_bytes
        self._kept: deque[_Kept] = deque()
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._kept)

    @property
    def latest(self) -> float | None:
        """Presentation time of the newest frame."""
        with self._lock:
            return self._kept[-1].time if self._kept else None

    def add(self, frame: Frame) -> None:
        """Remember a frame; one from before the newest (the clock leapt back) starts anew."""
        width, height = frame.size
        factor = min(1.0, _MAX_WIDTH / width)
        small = resized(frame.rgb(), (round(width * factor), max(1, round(height * factor))))
        kept = _Kept(frame.index, frame.time, frame.utc, jpeg(small))
        with self._lock:
            if self._kept and frame.time < self._kept[-1].time:
                self._kept.clear()
                self.nbytes = 0
            self.frame_size = frame.size
            self._kept.append(kept)
            self.nbytes += len(kept.data)
            while self._kept and (
                self.nbytes > self._max_bytes or self._kept[0].time < frame.time - self._seconds
            ):
                self.nbytes -= len(self._kept.popleft().data)

    def frames(self, start: float, end: float) -> Iterator[Frame]:
        """Yield what is remembered of ``start <= time <= end`` (seconds), in order of time."""
        with self._lock:
            wanted = [kept for kept in self._kept if start <= kept.time <= end]
        for kept in wanted:
            yield _decoded(kept)


def _decoded(kept: _Kept) -> Frame:
    picture = cv2.imdecode(np.frombuffer(kept.data, np.uint8), cv2.IMREAD_COLOR)
    assert picture is not None, "the ring holds only what it encoded itself"
    rgb: RGB = np.ascontiguousarray(picture[:, :, ::-1], dtype=np.uint8)
    luma = np.asarray(cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY), np.uint8)
    return Frame(kept.index, kept.time, luma, kept.utc, to_rgb=lambda: rgb)
