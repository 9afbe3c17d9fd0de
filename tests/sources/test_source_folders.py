from __future__ import annotations

from contextlib import closing
from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from everyframe.errors import SourceNotFound, SourceUnreadable
from everyframe.sources import FolderSource
from everyframe.sources.folders import _numbers
from everyframe.types import Frame, Gap, GapReason


def _write(folder: Path, names: list[str], width: int = 32, height: int = 24) -> None:
    for number, name in enumerate(names):
        picture = np.random.default_rng(number).integers(0, 255, (height, width, 3), dtype=np.uint8)
        cv2.imwrite(str(folder / name), picture if not name.endswith(".pgm") else picture[..., 0])


def _read(folder: Path, **options: Any) -> list[Frame | Gap]:
    with closing(FolderSource(folder, **options)) as source:
        return list(source)


def _indices(items: list[Frame | Gap]) -> list[int]:
    return [item.index for item in items if isinstance(item, Frame)]


@pytest.mark.parametrize("ending", ["jpg", "png", "bmp", "tif", "JPG", "jpeg", "pgm", "webp"])
def test_pictures_come_in_natural_order(tmp_path: Path, ending: str) -> None:
    _write(tmp_path, [f"frame-{number}.{ending}" for number in range(8, 13)])
    items = _read(tmp_path, fps=10)
    assert _indices(items) == [0, 1, 2, 3, 4]
    for number, item in enumerate(items):
        assert isinstance(item, Frame)
        assert item.time == pytest.approx(number / 10)
        wanted = cv2.imread(str(tmp_path / f"frame-{number + 8}.{ending}"), cv2.IMREAD_GRAYSCALE)
        assert wanted is not None
        assert np.array_equal(item.luma, wanted)


def test_colour_is_read_again_when_asked_for(tmp_path: Path) -> None:
    picture = np.zeros((24, 32, 3), np.uint8)
    picture[..., 2] = 200  # red, as OpenCV orders it
    cv2.imwrite(str(tmp_path / "1.png"), picture)
    (frame,) = _read(tmp_path)
    assert isinstance(frame, Frame)
    assert frame.rgb()[0, 0].tolist() == [200, 0, 0]
    (tmp_path / "1.png").unlink()
    with pytest.raises(SourceUnreadable, match="can no longer be read"):
        frame.rgb()


def test_a_hole_in_the_numbering_is_a_gap(tmp_path: Path) -> None:
    _write(tmp_path, [f"{number:03}.png" for number in (5, 6, 9, 10)])
    items = _read(tmp_path, fps=10)
    assert _indices(items) == [0, 1, 4, 5]
    assert items[2] == Gap(0.1, 0.4, GapReason.MISSING, 2)


def test_numbers_that_go_up_in_steps_are_no_holes(tmp_path: Path) -> None:
    _write(tmp_path, [f"{number:04}.png" for number in (0, 10, 20, 40, 50)])
    assert _indices(_read(tmp_path)) == [0, 1, 2, 4, 5]


def test_dates_are_no_numbering() -> None:
    paths = [Path(f"2024-05-01T12{minute:02}00.png") for minute in (0, 1, 3, 7)]
    assert _numbers(paths) == [0, 1, 3, 7]
    assert _numbers([Path(f"{stamp}.png") for stamp in (1714561200, 1714561811, 1714563000)]) == [0, 1, 2]


def test_names_without_numbers_are_taken_in_order(tmp_path: Path) -> None:
    _write(tmp_path, ["b.png", "a.png", "c.png"])
    assert _indices(_read(tmp_path)) == [0, 1, 2]


@given(st.sets(st.integers(0, 300), min_size=12))
def test_indices_keep_the_order_and_the_distances(numbers: set[int]) -> None:
    ordered = sorted(numbers)
    places = _numbers([Path(f"cam2_{number:06}.jpg") for number in ordered])
    assert places[0] == 0
    steps, wanted = np.diff(places), np.diff(ordered)
    assert (steps >= 1).all()
    assert len({(step / want) for step, want in zip(steps, wanted, strict=True)}) == 1


@pytest.mark.parametrize("damage", ["text", "empty", "cut short"])
@pytest.mark.parametrize("ending", ["jpg", "png"])
def test_a_damaged_picture_is_a_gap(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], damage: str, ending: str
) -> None:
    _write(tmp_path, [f"{number}.{ending}" for number in range(6)], 64, 48)
    victim = tmp_path / f"3.{ending}"
    data = {"text": b"no picture", "empty": b"", "cut short": victim.read_bytes()[:-200]}[damage]
    victim.write_bytes(data)
    items = _read(tmp_path, fps=10)
    assert _indices(items) == [0, 1, 2, 4, 5]
    assert items[3] == Gap(0.2, 0.4, GapReason.UNDECODABLE, 1)
    assert capfd.readouterr().err == "", "OpenCV keeps its noise to itself"


def test_damage_and_holes_side_by_side(tmp_path: Path) -> None:
    _write(tmp_path, [f"{number}.png" for number in (0, 1, 2, 5, 6)])
    (tmp_path / "2.png").write_bytes(b"")
    items = _read(tmp_path, fps=1)
    gaps = [item for item in items if isinstance(item, Gap)]
    assert [(gap.reason, gap.frames) for gap in gaps] == [(GapReason.UNDECODABLE, 1), (GapReason.MISSING, 2)]
    assert (gaps[0].start, gaps[0].end, gaps[1].end) == (1.0, gaps[1].start, 5.0)


def test_damage_at_both_ends(tmp_path: Path) -> None:
    _write(tmp_path, [f"{number}.png" for number in range(5)])
    (tmp_path / "0.png").write_bytes(b"")
    (tmp_path / "4.png").write_bytes(b"")
    items = _read(tmp_path, fps=1)
    assert _indices(items) == [1, 2, 3]
    assert items[0] == Gap(0.0, 1.0, GapReason.UNDECODABLE, 1)
    assert items[-1] == Gap(3.0, 4.0, GapReason.UNDECODABLE, 1)


def test_mixed_sizes_are_refused_by_name(tmp_path: Path) -> None:
    _write(tmp_path, [f"{number}.png" for number in range(3)])
    _write(tmp_path, ["7.png"], 40, 24)
    with pytest.raises(SourceUnreadable, match=r"7\.png is 40x24.* 32x24") as caught:
        _read(tmp_path)
    assert "\n" not in str(caught.value)


def test_an_empty_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("nothing to see")
    with pytest.raises(SourceUnreadable, match="no pictures"):
        FolderSource(tmp_path)
    (tmp_path / "1.png").write_bytes(b"")
    with pytest.raises(SourceUnreadable, match="none of its 1 pictures"):
        FolderSource(tmp_path)
    with pytest.raises(SourceNotFound, match="no such folder"):
        FolderSource(tmp_path / "nowhere")
    with pytest.raises(SourceUnreadable, match="cannot be read"):
        FolderSource(tmp_path / "notes.txt")


def test_what_is_known_of_it(tmp_path: Path) -> None:
    _write(tmp_path, [f"{number:03}.png" for number in (1, 2, 4)])
    with closing(FolderSource(tmp_path, starts=datetime(2024, 1, 1, tzinfo=UTC))) as source:
        info = source.info
        frames = list(source.between(0.03, 1.0))
    assert (info.width, info.height, info.fps, info.frames) == (32, 24, Fraction(25), 4)
    assert info.duration == pytest.approx(4 / 25)
    assert [frame.index for frame in frames] == [1, 3]
    assert frames[1].utc == pytest.approx(datetime(2024, 1, 1, tzinfo=UTC).timestamp() + 3 / 25)
