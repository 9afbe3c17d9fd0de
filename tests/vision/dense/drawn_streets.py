"""Drawn pictures of which every pixel's class is known: sky above a road, boxes for cars, thin poles."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from everyframe.vision.dense.classes import VOID
from everyframe.vision.dense.layouts import Dataset, read_dataset

CLASSES = ("sky", "road", "car", "pole")
HEIGHT, WIDTH = 64, 96


def street(chance: np.random.Generator) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Return a picture ``(64, 96, 3)`` and its mask."""
    mask = np.zeros((HEIGHT, WIDTH), np.uint8)
    mask[int(chance.integers(24, 36)) :] = 1
    for _ in range(2):
        left, top = int(chance.integers(0, WIDTH - 20)), int(chance.integers(30, HEIGHT - 14))
        mask[top : top + 12, left : left + 18] = 2
    pole = int(chance.integers(4, WIDTH - 4))
    mask[6:58, pole : pole + 3] = 3
    colours = np.array([(150, 190, 230), (90, 90, 95), (180, 40, 40), (220, 210, 60)])
    noise = chance.normal(0.0, 12.0, (HEIGHT, WIDTH, 3))
    picture = np.clip(colours[mask] * chance.uniform(0.8, 1.1) + noise, 0, 255).astype(np.uint8)
    mask[:2] = VOID
    return picture, mask


def write_streets(folder: Path, train: int = 12, val: int = 4, test: int = 0, seed: int = 0) -> Path:
    """Write a data set in CamVid's layout; return the folder."""
    chance = np.random.default_rng(seed)
    for split, count in (("train", train), ("val", val), ("test", test)):
        for kind in ("images", "masks") if count else ():
            (folder / split / kind).mkdir(parents=True, exist_ok=True)
        for number in range(count):
            picture, mask = street(chance)
            cv2.imwrite(str(folder / split / "images" / f"{number:03d}.png"), picture[:, :, ::-1])
            cv2.imwrite(str(folder / split / "masks" / f"{number:03d}.png"), mask)
    (folder / "classes.txt").write_text("\n".join(CLASSES) + "\n")
    return folder


def streets(folder: Path, train: int = 12, val: int = 4, test: int = 0, seed: int = 0) -> Dataset:
    """Write a data set and read it."""
    return read_dataset(write_streets(folder, train, val, test, seed))
