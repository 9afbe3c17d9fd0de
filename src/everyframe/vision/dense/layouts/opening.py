"""Finding out how a data set lies on the disk, and reading what it has."""

from __future__ import annotations

from pathlib import Path

from everyframe.errors import DatasetError, SettingError
from everyframe.vision.dense.classes import CAMVID, VOID, Classes
from everyframe.vision.dense.layouts.camvid import VOID_VALUE, is_camvid, read_splits
from everyframe.vision.dense.layouts.dataset import Dataset
from everyframe.vision.dense.layouts.folders import hold_out, is_pairs, read_pairs
from everyframe.vision.dense.layouts.table import plain_table

LAYOUTS = ("camvid", "folders")


def read_dataset(folder: Path, layout: str = "auto", classes: Classes | None = None) -> Dataset:
    """Find the pictures and masks of a data set; no picture is opened yet.

    Args:
        folder: Where it lies.
        layout: One of ``LAYOUTS``, or ``auto`` for what the folder looks like.
        classes: What its pixels are told apart as; ``None`` for what the data say.

    Raises:
        SettingError: There is no such layout.
        DatasetError: The folder is not as the layout asks.
    """
    if layout != "auto" and layout not in LAYOUTS:
        raise SettingError(f"there is no layout {layout!r}; choose auto, {', '.join(LAYOUTS)}")
    if not folder.is_dir():
        raise DatasetError(f"{folder} is no folder; name the one that has the data")
    if layout == "camvid" or (layout == "auto" and is_camvid(folder)):
        splits = read_splits(folder)
        known = CAMVID if classes is None else classes
        return Dataset(
            known, splits["train"], splits["val"], splits["test"], plain_table(known, (VOID_VALUE, VOID))
        )
    if layout == "folders" or (layout == "auto" and is_pairs(folder)):
        if classes is None:
            raise DatasetError(f"{folder} does not say its classes; write classes.txt, a name on each line")
        train, val = hold_out(read_pairs(folder))
        return Dataset(classes, train, val, (), plain_table(classes))
    raise DatasetError(f"{folder} has none of the known layouts; see docs/segment.md")
