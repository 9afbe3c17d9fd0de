"""Which mask belongs to which picture, by their names."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from everyframe.errors import DatasetError
from everyframe.vision.dense.layouts.dataset import Pair
from everyframe.vision.pictures import ENDINGS

_ADDED = ("", "_L", "_mask", "_label", "_labels", "_gt", "_seg")
"""What makers of masks add to a picture's name."""


def pictures_in(folder: Path) -> list[Path]:
    """Return a folder's pictures by name; none where there is no such folder."""
    if not folder.is_dir():
        return []
    return sorted(path for path in folder.iterdir() if path.suffix.lower() in ENDINGS and path.name[0] != ".")


def pair_folders(pictures: Path, masks: Path) -> tuple[Pair, ...]:
    """Pair the pictures of one folder with the masks of another, by name without its ending.

    A mask may add ``_L``, ``_mask``, ``_label``, ``_labels``, ``_gt`` or ``_seg`` to its picture's name.

    Raises:
        DatasetError: There is no picture, a picture has no mask, a mask no picture, or two have one name.
    """
    of_pictures = _by_stem(pictures)
    of_masks = _by_stem(masks)
    if not of_pictures:
        raise DatasetError(f"{pictures} has no pictures; put some there, each with a mask in {masks}")
    pairs = []
    for stem, picture in of_pictures.items():
        found = next((of_masks.pop(stem + added) for added in _ADDED if stem + added in of_masks), None)
        if found is None:
            raise DatasetError(f"{picture} has no mask; put {stem}.png into {masks}, or remove the picture")
        pairs.append(Pair(picture, found))
    if of_masks:
        extra = next(iter(of_masks.values()))
        raise DatasetError(f"{extra} has no picture; put its picture into {pictures}, or take the mask away")
    return tuple(pairs)


def refuse_repeats(pairs: Sequence[Pair], where: Path | str) -> None:
    """Make sure that no picture comes twice.

    Raises:
        DatasetError: One does.
    """
    seen: set[Path] = set()
    for pair in pairs:
        if pair.picture in seen:
            raise DatasetError(f"{where} has {pair.picture.name} twice; name each picture once")
        seen.add(pair.picture)


def _by_stem(folder: Path) -> dict[str, Path]:
    found: dict[str, Path] = {}
    for path in pictures_in(folder):
        if path.stem in found:
            raise DatasetError(f"{path} and {found[path.stem].name} share a name; rename or remove one")
        found[path.stem] = path
    return found
