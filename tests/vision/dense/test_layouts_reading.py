"""Data sets in each layout, and what is wrong with those that are not."""

from __future__ import annotations

import pickle
import shutil
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from tests.vision.dense.small_sets import mask, pairs, picture, save

from everyframe.errors import DatasetError, SettingError
from everyframe.vision.dense.classes import CAMVID, VOID, Classes, named
from everyframe.vision.dense.layouts import Dataset, Pair, read_dataset
from everyframe.vision.dense.layouts.folders import hold_out
from everyframe.vision.dense.layouts.voc import VOC, voc_colour


def names(split: tuple[Pair, ...]) -> list[str]:
    return [pair.picture.stem for pair in split]


def first_mask(dataset: Dataset) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    return dataset.mask(dataset.train[0])


class TestCamvid:
    @pytest.mark.parametrize(
        ("pictures", "masks"),
        [("{}/images", "{}/masks"), ("{}", "{}annot"), ("{}", "{}_labels")],
    )
    def test_a_folder_per_split(self, tmp_path: Path, pictures: str, masks: str) -> None:
        for split, count in (("train", 3), ("val", 2), ("test", 1)):
            own = [f"0016E5_{number:05d}" for number in range(count)]
            pairs(tmp_path, pictures.format(split), masks.format(split), own, "jpg")
        dataset = read_dataset(tmp_path)
        assert [len(split) for split in (dataset.train, dataset.val, dataset.test)] == [3, 2, 1]
        assert dataset.classes == CAMVID
        assert np.array_equal(dataset.mask(dataset.train[2]), mask(2))
        assert dataset.picture(dataset.train[2]).shape == (12, 16, 3)

    def test_segnets_lists_of_another_machine(self, tmp_path: Path) -> None:
        pairs(tmp_path, "train", "trainannot", ["0001TP_1", "0001TP_2", "0001TP_3"])
        pairs(tmp_path, "val", "valannot", ["0001TP_9"])
        line = "/SegNet/CamVid/{0}/{1}.png /SegNet/CamVid/{0}annot/{1}.png\n"
        (tmp_path / "train.txt").write_text(
            line.format("train", "0001TP_3") + line.format("train", "0001TP_1")
        )
        (tmp_path / "val.txt").write_text(line.format("val", "0001TP_9"))
        dataset = read_dataset(tmp_path)
        assert names(dataset.train) == ["0001TP_3", "0001TP_1"]
        assert names(dataset.val) == ["0001TP_9"]
        assert dataset.test == ()
        assert dataset.train[0].mask == tmp_path / "trainannot/0001TP_3.png"

    def test_lists_that_are_wrong(self, tmp_path: Path) -> None:
        pairs(tmp_path, "train", "trainannot", ["0001TP_1"])
        path = tmp_path / "train.txt"
        path.write_text("train/0001TP_1.png trainannot/0001TP_1.png\ntrain/0001TP_1.png\n")
        with pytest.raises(
            DatasetError, match=r"train\.txt has the line 'train/0001TP_1\.png'; write a picture"
        ):
            read_dataset(tmp_path)
        path.write_text("train/0001TP_1.png trainannot/0001TP_7.png\n")
        with pytest.raises(
            DatasetError, match=r"train\.txt names trainannot/0001TP_7\.png, which is not below"
        ):
            read_dataset(tmp_path)
        path.write_text("../x.png ../../etc/y.png\n")
        with pytest.raises(DatasetError, match="which is not below"):
            read_dataset(tmp_path)

    def test_void_is_eleven_and_its_first_colours_are_known(self, tmp_path: Path) -> None:
        for split in ("train", "val"):
            pairs(tmp_path, split, f"{split}annot", ["0001TP_1"])
        save(np.array([[0, 10, 11, 255]], np.uint8), tmp_path / "trainannot/0001TP_1.png")
        assert first_mask(read_dataset(tmp_path)).tolist() == [[0, 10, VOID, VOID]]
        shown = np.array([[[128, 128, 128], [192, 0, 192], [0, 0, 0], [128, 0, 192]]], np.uint8)
        save(shown, tmp_path / "trainannot/0001TP_1.png")
        assert first_mask(read_dataset(tmp_path)).tolist() == [[0, 10, VOID, 3]]

    def test_other_data_in_folders_like_these_must_say_their_classes(self, tmp_path: Path) -> None:
        pairs(tmp_path, "train/images", "train/masks", ["a", "b"])
        with pytest.raises(
            DatasetError, match=r"write classes\.txt beside the data.*, or name the layout camvid"
        ):
            read_dataset(tmp_path)
        assert read_dataset(tmp_path, "camvid").classes == CAMVID
        (tmp_path / "classes.txt").write_text("road\ncar\ntree\n")
        assert read_dataset(tmp_path).classes.names == ("road", "car", "tree")

    def test_without_a_folder_to_train_from(self, tmp_path: Path) -> None:
        with pytest.raises(DatasetError, match="has neither train/images and train/masks nor train"):
            read_dataset(tmp_path, "camvid")


