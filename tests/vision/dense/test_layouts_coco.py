"""COCO: shapes are filled and painted into masks."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from numpy.typing import NDArray
from tests.vision.dense.small_sets import save

from everyframe.errors import DatasetError
from everyframe.vision.dense.classes import VOID, named
from everyframe.vision.dense.layouts import check, read_dataset
from everyframe.vision.dense.layouts.shapes import fill

BOX = [1, 1, 5, 1, 5, 3, 1, 3]  # columns 1 to 4, rows 1 and 2


def runs_of(covered: NDArray[np.bool_]) -> list[int]:
    """Return lengths of nothing, something … down the columns."""
    line = covered.T.ravel()
    ends = np.flatnonzero(np.diff(line, prepend=False, append=not line[-1]))
    return np.diff(ends, prepend=0).tolist()  # type: ignore[no-any-return]


def compressed(runs: list[int]) -> str:
    """Write run lengths as COCO's tools do: five bits a letter."""
    letters = []
    for place, run in enumerate(runs):
        value = run - runs[place - 2] if place > 2 else run
        more = True
        while more:
            bits, value = value & 31, value >> 5
            more = value != (-1 if bits & 16 else 0)
            letters.append(chr(bits + 32 * more + 48))
    return "".join(letters)


def content(**changes: Any) -> dict[str, Any]:
    """Two pictures of 8 x 6: a large car under a small person, and nothing."""
    whole = {
        "images": [
            {"id": 7, "file_name": "a.png", "height": 6, "width": 8},
            {"id": 9, "file_name": "b.png", "height": 6, "width": 8},
        ],
        "categories": [{"id": 3, "name": "car"}, {"id": 1, "name": "person"}],
        "annotations": [
            {"image_id": 7, "category_id": 1, "area": 2, "segmentation": [[2, 1, 4, 1, 4, 2, 2, 2]]},
            {"image_id": 7, "category_id": 3, "area": 8, "segmentation": [BOX]},
            {"image_id": 7, "category_id": 3, "bbox": [0, 0, 2, 2]},  # without a shape
        ],
    }
    return whole | changes


def write(folder: Path, told: Any, name: str = "annotations/instances_train2017.json") -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(told))
    return path


def coco(folder: Path, told: Any = None) -> Path:
    for name in ("a", "b"):
        save(np.zeros((6, 8, 3), np.uint8), folder / f"train2017/{name}.png")
    write(folder, content() if told is None else told)
    save(np.zeros((6, 8, 3), np.uint8), folder / "val2017/c.png")
    alone = content(images=[{"id": 1, "file_name": "c.png", "height": 6, "width": 8}], annotations=[])
    write(folder, alone, "annotations/instances_val2017.json")
    return folder


def test_polygons_cover_the_pixels_whose_centres_they_hold() -> None:
    wanted = np.zeros((6, 8), np.bool_)
    wanted[1:3, 1:5] = True
    assert np.array_equal(fill([BOX], 6, 8), wanted)
    # Of a triangle whose long side has x + y = 3.1: the centres with x + y = 3 are just in it.
    assert fill([[0, 0, 3.1, 0, 0, 3.1]], 3, 3).tolist() == [
        [True, True, True],
        [True, True, False],
        [True, False, False],
    ]
    assert not fill([[0.1, 0.1, 0.3, 0.1, 0.2, 0.3]], 3, 3).any()


def test_several_polygons_are_one_object_and_may_reach_outside() -> None:
    covered = fill([[-5, -5, 2, -5, 2, 99, -5, 99], [6, 0, 99, 0, 99, 1, 6, 1]], 6, 8)
    wanted = np.zeros((6, 8), np.bool_)
    wanted[:, :2] = wanted[0, 6:] = True
    assert np.array_equal(covered, wanted)


@given(st.lists(st.tuples(st.floats(-3, 12), st.floats(-3, 12)), min_size=3, max_size=8))
def test_polygons_by_the_even_odd_rule(points: list[tuple[float, float]]) -> None:
    """Against going through all pixels one by one, but for centres that lie on an edge."""
    covered = fill([[part for point in points for part in point]], 9, 9)
    for y in range(9):
        for x in range(9):
            inside, near = False, False
            for (x1, y1), (x2, y2) in zip(points, points[1:] + points[:1], strict=True):
                if (y1 > y + 0.5) != (y2 > y + 0.5):
                    at = x1 + (y + 0.5 - y1) * (x2 - x1) / (y2 - y1)
                    inside ^= at > x + 0.5
                    near |= abs(at - x - 0.5) < 1e-6
                near |= min(abs(y1 - y - 0.5), abs(y2 - y - 0.5)) < 1e-6
            assert near or covered[y, x] == inside


