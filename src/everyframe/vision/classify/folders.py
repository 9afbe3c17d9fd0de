"""Pictures in a folder for each class, and what of them is held out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from everyframe.errors import DatasetError
from everyframe.vision.pictures import ENDINGS, read_picture

FEWEST = 2
"""Pictures that a class needs: one to learn from, one to hold out."""

_LEARNED, _STOPPED_ON, _MEASURED = "train", ("val", "valid", "validation"), "test"


@dataclass(frozen=True, slots=True)
class Labelled:
    """A picture and its class.

    Attributes:
        path: Of the picture.
        label: Number of its class.
    """

    path: Path
    label: int


@dataclass(frozen=True, slots=True)
class Pictures:
    """What there is to learn from, and to measure on.

    Attributes:
        classes: Names, sorted.
        train: Learned from; what is held out to stop and to calibrate by comes from here.
        measured: Of ``val/`` or ``test/``: neither learned from nor chosen by. Empty where there are none.
    """

    classes: tuple[str, ...]
    train: tuple[Labelled, ...]
    measured: tuple[Labelled, ...] = ()

    def counts(self) -> list[int]:
        """Return how many pictures of each class are learned from."""
        found = Counter(one.label for one in self.train)
        return [found[number] for number in range(len(self.classes))]


def read_folder(folder: Path | str) -> Pictures:
    """Return the pictures of a folder that has a folder for each class, or those in ``train/`` and ``val/``.

    Args:
        folder: With a folder for each class; or with ``train`` and ``val`` (or ``test``), each so.

    Raises:
        DatasetError: It is not there, a class has no pictures, there is one class only, or what is measured
            on has other classes than what is learned from.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise DatasetError(f"{folder} is no folder: give one that has a folder of pictures for each class")
    inside = {path.name.lower(): path for path in sorted(folder.iterdir()) if path.is_dir()}
    if _LEARNED not in inside:
        classes = _classes(folder)
        return Pictures(tuple(classes), _labelled(classes, tuple(classes)))
    learned = _classes(inside[_LEARNED])
    names = tuple(learned)
    other = next((inside[name] for name in (*_STOPPED_ON, _MEASURED) if name in inside), None)
    if other is None:
        return Pictures(names, _labelled(learned, names))
    measured = _classes(other)
    if set(measured) != set(learned):
        apart = sorted(set(measured) ^ set(learned))
        raise DatasetError(
            f"{other} and {inside[_LEARNED]} have other classes ({', '.join(apart[:5])}): give both the same"
        )
    return Pictures(names, _labelled(learned, names), _labelled(measured, names))


def pictures_in(told: Sequence[Path | str]) -> list[Path]:
    """Return files as they are named, and all pictures of folders and below them, sorted.

    Raises:
        DatasetError: One is not there, or a folder has no picture.
    """
    found: list[Path] = []
    for path in map(Path, told):
        if path.is_dir():
            inside = sorted(one for one in path.rglob("*") if _is_picture(one))
            if not inside:
                raise DatasetError(f"{path} has no pictures: {', '.join(sorted(ENDINGS))} are known")
            found += inside
        elif path.exists():
            found.append(path)
        else:
            raise DatasetError(f"{path}: there is no such picture or folder; check the name")
    return found


def check(pictures: Pictures, progress: Callable[[int, int], object] = lambda *_: None) -> None:
    """Open every picture, so that a damaged one is told before hours are spent.

    Args:
        pictures: Which.
        progress: Called with how many are done, of how many.

    Raises:
        DatasetError: One cannot be read.
    """
    every = (*pictures.train, *pictures.measured)
    for number, one in enumerate(every):
        read_picture(one.path)
        progress(number + 1, len(every))


def held_out(examples: Sequence[Labelled], share: float, seed: int) -> tuple[list[int], list[int]]:
    """Return the numbers of what is learned from and of what is held out, of each class the same share.

    At least one of each class is held out, and one is left.
    """
    chance = np.random.default_rng((seed, 1))
    out: list[int] = []
    for numbers in _by_class(examples):
        shuffled = chance.permutation(numbers)
        out += shuffled[: min(len(numbers) - 1, max(1, round(share * len(numbers))))].tolist()
    kept = set(out)
    return [number for number in range(len(examples)) if number not in kept], sorted(out)


def folds_of(examples: Sequence[Labelled], folds: int, seed: int) -> list[list[int]]:
    """Return the numbers of each fold, with the same share of each class as nearly as can be."""
    chance = np.random.default_rng((seed, 2))
    found: list[list[int]] = [[] for _ in range(folds)]
    turn = 0
    for numbers in _by_class(examples):
        for number in chance.permutation(numbers).tolist():
            found[turn % folds].append(number)
            turn += 1
    return [sorted(one) for one in found]


def _by_class(examples: Sequence[Labelled]) -> list[list[int]]:
    labels = sorted({one.label for one in examples})
    return [[number for number, one in enumerate(examples) if one.label == label] for label in labels]


def _classes(folder: Path) -> dict[str, list[Path]]:
    found = {
        path.name: sorted(one for one in path.rglob("*") if _is_picture(one))
        for path in sorted(folder.iterdir())
        if path.is_dir() and not path.name.startswith(".")
    }
    if not found:
        raise DatasetError(f"{folder} has no folders in it: put the pictures of each class in one of its own")
    for name, inside in found.items():
        if len(inside) < FEWEST:
            much = f"{len(inside)} picture" if inside else "no pictures"
            raise DatasetError(f"{folder / name} has {much}: a class needs {FEWEST} at least, or no folder")
    if len(found) == 1:
        (only,) = found
        raise DatasetError(
            f"{folder} has one class only, {only}: add a folder with pictures of something else"
        )
    return found


def _is_picture(path: Path) -> bool:
    return path.suffix.lower() in ENDINGS and not path.name.startswith(".") and path.is_file()


def _labelled(found: dict[str, list[Path]], names: tuple[str, ...]) -> tuple[Labelled, ...]:
    return tuple(Labelled(path, names.index(name)) for name in names for path in found[name])
