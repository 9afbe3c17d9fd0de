"""How well a network segments a data set: its figures, and its pictures for a page."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol, overload

import numpy as np
from numpy.typing import NDArray

from everyframe.types import RGB
from everyframe.vision.dense.layouts import Dataset, Pair
from everyframe.vision.dense.measures import Confusion
from everyframe.vision.dense.report import Sample


class Predicts(Protocol):
    """What gives each pixel a class; ``Segmenter`` does."""

    def predict(self, picture: RGB, /) -> NDArray[np.uint8]:
        """Return ``(H, W)`` classes of an ``(H, W, 3)`` picture."""
        ...


class Samples(Sequence[Sample]):
    """Pairs of a data set with what a network tells of them, which it is asked each time that one is wanted.

    Args:
        network: What segments.
        dataset: Whose pairs they are; its classes are the network's, in the same order.
        pairs: Which.
    """

    def __init__(self, network: Predicts, dataset: Dataset, pairs: Sequence[Pair]) -> None:
        self._network, self._dataset, self._pairs = network, dataset, pairs

    def __len__(self) -> int:
        return len(self._pairs)

    @overload
    def __getitem__(self, place: int) -> Sample: ...

    @overload
    def __getitem__(self, place: slice) -> Samples: ...

    def __getitem__(self, place: int | slice) -> Sample | Samples:
        """Read a pair and segment it.

        Raises:
            DatasetError: It cannot be read.
        """
        if isinstance(place, slice):
            return Samples(self._network, self._dataset, self._pairs[place])
        pair = self._pairs[place]
        picture = self._dataset.picture(pair)
        told = self._network.predict(picture)
        return Sample(pair.picture.name, picture, self._dataset.mask(pair), told)


def evaluate(
    samples: Sequence[Sample],
    classes: int,
    *,
    boundaries: bool = True,
    progress: Callable[[int, int], None] | None = None,
) -> Confusion:
    """Count what was told of samples.

    Args:
        samples: With what is true of them.
        classes: How many there are.
        boundaries: Whether to compare boundaries too.
        progress: Told, after each, how many are done and how many there are.

    Raises:
        DatasetError: One cannot be read.
    """
    counts = Confusion(classes, boundaries=boundaries)
    for number, sample in enumerate(samples, 1):
        counts.add(sample.truth, sample.told)
        if progress is not None:
            progress(number, len(samples))
    return counts
