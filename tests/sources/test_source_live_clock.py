"""The clock of a live source, against a reader whose every arrival is written down."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import av
import numpy as np
import pytest

from everyframe.sources import LiveSource, live
from everyframe.sources.reader import Shot
from everyframe.types import Frame, Gap, GapReason


def _frames(items: list[Frame | Gap]) -> list[Frame]:
    return [item for item in items if isinstance(item, Frame)]


class _Script:
    """Stands in for the reader thread: what comes when is written down."""

    def __init__(self, clock: list[float], shots: list[Any]) -> None:
        self.clock, self.shots, self.stopped = clock, shots, False

    def take(self, wait: float) -> Any:
        if not self.shots:
            self.stopped = True
            return None
        shot = self.shots[0]
        if shot.arrival > self.clock[0] + wait:
            self.clock[0] += wait
            return None
        self.clock[0] = max(shot.arrival, self.clock[0])
        return self.shots.pop(0)


def _played(
    shots: list[tuple[float, float | None, int]], monkeypatch: pytest.MonkeyPatch
) -> list[Frame | Gap]:
    """Play ``(arrival, stamp, connection)`` through a live source with a stall after two seconds."""
    clock = [0.0]
    monkeypatch.setattr("everyframe.sources.live.time.monotonic", lambda: clock[0])
    picture = av.VideoFrame.from_ndarray(np.zeros((4, 4), np.uint8), format="gray")
    script = [
        Shot(picture, connection, stamp, arrival, 1000.0 + arrival, number, 0)
        for number, (arrival, stamp, connection) in enumerate(shots)
    ]
    source = LiveSource.__new__(LiveSource)
    source._reader = _Script(clock, script)  # type: ignore[assignment]
    source._timeline, source._start_utc, source._first = live._Timeline(), None, 0
    source._vectors, source._stall_after = False, 2.0
    return list(source._watch())


def _no_overlap(items: list[Frame | Gap]) -> None:
    told = 0.0
    for item in items:
        start, end = (item.time, item.time) if isinstance(item, Frame) else (item.start, item.end)
        assert told <= start <= end
        told = end


def test_time_is_the_streams_own_and_not_that_of_arrival(monkeypatch: pytest.MonkeyPatch) -> None:
    items = _played([(0.0, 50.0, 1), (0.15, 50.1, 1), (0.18, 50.2, 1), (0.3, 50.3, 1)], monkeypatch)
    assert [frame.time for frame in _frames(items)] == pytest.approx([0.0, 0.1, 0.2, 0.3])
    assert [frame.utc for frame in _frames(items)] == [1000.0, 1000.15, 1000.18, 1000.3]


def test_a_connection_whose_first_picture_has_no_stamp_does_not_turn_time_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    before = [(n / 10, n / 10, 1) for n in range(50)]
    after = [(20.0, None, 2), *((20.0 + n / 10, n / 10, 2) for n in range(1, 20))]
    items = _played([*before, *after], monkeypatch)
    _no_overlap(items)
    frames = _frames(items)
    # UTC is this machine's and cannot leap: the two clocks stay as far apart as they were.
    assert [frame.utc - frame.time for frame in frames if frame.utc] == pytest.approx([1000.0] * len(frames))


def test_pictures_that_come_in_a_rush_are_compared_by_their_stamps_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    before = [(n / 10, n / 10, 1) for n in range(50)]
    after = [(20.0, None, 2), *((20.0 + n / 1000, n / 10, 2) for n in range(1, 20))]
    items = _played([*before, *after], monkeypatch)
    _no_overlap(items)
    compared = [
        two.time - one.time
        for one, two in pairwise(items)
        if isinstance(one, Frame) and isinstance(two, Frame)
    ]
    assert compared == pytest.approx([0.1] * (49 + 18))


def test_pictures_that_come_late_do_not_turn_time_back(monkeypatch: pytest.MonkeyPatch) -> None:
    burst = [(5.0 + n / 1000, n / 10, 1) for n in range(1, 52)]
    items = _played([(0.0, 0.0, 1), *burst, (5.3, 5.3, 1)], monkeypatch)
    _no_overlap(items)
    frames = _frames(items)
    assert [gap.end for gap in items if isinstance(gap, Gap) and gap.reason is GapReason.STALL][:2] == [
        2.0,
        4.0,
    ]
    assert frames[1].time == pytest.approx(4.1), "the first beyond what was told"
    assert frames[-1].time == pytest.approx(5.3), "the clock is the stream's as before"


def test_a_clock_that_stood_still_goes_on_from_the_stall(monkeypatch: pytest.MonkeyPatch) -> None:
    paused = [(10.0 + n / 10, (n + 1) / 10, 1) for n in range(60)]
    items = _played([(0.0, 0.0, 1), *paused], monkeypatch)
    _no_overlap(items)
    frames = _frames(items)
    assert len(frames) > 35, "after two seconds of waiting for it to catch up"
    assert frames[-1].time == pytest.approx(15.9), "by this machine's clock"
    counted = sum(item.frames or 0 for item in items if isinstance(item, Gap))
    assert counted + len(frames) == 61


def test_a_reconnect_shorter_than_a_stall_is_still_a_gap(monkeypatch: pytest.MonkeyPatch) -> None:
    """The trap of a reconnect that causes a false alarm."""
    items = _played([(0.0, 70.0, 1), (0.1, 70.1, 1), (0.3, 5.0, 2), (0.4, 5.1, 2)], monkeypatch)
    assert items[2] == Gap(pytest.approx(0.1), pytest.approx(0.3), GapReason.STALL)  # type: ignore[arg-type]
    assert [frame.time for frame in _frames(items)] == pytest.approx([0.0, 0.1, 0.3, 0.4])


def test_a_stream_without_a_clock_is_timed_by_arrival(monkeypatch: pytest.MonkeyPatch) -> None:
    rush = [(6.0 + n / 1000, None, 1) for n in range(live._UNSTAMPED)]  # a stamp may still come
    items = _played([*rush, (7.0, None, 1), (7.3, None, 1), (7.4, None, 1)], monkeypatch)
    assert [frame.time for frame in _frames(items)] == pytest.approx([0.0, 0.3, 0.4])
