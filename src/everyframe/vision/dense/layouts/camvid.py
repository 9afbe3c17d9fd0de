"""CamVid as it is passed around: a folder per split, or SegNet's lists."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from everyframe.errors import DatasetError
from everyframe.vision.dense.classes import CAMVID, VOID
from everyframe.vision.dense.layouts.camvid_colours import CAMVID_COLOURS
from everyframe.vision.dense.layouts.dataset import SPLITS, Pair
from everyframe.vision.dense.layouts.found import Found
from everyframe.vision.dense.layouts.lists import locate, read_list
from everyframe.vision.dense.layouts.pairing import pair_folders
from everyframe.vision.dense.layouts.table import MaskTable

TABLE = MaskTable({**{number: number for number in range(len(CAMVID))}, 11: VOID, VOID: VOID}, CAMVID_COLOURS)
"""How masks of eleven classes are read that have no file of classes beside them: 11 is void."""

_OWN_NAME = re.compile(r"(0001TP|0006R0|0016E5|Seq05VD)_")  # the four drives that CamVid was filmed on


def is_camvid(folder: Path) -> bool:
    """Whether a folder has this layout."""
    return _folders(folder, "train") is not None or _is_list(folder / "train.txt")


def is_camvid_itself(pairs: Iterable[Pair]) -> bool:
    """Whether the pictures are CamVid's own, by their names."""
    return all(_OWN_NAME.match(pair.picture.name) for pair in pairs)


def find_camvid(folder: Path) -> Found:
    """Return the pairs of each split.

    Where ``train.txt`` names a picture and its mask on each line, as SegNet's does, the lists count; else
    ``train/images`` and ``train/masks``, or ``train`` and ``trainannot`` (or ``train_labels``), and likewise
    ``val`` and ``test``.

    Raises:
        DatasetError: There is no such list or folder, or a picture or a mask has no partner.
    """
    listed = _is_list(folder / "train.txt")
    found = {split: (_listed if listed else _of_folders)(folder, split) for split in SPLITS}
    if not found["train"]:
        raise DatasetError(f"{folder} has neither train/images and train/masks nor train and trainannot")
    return Found(**found)


def _of_folders(folder: Path, split: str) -> tuple[Pair, ...]:
    found = _folders(folder, split)
    return () if found is None else pair_folders(*found)


def _folders(folder: Path, split: str) -> tuple[Path, Path] | None:
    """Return where a split's pictures and masks are."""
    for pictures, masks in (
        (folder / split / "images", folder / split / "masks"),
        (folder / split, folder / f"{split}annot"),
        (folder / split, folder / f"{split}_labels"),
    ):
        if pictures.is_dir() and masks.is_dir():
            return pictures, masks
    return None


def _is_list(path: Path) -> bool:
    """Whether there is a list whose lines are pairs; a list of names belongs to another layout."""
    return path.is_file() and any(len(line.split()) == 2 for line in read_list(path))


def _listed(folder: Path, split: str) -> tuple[Pair, ...]:
    path = folder / f"{split}.txt"
    if not path.is_file():
        return ()
    pairs = []
    for line in read_list(path):
        told = line.split()
        if len(told) != 2:
            raise DatasetError(f"{path} has the line {line!r}; write a picture and its mask, a space between")
        picture, mask = (locate(each, folder, path) for each in told)
        pairs.append(Pair(picture, mask))
    return tuple(pairs)
