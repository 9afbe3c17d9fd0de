"""A data set for dense prediction, whatever way it lies on the disk."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from everyframe.errors import SettingError
from everyframe.vision.dense.classes import Classes
from everyframe.vision.pictures import read_picture

SPLITS = ("train", "val", "test")


@dataclass(frozen=True, slots=True)
class Pair:
    """A picture and the file that says what its pixels are.

    Attributes:
        picture: The picture's file.
        mask: Its mask's file; in the COCO layout the annotations of all pictures.
    """

    picture: Path
    mask: Path


class MaskReader(Protocol):
    """Knows how a layout writes down what the pixels are."""

    def read(self, pair: Pair) -> NDArray[np.uint8]:
        """Return ``(H, W)`` classes, ``VOID`` where a pixel counts for nothing."""
        ...

    def renumbered(self, order: Sequence[int]) -> MaskReader:
        """Return the same for classes in another order: the new number of each class."""
        ...


@dataclass(frozen=True, slots=True)
class Dataset:
    """Pictures of which every pixel has a class.

    Attributes:
        classes: What the pixels are told apart as.
        train: What a network learns from.
        val: What is held out while it learns, to choose by.
        test: What is looked at once, at the end; often empty.
        reader: How the layout's masks are read.
    """

    classes: Classes
    train: tuple[Pair, ...]
    val: tuple[Pair, ...]
    test: tuple[Pair, ...]
    reader: MaskReader = field(repr=False)

    def picture(self, pair: Pair) -> NDArray[np.uint8]:
        """Read a pair's picture, ``(H, W, 3)`` RGB.

        Raises:
            DatasetError: It cannot be read.
        """
        return read_picture(pair.picture)

    def mask(self, pair: Pair) -> NDArray[np.uint8]:
        """Read a pair's classes, ``(H, W)``; ``VOID`` (255) where a pixel counts for nothing.

        Raises:
            DatasetError: It cannot be read, or has a value that is no class's.
        """
        return self.reader.read(pair)

    def split(self, name: str) -> tuple[Pair, ...]:
        """Return the pairs of ``train``, ``val`` or ``test``.

        Raises:
            SettingError: It is called otherwise, or has no pictures.
        """
        if name not in SPLITS:
            raise SettingError(f"there is no split {name!r}; choose one of {', '.join(SPLITS)}")
        pairs = {"train": self.train, "val": self.val, "test": self.test}[name]
        if not pairs:
            filled = [split for split in SPLITS if self.split_size(split)]
            raise SettingError(f"the split {name!r} of this data is empty; choose {' or '.join(filled)}")
        return pairs

    def split_size(self, name: str) -> int:
        """Return how many pairs a split has."""
        return len({"train": self.train, "val": self.val, "test": self.test}[name])