@given(arrays(np.bool_, array_shapes(min_dims=2, max_dims=2, min_side=1, max_side=40)))
def test_run_lengths_are_read_back(covered: NDArray[np.bool_]) -> None:
    runs, size = runs_of(covered), list(covered.shape)
    assert np.array_equal(fill({"size": size, "counts": runs}, *covered.shape), covered)
    assert np.array_equal(fill({"size": size, "counts": compressed(runs)}, *covered.shape), covered)


def test_run_lengths_that_coco_wrote() -> None:
    """As pycocotools 2.0.11 encodes rows 2 to 4, columns 3 to 9 of a mask of 10 x 12 pixels."""
    wanted = np.zeros((10, 12), np.bool_)
    wanted[2:5, 3:10] = True
    assert np.array_equal(fill({"size": [10, 12], "counts": COUNTS}, 10, 12), wanted)


COUNTS = "P13700000000000b0"


@pytest.mark.parametrize(
    ("shape", "said"),
    [
        ([[0, 0, 1, 1]], "three points or more"),
        ([[0, 0, 1, 1, 2]], "three points or more"),
        ([[0, 0, 1, 1, 2, float("nan")]], "three points or more"),
        ({"size": [6, 9], "counts": [54]}, r"of the size \[6, 9\] and not \[6, 8\]"),
        ({"size": [6, 8], "counts": [40]}, "do not add up to 6 times 8"),
        ({"size": [6, 8], "counts": [50, -2]}, "do not add up"),
        ({"size": [6, 8], "counts": "P"}, "end early"),
        ({"size": [6, 8], "counts": "ä"}, "a letter that is none of theirs"),
        ({"size": [6, 8], "counts": [10**300]}, "too large"),
        ({"counts": [48]}, "neither polygons nor run lengths"),
    ],
)
def test_shapes_that_are_wrong(tmp_path: Path, shape: Any, said: str) -> None:
    with pytest.raises((ValueError, OverflowError), match=said):
        fill(shape, 6, 8)
    one = {"image_id": 7, "category_id": 1, "area": 1, "segmentation": shape}
    dataset = read_dataset(coco(tmp_path, content(annotations=[one])))
    with pytest.raises(
        DatasetError, match=rf"instances_train2017\.json: .*{said}.*, on a\.png; mend or remove"
    ):
        check(dataset)


def test_small_objects_lie_on_large_ones_and_nothing_is_background(tmp_path: Path) -> None:
    dataset = read_dataset(coco(tmp_path))
    assert dataset.classes.names == ("background", "person", "car")  # by their ids
    wanted = np.zeros((6, 8), np.uint8)
    wanted[1:3, 1:5] = 2
    wanted[1, 2:4] = 1
    assert np.array_equal(dataset.mask(dataset.train[0]), wanted)
    assert not dataset.mask(dataset.train[1]).any()
    assert [pair.picture.name for pair in dataset.val] == ["c.png"]
    check(dataset)


@pytest.mark.parametrize("side", [-1, 5, 10**12])
def test_a_picture_of_another_size_than_the_file_says(tmp_path: Path, side: int) -> None:
    told = content()
    told["images"][0]["width"] = side
    with pytest.raises(
        DatasetError, match=rf"says that a\.png is {side} x 6, but it is 8 x 6; put the picture"
    ):
        check(read_dataset(coco(tmp_path, told)))


def test_a_crowd_is_void_below_what_is_outlined_by_itself(tmp_path: Path) -> None:
    shape = {"size": [6, 8], "counts": [0, 24, 24]}
    told = content()
    told["annotations"].append(
        {"image_id": 7, "category_id": 1, "area": 1, "iscrowd": 1, "segmentation": shape}
    )
    drawn = read_dataset(coco(tmp_path, told))
    mask = drawn.mask(drawn.train[0])
    assert mask[0, :4].tolist() == [VOID] * 4
    assert mask[1, :6].tolist() == [VOID, 2, 1, 1, 2, 0]


def test_classes_beside_the_data_choose_and_order(tmp_path: Path) -> None:
    coco(tmp_path)
    (tmp_path / "classes.txt").write_text("person\nbackground\n")
    dataset = read_dataset(tmp_path)
    assert dataset.mask(dataset.train[0])[1, :6].tolist() == [1, 1, 0, 0, 1, 1]  # a car is background
    (tmp_path / "classes.txt").write_text("car\n")
    dataset = read_dataset(tmp_path)
    assert dataset.mask(dataset.train[0])[1, :6].tolist() == [VOID, 0, VOID, VOID, 0, VOID]
    (tmp_path / "classes.txt").write_text("tram\n")
    with pytest.raises(
        DatasetError, match="the classes name 'tram', but the annotations have only car, person"
    ):
        read_dataset(tmp_path)


