"""What the file of a segmentation network says of itself, so that it can be run without being told more."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from everyframe.errors import ModelError, SettingError
from everyframe.vision.dense.classes import Classes

KEY = "everyframe segmenter"
"""Under which it lies in the file's metadata."""

FORMAT = 1


@dataclass(frozen=True, slots=True)
class About:
    """What a segmentation network is.

    Attributes:
        classes: What it tells apart, in the order of its logits.
        stride: Its greatest, in pixels: pictures that are shifted by as much are seen alike.
        reach: Pixels around a pixel, to each side, that what it says there depends on at most.
        size: ``(height, width)`` of what it was trained on.
        name: Of its form, such as ``fcn8s``.
        backbone: Of its trunk.
        side: Pixels of the longer side at which pictures are seen best, 0 where they are seen as they are.
        notes: Figures, licence and data, for people.
    """

    classes: Classes
    stride: int
    reach: int
    size: tuple[int, int]
    name: str = ""
    backbone: str = ""
    side: int = 0
    notes: dict[str, Any] = field(default_factory=dict)

    def to_json(self) -> str:
        """Return what goes into the file."""
        return json.dumps(
            {
                "format": FORMAT,
                "classes": list(self.classes.names),
                "colours": [list(colour) for colour in self.classes.colours],
                "stride": self.stride,
                "reach": self.reach,
                "size": list(self.size),
                "name": self.name,
                "backbone": self.backbone,
                "side": self.side,
                "about": self.notes,
            }
        )


def read_about(text: str, called: str) -> About:
    """Read what a file says of itself.

    Args:
        text: JSON.
        called: How to name the file in a message.

    Raises:
        ModelError: It is of a later format, or damaged.
    """
    try:
        told = json.loads(text)
        later = int(told["format"]) > FORMAT
        if not later:
            return _about(told)
    except (KeyError, TypeError, ValueError, SettingError) as error:
        raise ModelError(
            f"{called}: what this network says of itself is damaged ({error}); export it again"
        ) from error
    raise ModelError(f"{called} is of a later format than this Everyframe reads; update Everyframe")


def _about(told: dict[str, Any]) -> About:
    colours = tuple((_byte(red), _byte(green), _byte(blue)) for red, green, blue in told["colours"])
    classes = Classes(tuple(str(name) for name in told["classes"]), colours)
    stride, reach, longer = int(told["stride"]), int(told["reach"]), int(told.get("side", 0))
    height, width = (int(side) for side in told["size"])
    if stride < 1 or min(reach, longer) < 0 or min(height, width) < 1:
        raise ValueError("a size that cannot be")
    notes = told.get("about") or {}
    if not isinstance(notes, dict):
        raise TypeError("notes that are none")
    name, backbone = str(told.get("name", "")), str(told.get("backbone", ""))
    return About(classes, stride, reach, (height, width), name, backbone, longer, notes)


def _byte(value: Any) -> int:
    number = int(value)
    if not 0 <= number <= 255:
        raise ValueError("a colour that cannot be")
    return number
