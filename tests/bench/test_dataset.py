import json
from datetime import datetime
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from everyframe.bench.dataset import Dataset, Entry, TestEntry, load
from everyframe.errors import DatasetError


def pictures(folder: Path, numbers: list[int], white: bool = False) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for number in numbers:
        picture = np.zeros((6, 8), np.uint8)
        picture[:, : number % 8] = 255 if white else 60
        assert cv2.imwrite(str(folder / f"{number:03d}.png"), picture)


def form(**changes: Any) -> dict[str, Any]:
    whole = {
        "name": "walkway",
        "fps": 10,
        "train": ["train/01", {"source": "train/02", "starts": "2020-11-15T07:00:00"}],
        "test": [{"source": "test/01", "labels": "labels/01.csv", "masks": "masks/01"}],
        "watch": ["train/01"],
    }
    return {key: value for key, value in (whole | changes).items() if value != "absent"}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    pictures(tmp_path / "train/01", [0, 1, 2])
    pictures(tmp_path / "train/02", [0, 1, 2])
    pictures(tmp_path / "test/01", [0, 1, 2, 3, 4])
    pictures(tmp_path / "masks/01", [0, 1, 2, 3, 4], white=True)
    (tmp_path / "labels").mkdir()
    (tmp_path / "labels/01.csv").write_text("0\n0\n1\n1\n0\n")
    write(tmp_path, form())
    return tmp_path


def write(root: Path, whole: Any) -> None:
    (root / "dataset.json").write_text(json.dumps(whole))


def label(root: Path, text: str) -> None:
    (root / "labels/01.csv").write_text(text)


def test_reads_every_part(root: Path) -> None:
    data = load(root)
    assert (data.name, data.root, data.fps) == ("walkway", root, 10.0)
    assert data.train == [Entry(root / "train/01"), Entry(root / "train/02", datetime(2020, 11, 15, 7))]  # noqa: DTZ001 -- local time has no zone
    assert data.test == [TestEntry(root / "test/01", None, root / "labels/01.csv", root / "masks/01")]
    assert data.watch == [Entry(root / "train/01")]
    assert data.labels(data.test[0]).tolist() == [False, False, True, True, False]


def test_watch_and_masks_may_be_left_out(root: Path) -> None:
    write(root, form(watch="absent", test=[{"source": "test/01", "labels": "labels/01.csv", "masks": None}]))
    data = load(str(root))
    assert data.watch == []
    assert data.mask(data.test[0], 0) is None


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"name": "absent"}, "name is missing"),
        ({"name": 7}, "name is a number, but should be a text"),
        ({"name": ""}, "name is empty"),
        ({"fps": "absent"}, "fps is missing"),
        ({"fps": "10"}, "fps is a text, but should be a number"),
        ({"fps": True}, "fps is true or false"),
        ({"fps": 0}, "fps is 0, but should be above 0"),
        ({"fps": float("nan")}, "fps is nan"),
        ({"train": "absent"}, "train is missing"),
        ({"train": "train/01"}, "train is a text, but should be a list"),
        ({"train": []}, "train is empty"),
        ({"train": [3]}, "train[0] should be a path, or an object"),
        ({"train": [""]}, "train[0] is empty"),
        ({"train": ["train/09"]}, "train[0] names train/09, which is not in"),
        ({"train": ["labels"]}, "train[0] names labels, a folder without pictures"),
        ({"train": [{"starts": "2020-11-15T00:00:00"}]}, "train[0].source is missing"),
        ({"train": [{"source": "train/01", "starts": "noon"}]}, "train[0].starts is 'noon'"),
        ({"train": [{"source": "train/01", "starts": 12}]}, "train[0].starts is a number"),
        ({"test": "absent"}, "test is missing"),
        ({"test": []}, "test is empty"),
        ({"test": ["test/01"]}, "test[0] is a text, but should be an object"),
        ({"test": [{"source": "test/01"}]}, "test[0].labels is missing"),
        ({"test": [{"source": "test/01", "labels": "labels/02.csv"}]}, "test[0].labels names labels/02.csv"),
        ({"test": [{"source": "test/01", "labels": "labels"}]}, "which should be a file"),
        (
            {"test": [{"source": "test/01", "labels": "labels/01.csv", "masks": "labels/01.csv"}]},
            "test[0].masks names labels/01.csv, which should be a folder",
        ),
        ({"watch": {"source": "train/01"}}, "watch is an object, but should be a list"),
    ],
)
def test_a_fault_names_file_and_field(root: Path, changes: dict[str, Any], said: str) -> None:
    write(root, form(**changes))
    with pytest.raises(DatasetError) as caught:
        load(root)
    message = str(caught.value)
    assert said in message
    assert str(root / "dataset.json") in message
    assert "\n" not in message


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b"{", "is not JSON (line 1"),
        (b"\xff\xfe", "is not JSON (not UTF-8)"),
        (b"[1]", "holds a list, but should hold an object"),
        (b"[" * 100_000, "nested too deeply"),
    ],
)
def test_what_is_not_json_is_said(root: Path, text: bytes, said: str) -> None:
    (root / "dataset.json").write_bytes(text)
    with pytest.raises(DatasetError) as caught:
        load(root)
    assert said in str(caught.value)


