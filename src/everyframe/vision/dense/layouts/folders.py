"""A folder of pictures and a folder of masks."""

from __future__ import annotations

import random
from pathlib import Path

from everyframe.errors import DatasetError
from everyframe.vision.dense.layouts.dataset import SPLITS, Pair
from everyframe.vision.dense.layouts.found import Found
from everyframe.vision.dense.layouts.lists import read_list
from everyframe.vision.dense.layouts.pairing import pair_folders

HELD_OUT = 0.2
"""Share of the pairs that is held out where nobody says which."""


def is_pairs(folder: Path) -> bool:
    """Whether a folder has this layout."""
    return (folder / "images").is_dir() and (folder / "masks").is_dir()


def find_pairs(folder: Path) -> Found:
    """Return the pairs of ``images`` and ``masks``.

    Which belong to ``train``, ``val`` and ``test`` say folders of these names in both, or lists
    ``train.txt``, ``val.txt`` and ``test.txt`` beside them, a picture's name on each line.

    Raises:
        DatasetError: There is none, a picture or a mask has no partner, or a list names what is not there.
    """
    images, masks = folder / "images", folder / "masks"
    if (images / "train").is_dir():
        return Found(
            **{
                split: pair_folders(images / split, masks / split)
                for split in SPLITS
                if (images / split).is_dir()
            }
        )
    pairs = pair_folders(images, masks)
    if not (folder / "train.txt").is_file():
        return Found(pairs)
    by_name = {pair.picture.stem: pair for pair in pairs} | {pair.picture.name: pair for pair in pairs}
    return Found(
        **{
            split: _listed(folder / f"{split}.txt", by_name)
            for split in SPLITS
            if (folder / f"{split}.txt").is_file()
        }
    )


def hold_out(
    pairs: tuple[Pair, ...], share: float = HELD_OUT, seed: int = 0
) -> tuple[tuple[Pair, ...], tuple[Pair, ...]]:
    """Split pairs by chance into those to learn from and those to choose by; the same each time.

    Args:
        pairs: All of them; at least two.
        share: Of those to choose by; at least one is, and not all are.
        seed: Of the chance.

    Raises:
        DatasetError: One pair alone cannot be split.
    """
    if len(pairs) < 2:
        raise DatasetError(
            f"{pairs[0].picture} is the only picture; add others, so that some can be held out"
        )
    order = sorted(pairs, key=lambda pair: pair.picture.as_posix())
    random.Random(seed).shuffle(order)  # noqa: S311 - no secret
    held = set(order[: min(max(1, round(share * len(order))), len(order) - 1)])
    return tuple(pair for pair in pairs if pair not in held), tuple(pair for pair in pairs if pair in held)


def _listed(path: Path, by_name: dict[str, Pair]) -> tuple[Pair, ...]:
    lines = read_list(path)
    for line in lines:
        if line not in by_name:
            raise DatasetError(f"{path} names {line}, which is not in images; put it there or drop the line")
    return tuple(by_name[line] for line in lines)
