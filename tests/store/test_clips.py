"""Clips keep the times of their frames, mark the box and are there whole or not at all."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import av
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from everyframe.errors import StorageError
from everyframe.store.clips import LONGEST, clip_for, clip_window, write_clip
from everyframe.store.pictures import ACCENT
from everyframe.store.ring import FrameRing
from everyframe.types import Box, Event, Frame

MakeFrame = Callable[..., Frame]
MakeEvent = Callable[..., Event]


def decoded(path: Path) -> list[tuple[float, np.ndarray]]:
    with av.open(str(path)) as container:
        return [
            (float(frame.time or 0), frame.to_ndarray(format="rgb24")) for frame in container.decode(video=0)
        ]


def marked(picture: np.ndarray) -> bool:
    """Say whether the accent colour is in the picture; the made-up frames are grey."""
    return bool((picture[:, :, 0].astype(int) - picture[:, :, 2] > 60).any())


class Replay:
    """A file's worth of frames, 25 in a second."""

    def __init__(self, make: MakeFrame, seconds: float = 20.0) -> None:
        self.frames = [make(index, index / 25) for index in range(int(25 * seconds))]

    def between(self, start: float, end: float) -> Iterator[Frame]:
        return (frame for frame in self.frames if start <= frame.time <= end)


def test_a_clip_is_what_browsers_play(tmp_path: Path, make_frame: MakeFrame) -> None:
    path = write_clip([make_frame(i, i / 25) for i in range(30)], tmp_path / "a.mp4", fps=25)
    data = path.read_bytes()
    assert data.index(b"moov") < data.index(b"mdat")
    with av.open(str(path)) as container:
        context = container.streams.video[0].codec_context
        assert (context.name, context.pix_fmt) == ("h264", "yuv420p")
    assert [entry.name for entry in tmp_path.iterdir()] == ["a.mp4"]


@settings(max_examples=15, deadline=None)
@given(steps=st.lists(st.floats(0.001, 3.0), min_size=1, max_size=12), start=st.floats(-50, 1e6))
def test_variable_frame_rate_is_kept(
    tmp_path_factory: pytest.TempPathFactory, make_frame: MakeFrame, steps: list[float], start: float
) -> None:
    times = start + np.concatenate([[0.0], np.cumsum(steps)])
    path = tmp_path_factory.getbasetemp() / "variable.mp4"
    write_clip((make_frame(i, time) for i, time in enumerate(times)), path)
    kept = [time for time, _ in decoded(path)]
    np.testing.assert_allclose(kept, times - times[0], atol=1e-4)


def test_the_last_picture_stays_as_long_as_the_others(tmp_path: Path, make_frame: MakeFrame) -> None:
    path = write_clip((make_frame(i, i / 10) for i in range(20)), tmp_path / "a.mp4", fps=10)
    with av.open(str(path)) as container:
        assert container.duration == pytest.approx(2_000_000, abs=2000)


def test_frames_that_do_not_come_later_are_left_out(tmp_path: Path, make_frame: MakeFrame) -> None:
    times = [0.0, 0.1, 0.1, 0.05, 0.2]
    path = write_clip((make_frame(i, time) for i, time in enumerate(times)), tmp_path / "a.mp4")
    assert [round(time, 3) for time, _ in decoded(path)] == [0.0, 0.1, 0.2]


@pytest.mark.parametrize(
    ("size", "expected"),
    [((64, 48), (64, 48)), ((65, 49), (64, 48)), ((1920, 1080), (960, 540)), ((10, 8), (10, 8))],
)
def test_sizes_are_even_and_at_most_960_wide(
    tmp_path: Path, make_frame: MakeFrame, size: tuple[int, int], expected: tuple[int, int]
) -> None:
    ((_, picture),) = decoded(write_clip([make_frame(0, 0.0, *size)], tmp_path / "a.mp4"))
    assert picture.shape == (expected[1], expected[0], 3)


def test_a_frame_size_that_changes_midway_is_scaled(tmp_path: Path, make_frame: MakeFrame) -> None:
    frames = [make_frame(0, 0.0), make_frame(1, 0.1, 320, 240)]
    shapes = {picture.shape for _, picture in decoded(write_clip(frames, tmp_path / "a.mp4"))}
    assert shapes == {(48, 64, 3)}


