"""Recordings and drawn scenes as cameras: shown at their own pace, over and over."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from dataclasses import replace

from everyframe.types import Frame, Gap, GapReason, Source, StreamInfo

_LATE = 0.5  # seconds behind its time after which a picture is left out
_BETWEEN = 1.0  # seconds from the last picture to the first of the next round


class Paced:
    """A source that does not wait for whoever reads it, made of one that does.

    ``time`` goes on from round to round; ``utc`` is the wall clock at which a picture is due. Where a round
    begins anew there is a ``Gap(JUMP)`` of no frames: what comes next is not to be compared with what came
    before, and nothing is missing.

    Args:
        source: A file, folder or scene; it is closed with this.
        rounds: How often to show it; for ever by default.
    """

    def __init__(self, source: Source, rounds: int | None = None) -> None:
        self._source = source
        self._rounds = rounds
        self._stop = threading.Event()

    @property
    def info(self) -> StreamInfo:
        """As of the source, but live and without an end."""
        return replace(self._source.info, live=True, frames=None, duration=None, start_utc=None)

    def close(self) -> None:
        """Let go of the source and end every iteration."""
        self._stop.set()
        self._source.close()

    def __iter__(self) -> Iterator[Frame | Gap]:
        zero, wall = time.monotonic(), time.time()
        offset, index = 0.0, 0
        shown = 0
        while not self._stop.is_set() and (self._rounds is None or shown < self._rounds):
            last, late = offset, 0
            for item in self._source:
                if isinstance(item, Gap):
                    yield replace(item, start=item.start + offset, end=item.end + offset)
                    continue
                due = last = offset + item.time
                index += 1
                wait = zero + due - time.monotonic()
                if wait < -_LATE:
                    late += 1
                    continue
                if late:
                    yield Gap(due, due, GapReason.DROPPED, late)
                    late = 0
                if wait > 0 and self._stop.wait(wait):
                    return
                yield replace(item, index=index - 1, time=due, utc=wall + due)
            shown += 1
            if last == offset:
                return  # nothing at all was in it
            offset = last + _BETWEEN
            yield Gap(last, offset, GapReason.JUMP, 0)
