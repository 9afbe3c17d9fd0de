"""Batches of changed pictures, made on threads while the network learns."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

import cv2
import numpy as np
import torch

from everyframe.vision.dense.changing import Change, changed
from everyframe.vision.dense.layouts import Dataset, Pair

_AHEAD = 3  # batches that are made before they are asked for
_CACHE = 2 << 30  # bytes of pictures that are kept decoded


@dataclass(frozen=True, slots=True)
class Batch:
    """Some pictures with their masks.

    Attributes:
        pictures: ``(N, H, W, 3)`` uint8 RGB.
        masks: ``(N, H, W)`` uint8.
        colours: ``(N, 3, 4)`` how colours are to be changed.
    """

    pictures: torch.Tensor
    masks: torch.Tensor
    colours: torch.Tensor


class Batches:
    """What is learned from, in an order and in changes that depend on seed and epoch only.

    Args:
        dataset: Whose pictures they are.
        pairs: Which of them.
        size: Height and width of what is returned.
        change: How much they are changed.
        count: Pictures in a batch.
        seed: Of order and changes.
    """

    def __init__(
        self,
        dataset: Dataset,
        pairs: Sequence[Pair],
        size: tuple[int, int],
        change: Change,
        count: int,
        seed: int,
    ) -> None:
        self.dataset, self.pairs, self.size = dataset, list(pairs), size
        self.change, self.count, self.seed = change, count, seed
        self._decoded: dict[int, tuple[np.ndarray, np.ndarray]] = {}
        self._room = _CACHE

    def __len__(self) -> int:
        return max(1, len(self.pairs) // self.count)

    def epoch(self, number: int) -> Iterator[Batch]:
        """Yield the batches of an epoch; pictures that do not fill a last one are left out of it."""
        cv2.setNumThreads(1)  # threads of ours are enough
        order = np.random.default_rng((self.seed, number)).permutation(len(self.pairs))
        count = min(self.count, len(order))
        parts = [order[begin : begin + count] for begin in range(0, count * len(self), count)]
        with ThreadPoolExecutor(max(1, min(12, (os.cpu_count() or 1) - 1))) as threads:
            waiting: deque[list[Future[tuple[np.ndarray, np.ndarray, np.ndarray]]]] = deque()
            for part in [*parts, *([None] * _AHEAD)]:
                if part is not None:
                    waiting.append([threads.submit(self._one, number, int(index)) for index in part])
                if len(waiting) > _AHEAD or (part is None and waiting):
                    yield _joined([future.result() for future in waiting.popleft()])

    def _one(self, epoch: int, index: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        if index in self._decoded:
            picture, mask = self._decoded[index]
        else:
            picture, mask = self.dataset.picture(self.pairs[index]), self.dataset.mask(self.pairs[index])
            if self._room > picture.nbytes + mask.nbytes:
                self._room -= picture.nbytes + mask.nbytes
                self._decoded[index] = picture, mask
        # Its own chance: the same whichever thread makes it, and after whatever stop.
        chance = np.random.default_rng((self.seed, epoch, index))
        return changed(picture, mask, self.size, self.change, chance)


def _joined(made: list[tuple[np.ndarray, np.ndarray, np.ndarray]]) -> Batch:
    pictures, masks, colours = (torch.from_numpy(np.stack(parts)) for parts in zip(*made, strict=True))
    if torch.cuda.is_available():
        pictures, masks = pictures.pin_memory(), masks.pin_memory()
    return Batch(pictures, masks, colours)
