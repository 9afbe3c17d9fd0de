"""What a layout's reader finds, before the classes are known."""

from __future__ import annotations

from dataclasses import dataclass

from everyframe.vision.dense.layouts.dataset import Pair


@dataclass(frozen=True, slots=True)
class Found:
    """The pairs of each split; those that a layout does not tell are empty.

    Attributes:
        train: What to learn from, from which some are held out where ``val`` is empty.
        val: What to choose by.
        test: What to measure on at the end.
    """

    train: tuple[Pair, ...]
    val: tuple[Pair, ...] = ()
    test: tuple[Pair, ...] = ()
