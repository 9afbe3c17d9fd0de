"""What every source keeps to; a new one joins by adding a line to ``MAKERS``."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
import pytest

from everyframe.sources import Dropping, FileSource, FolderSource, open_source
from everyframe.types import Frame, Gap, Replayable, Source

Maker = Callable[[Path], Source]


def _pictures(count: int = 40) -> np.ndarray[tuple[int, int, int], np.dtype[np.uint8]]:
    ground = np.random.default_rng(1).integers(40, 120, (48, 64), dtype=np.uint8)
    pictures = np.repeat(ground[None], count, axis=0)
    for number, picture in enumerate(pictures):
        picture[8:20, number : number + 12] = 220
    pictures[10:14] = pictures[10]  # a short freeze
    return pictures


def _video(folder: Path, name: str, codec: str, times: list[int] | None = None) -> Path:
    path = folder / name
    with av.open(str(path), "w") as output:
        stream: Any = output.add_stream(codec, rate=10)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        stream.codec_context.time_base = Fraction(1, 1000)
        for number, picture in enumerate(_pictures()):
            frame = av.VideoFrame.from_ndarray(picture, format="gray")
            frame.pts = times[number] if times is not None else 100 * number
            frame.time_base = Fraction(1, 1000)
            output.mux(stream.encode(frame))
        output.mux(stream.encode(None))
    return path


def _file(folder: Path) -> Source:
    return FileSource(_video(folder, "park.mp4", "libx264"), vectors=True)


def _uneven_file(folder: Path) -> Source:
    steps = np.random.default_rng(2).integers(20, 400, 40)
    return FileSource(_video(folder, "uneven.mkv", "ffv1", [int(t) for t in np.cumsum(steps)]))


def _truncated_file(folder: Path) -> Source:
    whole = _video(folder, "whole.mkv", "ffv1")
    cut = folder / "cut.mkv"
    cut.write_bytes(whole.read_bytes()[: whole.stat().st_size * 2 // 3])
    return FileSource(cut)


def _folder(folder: Path) -> Source:
    for number, picture in enumerate(_pictures()):
        if number not in (5, 20, 21):
            cv2.imwrite(str(folder / f"{number + 7:03}.png"), picture)
    (folder / "029.png").write_bytes(b"no picture")
    return FolderSource(folder, fps=10)


def _dropping(folder: Path) -> Source:
    return Dropping(_folder(folder), share=0.3, burst=2, seed=4)


MAKERS: dict[str, Maker] = {
    "file": _file,
    "uneven file": _uneven_file,
    "truncated file": _truncated_file,
    "folder": _folder,
    "dropping": _dropping,
    "scene": lambda _: open_source("synthetic:park?seed=3&minutes=0.07&size=160x90"),
}


@pytest.fixture(params=list(MAKERS.values()), ids=list(MAKERS))
def source(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Source]:
    maker: Maker = request.param
    with closing(maker(tmp_path)) as made:
        yield made


def _frames(items: list[Frame | Gap]) -> list[Frame]:
    return [item for item in items if isinstance(item, Frame)]


def _same(one: Frame, other: Frame) -> bool:
    return (one.index, one.time) == (other.index, other.time) and np.array_equal(one.luma, other.luma)


def test_it_is_a_source(source: Source) -> None:
    assert isinstance(source, Source)
    assert source.info.name in repr(source.info)
    assert source.info.width > 0
    assert source.info.height > 0


def test_indices_and_times_go_up(source: Source) -> None:
    frames = _frames(list(source))
    assert len(frames) > 10
    assert frames[0].index == 0
    assert frames[0].time == 0.0
    for before, after in pairwise(frames):
        assert before.index < after.index
        assert before.time < after.time


def test_luma_is_bytes_of_the_told_size(source: Source) -> None:
    for frame in _frames(list(source)):
        assert frame.luma.dtype == np.uint8
        assert frame.luma.shape == (source.info.height, source.info.width)
    assert frame.rgb().shape == (source.info.height, source.info.width, 3)
    assert frame.rgb().dtype == np.uint8


def test_gaps_lie_between_their_neighbours(source: Source) -> None:
    told = 0.0
    gaps = 0
    for item in source:
        start, end = (item.time, item.time) if isinstance(item, Frame) else (item.start, item.end)
        assert told <= start + 1e-9
        assert start <= end
        told = end
        gaps += isinstance(item, Gap)
    assert gaps or source.info.name.startswith("synthetic"), "or this test shows nothing"


def test_every_number_is_a_frame_or_in_a_gap(source: Source) -> None:
    expected: int | None = 0
    for item in source:
        if isinstance(item, Gap):
            expected = None if expected is None or item.frames is None else expected + item.frames
            continue
        assert expected is None or item.index == expected
        expected = item.index + 1


def test_a_second_iteration_equals_the_first(source: Source) -> None:
    once, again = list(source), list(source)
    assert [type(item) for item in once] == [type(item) for item in again]
    for one, other in zip(once, again, strict=True):
        if isinstance(one, Frame) and isinstance(other, Frame):
            assert _same(one, other)
        else:
            assert one == other


@pytest.mark.parametrize(("start", "end"), [(0.0, 0.5), (1.0, 2.05), (2.4, 99.0), (3.0, 3.0), (50.0, 60.0)])
def test_between_agrees_with_iteration(source: Source, start: float, end: float) -> None:
    assert isinstance(source, Replayable)
    wanted = [frame for frame in _frames(list(source)) if start <= frame.time <= end]
    found = {frame.index: frame for frame in source.between(start, end)}
    assert list(found) == sorted(found)
    assert all(start <= frame.time <= end for frame in found.values())
    for frame in wanted:
        assert _same(frame, found[frame.index])


def test_between_is_independent_of_iteration(source: Source) -> None:
    assert isinstance(source, Replayable)
    items = iter(source)
    first = [next(items) for _ in range(5)]
    list(source.between(0.0, 1.0))
    assert len(first + list(items)) == len(list(source))


def test_closing_twice_and_while_iterating_is_fine(source: Source) -> None:
    items = iter(source)
    next(items)
    source.close()
    source.close()
    list(items)
