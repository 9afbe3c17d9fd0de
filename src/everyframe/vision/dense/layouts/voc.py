"""PASCAL VOC: names in lists, masks with a palette, a border of void around each object."""

from __future__ import annotations

from pathlib import Path

from everyframe.errors import DatasetError
from everyframe.types import Colour
from everyframe.vision.dense.classes import VOID, Classes
from everyframe.vision.dense.layouts.dataset import Pair
from everyframe.vision.dense.layouts.found import Found
from everyframe.vision.dense.layouts.lists import read_list
from everyframe.vision.dense.layouts.table import MaskTable
from everyframe.vision.pictures import ENDINGS

_LISTS = Path("ImageSets/Segmentation")


def voc_colour(number: int) -> Colour:
    """Return VOC's colour of a value: its bits, from the lowest on, go to red, green and blue by turns."""
    parts = [0, 0, 0]
    for bit in range(8):
        parts[bit % 3] |= (number >> bit & 1) << 7 - bit // 3
    return (parts[0], parts[1], parts[2])


_NAMES = (
    *("background", "aeroplane", "bicycle", "bird", "boat", "bottle", "bus", "car", "cat", "chair", "cow"),
    *("diningtable", "dog", "horse", "motorbike", "person", "pottedplant", "sheep", "sofa", "train"),
    "tvmonitor",
)

VOC = Classes(_NAMES, tuple(voc_colour(number) for number in range(len(_NAMES))))
"""Of PASCAL VOC 2007 to 2012 (Everingham et al., 2010)."""

TABLE = MaskTable(
    {**{number: number for number in range(len(VOC))}, VOID: VOID},
    {**{colour: number for number, colour in enumerate(VOC.colours)}, voc_colour(VOID): VOID},
)
"""How its masks are read: by the palette's numbers, or by its colours where a tool has kept only these."""


def voc_root(folder: Path) -> Path | None:
    """Return where the layout begins: the folder, or the one VOC folder in it or in its ``VOCdevkit``."""
    there = [folder, *sorted(folder.glob("VOC20??")), *sorted(folder.glob("VOCdevkit/VOC20??"))]
    roots = [root for root in there if (root / _LISTS).is_dir() and (root / "SegmentationClass").is_dir()]
    if len(roots) > 1 and roots[0] != folder:
        raise DatasetError(f"{folder} has {' and '.join(root.name for root in roots)}; name one of them")
    return roots[0] if roots else None


def find_voc(folder: Path) -> Found:
    """Return the pairs that the lists in ``ImageSets/Segmentation`` name.

    Without ``train.txt`` it is ``trainval.txt`` less ``val.txt`` that is learned from.

    Raises:
        DatasetError: There is no list, one is empty or has a line twice, or a picture or a mask is missing.
    """
    root = voc_root(folder)
    if root is None:
        raise DatasetError(f"{folder} has no {_LISTS} and SegmentationClass; name the folder such as VOC2012")
    ids = {
        name: read_list(root / _LISTS / f"{name}.txt")
        for name in ("train", "val", "trainval", "test")
        if (root / _LISTS / f"{name}.txt").is_file()
    }
    if "train" not in ids:
        if "trainval" not in ids:
            raise DatasetError(f"{root / _LISTS} has neither train.txt nor trainval.txt; write one")
        held = set(ids.get("val", ()))
        ids["train"] = [name for name in ids["trainval"] if name not in held]
    masks = root / "SegmentationClass"
    test = ids.get("test", [])
    if test and not any((masks / f"{name}.png").is_file() for name in test):
        test = []  # those of later years are kept secret
    return Found(
        *(
            tuple(_pair(root, name, split) for name in names)
            for split, names in (("train", ids["train"]), ("val", ids.get("val", [])), ("test", test))
        )
    )


def _pair(root: Path, name: str, split: str) -> Pair:
    pictures, masks = root / "JPEGImages", root / "SegmentationClass"
    told = f"{root / _LISTS / split}.txt names {name}"
    picture = pictures / f"{name}.jpg"
    if not picture.is_file():
        others = [path for path in pictures.glob(f"{name}.*") if path.suffix.lower() in ENDINGS]
        if not others:
            raise DatasetError(f"{told}, but there is no {picture}; put it there or drop the line")
        picture = others[0]
    mask = masks / f"{name}.png"
    if not mask.is_file():
        raise DatasetError(f"{told}, but there is no {mask}; put it there or drop the line")
    return Pair(picture, mask)