def test_the_box_is_drawn_where_and_when_it_was_seen(tmp_path: Path, make_frame: MakeFrame) -> None:
    frames = [make_frame(0, i / 10, 320, 240) for i in range(40)]
    boxes = [(1.0, Box(20, 20, 60, 60)), (2.0, Box(220, 150, 60, 60))]
    pictures = {
        round(time, 1): picture
        for time, picture in decoded(write_clip(frames, tmp_path / "a.mp4", boxes=boxes))
    }
    assert not marked(pictures[0.5])
    assert not marked(pictures[2.5])
    assert marked(pictures[1.0][:100, :100])
    assert not marked(pictures[1.0][120:])
    assert marked(pictures[1.5][75:155, 110:190])  # halfway between
    assert marked(pictures[2.0][140:, 210:])
    for time, picture in decoded(write_clip(frames, tmp_path / "b.mp4", boxes=dict(boxes))):
        np.testing.assert_allclose(picture.astype(int), pictures[round(time, 1)].astype(int), atol=8)
    assert all((frame.luma != 200).all() for frame in frames), "the source's picture was drawn into"


def test_boxes_of_a_larger_picture_are_scaled(tmp_path: Path, make_frame: MakeFrame) -> None:
    frames = [make_frame(i, i / 10, 320, 240) for i in range(4)]
    path = write_clip(
        frames, tmp_path / "a.mp4", boxes=[(0.0, Box(1000, 700, 200, 200))], frame_size=(1280, 960)
    )
    picture = decoded(path)[0][1]
    assert marked(picture[165:, 240:])
    assert not marked(picture[:160])


def test_no_frames_write_nothing(tmp_path: Path, make_event: MakeEvent, make_frame: MakeFrame) -> None:
    with pytest.raises(ValueError, match="at least one frame"):
        write_clip([], tmp_path / "a.mp4")
    assert clip_for(make_event(start=100.0), Replay(make_frame, 2.0), None, tmp_path / "a.mp4") is None
    assert clip_for(make_event(), None, None, tmp_path / "a.mp4") is None
    assert list(tmp_path.iterdir()) == []


def test_a_source_that_breaks_midway_leaves_nothing(tmp_path: Path, make_frame: MakeFrame) -> None:
    def broken() -> Iterator[Frame]:
        yield make_frame(0, 0.0)
        raise RuntimeError("broken")

    with pytest.raises(RuntimeError, match="broken"):
        write_clip(broken(), tmp_path / "a.mp4")
    assert list(tmp_path.iterdir()) == []


def test_a_missing_folder_is_said(tmp_path: Path, make_frame: MakeFrame) -> None:
    with pytest.raises(StorageError, match="folder does not exist; create it"):
        write_clip([make_frame(0, 0.0)], tmp_path / "missing" / "a.mp4")


def test_a_clip_shows_seconds_before_and_after(
    tmp_path: Path, make_event: MakeEvent, make_frame: MakeFrame
) -> None:
    event = make_event(start=8.0)  # to 10
    path = clip_for(event, Replay(make_frame), None, tmp_path / "a.mp4", before=2.0, after=1.0)
    assert path is not None
    kept = decoded(path)
    assert kept[-1][0] == pytest.approx(5.0, abs=0.05)
    assert len(kept) == 126


def test_a_live_source_shows_what_the_ring_remembers(
    tmp_path: Path, make_event: MakeEvent, make_frame: MakeFrame
) -> None:
    ring = FrameRing(seconds=4.0)
    for frame in Replay(make_frame, 11.0).frames:
        ring.add(frame)
    path = clip_for(make_event(start=8.0), None, ring, tmp_path / "a.mp4")
    assert path is not None
    assert decoded(path)[-1][0] == pytest.approx(10.96 - 6.96, abs=0.05)


@given(
    start=st.floats(0, 1e5),
    length=st.floats(0, 1e4),
    share=st.floats(0, 1),
    margins=st.tuples(*2 * [st.floats(0, 9)]),
)
def test_a_window_is_never_longer_than_a_minute_and_holds_the_peak(
    start: float, length: float, share: float, margins: tuple[float, float]
) -> None:
    event = Event(start, start + length, start + share * length, Box(0, 0, 1, 1), 1.0, 0.1, "")
    first, last = clip_window(event, *margins)
    assert last - first <= LONGEST + 1e-6
    assert first - 1e-6 <= event.peak <= last + 1e-6
    assert first >= start - margins[0] - 1e-6
    assert last <= start + length + margins[1] + 1e-6


def test_the_accent_is_what_the_tests_look_for() -> None:
    assert marked(np.full((1, 1, 3), ACCENT, np.uint8))
