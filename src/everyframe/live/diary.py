"""Events of a live camera, written down as they begin and as they end, with what they looked like."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from everyframe.anomaly.joining import Finding
from everyframe.anomaly.reading import LOOK_AHEAD
from everyframe.live.later import Later
from everyframe.live.spec import Notice
from everyframe.store import Evidence, FrameRing, StoreSink
from everyframe.types import Event, Frame, Source


@dataclass(slots=True)
class _Entry:
    number: int | None = None  # the event's in the store, once that has taken it


class Diary:
    """Writes a live camera's events into the store and says so.

    Args:
        camera: Its name.
        sink: Where they are kept.
        source: Where they were seen.
        send: Hears of each that begins or has ended.
        later: Keeps what the store does not take.
    """

    def __init__(
        self, camera: str, sink: StoreSink, source: Source, send: Callable[[Notice], None], later: Later
    ) -> None:
        self._camera, self._sink, self._source, self._send = camera, sink, source, send
        self._later = later
        self._ring = FrameRing()
        self._recent: deque[Frame] = deque()
        self._open: dict[int, _Entry] = {}  # by the watcher's number of the event

    def see(self, frame: Frame) -> None:
        """Remember a frame for a while."""
        self._recent.append(frame)
        while frame.time - self._recent[0].time > 2.0 * LOOK_AHEAD or frame.time < self._recent[0].time:
            self._recent.popleft()
        self._ring.add(frame)
        if not self._later.trouble:
            self._later.do(partial(self._sink.advance, frame.time))

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
        entry = self._open.pop(finding.number, None)
        if entry is None:
            # Somebody waits: the row, then the word, and the pictures after both.
            entry = _Entry()
            arrived = self._recent[-1].utc if self._recent else None
            self._later.do(partial(self._begin, entry, event, arrived))
            if not finding.over:
                self._open[finding.number] = entry
                self._later.do(partial(self._draw, entry, event, evidence))
                return
        self._later.do(partial(self._end, entry, event, evidence))

    def close(self) -> None:
        """Write what still waits, as far as the store takes it."""
        self._later.do(self._sink.close)
        self._later.flush()

    def _begin(self, entry: _Entry, event: Event, arrived: float | None) -> None:
        entry.number = self._sink.begin(event)
        self._send(Notice("alert", self._camera, event.reason, time.time(), entry.number, arrived))

    def _draw(self, entry: _Entry, event: Event, evidence: Evidence) -> None:
        if entry.number is not None:
            self._sink.draw(entry.number, event, evidence)

    def _end(self, entry: _Entry, event: Event, evidence: Evidence) -> None:
        if entry.number is not None:
            self._sink.end(entry.number, event, evidence)
            self._send(Notice("alert over", self._camera, event.reason, time.time(), entry.number))
