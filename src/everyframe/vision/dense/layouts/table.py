"""From what a mask's file holds (values, or colours) to classes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from everyframe.errors import DatasetError
from everyframe.types import Colour
from everyframe.vision.dense.classes import VOID, Classes
from everyframe.vision.dense.layouts.dataset import Pair
from everyframe.vision.pictures import open_picture

_COLOURED = frozenset({"RGB", "RGBA", "RGBX", "CMYK", "YCbCr"})
_MOST = 0xFFFF


@dataclass(frozen=True, slots=True)
class MaskTable:
    """Which values and colours of a mask's file stand for which class; reads masks by it.

    Attributes:
        values: Of single-channel masks: class by value, ``VOID`` for what counts for nothing.
        colours: Of coloured masks: likewise.
        coloured: Whether masks are drawn in these colours: a palette's colours count then and not its
            numbers, and grey is a colour.
    """

    values: Mapping[int, int]
    colours: Mapping[Colour, int]
    coloured: bool = False
    _by_value: NDArray[np.uint8] = field(init=False, repr=False, compare=False)
    _known: NDArray[np.bool_] = field(init=False, repr=False, compare=False)
    _keys: NDArray[np.int64] = field(init=False, repr=False, compare=False)
    _by_key: NDArray[np.uint8] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        by_value = np.full(_MOST + 1, VOID, np.uint8)
        known = np.zeros(_MOST + 1, np.bool_)
        for value, number in self.values.items():
            by_value[value], known[value] = number, True
        keys = sorted((_key(colour), number) for colour, number in self.colours.items())
        object.__setattr__(self, "_by_value", by_value)
        object.__setattr__(self, "_known", known)
        object.__setattr__(self, "_keys", np.array([key for key, _ in keys], np.int64))
        object.__setattr__(self, "_by_key", np.array([number for _, number in keys], np.uint8))

    def renumbered(self, order: Sequence[int]) -> MaskTable:
        """Return the same table for classes in another order.

        Args:
            order: The new number of each class.
        """
        new = {**dict(enumerate(order)), VOID: VOID}
        return MaskTable(
            {value: new[number] for value, number in self.values.items()},
            {colour: new[number] for colour, number in self.colours.items()},
            self.coloured,
        )

    def read(self, pair: Pair) -> NDArray[np.uint8]:
        """Return the classes of a pair's mask, ``(H, W)``.

        Raises:
            DatasetError: The file cannot be read, or holds a value or a colour that is no class's.
        """
        return self.read_file(pair.mask)

    def read_file(self, path: Path) -> NDArray[np.uint8]:
        """Return the classes of a mask's file, ``(H, W)``; raises as ``read``."""
        picture = open_picture(path)
        palette = picture.mode == "P"
        if picture.mode in _COLOURED or (palette and self.coloured):
            return self._of_colours(np.asarray(picture.convert("RGB")), path, palette=palette)
        if picture.mode in ("LA", "PA"):
            picture = picture.getchannel(0)
        values = np.asarray(picture)
        if values.ndim != 2 or values.dtype.kind not in "bui" or values.min() < 0 or values.max() > _MOST:
            raise DatasetError(f"{path} is no mask: its pixels are of kind {picture.mode}; save it as PNG")
        return self._of_values(values.astype(np.uint16, copy=False), path)

    def _of_values(self, values: NDArray[np.uint16], path: Path) -> NDArray[np.uint8]:
        known = self._known[values]
        if not known.all():
            y, x = np.argwhere(~known)[0]
            raise DatasetError(
                f"{path} has the value {values[y, x]} (at x {x}, y {y}), which is no class's; "
                f"known are {_ranges(self.values)}: mend the mask, or add it to classes.json"
            )
        found: NDArray[np.uint8] = self._by_value[values]
        return found

    def _of_colours(self, colours: NDArray[np.uint8], path: Path, *, palette: bool) -> NDArray[np.uint8]:
        grey = bool((colours == colours[:, :, :1]).all())
        if grey and not self.coloured:  # values that a tool wrote into all three channels
            return self._of_values(colours[:, :, 0].astype(np.uint16), path)
        keys = colours.astype(np.int64) @ np.array([1 << 16, 1 << 8, 1])
        places = np.minimum(np.searchsorted(self._keys, keys), max(len(self._keys) - 1, 0))
        known = self._keys[places] == keys if len(self._keys) else np.zeros(keys.shape, np.bool_)
        if not known.all():
            y, x = np.argwhere(~known)[0]
            red, green, blue = colours[y, x]
            advice = (
                ', or write "masks": "values" there if the numbers of its palette count' if palette else ""
            )
            raise DatasetError(
                f"{path} has the colour {red} {green} {blue} (at x {x}, y {y}), which is no class's; "
                f"mend the mask, or add the colour to classes.json{advice}"
            )
        found: NDArray[np.uint8] = self._by_key[places]
        return found


def plain_table(classes: Classes, void: Iterable[int] = (VOID,)) -> MaskTable:
    """Return the table by which the first class is 0, the second 1 and so on.

    Args:
        classes: The classes.
        void: Values that count for nothing.
    """
    values = dict.fromkeys(void, VOID) | {number: number for number in range(len(classes))}
    return MaskTable(values, {colour: number for number, colour in enumerate(classes.colours)})


def _key(colour: Colour) -> int:
    return colour[0] << 16 | colour[1] << 8 | colour[2]


def _ranges(values: Iterable[int]) -> str:
    """Say numbers shortly: ``0–10, 255``."""
    told: list[list[int]] = []
    for value in sorted(values):
        if told and value == told[-1][1] + 1:
            told[-1][1] = value
        else:
            told.append([value, value])
    return ", ".join(f"{first}" if first == last else f"{first}–{last}" for first, last in told)
