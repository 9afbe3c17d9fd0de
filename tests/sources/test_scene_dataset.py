"""A scene written as a benchmark can be read back, and nothing half-written is left behind."""

import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from everyframe.errors import SettingError, StorageError
from everyframe.sources.scene import ParkScene, dataset, write_dataset

SMALL = (128, 72)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("bench") / "park"
    assert write_dataset(target, seed=4, train_minutes=0.1, fps=4, size=SMALL, script="cyclist,runner") == (
        target / "dataset.json"
    )
    return target


def test_it_has_the_form_of_a_benchmark(folder: Path) -> None:
    about = json.loads((folder / "dataset.json").read_text())
    assert about["fps"] == 4
    assert about["train"] == ["train/01"]
    assert [entry["kind"] for entry in about["test"]] == ["cyclist", "runner"]
    assert len(list((folder / "train/01").iterdir())) == 24
    for entry in about["test"]:
        labels = (folder / entry["labels"]).read_text().split()
        pictures = sorted(p.name for p in (folder / entry["source"]).iterdir())
        masks = sorted(p.name for p in (folder / entry["masks"]).iterdir())
        assert pictures == masks
        assert len(labels) == len(pictures)
        assert set(labels) == {"0", "1"}


def test_pictures_masks_and_labels_are_those_of_the_scene(folder: Path) -> None:
    train = ParkScene(8, 6.0, 4, SMALL)
    read = cv2.imread(str(folder / "train/01/0010.png"), cv2.IMREAD_UNCHANGED)
    assert read is not None
    assert np.array_equal(read, train.frame(9).luma)
    scene = ParkScene(9, None, 4, SMALL, "cyclist,runner")
    labels = (folder / "labels/02.csv").read_text().split()
    event = scene.truth[1]
    first = next(i for i in range(scene.info.frames or 0) if scene.time(i) >= event.start - dataset.MARGIN)
    for number, label in enumerate(labels, start=1):
        mask = cv2.imread(str(folder / f"masks/02/{number:04d}.png"), cv2.IMREAD_UNCHANGED)
        assert mask is not None
        assert np.array_equal(mask > 0, scene.masks(first + number - 1))
        if label == "0":
            assert not mask.any()
    assert labels.count("1") == round((event.end - event.start) * 4) + 1


def test_a_folder_with_something_in_it_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "precious.txt").write_text("mine")
    with pytest.raises(StorageError, match="not empty"):
        write_dataset(tmp_path, script="cyclist")
    assert [p.name for p in tmp_path.iterdir()] == ["precious.txt"]


def test_a_full_disk_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written = 0

    def full(self: Path, data: bytes) -> int:
        nonlocal written
        written += 1
        if written > 5:
            raise OSError(28, "No space left on device")
        with self.open("wb") as file:
            return file.write(data)

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(StorageError, match="No space left"):
        write_dataset(tmp_path / "park", train_minutes=0.1, fps=4, size=SMALL, script="cyclist")
    assert written == 6
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("script", ["normal", "all", "light", "cyclist,freeze"])
def test_only_anomalies_make_a_benchmark(tmp_path: Path, script: str) -> None:
    with pytest.raises(SettingError, match="anomalies"):
        write_dataset(tmp_path / "park", script=script)
