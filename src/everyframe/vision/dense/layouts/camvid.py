"""CamVid as it is passed around: a folder per split."""

from __future__ import annotations

from pathlib import Path

from everyframe.vision.dense.layouts.dataset import SPLITS, Pair
from everyframe.vision.dense.layouts.pairing import pair_folders

VOID_VALUE = 11
"""What CamVid's masks of eleven classes have where nothing was labelled."""


def is_camvid(folder: Path) -> bool:
    """Whether a folder has the splits of this layout."""
    return _folders(folder, "train") is not None


def read_splits(folder: Path) -> dict[str, tuple[Pair, ...]]:
    """Return the pairs of each split; those that are not there are empty.

    Raises:
        DatasetError: A picture or a mask has no partner.
    """
    splits: dict[str, tuple[Pair, ...]] = {}
    for split in SPLITS:
        found = _folders(folder, split)
        splits[split] = () if found is None else pair_folders(*found)
    return splits


def _folders(folder: Path, split: str) -> tuple[Path, Path] | None:
    """Return where a split's pictures and masks are."""
    for pictures, masks in (
        (folder / split / "images", folder / split / "masks"),
        (folder / split, folder / f"{split}annot"),
    ):
        if pictures.is_dir() and masks.is_dir():
            return pictures, masks
    return None
