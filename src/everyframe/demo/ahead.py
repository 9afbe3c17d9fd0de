"""A scene drawn ahead of whoever looks at it, by a process of its own, so that two cores share the work."""

from __future__ import annotations

import os
import signal
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from everyframe.sources.gaps import mark_gaps
from everyframe.sources.scene import ParkScene
from everyframe.types import RGB, Frame, Gap, StreamInfo

_CHUNK = 25  # frames that are drawn and handed over together
_CHUNKS = 16  # that may wait: drawing goes on while a clip is written

_scene: ParkScene | None = None  # the drawing process's own


class Ahead:
    """A park scene without camera faults, frame for frame the same, but drawn in another process.

    On a machine with one core it is drawn in place: there is nothing to win.

    Args:
        arguments: Those of ``ParkScene``.

    Attributes:
        scene: The scene itself, which knows the truth.
    """

    def __init__(self, **arguments: Any) -> None:
        self._arguments = arguments
        self.scene = ParkScene(**arguments)

    @property
    def info(self) -> StreamInfo:
        """What is known of the scene."""
        return self.scene.info

    def close(self) -> None:
        """Do nothing: each iteration ends its own process."""

    def between(self, start: float, end: float) -> Iterator[Frame]:
        """Yield the frames with ``start <= time <= end`` (seconds)."""
        return self.scene.between(start, end)

    def __iter__(self) -> Iterator[Frame | Gap]:
        if (os.cpu_count() or 1) < 2:
            return iter(self.scene)
        return mark_gaps(self._drawn(), fps=float(self.info.fps or 0) or None)

    def _drawn(self) -> Iterator[Frame]:
        total = self.info.frames or 0
        pool = ProcessPoolExecutor(
            max_workers=1,
            mp_context=get_context("spawn"),  # a fork would copy the threads of libraries half-way
            initializer=_begin,
            initargs=(self._arguments,),
        )
        waiting: deque[Future[NDArray[np.uint8]]] = deque()
        try:
            ends = iter(range(0, total, _CHUNK))
            first = 0
            while True:
                while len(waiting) < _CHUNKS and (start := next(ends, None)) is not None:
                    waiting.append(pool.submit(_draw, start, min(start + _CHUNK, total)))
                if not waiting:
                    return
                for index, luma in enumerate(waiting.popleft().result(), first):
                    yield self._frame(index, luma)
                    first = index + 1
        finally:
            pool.shutdown(wait=True, cancel_futures=True)

    def _frame(self, index: int, luma: NDArray[np.uint8]) -> Frame:
        time = self.scene.time(index)
        start = self.info.start_utc
        return Frame(
            index, time, luma, None if start is None else start + time, to_rgb=partial(self._rgb, index)
        )

    def _rgb(self, index: int) -> RGB:
        return self.scene.frame(index).rgb()


def _begin(arguments: dict[str, Any]) -> None:
    """Set up the drawing process; Ctrl-C is for the process that it draws for."""
    global _scene  # noqa: PLW0603 - a process pool hands its workers nothing else to keep state in
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    cv2.setNumThreads(1)
    _scene = ParkScene(**arguments)


def _draw(first: int, end: int) -> NDArray[np.uint8]:
    assert _scene is not None, "set by the initializer"
    return np.stack([_scene.frame(index).luma for index in range(first, end)])