class TestVoc:
    @pytest.fixture
    def folder(self, tmp_path: Path) -> Path:
        ids = ["2007_1", "2007_2", "2007_3", "2007_4"]
        pairs(tmp_path, "JPEGImages", "SegmentationClass", ids, "jpg")
        self.write(tmp_path, "train", "2007_1\n2007_3\n")
        self.write(tmp_path, "val", "2007_2\n\n")
        self.write(tmp_path, "trainval", "2007_1\n2007_2\n2007_3\n2007_4\n")
        return tmp_path

    @staticmethod
    def write(folder: Path, split: str, text: str) -> None:
        lists = folder / "ImageSets/Segmentation"
        lists.mkdir(parents=True, exist_ok=True)
        (lists / f"{split}.txt").write_text(text)

    @pytest.mark.parametrize("below", [".", "VOC2012", "VOCdevkit/VOC2007"])
    def test_ids_in_lists(self, folder: Path, tmp_path: Path, below: str) -> None:
        place = tmp_path / "elsewhere"
        shutil.copytree(folder, place / below, ignore=shutil.ignore_patterns("elsewhere"))
        dataset = read_dataset(place)
        assert (names(dataset.train), names(dataset.val)) == (["2007_1", "2007_3"], ["2007_2"])
        assert dataset.classes == VOC
        assert len(dataset.classes) == 21
        assert np.array_equal(dataset.mask(dataset.val[0]), mask(1))

    def test_masks_with_its_palette_and_void_around_objects(self, folder: Path) -> None:
        values = np.array([[0, 15, 255], [20, 255, 0]], np.uint8)
        shown = Image.fromarray(values).convert("P")
        shown.putpalette([part for number in range(256) for part in voc_colour(number)])
        shown.save(folder / "SegmentationClass/2007_1.png")
        assert first_mask(read_dataset(folder)).tolist() == values.tolist()
        shown.convert("RGB").save(folder / "SegmentationClass/2007_1.png")  # as many tools leave them
        assert first_mask(read_dataset(folder)).tolist() == values.tolist()

    def test_without_a_list_to_train_from_it_is_trainval_less_val(self, folder: Path) -> None:
        (folder / "ImageSets/Segmentation/train.txt").unlink()
        assert names(read_dataset(folder).train) == ["2007_1", "2007_3", "2007_4"]
        (folder / "ImageSets/Segmentation/trainval.txt").unlink()
        with pytest.raises(DatasetError, match=r"has neither train\.txt nor trainval\.txt"):
            read_dataset(folder)

    def test_a_test_list_counts_if_there_are_masks(self, folder: Path) -> None:
        self.write(folder, "test", "2007_4\n")
        assert names(read_dataset(folder).test) == ["2007_4"]
        self.write(folder, "test", "2012_9\n")
        assert read_dataset(folder).test == ()

    def test_lists_that_are_wrong(self, folder: Path) -> None:
        self.write(folder, "val", "\n")
        with pytest.raises(DatasetError, match=r"val\.txt is empty; write a picture on each line"):
            read_dataset(folder)
        self.write(folder, "val", "2007_2\n2007_2\n")
        with pytest.raises(DatasetError, match=r"val\.txt has 2007_2 twice; keep one of the lines"):
            read_dataset(folder)
        self.write(folder, "val", "2007_1\n")
        with pytest.raises(DatasetError, match=r"has 2007_1\.jpg twice"):  # in train too
            read_dataset(folder)
        self.write(folder, "val", "2007_9\n")
        with pytest.raises(DatasetError, match=r"val\.txt names 2007_9, but there is no .*2007_9\.jpg"):
            read_dataset(folder)
        self.write(folder, "val", "2007_2\n")
        (folder / "SegmentationClass/2007_2.png").unlink()
        with pytest.raises(DatasetError, match=r"val\.txt names 2007_2, but there is no .*SegmentationClass"):
            read_dataset(folder)

    def test_two_years_in_one_folder(self, folder: Path, tmp_path: Path) -> None:
        for year in ("VOC2007", "VOC2012"):
            shutil.copytree(folder, tmp_path / "kit" / year, ignore=shutil.ignore_patterns("kit"))
        with pytest.raises(DatasetError, match="has VOC2007 and VOC2012; name one of them"):
            read_dataset(tmp_path / "kit")

    def test_no_such_folder_in_it(self, tmp_path: Path) -> None:
        with pytest.raises(DatasetError, match="has no ImageSets/Segmentation and SegmentationClass"):
            read_dataset(tmp_path, "voc")


