"""What pixels are told apart as: names, and the colours that they are drawn in."""

from __future__ import annotations

import colorsys
from collections.abc import Sequence
from dataclasses import dataclass

from everyframe.errors import SettingError
from everyframe.types import Colour

VOID = 255
"""Value of a mask's pixel that counts for nothing."""

MOST = 255
"""Classes that a mask of one byte per pixel can tell apart."""


@dataclass(frozen=True, slots=True)
class Classes:
    """The classes of a data set or of a network, in the order of their values in a mask.

    Attributes:
        names: Of each.
        colours: Red, green and blue of each, from 0 to 255.

    Raises:
        SettingError: There is none, there are more than a mask can hold, two share a name, or colours and
            names are not as many.
    """

    names: tuple[str, ...]
    colours: tuple[Colour, ...]

    def __post_init__(self) -> None:
        if not 1 <= len(self.names) <= MOST:
            raise SettingError(f"{len(self.names)} classes; a mask can tell 1 to {MOST} apart")
        if len(set(self.names)) < len(self.names):
            twice = next(name for name in self.names if self.names.count(name) > 1)
            raise SettingError(f"two classes are named {twice!r}; name each once")
        if len(self.colours) != len(self.names):
            raise SettingError(
                f"{len(self.names)} classes have {len(self.colours)} colours; give one to each"
            )

    def __len__(self) -> int:
        return len(self.names)


def named(names: Sequence[str]) -> Classes:
    """Return classes of these names, in colours that are told apart easily."""
    # Steps by the golden ratio lie apart however many there are.
    hues = [(0.11 + 0.618034 * number) % 1.0 for number in range(len(names))]
    light = [(0.92, 0.68, 0.48)[number % 3] for number in range(len(names))]
    colours = [colorsys.hsv_to_rgb(hue, 0.72, value) for hue, value in zip(hues, light, strict=True)]
    return Classes(
        tuple(names), tuple((round(r * 255), round(g * 255), round(b * 255)) for r, g, b in colours)
    )


CAMVID = Classes(
    ("sky", "building", "pole", "road", "pavement", "tree", "sign", "fence", "car", "pedestrian", "cyclist"),
    (
        (128, 128, 128),
        (128, 0, 0),
        (192, 192, 128),
        (128, 64, 128),
        (60, 40, 222),
        (128, 128, 0),
        (192, 128, 128),
        (64, 64, 128),
        (64, 0, 128),
        (64, 64, 0),
        (0, 128, 192),
    ),
)
"""Of CamVid with eleven classes (Brostow et al., 2008; grouped as by Badrinarayanan et al., 2017)."""
