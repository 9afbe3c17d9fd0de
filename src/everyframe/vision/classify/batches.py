"""Pictures from their files to batches, read and changed beside the training."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import cv2
import numpy as np
import torch
from numpy.typing import NDArray

from everyframe.vision.classify.changing import Change, changed, whole
from everyframe.vision.pictures import read_picture

_ROOM = 1 << 30  # bytes of pictures that are kept in memory; others are read anew each time
_LARGER = 1.5  # than the squares that are cut from them
_AHEAD = 2  # batches
_WORKERS = 2


class Album:
    """Pictures by number, made smaller once, and kept as long as there is room.

    Args:
        paths: Of the pictures.
        side: Pixels of the squares that are cut from them.
    """

    def __init__(self, paths: Sequence[Path], side: int) -> None:
        self._paths, self._least = tuple(paths), round(side * _LARGER)
        self._kept: dict[int, NDArray[np.uint8]] = {}
        self._bytes = 0
        self.side = side

    def __len__(self) -> int:
        return len(self._paths)

    def picture(self, number: int) -> NDArray[np.uint8]:
        """Return ``(H, W, 3)`` RGB whose shorter side is 1.5 squares at most.

        Raises:
            DatasetError: It cannot be read.
        """
        found = self._kept.get(number)
        if found is None:
            found = _smaller(read_picture(self._paths[number]), self._least)
            if self._bytes + found.nbytes <= _ROOM:
                self._kept[number] = found
                self._bytes += found.nbytes
        return found


def batches(count: int, size: int) -> int:
    """Return how many batches of about so many pictures there are; none has one only, where there are more.

    Of one picture batch normalisation could learn nothing.
    """
    return max(1, min(round(count / size), count // 2))


def changing(
    album: Album,
    numbers: Sequence[int],
    change: Change,
    seed: tuple[int, ...],
    size: int,
) -> Iterator[tuple[list[int], torch.Tensor]]:
    """Yield batches in an order of their own; each its numbers and ``(n, 3, side, side)`` bytes.

    The same seed gives the same batches, whatever threads there are.

    Args:
        album: The pictures.
        numbers: Which of them.
        change: How they are changed.
        seed: Of the order and the changes.
        size: Pictures in a batch.
    """
    order = np.random.default_rng(seed).permutation(np.asarray(numbers, np.int64))
    parts = np.array_split(order, batches(len(order), size))

    def one(number: int) -> NDArray[np.uint8]:
        chance = np.random.default_rng((*seed, number))
        return changed(album.picture(number), album.side, change, chance)

    def make(part: NDArray[np.int64]) -> torch.Tensor:
        return stacked([one(int(number)) for number in part])

    with ThreadPoolExecutor(_WORKERS) as pool:
        waiting: list[Future[torch.Tensor]] = [pool.submit(make, part) for part in parts[:_AHEAD]]
        for place, part in enumerate(parts):
            if place + _AHEAD < len(parts):
                waiting.append(pool.submit(make, parts[place + _AHEAD]))
            yield part.tolist(), waiting.pop(0).result()


def as_they_are(album: Album, numbers: Sequence[int], side: int, size: int) -> Iterator[torch.Tensor]:
    """Yield ``(n, 3, side, side)`` bytes of whole pictures, in order."""
    for begin in range(0, len(numbers), size):
        part = numbers[begin : begin + size]
        yield stacked([whole(album.picture(number), side) for number in part])


def stacked(squares: Sequence[NDArray[np.uint8]]) -> torch.Tensor:
    """Return ``(N, 3, side, side)`` bytes; in memory channels come last, as convolutions like it."""
    return torch.from_numpy(np.stack(squares)).permute(0, 3, 1, 2)


def _smaller(picture: NDArray[np.uint8], least: int) -> NDArray[np.uint8]:
    height, width = picture.shape[:2]
    if min(height, width) <= least:
        return picture
    scale = least / min(height, width)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8)
