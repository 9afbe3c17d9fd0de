"""Events of a live camera, written down as they begin and as they end, with what they looked like."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable

from everyframe.anomaly.joining import Finding
from everyframe.anomaly.reading import LOOK_AHEAD
from everyframe.live.spec import Notice
from everyframe.store import Evidence, FrameRing, StoreSink
from everyframe.types import Frame, Source


class Diary:
    """Writes a live camera's events into the store and says so.

    Args:
        camera: Its name.
        sink: Where they are kept.
        source: Where they were seen.
        send: Hears of each that begins or has ended.
    """

    def __init__(self, camera: str, sink: StoreSink, source: Source, send: Callable[[Notice], None]) -> None:
        self._camera, self._sink, self._source, self._send = camera, sink, source, send
        self._ring = FrameRing()
        self._recent: deque[Frame] = deque()
        self._open: dict[int, int] = {}  # the event's number in the store, by the watcher's

    def see(self, frame: Frame) -> None:
        """Remember a frame for a while."""
        self._recent.append(frame)
        while frame.time - self._recent[0].time > 2.0 * LOOK_AHEAD or frame.time < self._recent[0].time:
            self._recent.popleft()
        self._ring.add(frame)
        self._sink.advance(frame.time)

    def write(self, finding: Finding) -> None:
        """Write an event that begins or has ended, and say so."""
        event = finding.event
        near = min(self._recent, key=lambda frame: abs(frame.index - finding.index), default=None)
        fps = self._source.info.fps
        evidence = Evidence(
            frame=near if near is not None and near.index == finding.index else None,
            heat=finding.heat,
            ring=self._ring,
            fps=float(fps) if fps else None,
            why=finding.why,
        )
        number = self._open.pop(finding.number, None)
        if number is None:
            # Somebody waits: the row, then the word, and the pictures after both.
            number = self._sink.begin(event)
            arrived = self._recent[-1].utc if self._recent else None
            self._send(Notice("alert", self._camera, event.reason, time.time(), number, arrived))
            if not finding.over:
                self._open[finding.number] = number
                self._sink.draw(number, event, evidence)
                return
        self._sink.end(number, event, evidence)
        self._send(Notice("alert over", self._camera, event.reason, time.time(), number))
