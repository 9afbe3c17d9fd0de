from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from everyframe.sources.gaps import mark_gaps, same_picture
from everyframe.types import Frame, Gap, GapReason


def _luma(value: int) -> np.ndarray[tuple[int, int], np.dtype[np.uint8]]:
    return np.full((32, 24), value, np.uint8)


def _stream(times: Iterable[float], values: Iterable[int] | None = None) -> list[Frame]:
    times = list(times)
    values = list(values) if values is not None else [number % 251 for number in range(len(times))]
    return [
        Frame(number, time, _luma(value), utc=1000.0 + time)
        for number, (time, value) in enumerate(zip(times, values, strict=True))
    ]


def _gaps(items: Iterable[Frame | Gap]) -> list[Gap]:
    return [item for item in items if isinstance(item, Gap)]


def _frames(items: Iterable[Frame | Gap]) -> list[Frame]:
    return [item for item in items if isinstance(item, Frame)]


@pytest.mark.parametrize("row", [0, 1, 16, 17, 31])
def test_one_changed_pixel_makes_another_picture(row: int) -> None:
    one, other = _luma(7), _luma(7)
    assert same_picture(one, other)
    other[row, 5] = 8
    assert not same_picture(one, other)


def test_pictures_of_other_size_differ() -> None:
    assert not same_picture(_luma(7), _luma(7)[:16])


def test_a_steady_stream_passes_untouched() -> None:
    frames = _stream(np.arange(100) / 25)
    assert list(mark_gaps(frames)) == frames


def test_repeats_become_one_gap_up_to_the_next_new_picture() -> None:
    items = list(mark_gaps(_stream(np.arange(6) / 10, [1, 2, 2, 2, 3, 4])))
    assert _gaps(items) == [Gap(0.1, 0.4, GapReason.DUPLICATE, 2)]
    assert [frame.index for frame in _frames(items)] == [0, 1, 4, 5]


def test_repeats_at_the_end_are_told() -> None:
    items = list(mark_gaps(_stream(np.arange(4) / 10, [1, 2, 2, 2])))
    assert items[-1] == Gap(0.1, 3 / 10, GapReason.DUPLICATE, 2)


def test_a_frozen_camera_is_told_while_it_is_frozen() -> None:
    stream = iter(_stream(np.arange(200) / 10, [1] * 200))
    read = 0

    def counted() -> Iterable[Frame]:
        nonlocal read
        for frame in stream:
            read += 1
            yield frame

    marked = mark_gaps(counted(), freeze_after=5.0)
    gaps = [(item, read) for item in marked if isinstance(item, Gap)]
    assert [gap.reason for gap, _ in gaps][:5] == [GapReason.DUPLICATE] * 5
    assert {gap.reason for gap, _ in gaps[5:]} == {GapReason.FREEZE}
    assert gaps[5][1] == 61, "the first piece beyond five seconds comes at once, not at the end"
    assert all(before.end == after.start for (before, _), (after, _) in pairwise(gaps))
    assert sum(gap.frames or 0 for gap, _ in gaps) == 199


def test_a_freeze_is_seen_across_dropped_frames() -> None:
    """A slow reader of a frozen camera gets a gap before each frame, and must notice all the same."""
    items: list[Frame | Gap] = []
    for number in range(80):
        time = number / 4
        if number:
            items.append(Gap(time - 0.25, time, GapReason.DROPPED, 3))
        items.append(Frame(4 * number, time, _luma(9)))
    marked = list(mark_gaps(items, freeze_after=5.0))
    assert len(_frames(marked)) == 1
    assert GapReason.FREEZE in {gap.reason for gap in _gaps(marked)}
    assert sum(gap.frames or 0 for gap in _gaps(marked) if gap.reason is GapReason.DROPPED) == 3 * 79


def test_missing_frames_are_a_gap() -> None:
    times = [*(n / 10 for n in range(20)), *(2.9 + n / 10 for n in range(10))]
    assert _gaps(mark_gaps(_stream(times))) == [Gap(1.9, 2.9, GapReason.MISSING)]


