"""Recordings as cameras."""

from __future__ import annotations

import time
from collections.abc import Iterator
from itertools import islice

import numpy as np
import pytest

from everyframe.live.pacing import Paced
from everyframe.types import Frame, Gap, GapReason, StreamInfo


class Clip:
    """Ten pictures in one second."""

    info = StreamInfo("clip.mp4", 8, 6, frames=10, duration=1.0)

    def __init__(self) -> None:
        self.closed = False

    def __iter__(self) -> Iterator[Frame | Gap]:
        for number in range(10):
            yield Frame(number, number / 10, np.zeros((6, 8), np.uint8))
            if number == 4:
                yield Gap(0.4, 0.5, GapReason.MISSING, 1)

    def close(self) -> None:
        self.closed = True


def test_it_takes_as_long_as_it_shows() -> None:
    began = time.monotonic()
    items = list(Paced(Clip(), rounds=1))
    assert time.monotonic() - began == pytest.approx(0.9, abs=0.3)
    assert [item.index for item in items if isinstance(item, Frame)] == list(range(10))


def test_rounds_follow_each_other_on_one_clock_with_a_jump_between() -> None:
    items = list(Paced(Clip(), rounds=2))
    frames = [item for item in items if isinstance(item, Frame)]
    times = [frame.time for frame in frames]
    assert times == sorted(times)
    assert [frame.index for frame in frames] == list(range(20))
    assert frames[10].time == pytest.approx(1.9)
    jumps = [item for item in items if isinstance(item, Gap) and item.reason is GapReason.JUMP]
    assert (jumps[0].start, jumps[0].end) == pytest.approx((0.9, 1.9))
    missing = [item for item in items if isinstance(item, Gap) and item.reason is GapReason.MISSING]
    assert missing[1].start == pytest.approx(2.3)


def test_whoever_is_slow_gets_the_newest_and_is_told_how_many_were_left_out() -> None:
    items: list[Frame | Gap] = []
    for item in Paced(Clip(), rounds=1):
        items.append(item)
        if isinstance(item, Frame) and item.index == 0:
            time.sleep(1.2)
    frames = [item for item in items if isinstance(item, Frame)]
    dropped = [item for item in items if isinstance(item, Gap) and item.reason is GapReason.DROPPED]
    assert len(frames) + sum(gap.frames or 0 for gap in dropped) == 10
    assert dropped
    assert frames[1].index > 4
    assert max(abs((frame.utc or 0.0) - time.time()) for frame in frames) < 3.0


def test_closing_ends_it_at_once() -> None:
    clip = Clip()
    paced = Paced(clip)
    assert paced.info.live
    assert paced.info.duration is None
    items = iter(paced)
    list(islice(items, 3))
    paced.close()
    assert list(items) == []
    assert clip.closed