class TestFolders:
    CLASSES = named(["road", "car", "tree"])

    def test_pairs_of_which_some_are_held_out(self, tmp_path: Path) -> None:
        own = [f"{number:02d}" for number in range(10)]
        pairs(tmp_path, "images", "masks", own, "jpg")
        (tmp_path / "classes.txt").write_text("road\ncar\ntree\n")
        dataset = read_dataset(tmp_path)
        assert dataset.classes == self.CLASSES
        assert (len(dataset.train), len(dataset.val), len(dataset.test)) == (8, 2, 0)
        assert sorted(names(dataset.train) + names(dataset.val)) == own
        assert read_dataset(tmp_path) == dataset
        assert read_dataset(tmp_path, seed=1).val != dataset.val

    def test_folders_and_lists_say_the_splits(self, tmp_path: Path) -> None:
        pairs(tmp_path, "images", "masks", ["a", "b", "c"], "jpg")
        (tmp_path / "train.txt").write_text("c\na.jpg\n")
        (tmp_path / "val.txt").write_text("b\n")
        dataset = read_dataset(tmp_path, classes=self.CLASSES)
        assert (names(dataset.train), names(dataset.val)) == (["c", "a"], ["b"])
        (tmp_path / "val.txt").write_text("z\n")
        with pytest.raises(DatasetError, match=r"val\.txt names z, which is not in images"):
            read_dataset(tmp_path, classes=self.CLASSES)
        other = tmp_path / "other"
        pairs(other, "images/train", "masks/train", ["a", "b"])
        pairs(other, "images/val", "masks/val", ["a"])
        dataset = read_dataset(other, classes=self.CLASSES)
        assert (names(dataset.train), names(dataset.val)) == (["a", "b"], ["a"])

    @pytest.mark.parametrize("added", ["_mask", "_L", "_gt"])
    def test_masks_whose_names_say_that_they_are(self, tmp_path: Path, added: str) -> None:
        pairs(tmp_path, "images", "masks", ["a", "b"])
        (tmp_path / "masks/a.png").rename(tmp_path / f"masks/a{added}.png")
        dataset = read_dataset(tmp_path, classes=self.CLASSES)
        assert {pair.mask.stem for pair in (*dataset.train, *dataset.val)} == {f"a{added}", "b"}

    def test_a_missing_partner_is_named(self, tmp_path: Path) -> None:
        pairs(tmp_path, "images", "masks", ["a", "b"])
        (tmp_path / "masks/b.png").unlink()
        with pytest.raises(DatasetError, match=r"b\.png has no mask; put b\.png into .*masks, or remove"):
            read_dataset(tmp_path, classes=self.CLASSES)
        (tmp_path / "masks/a.png").rename(tmp_path / "masks/b.png")
        (tmp_path / "images/a.png").unlink()
        save(mask(0), tmp_path / "masks/z.png")
        with pytest.raises(DatasetError, match=r"z\.png has no picture; put its picture into .*images"):
            read_dataset(tmp_path, classes=self.CLASSES)
        save(picture(mask(0)), tmp_path / "images/b.jpg")
        with pytest.raises(DatasetError, match=r"b\.png and b\.jpg share a name; rename or remove one"):
            read_dataset(tmp_path, classes=self.CLASSES)

    def test_too_few(self, tmp_path: Path) -> None:
        (tmp_path / "images").mkdir()
        (tmp_path / "masks").mkdir()
        with pytest.raises(DatasetError, match="images has no pictures; put some there"):
            read_dataset(tmp_path, classes=self.CLASSES)
        pairs(tmp_path, "images", "masks", ["a"])
        with pytest.raises(DatasetError, match=r"a\.png is the only picture; add others"):
            read_dataset(tmp_path, classes=self.CLASSES)

    def test_classes_that_nobody_says(self, tmp_path: Path) -> None:
        pairs(tmp_path, "images", "masks", ["a", "b"])
        with pytest.raises(DatasetError, match=r"does not say its classes; write classes\.txt"):
            read_dataset(tmp_path)

    @given(st.integers(2, 60), st.floats(0, 1), st.integers(0, 99))
    def test_what_is_held_out_is_no_longer_learned_from(self, count: int, share: float, seed: int) -> None:
        everything = tuple(Pair(Path(f"{number}.jpg"), Path(f"{number}.png")) for number in range(count))
        train, val = hold_out(everything, share, seed)
        assert train
        assert val
        assert sorted(map(str, (*train, *val))) == sorted(map(str, everything))


