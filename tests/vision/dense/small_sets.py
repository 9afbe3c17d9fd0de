"""Small data sets for dense prediction, drawn by the tests themselves."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Mask = NDArray[np.uint8]


def mask(seed: int, classes: int = 3, size: tuple[int, int] = (12, 16)) -> Mask:
    """Draw blocks of classes by chance."""
    height, width = size
    blocks = np.random.default_rng(seed).integers(0, classes, (height // 4, width // 4), np.uint8)
    return blocks.repeat(4, 0).repeat(4, 1)


def picture(of: Mask) -> NDArray[np.uint8]:
    """Draw a picture that shows a mask: each class in its own brightness."""
    grey = (of.astype(np.uint16) * 37 % 256).astype(np.uint8)
    return np.stack([grey, 255 - grey, grey // 2], -1)


def save(array: NDArray[np.uint8], path: Path) -> Path:
    """Write a picture or a mask; folders are made."""
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(array).save(path)
    return path


def pairs(
    folder: Path,
    pictures: str,
    masks: str,
    names: Sequence[str],
    ending: str = "png",
    size: tuple[int, int] = (12, 16),
) -> None:
    """Write pictures and masks of these names, each from the seed that its place gives."""
    for seed, name in enumerate(names):
        drawn = mask(seed, size=size)
        save(picture(drawn), folder / pictures / f"{name}.{ending}")
        save(drawn, folder / masks / f"{name}.png")
