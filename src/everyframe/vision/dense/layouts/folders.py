"""A folder of pictures and a folder of masks, without splits."""

from __future__ import annotations

import random
from pathlib import Path

from everyframe.vision.dense.layouts.dataset import Pair
from everyframe.vision.dense.layouts.pairing import pair_folders

HELD_OUT = 0.2
"""Share of the pairs that is held out where nobody says which."""


def is_pairs(folder: Path) -> bool:
    """Whether a folder has this layout."""
    return (folder / "images").is_dir() and (folder / "masks").is_dir()


def read_pairs(folder: Path) -> tuple[Pair, ...]:
    """Return all pairs.

    Raises:
        DatasetError: There is none, or a picture or a mask has no partner.
    """
    return pair_folders(folder / "images", folder / "masks")


def hold_out(
    pairs: tuple[Pair, ...], share: float = HELD_OUT, seed: int = 0
) -> tuple[tuple[Pair, ...], tuple[Pair, ...]]:
    """Split pairs by chance into those to learn from and those to choose by; the same each time.

    Args:
        pairs: All of them; one alone cannot be split and is in both.
        share: Of those to choose by; at least one is.
        seed: Of the chance.
    """
    if len(pairs) < 2:
        return pairs, pairs
    order = sorted(pairs, key=lambda pair: pair.picture.name)
    random.Random(seed).shuffle(order)  # noqa: S311 - no secret
    count = min(max(1, round(share * len(order))), len(order) - 1)
    held = set(order[:count])
    return tuple(pair for pair in pairs if pair not in held), tuple(pair for pair in pairs if pair in held)