def test_classes_of_a_network_decide_the_order(tmp_path: Path) -> None:
    pairs(tmp_path, "images", "masks", ["a", "b"])
    (tmp_path / "classes.txt").write_text("road\ncar\ntree\nvoid\n")
    usual = read_dataset(tmp_path)
    order = named(["tree", "road", "car"])
    turned = read_dataset(tmp_path, classes=order)
    assert turned.classes == order
    before, after = first_mask(usual), first_mask(turned)
    assert np.array_equal(np.array([1, 2, 0])[before], after)
    with pytest.raises(
        DatasetError, match="other classes than the network: it lacks sky and has besides car, tree"
    ):
        read_dataset(tmp_path, classes=named(["road", "sky"]))


def test_a_network_that_orders_camvids_classes_otherwise(tmp_path: Path) -> None:
    pairs(tmp_path, "train/images", "train/masks", ["0016E5_1", "0016E5_2"])
    turned = Classes(CAMVID.names[::-1], CAMVID.colours[::-1])
    assert np.array_equal(
        first_mask(read_dataset(tmp_path, classes=turned)), 10 - first_mask(read_dataset(tmp_path))
    )


def test_a_folder_that_is_none_and_a_layout_that_is_none(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="is no folder; name the one that has the data"):
        read_dataset(tmp_path / "gone")
    with pytest.raises(DatasetError, match="is of no known layout; the simplest is images/ and masks/"):
        read_dataset(tmp_path)
    with pytest.raises(
        SettingError, match="there is no layout 'ade'; choose auto, voc, camvid, folders, coco"
    ):
        read_dataset(tmp_path, "ade")


def test_splits_by_name(tmp_path: Path) -> None:
    pairs(tmp_path, "images", "masks", ["a", "b"])
    dataset = read_dataset(tmp_path, classes=named(["road", "car", "tree"]))
    assert dataset.split("val") == dataset.val
    with pytest.raises(SettingError, match="the split 'test' of this data is empty; choose train or val"):
        dataset.split("test")
    with pytest.raises(SettingError, match="there is no split 'dev'; choose one of train, val, test"):
        dataset.split("dev")


def test_a_data_set_goes_to_another_process(tmp_path: Path) -> None:
    pairs(tmp_path, "images", "masks", ["a", "b"])
    dataset = read_dataset(tmp_path, classes=named(["road", "car", "tree"]))
    there = pickle.loads(pickle.dumps(dataset))
    assert np.array_equal(first_mask(there), first_mask(dataset))
