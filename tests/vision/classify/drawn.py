"""Folders of drawn pictures: red discs, blue stripes and green squares."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

SIDE = 32
TINY = "small/8,8,16,16/1,1,1,1"


def picture(kind: str, seed: int, size: tuple[int, int] = (40, 48)) -> NDArray[np.uint8]:
    """Return ``(H, W, 3)``: ``discs``, ``stripes`` or ``squares`` on a plain ground."""
    chance = np.random.default_rng((seed, len(kind)))
    ground, ink = chance.integers(60, 110, 3), chance.integers(0, 60, 3)
    ink[{"discs": 0, "squares": 1}.get(kind, 2)] = chance.integers(190, 256)
    drawn = np.empty((*size, 3), np.uint8)
    drawn[:] = ground
    if kind == "stripes":
        step, begin = int(chance.integers(6, 9)), int(chance.integers(0, 6))
        for left in range(begin, size[1], step):
            drawn[:, left : left + step // 2] = ink
    else:
        at, radius = chance.integers(14, 26, 2), int(chance.integers(8, 12))
        told = tuple(int(value) for value in ink)
        if kind == "discs":
            cv2.circle(drawn, (int(at[0]), int(at[1])), radius, told, -1)
        else:
            corner = (int(at[0]) - radius, int(at[1]) - radius)
            cv2.rectangle(drawn, corner, (corner[0] + 2 * radius, corner[1] + 2 * radius), told, -1)
    return drawn


def write(path: Path, drawn: NDArray[np.uint8]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(path), drawn[:, :, ::-1])
    return path


def folder(place: Path, each: int = 12, kinds: tuple[str, ...] = ("discs", "stripes"), seed: int = 0) -> Path:
    """Write so many pictures of each kind, in a folder of its name."""
    for kind in kinds:
        for number in range(each):
            write(place / kind / f"{number:02d}.png", picture(kind, 1000 * seed + number))
    return place
