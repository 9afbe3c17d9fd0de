"""Why a classifier says what it says: where it looks, with which filters and which maps, as pictures."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from everyframe.errors import DatasetError
from everyframe.files import file_name, storage_error
from everyframe.types import RGB
from everyframe.vision.classify.drawing import FAINT, coloured, paper, write
from everyframe.vision.classify.folders import pictures_in
from everyframe.vision.classify.model import Classifier, Seen, Told
from everyframe.vision.pictures import read_picture
from everyframe.vision.png import write_png

_MAPS = 8  # strongest ones that are shown
_TILE, _GAP, _LINE = 104, 10, 26  # pixels
_WIDE = _MAPS * (_TILE + _GAP) + _GAP
_LARGE = (_WIDE - 4 * _GAP) // 3
_FILTERS = 16  # in a row of all filters
_MOST_CLASSES = 2  # that are looked for


@dataclass(frozen=True, slots=True)
class Explained:
    """A picture and what a classifier says, with the reasons in a picture of their own.

    Attributes:
        told: What it says.
        picture: File with the reasons.
    """

    told: Told
    picture: Path


def explain(
    model: Path | str,
    pictures: Sequence[Path | str] | Path | str,
    folder: Path | str,
    fault: Callable[[Exception], object] | None = None,
) -> Iterator[Explained]:
    """Yield what pictures show, and leave in a folder a PNG for each that shows why.

    ``filters.png`` has all filters of the first layer, the strongest first.

    Args:
        model: As ``classify train`` wrote it.
        pictures: Files, and folders of which all pictures are taken.
        folder: Where the PNG files go; it is made where it is missing.
        fault: Called with what is wrong with a picture that cannot be read; without it, that is raised.

    Raises:
        WeightsError: The model cannot be used.
        DatasetError: A picture or folder is not there or, without ``fault``, cannot be read.
        StorageError: The folder does not take them.
    """
    classifier, place = Classifier(model), Path(folder)
    some = pictures_in([pictures] if isinstance(pictures, str | Path) else pictures)
    filters, lines = classifier.weights()
    try:
        place.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise storage_error(error, place) from error
    write_png(place / "filters.png", all_filters(filters))
    taken: Counter[str] = Counter(["filters"])
    for path in some:
        try:
            seen = classifier.see(read_picture(path))
        except DatasetError as error:
            if fault is None:
                raise
            fault(error)
            continue
        told = classifier.named(path, seen.confidences)
        name = file_name(path.stem)
        taken[name] += 1
        file = place / f"{name}{f'-{taken[name]}' if taken[name] > 1 else ''}.png"
        write_png(file, sheet(seen, classifier.classes, filters, lines))
        yield Explained(told, file)


def heat(maps: NDArray[np.float32], line: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return where a class is seen, ``(h, w)``, from 0 to 1: Grad-CAM of the last maps.

    Selvaraju et al., "Grad-CAM: visual explanations from deep networks via gradient-based localization" (ICCV
    2017) weigh each map by the mean gradient of the class's logit. Where that is a line over the mean of the
    maps, the gradient is the line itself, but for a factor: no gradient has to be computed, and this is the
    exact value. Of the maps ``(width, h, w)`` and the class's line ``(width,)``.
    """
    found = np.maximum(np.tensordot(line, maps, axes=1), 0.0)
    return np.asarray(found / max(float(found.max()), 1e-12), np.float32)


def overlaid(square: RGB, where: NDArray[np.float32], side: int) -> RGB:
    """Return a picture on which ``(h, w)`` heat from 0 to 1 lies, ``(side, side, 3)``."""
    large = cv2.resize(square, (side, side), interpolation=cv2.INTER_AREA).astype(np.float32)
    smooth = np.clip(cv2.resize(where, (side, side), interpolation=cv2.INTER_CUBIC), 0.0, 1.0)[:, :, None]
    share = 0.65 * smooth
    dimmed = large * (0.45 + 0.55 * smooth)
    return np.asarray(dimmed * (1.0 - share) + coloured(where, side) * share, np.uint8)