def test_one_lost_frame_of_a_fast_stream_is_jitter() -> None:
    times = [*(n / 25 for n in range(20)), *(0.84 + n / 25 for n in range(10))]
    assert _gaps(mark_gaps(_stream(times))) == []


def test_a_variable_frame_rate_is_no_series_of_gaps() -> None:
    steps = [0.04, 0.5] * 50
    assert len(_gaps(mark_gaps(_stream(np.cumsum(steps)), fps=25))) <= 3, "until it is known to be uneven"


def test_a_slow_camera_has_no_gaps() -> None:
    assert _gaps(mark_gaps(_stream(np.arange(40) * 2.0), fps=0.5)) == []
    assert _gaps(mark_gaps(_stream(np.arange(40) * 2.0))) == [Gap(0.0, 2.0, GapReason.MISSING)]


def test_a_leap_forward_is_a_jump() -> None:
    times = [*(n / 10 for n in range(20)), *(500 + n / 10 for n in range(10))]
    assert _gaps(mark_gaps(_stream(times))) == [Gap(1.9, 500.0, GapReason.JUMP)]


def test_a_clock_that_goes_back_is_a_jump_and_time_goes_on() -> None:
    times = [*(100 + n / 10 for n in range(20)), *(n / 10 for n in range(20))]
    items = list(mark_gaps(_stream(times)))
    (gap,) = _gaps(items)
    assert gap.reason is GapReason.JUMP
    moments = [frame.time for frame in _frames(items)]
    assert np.allclose(np.diff(moments), 0.1)
    assert _frames(items)[-1].utc == pytest.approx(1000 + moments[-1]), "utc follows time"


def test_one_wrong_timestamp_shifts_nothing_for_good() -> None:
    times = [n / 10 for n in range(40)]
    times[20] = times[19]
    frames = _frames(mark_gaps(_stream(times)))
    assert len(frames) == 40
    assert frames[-1].time == times[-1]


def test_a_gap_of_the_source_explains_the_time_it_covers() -> None:
    items: list[Frame | Gap] = [*_stream(n / 10 for n in range(10))]
    items += [Gap(0.9, 3.0, GapReason.UNDECODABLE, 20), Frame(30, 3.0, _luma(77)), Frame(31, 3.1, _luma(78))]
    assert list(mark_gaps(items)) == items


def test_gaps_of_the_source_are_shifted_with_its_clock() -> None:
    items: list[Frame | Gap] = [*_stream(100 + n / 10 for n in range(10))]
    items += [Frame(10, 0.0, _luma(90)), Gap(0.0, 0.5, GapReason.MISSING, 4), Frame(15, 0.5, _luma(91))]
    marked = list(mark_gaps(items))
    frame, gap, last = marked[-3:]
    assert isinstance(frame, Frame)
    assert isinstance(gap, Gap)
    assert isinstance(last, Frame)
    assert frame.time == pytest.approx(gap.start)
    assert last.time == pytest.approx(gap.end)


@given(
    st.lists(st.tuples(st.floats(-100, 200).map(lambda x: round(x, 2)), st.integers(0, 2)), max_size=60),
    st.floats(0.5, 20),
)
def test_whatever_the_clock_does_time_goes_on(steps: list[tuple[float, int]], freeze_after: float) -> None:
    times = np.cumsum([step for step, _ in steps])
    stream = _stream(times, [value for _, value in steps])
    items = list(mark_gaps(stream, freeze_after=freeze_after))
    frames, told = _frames(items), -np.inf
    assert all(before.time < after.time for before, after in pairwise(frames))
    for item in items:
        start, end = (item.time, item.time) if isinstance(item, Frame) else (item.start, item.end)
        assert told <= start <= end
        told = end
    repeated = sum(gap.frames or 0 for gap in _gaps(items))
    assert len(frames) + repeated == len(stream), "every frame came or was counted"
