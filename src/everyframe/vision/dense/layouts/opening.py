"""Finding out how a data set lies on the disk, and reading what it has."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from everyframe.errors import DatasetError, SettingError
from everyframe.vision.dense.classes import CAMVID, Classes
from everyframe.vision.dense.layouts import camvid, voc
from everyframe.vision.dense.layouts.class_files import FILES, find_class_file, read_class_file
from everyframe.vision.dense.layouts.coco import coco_files, find_coco
from everyframe.vision.dense.layouts.dataset import Dataset, MaskReader
from everyframe.vision.dense.layouts.folders import find_pairs, hold_out, is_pairs
from everyframe.vision.dense.layouts.found import Found
from everyframe.vision.dense.layouts.pairing import refuse_repeats
from everyframe.vision.dense.layouts.table import plain_table

LAYOUTS = ("voc", "camvid", "folders", "coco")
"""Ways in which a data set may lie on the disk."""

_LOOKS: dict[str, Callable[[Path], bool]] = {
    "voc": lambda folder: voc.voc_root(folder) is not None,
    "camvid": camvid.is_camvid,
    "folders": is_pairs,
    "coco": lambda folder: bool(coco_files(folder)),
}


def read_dataset(
    folder: Path, layout: str = "auto", classes: Classes | None = None, *, seed: int = 0
) -> Dataset:
    """Find the pictures and masks of a data set; none of them is opened yet.

    Where the data do not say what is held out to choose by (``val``), a fifth of ``train`` is, by chance.

    Args:
        folder: Where it lies.
        layout: One of ``LAYOUTS``, or ``auto`` for what the folder looks like.
        classes: What a network tells apart already; those of the data are put in this order. ``None`` for
            the classes and the order that the data have.
        seed: Of the chance.

    Raises:
        SettingError: There is no such layout.
        DatasetError: The folder is not as the layout asks, does not say its classes, or has others.
    """
    if layout not in ("auto", *LAYOUTS):
        raise SettingError(f"there is no layout {layout!r}; choose auto, {', '.join(LAYOUTS)}")
    if not folder.is_dir():
        raise DatasetError(f"{folder} is no folder; name the one that has the data")
    chosen = _recognise(folder) if layout == "auto" else layout
    found, known, reader = _read(folder, chosen, classes, sure=layout != "auto")
    if classes is not None and classes.names != known.names:
        reader = reader.renumbered(_order(known, classes, folder))
    found = _with_val(found, folder, seed)
    refuse_repeats((*found.train, *found.val, *found.test), folder)
    return Dataset(classes or known, found.train, found.val, found.test, reader)


def _recognise(folder: Path) -> str:
    for layout, looks_so in _LOOKS.items():
        if looks_so(folder):
            return layout
    raise DatasetError(
        f"{folder} is of no known layout; the simplest is images/ and masks/, of equal names, and classes.txt"
    )


def _read(
    folder: Path, layout: str, classes: Classes | None, *, sure: bool
) -> tuple[Found, Classes, MaskReader]:
    root = (voc.voc_root(folder) or folder) if layout == "voc" else folder
    path = find_class_file(root)
    file = None if path is None else read_class_file(path)
    if layout == "coco":
        return find_coco(folder, None if file is None else file[0])
    found = {"voc": voc.find_voc, "camvid": camvid.find_camvid, "folders": find_pairs}[layout](folder)
    if file is not None:
        return found, *file
    if layout == "voc" and _may_be(voc.VOC, classes):
        return found, voc.VOC, voc.TABLE
    if layout == "camvid" and (sure or camvid.is_camvid_itself(found.train)) and _may_be(CAMVID, classes):
        return found, CAMVID, camvid.TABLE
    if classes is None:
        hint = ", or name the layout camvid if it is CamVid" if layout == "camvid" else ""
        raise DatasetError(
            f"{folder} does not say its classes; write {FILES[1]} beside the data, a name on each line{hint}"
        )
    return found, classes, plain_table(classes)


def _may_be(usual: Classes, classes: Classes | None) -> bool:
    """Whether the classes that are asked for, if any, are the usual ones of a layout."""
    return classes is None or set(classes.names) == set(usual.names)


def _order(known: Classes, wanted: Classes, folder: Path) -> list[int]:
    """Return the place among those wanted of each class of the data."""
    if set(known.names) != set(wanted.names):
        said = [
            f"{what} {', '.join(sorted(names))}"
            for what, names in (
                ("lacks", set(wanted.names) - set(known.names)),
                ("has besides", set(known.names) - set(wanted.names)),
            )
            if names
        ]
        raise DatasetError(f"{folder} has other classes than the network: it {' and '.join(said)}")
    return [wanted.names.index(name) for name in known.names]


def _with_val(found: Found, folder: Path, seed: int) -> Found:
    if not found.train:
        raise DatasetError(f"{folder} has no pictures to learn from; put some into its training split")
    if found.val:
        return found
    train, val = hold_out(found.train, seed=seed)
    return Found(train, val, found.test)
