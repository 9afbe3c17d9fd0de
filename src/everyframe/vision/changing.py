"""Batches of examples, changed a little each time: shifted, zoomed, mirrored, slower, begun later."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional

from everyframe.vision.design import Design
from everyframe.vision.front import mirrored as turned

_FEWEST = 6  # steps that an example keeps


@dataclass(frozen=True, slots=True)
class Change:
    """How much examples are changed.

    Attributes:
        mirror: Whether left and right may change places; not where the side says what happens.
        shift: Share of the square.
        zoom: Largest factor, and one over the smallest.
        pace: Likewise, of time.
        part: Smallest share of an example's steps that is kept, in one piece.
        most: Steps kept at most.
    """

    mirror: bool = True
    shift: float = 0.1
    zoom: float = 1.2
    pace: float = 1.25
    part: float = 0.7
    most: int = 40


def batch(
    examples: Sequence[Mapping[str, NDArray[np.float16]]],
    design: Design,
    change: Change | None = None,
    chance: np.random.Generator | None = None,
) -> tuple[dict[str, torch.Tensor], torch.Tensor]:
    """Return streams ``(N, T, channels, side, side)`` and ``(N, T)``, 0 where a clip is padded.

    Args:
        examples: ``(T, channels, S, S)`` of each stream.
        design: Which streams, and the side.
        change: How to change them; as they are without it.
        chance: What decides.
    """
    chosen = [_choose(len(next(iter(one.values()))), change, chance) for one in examples]
    longest = max(len(steps) for steps, _ in chosen)
    there = torch.zeros(len(examples), longest)
    for number, (steps, _) in enumerate(chosen):
        there[number, : len(steps)] = 1.0
    place, mirror, zoomed = _places(len(examples), examples[0], design, change, chance)
    streams = {}
    for name in design.streams:
        side = examples[0][name].shape[-1]
        pictures = torch.zeros(len(examples), longest, design.channels(name), side, side)
        for number, (one, (steps, pace)) in enumerate(zip(examples, chosen, strict=True)):
            maps = one[name][steps].astype(np.float32)
            told = torch.from_numpy(np.ascontiguousarray(turned(name, maps) if mirror[number] else maps))
            if name == "flow":  # maps are square roots
                told *= (pace * zoomed[number]) ** 0.5
            pictures[number, : len(steps)] = told
        streams[name] = (
            _cut(pictures, place, design.side) if change is not None else _middle(pictures, design.side)
        )
    return streams, there


def _choose(
    length: int, change: Change | None, chance: np.random.Generator | None
) -> tuple[NDArray[np.int64], float]:
    """Return which steps, and how much faster than they were."""
    if change is None or chance is None:
        return np.arange(length), 1.0
    kept = max(min(length, _FEWEST), int(length * chance.uniform(change.part, 1.0)))
    pace = float(change.pace ** chance.uniform(-1.0, 1.0))
    first = int(chance.integers(0, length - kept + 1))
    steps = np.arange(max(min(length, _FEWEST), round(kept / pace)))
    steps = first + np.minimum(np.round(steps * pace).astype(np.int64), kept - 1)
    if len(steps) > change.most:
        begin = int(chance.integers(0, len(steps) - change.most + 1))
        steps = steps[begin : begin + change.most]
    return steps, pace


def _places(
    count: int,
    example: Mapping[str, NDArray[np.float16]],
    design: Design,
    change: Change | None,
    chance: np.random.Generator | None,
) -> tuple[torch.Tensor, NDArray[np.bool_], NDArray[np.float64]]:
    """Return where each example is looked at, ``(N, 2, 3)``, whether in a mirror, and how much larger."""
    share = design.side / example[design.streams[0]].shape[-1]
    place = torch.zeros(count, 2, 3)
    if change is None or chance is None:
        return place, np.zeros(count, np.bool_), np.ones(count)
    larger = change.zoom ** chance.uniform(-1.0, 1.0, count)
    mirrored = (chance.random(count) < 0.5) & change.mirror
    place[:, 0, 0] = torch.from_numpy(share / larger)
    place[:, 1, 1] = torch.from_numpy(share / larger)
    place[:, :, 2] = torch.from_numpy(chance.uniform(-change.shift, change.shift, (count, 2)) * share * 2.0)
    return place, mirrored, larger


def _cut(pictures: torch.Tensor, place: torch.Tensor, side: int) -> torch.Tensor:
    count, time, channels, *size = pictures.shape
    stacked = pictures.reshape(count, time * channels, *size)
    grid = functional.affine_grid(place, [count, channels, side, side], align_corners=False)
    cut = functional.grid_sample(stacked, grid, align_corners=False)
    return cut.reshape(count, time, channels, side, side)


def _middle(pictures: torch.Tensor, side: int) -> torch.Tensor:
    edge = (pictures.shape[-1] - side) // 2
    return pictures[..., edge : edge + side, edge : edge + side]