def test_classes_of_a_network_decide_the_order(tmp_path: Path) -> None:
    dataset = read_dataset(coco(tmp_path), classes=named(["car", "background", "person"]))
    assert dataset.mask(dataset.train[0])[1, :6].tolist() == [1, 0, 2, 2, 0, 1]


def test_one_file_for_all_pictures_of_which_some_are_held_out(tmp_path: Path) -> None:
    for name in ("a", "b"):
        save(np.zeros((6, 8, 3), np.uint8), tmp_path / f"images/{name}.png")
    write(tmp_path, content(), "annotations/instances_default.json")
    dataset = read_dataset(tmp_path)
    assert (len(dataset.train), len(dataset.val)) == (1, 1)


def test_a_file_in_each_splits_folder(tmp_path: Path) -> None:
    for split in ("train", "valid", "test"):
        for name in ("a", "b"):
            save(np.zeros((6, 8, 3), np.uint8), tmp_path / split / f"{name}.png")
        write(tmp_path, content(), f"{split}/_annotations.coco.json")
    dataset = read_dataset(tmp_path)
    assert (len(dataset.train), len(dataset.val), len(dataset.test)) == (2, 2, 2)


def twice(told: dict[str, Any]) -> None:
    told["images"].append({"id": 7, "file_name": "d.png", "height": 6, "width": 8})


def same_file(told: dict[str, Any]) -> None:
    told["images"][1]["file_name"] = "a.png"


def no_picture(told: dict[str, Any]) -> None:
    told["images"][1]["file_name"] = "z.png"


def unknown_image(told: dict[str, Any]) -> None:
    told["annotations"][0]["image_id"] = 70


def unknown_category(told: dict[str, Any]) -> None:
    told["annotations"][0]["category_id"] = 70


def no_width(told: dict[str, Any]) -> None:
    del told["images"][0]["width"]


def endless_width(told: dict[str, Any]) -> None:
    told["images"][0]["width"] = math.inf


def endless_name(told: dict[str, Any]) -> None:
    told["images"][0]["file_name"] = "a" * 5000


def list_for_a_number(told: dict[str, Any]) -> None:
    told["categories"][0]["id"] = []


def no_images(told: dict[str, Any]) -> None:
    told["images"], told["annotations"] = [], []


def no_lists(told: dict[str, Any]) -> None:
    del told["categories"]


def nameless(told: dict[str, Any]) -> None:
    del told["categories"][0]["name"]


def two_names(told: dict[str, Any]) -> None:
    told["categories"].append({"id": 3, "name": "tram"})


@pytest.mark.parametrize(
    ("harm", "said"),
    [
        (twice, r"has the picture d\.png \(id 7\) twice; keep one"),
        (same_file, r"has the picture a\.png \(id 9\) twice; keep one"),
        (no_picture, r"names the picture z\.png, which is not in .*train2017; put it there"),
        (unknown_image, "has an object on picture 70, which it does not list"),
        (unknown_category, "has an object of category 70, which it does not list"),
        (no_width, "an image or annotation lacks 'width'; mend or remove it"),
        (endless_width, "an image or annotation cannot be read"),
        (endless_name, "which is not in"),
        (list_for_a_number, "has a category without id and name"),
        (no_images, "lists no pictures"),
        (no_lists, "has no lists images, annotations and categories"),
        (nameless, "has a category without id and name"),
        (two_names, "category 3 is both car and tram"),
    ],
)
def test_annotations_that_are_wrong(
    tmp_path: Path, harm: Callable[[dict[str, Any]], None], said: str
) -> None:
    told = content()
    harm(told)
    with pytest.raises(DatasetError, match=said) as caught:
        read_dataset(coco(tmp_path, told))
    assert "instances_train2017.json" in str(caught.value)


def test_a_damaged_file_and_none(tmp_path: Path) -> None:
    coco(tmp_path)
    (tmp_path / "annotations/instances_train2017.json").write_text('{"images": [')
    with pytest.raises(DatasetError, match=r"instances_train2017\.json is damaged or no JSON"):
        read_dataset(tmp_path)
    (tmp_path / "empty").mkdir()
    with pytest.raises(DatasetError, match=r"has no annotations/\*\.json of COCO"):
        read_dataset(tmp_path / "empty", "coco")
