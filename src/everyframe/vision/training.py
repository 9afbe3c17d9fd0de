"""The training loop: batches of changed examples, a schedule, averaged weights, a seed, checkpoints."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn
from torch.nn import functional

from everyframe.vision.averaging import take_average
from everyframe.vision.changing import Change, batch
from everyframe.vision.checkpoint import restore, save
from everyframe.vision.design import Design
from everyframe.vision.network import Network

_SMOOTHING = 0.1
_CLIP = 2.0
_WARM = 0.25  # share of training in which the learning rate rises
_AVERAGED = 0.6  # share of training after which weights are averaged
_KEEP = 0.9  # of the average, at each step


@dataclass(frozen=True, slots=True)
class Schedule:
    """How long and how fast a network learns.

    Attributes:
        epochs: Times that each example is seen.
        rate: Greatest learning rate.
        decay: Of weights.
        size: Examples in a batch.
        patience: Epochs without a lower loss on what is held back before training ends early.
        seed: Of everything that is left to chance.
    """

    epochs: int = 24
    rate: float = 4e-3
    decay: float = 0.05
    size: int = 16
    patience: int = 8
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Learned:
    """How far training has come.

    Attributes:
        epoch: Done.
        epochs: In all.
        loss: Mean over the epoch.
        held_back: Mean loss on what is held back, where anything is.
    """

    epoch: int
    epochs: int
    loss: float
    held_back: float | None = None


Example = dict[str, NDArray[np.float16]]
"""``(T, channels, S, S)`` of each stream; ``S`` may exceed the design's side, for room to shift."""


def train(
    examples: Sequence[Example],
    labels: Sequence[int],
    design: Design,
    schedule: Schedule,
    change: Change,
    *,
    held_back: tuple[Sequence[Example], Sequence[int]] | None = None,
    progress: Callable[[Learned], None] | None = None,
    stop: Callable[[], bool] | None = None,
    checkpoint: Path | None = None,
) -> Network:
    """Train a network from nothing on one thread; the same seed gives the same network.

    Args:
        examples: What is learned from.
        labels: Class of each, from 0.
        design: What the network is made of.
        schedule: How long and how fast.
        change: How examples are changed, so that they are never seen twice the same.
        held_back: Examples that are not learned from; training ends when they are no longer told better.
        progress: Called after every epoch.
        stop: Asked after every epoch whether to end.
        checkpoint: Where to keep the state after every epoch, and to go on from where it lies there already.
    """
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        return _Training(examples, labels, design, schedule, change).run(
            held_back, progress, stop, checkpoint
        )
    finally:
        torch.set_num_threads(threads)


class _Training:
    def __init__(
        self,
        examples: Sequence[Example],
        labels: Sequence[int],
        design: Design,
        schedule: Schedule,
        change: Change,
    ) -> None:
        self.examples, self.labels = examples, np.asarray(labels)
        self.schedule, self.change = schedule, change
        counts = np.bincount(self.labels)
        torch.manual_seed(schedule.seed)
        self.network = Network(design, len(counts))
        self.average = Network(design, len(counts))
        # Rare classes count for more, but not so much that one example rules.
        weight = np.sqrt(counts.sum() / np.maximum(counts, 1) / len(counts))
        self.weight = torch.tensor(weight, dtype=torch.float32)
        self.optimiser = torch.optim.AdamW(
            self.network.parameters(), lr=schedule.rate, weight_decay=schedule.decay
        )
        self.batches = max(1, math.ceil(len(examples) / schedule.size))
        self.rates = torch.optim.lr_scheduler.OneCycleLR(
            self.optimiser,
            schedule.rate,
            # Of four steps it would rise in none, and the scheduler divides by that.
            total_steps=max(5, self.batches * schedule.epochs + 1),
            pct_start=_WARM,
        )

    def run(
        self,
        held_back: tuple[Sequence[Example], Sequence[int]] | None,
        progress: Callable[[Learned], None] | None,
        stop: Callable[[], bool] | None,
        checkpoint: Path | None,
    ) -> Network:
        parts = {name: getattr(self, name) for name in ("network", "average", "optimiser", "rates")}
        first, best, since = int(restore(checkpoint, parts).get("epoch", 0)), math.inf, 0
        for epoch in range(first, self.schedule.epochs):
            loss = self._epoch(epoch)
            other = self._loss_on(*held_back) if held_back is not None else None
            if checkpoint is not None:
                save(checkpoint, parts, {"epoch": epoch + 1})
            if progress is not None:
                progress(Learned(epoch + 1, self.schedule.epochs, loss, other))
            if other is not None and epoch >= _WARM * self.schedule.epochs:
                best, since = (other, 0) if other < best else (best, since + 1)
            if since > self.schedule.patience or (stop is not None and stop()):
                break
        return self.average.eval()

    def _epoch(self, epoch: int) -> float:
        # Each epoch has its own chance, so that going on from a checkpoint is like never having stopped.
        chance = np.random.default_rng((self.schedule.seed, epoch))
        torch.manual_seed(self.schedule.seed * 10_007 + epoch)
        self.network.train()
        total = 0.0
        for part in np.array_split(chance.permutation(len(self.examples)), self.batches):
            streams, there = batch([self.examples[i] for i in part], self.network.design, self.change, chance)
            target = torch.from_numpy(self.labels[part])
            loss = self._loss(self.network(streams, there), target)
            self.optimiser.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            nn.utils.clip_grad_norm_(self.network.parameters(), _CLIP)
            self.optimiser.step()
            self.rates.step()
            keep = _KEEP if epoch >= _AVERAGED * self.schedule.epochs else 0.0
            take_average(self.average, self.network, keep)
            total += loss.item() * len(part)
        return total / len(self.examples)

    def _loss(self, logits: dict[str, torch.Tensor], target: torch.Tensor) -> torch.Tensor:
        losses = [
            functional.cross_entropy(told, target, weight=self.weight, label_smoothing=_SMOOTHING)
            for told in logits.values()
        ]
        return torch.stack(losses).mean()

    def _loss_on(self, examples: Sequence[Example], labels: Sequence[int]) -> float:
        self.average.eval()
        with torch.no_grad():
            losses = []
            for example, label in zip(examples, labels, strict=True):
                streams, there = batch([example], self.network.design)
                losses.append(float(self._loss(self.average(streams, there), torch.tensor([label]))))
        return float(np.mean(losses))
