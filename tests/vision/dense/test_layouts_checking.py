"""Every pair is looked at before hours are spent."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from tests.vision.dense.small_sets import mask, pairs, picture, save

from everyframe.errors import DatasetError
from everyframe.vision.dense.classes import named
from everyframe.vision.dense.layouts import Dataset, check, find_faults, read_dataset

NAMES = [f"{number:02d}" for number in range(10)]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    pairs(tmp_path, "images", "masks", NAMES)
    return tmp_path


def read(folder: Path) -> Dataset:
    return read_dataset(folder, classes=named(["road", "car", "tree"]))


def test_nothing_is_wrong(folder: Path) -> None:
    told: list[tuple[int, int]] = []
    check(read(folder), lambda done, total: told.append((done, total)))
    assert told == [(number, 10) for number in range(1, 11)]


def unknown_value(folder: Path) -> None:
    wrong = mask(4)
    wrong[3, 5] = 9
    save(wrong, folder / "masks/04.png")


def other_size(folder: Path) -> None:
    save(mask(4)[:8], folder / "masks/04.png")


def lies_on_its_side(folder: Path) -> None:
    save(mask(4).T.copy(), folder / "masks/04.png")


def cut_short(folder: Path) -> None:
    path = folder / "images/04.png"
    path.write_bytes(path.read_bytes()[:-30])


def mask_cut_short(folder: Path) -> None:
    path = folder / "masks/04.png"
    path.write_bytes(path.read_bytes()[:-30])


def gone_since(folder: Path) -> None:
    (folder / "masks/04.png").unlink()


@pytest.mark.parametrize(
    ("harm", "said"),
    [
        (
            unknown_value,
            r"masks/04\.png has the value 9 \(at x 5, y 3\), which is no class's; known are 0–2, 255",
        ),
        (other_size, r"masks/04\.png is 16 x 8, its picture 04\.png 16 x 12; make them equal"),
        (lies_on_its_side, r"04\.png is 12 x 16, its picture 04\.png 16 x 12: one lies on its side; turn"),
        (cut_short, r"images/04\.png is damaged or cut short"),
        (mask_cut_short, r"masks/04\.png is damaged or cut short"),
        (gone_since, r"masks/04\.png is not there; put it back, or take it off the list"),
    ],
)
def test_what_is_wrong_is_named(folder: Path, harm: Callable[[Path], None], said: str) -> None:
    dataset = read(folder)
    harm(folder)
    with pytest.raises(DatasetError, match=said) as caught:
        check(dataset)
    assert "\n" not in str(caught.value)


def test_all_faults_are_counted_and_the_first_is_told(folder: Path) -> None:
    dataset = read(folder)
    for pair in (dataset.train[1], dataset.train[3], dataset.val[0]):
        pair.mask.write_bytes(b"")
    faults = find_faults(dataset)
    assert [fault.split(" ")[0] for fault in faults] == [
        str(pair.mask) for pair in (dataset.train[1], dataset.train[3], dataset.val[0])
    ]
    with pytest.raises(DatasetError, match=r"no picture that can be read.*\(2 more pairs have faults\)"):
        check(dataset)


def test_a_picture_that_its_camera_turned_is_as_large_as_it_is_seen(folder: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    (folder / "images/04.png").unlink()
    held = np.ascontiguousarray(np.rot90(picture(mask(4)), 1))
    Image.fromarray(held).save(folder / "images/04.jpg", exif=exif)
    check(read(folder))
