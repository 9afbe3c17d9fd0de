"""Where nothing new is to be seen: repeated pictures, frozen cameras, clocks that leap."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import replace

import cv2
import numpy as np

from everyframe.types import Frame, Gap, GapReason, Luma

FREEZE_AFTER = 10.0
"""Seconds of repeats after which a camera counts as frozen."""

JUMP_AFTER = 60.0
"""Seconds; a longer leap of the clock is a jump and not a few lost frames."""

_LEAST_GAP = 0.25  # seconds: below this, uneven frame times are jitter
_GAP_INTERVALS = 3.0  # so many usual intervals without a frame are a gap
_REMEMBERED = 32  # intervals from which "usual" is judged
_ENOUGH = 5  # intervals after which they count for more than the container's word
_PIECE = 1.0  # seconds: a long run of repeats is told in pieces, while it lasts


def same_picture(one: Luma, other: Luma) -> bool:
    """Say whether two pictures are equal bit for bit.

    Real pictures differ nearly everywhere, so one row and then one row in sixteen settle almost every case.
    """
    if one.shape != other.shape:
        return False
    middle = one.shape[0] // 2
    if one[middle].tobytes() != other[middle].tobytes():
        return False
    if not (one[::16] == other[::16]).all():
        return False
    return cv2.norm(one, other, cv2.NORM_INF) == 0.0  # a quarter of the time of NumPy's comparison


class _Clock:
    """Keeps time strictly increasing and says where it leapt.

    Usual is the upper quartile of the last intervals: that of a steady stream is its interval, that of a
    stream which alternates between fast and slow is the slow one, so a variable frame rate makes no gaps.
    """

    def __init__(self, fps: float | None) -> None:
        self.last: float | None = None  # time of the last frame
        self.told = -np.inf  # up to here, gaps of the source itself account for the time
        self.offset = 0.0  # added to the source's own times since its clock went backwards
        self._told_interval = 1.0 / fps if fps else None
        self._intervals: deque[float] = deque(maxlen=_REMEMBERED)

    def usual(self) -> float:
        """Return the usual seconds between two frames."""
        if len(self._intervals) < _ENOUGH and self._told_interval is not None:
            return self._told_interval
        if not self._intervals:
            return _LEAST_GAP
        return sorted(self._intervals)[3 * len(self._intervals) // 4]

    def _is_steady(self, step: float) -> bool:
        return step > 0.0 and (step <= _LEAST_GAP or step <= _GAP_INTERVALS * self.usual())

    def step(self, raw: float) -> tuple[float, GapReason | None]:
        """Take the source's own time of the next frame; return ours, and what happened if anything did."""
        last = self.last
        if last is None:
            self.last = raw
            return raw, None
        if self.offset and self._is_steady(raw - last):
            self.offset = 0.0  # the clock came back to where it was
        time = raw + self.offset
        step = time - last
        reason = None
        if step <= 0.0:
            time = last + self.usual()
            self.offset = time - raw
            reason = GapReason.JUMP
        else:
            unexplained = min(step, time - self.told)
            if unexplained > _LEAST_GAP and unexplained > _GAP_INTERVALS * self.usual():
                reason = GapReason.JUMP if unexplained > JUMP_AFTER else GapReason.MISSING
            if unexplained == step:
                self._intervals.append(step)
        self.last = time
        return time, reason


class _Repeats:
    """Collects equal pictures into gaps."""

    def __init__(self, freeze_after: float) -> None:
        self._freeze_after = freeze_after
        self._picture: Luma | None = None
        self._since = self._piece = self._last = 0.0
        self._count = 0

    def fresh(self, luma: Luma, time: float) -> None:
        """A new picture begins."""
        self._picture, self._since, self._piece, self._last, self._count = luma, time, time, time, 0

    def go_on_from(self, time: float) -> None:
        """Something else accounts for the time up to here; a picture after it may still be the same one."""
        self._piece = self._last = time

    def repeats(self, luma: Luma) -> bool:
        return self._picture is not None and same_picture(self._picture, luma)

    def add(self, time: float) -> Gap | None:
        """Count a repeat; return a piece when one is full."""
        self._last = time
        self._count += 1
        return self.flush(time) if time - self._piece >= _PIECE else None

    def flush(self, end: float | None = None) -> Gap | None:
        """Return what has collected up to ``end``, by default up to the last repeat."""
        if not self._count:
            return None
        end = self._last if end is None else end
        frozen = self._last - self._since > self._freeze_after
        gap = Gap(self._piece, end, GapReason.FREEZE if frozen else GapReason.DUPLICATE, self._count)
        self._piece, self._count = end, 0
        return gap


def mark_gaps(
    pictures: Iterable[Frame | Gap],
    *,
    fps: float | None = None,
    freeze_after: float = FREEZE_AFTER,
    repeats: bool = True,
) -> Iterator[Frame | Gap]:
    """Put gaps where pictures repeat, the camera freezes, or the clock leaps.

    Repeats become ``DUPLICATE`` when the next new picture comes and at least once a second while they last,
    and ``FREEZE`` once they have lasted ``freeze_after``; pieces of one run touch. A step of more than three
    usual intervals (and 0.25 s) is ``MISSING``, of more than 60 s ``JUMP``; a step backwards is ``JUMP``, and
    later times are shifted so that time goes on. Frames keep their index, so repeats leave holes in the
    numbering.

    Args:
        pictures: Every picture of the source with its own times, and the gaps that it knows of itself.
        fps: Frames per second as the container says, until enough frames have been seen to judge.
        freeze_after: Seconds.
        repeats: Whether to look for repeats at all.
    """
    clock, repeated, looking = _Clock(fps), _Repeats(freeze_after), repeats
    for item in pictures:
        if isinstance(item, Gap):
            if (gap := repeated.flush()) is not None:
                yield gap
            shift = clock.offset
            yield replace(item, start=item.start + shift, end=item.end + shift) if shift else item
            clock.told = max(clock.told, item.end + shift)
            repeated.go_on_from(item.end + shift)
            continue
        last = clock.last
        time, reason = clock.step(item.time)
        if reason is not None and last is not None:
            if (gap := repeated.flush()) is not None:
                yield gap
            yield Gap(max(last, min(clock.told, time)), time, reason)
            repeated.go_on_from(time)
        if looking and repeated.repeats(item.luma):
            if (gap := repeated.add(time)) is not None:
                yield gap
            continue
        if (gap := repeated.flush(time)) is not None:
            yield gap
        repeated.fresh(item.luma, time)
        if time != item.time:
            utc = None if item.utc is None else item.utc + time - item.time
            item = replace(item, time=time, utc=utc)  # noqa: PLW2901 - the same frame at its mended time
        yield item
    if (gap := repeated.flush()) is not None:
        yield gap