def test_missing_folder_and_missing_form_are_told_apart(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="no such folder"):
        load(tmp_path / "nowhere")
    with pytest.raises(DatasetError, match=r"holds no dataset\.json"):
        load(tmp_path)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("0\n0\n2\n1\n0\n", "line 3: '2' is not a label; write 0 or 1"),
        ("frame\n0\n", "line 1: 'frame'"),
        ("", "is empty"),
        ("\n\n", "is empty"),
        ("0\n1\n", "has 2 labels for 5 frames"),
        ("0\n" * 6, "has 6 labels for 5 frames"),
    ],
)
def test_wrong_labels_are_refused_before_anything_is_learned(root: Path, text: str, said: str) -> None:
    label(root, text)
    with pytest.raises(DatasetError) as caught:
        load(root)
    assert said in str(caught.value)
    assert "01.csv" in str(caught.value)


def test_binary_labels_are_refused(root: Path) -> None:
    (root / "labels/01.csv").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(DatasetError, match="cannot be read"):
        load(root)


@pytest.mark.parametrize("text", ["0\r\n0\r\n1\r\n1\r\n0", "0,0,1,1,0\n", "\ufeff0\n0\n1\n1\n0\n\n"])
def test_labels_as_other_tools_write_them(root: Path, text: str) -> None:
    (root / "labels/01.csv").write_text(text, encoding="utf-8", newline="")
    data = load(root)
    assert data.labels(data.test[0]).tolist() == [False, False, True, True, False]


def holed(root: Path, numbers: list[int], labels: str) -> tuple[Dataset, TestEntry]:
    for path in (root / "test/01").iterdir():
        path.unlink()
    pictures(root / "test/01", numbers)
    label(root, "\n".join(labels))
    data = load(root)
    return data, data.test[0]


def test_labels_may_count_what_is_there(root: Path) -> None:
    data, entry = holed(root, [0, 2, 4], "011")
    assert data.aligned(entry, [0, 2, 4], 5).tolist() == [False, True, True]
    # A repeated frame is left out by the source; the labels still count it.
    assert data.aligned(entry, [0, 4], 5).tolist() == [False, True]


def test_labels_may_count_the_holes(root: Path) -> None:
    data, entry = holed(root, [0, 2, 4], "01001")
    assert data.aligned(entry, [0, 2, 4], 5).tolist() == [False, False, True]


def test_labels_may_count_missing_frames_at_the_ends(root: Path) -> None:
    # 0 and 5 are missing too; position 0 is the frame called 001.
    data, entry = holed(root, [1, 2, 4], "010010")
    assert data.aligned(entry, [0, 1, 3], 4).tolist() == [True, False, True]


def test_numbering_from_one_is_no_hole(root: Path) -> None:
    for folder in ("train/01", "train/02"):
        (root / folder / "000.png").unlink()
    data, entry = holed(root, [1, 2, 3, 4], "0110")
    assert data.aligned(entry, [0, 1, 2, 3], 4).tolist() == [False, True, True, False]


def test_masks_follow_the_numbers_of_the_frames(root: Path) -> None:
    data, entry = holed(root, [1, 2, 4], "010")
    for position, number in enumerate([1, 2, None, 4]):
        if number is not None:
            mask = data.mask(entry, position)
            assert mask is not None
            assert mask.shape == (6, 8)
            assert mask.dtype == np.bool_
            assert mask[:, :number].all()
            assert not mask[:, number:].any()


def test_masks_with_numbers_of_their_own_are_taken_in_order(root: Path) -> None:
    for path in (root / "masks/01").iterdir():
        path.rename(path.with_name(f"mask_{int(path.stem) + 100}.png"))
    data = load(root)
    mask = data.mask(data.test[0], 3)
    assert mask is not None
    assert mask[0].sum() == 3


def test_a_missing_or_broken_mask_is_said(root: Path) -> None:
    data = load(root)
    (root / "masks/01/003.png").write_bytes(b"not a picture")
    with pytest.raises(DatasetError, match=r"003\.png is not a picture"):
        data.mask(data.test[0], 3)
    with pytest.raises(DatasetError, match="no mask for frame 9"):
        data.mask(data.test[0], 9)
    (root / "masks/01/003.png").unlink()
    with pytest.raises(DatasetError, match="has 4 masks for 5 frames"):
        load(root).mask(data.test[0], 0)


def test_a_video_needs_one_label_per_frame(root: Path) -> None:
    (root / "clip.mp4").write_bytes(b"its frames are counted by whoever decodes it")
    write(root, form(test=[{"source": "clip.mp4", "labels": "labels/01.csv", "masks": "masks/01"}]))
    data = load(root)
    entry = data.test[0]
    assert data.frames(entry) is None
    assert data.aligned(entry, [0, 2, 4], 5).tolist() == [False, True, False]
    mask = data.mask(entry, 2)
    assert mask is not None
    assert mask[0].sum() == 2
    with pytest.raises(DatasetError, match="has 5 labels for 3 frames"):
        data.aligned(entry, [0, 2], 3)