def sheet(
    seen: Seen, classes: Sequence[str], filters: NDArray[np.float32], lines: NDArray[np.float32]
) -> RGB:
    """Return one picture: what was seen, where, with which maps and with which filters."""
    order = np.argsort(-seen.confidences, kind="stable")[:_MOST_CLASSES]
    page = paper(_LARGE + 4 * _TILE + 5 * _LINE + 9 * _GAP, _WIDE)
    top = _GAP + _LINE
    write(page, "what it looks at", (_GAP, top - 8), color=FAINT)
    _put(page, np.asarray(cv2.resize(seen.square, (_LARGE, _LARGE)), np.uint8), top, _GAP)
    for place, number in enumerate(order, start=1):
        left = _GAP + place * (_LARGE + _GAP)
        told = f"{classes[number]} {seen.confidences[number]:.0%}: where"
        write(page, told, (left, top - 8), room=_LARGE)
        _put(page, overlaid(seen.square, heat(seen.maps, lines[number]), _LARGE), top, left)
    best = lines[order[0]]
    shares = best * seen.maps.mean(axis=(1, 2))
    top += _LARGE + _GAP + _LINE
    write(
        page,
        f"the last maps that speak most for {classes[order[0]]}",
        (_GAP, top - 8),
        color=FAINT,
        room=_WIDE - 2 * _GAP,
    )
    strongest = np.argsort(-shares, kind="stable")[:_MAPS]
    _row(page, [coloured(seen.maps[one], _TILE) for one in strongest], top)
    _row(
        page, [overlaid(seen.square, _share(seen.maps[one]), _TILE) for one in strongest], top + _TILE + _GAP
    )
    top += 2 * (_TILE + _GAP) + _LINE
    write(page, "the filters of the first layer that answer most, and where", (_GAP, top - 8), color=FAINT)
    answers = np.maximum(seen.responses, 0.0)
    strongest = np.argsort(-answers.mean(axis=(1, 2)), kind="stable")[:_MAPS]
    _row(page, [_filter(filters[one], _TILE) for one in strongest], top)
    _row(page, [coloured(answers[one], _TILE) for one in strongest], top + _TILE + _GAP)
    return page[: top + 2 * (_TILE + _GAP)]


def all_filters(filters: NDArray[np.float32]) -> RGB:
    """Return all filters ``(n, 3, h, w)``, the strongest first, as one picture."""
    order = np.argsort(-np.square(filters).sum(axis=(1, 2, 3)), kind="stable")
    tile = (_WIDE - _GAP) // _FILTERS - _GAP
    rows = -(-len(order) // _FILTERS)
    page = paper(_LINE + rows * (tile + _GAP) + _GAP, _WIDE)
    write(
        page, f"{len(order)} filters of the first layer, the strongest first", (_GAP, _LINE - 6), color=FAINT
    )
    for place, number in enumerate(order):
        row, column = divmod(place, _FILTERS)
        _put(page, _filter(filters[number], tile), _LINE + row * (tile + _GAP), _GAP + column * (tile + _GAP))
    return page


def _filter(one: NDArray[np.float32], side: int) -> RGB:
    """Return a filter ``(3, h, w)`` as the colours that it likes; grey is what it does not heed."""
    share = one.transpose(1, 2, 0) / (2.0 * max(float(np.abs(one).max()), 1e-12)) + 0.5
    small = (share * 255.0).round().astype(np.uint8)
    return np.asarray(cv2.resize(small, (side, side), interpolation=cv2.INTER_NEAREST), np.uint8)


def _share(values: NDArray[np.float32]) -> NDArray[np.float32]:
    seen = np.maximum(values, 0.0)
    return np.asarray(seen / max(float(seen.max()), 1e-12), np.float32)


def _row(page: RGB, tiles: Sequence[RGB], top: int) -> None:
    for place, tile in enumerate(tiles):
        _put(page, tile, top, _GAP + place * (_TILE + _GAP))


def _put(page: RGB, tile: NDArray[np.uint8], top: int, left: int) -> None:
    page[top : top + tile.shape[0], left : left + tile.shape[1]] = tile
