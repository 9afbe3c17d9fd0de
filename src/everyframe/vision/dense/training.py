"""Training a segmenting network: a schedule, averaged weights, a seed, checkpoints that resume exactly."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from copy import deepcopy
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from everyframe.errors import DatasetError, SettingError
from everyframe.vision.averaging import take_average
from everyframe.vision.checkpoint import restore, save
from everyframe.vision.dense.batches import Batch, Batches
from everyframe.vision.dense.changing import Change
from everyframe.vision.dense.classes import VOID
from everyframe.vision.dense.design import Design
from everyframe.vision.dense.layouts import Dataset
from everyframe.vision.dense.losses import class_weights, loss
from everyframe.vision.dense.making import Segmenting
from everyframe.vision.dense.validating import validate

PRECISIONS = ("auto", "fp32", "bf16")

_POWER = 0.9  # of the schedule: the rate falls as (1 - t)^0.9, as in DeepLab
_CLIP = 5.0
_LOOK = 48  # pictures that say how large pictures are
_TRUNK = 0.1  # share of the rate at which a trunk with published weights learns


@dataclass(frozen=True, slots=True)
class Schedule:
    """How long and how fast a network learns.

    Attributes:
        epochs: Times that every picture is seen.
        rate: Greatest learning rate, of AdamW.
        decay: Of weights.
        count: Pictures in a batch.
        accumulate: Batches whose gradients are added before a step.
        warm: Share of training in which the rate rises.
        average: How much of the averaged weights is kept at each step.
        size: Height and width that pictures are cropped to; by default the first picture's.
        loss: ``cross-entropy``, or with ``lovasz`` or ``dice`` beside it.
        flatness: 0 lets every pixel count the same, 1 every class.
        every: Epochs between two looks at what is held out, and between two checkpoints.
        precision: ``fp32``, ``bf16``, or ``auto``: bf16 where the device computes in it.
        compiled: Whether PyTorch compiles the network first, which takes a minute and pays on a GPU.
        seed: Of everything that is left to chance.

    Raises:
        SettingError: One of them is out of its range.
    """

    epochs: int = 100
    rate: float = 2e-3
    decay: float = 0.02
    count: int = 8
    accumulate: int = 1
    warm: float = 0.05
    average: float = 0.998
    size: tuple[int, int] | None = None
    loss: str = "cross-entropy"
    flatness: float = 0.5
    every: int = 5
    precision: str = "auto"
    compiled: bool = False
    seed: int = 0

    def __post_init__(self) -> None:
        if min(self.epochs, self.count, self.accumulate, self.every) < 1:
            raise SettingError("epochs, batches, accumulation and looks are at least 1")
        if self.precision not in PRECISIONS:
            raise SettingError(f"precision is {self.precision!r}; choose one of {', '.join(PRECISIONS)}")


@dataclass(frozen=True, slots=True)
class Learned:
    """How far training has come.

    Attributes:
        epoch: Done.
        epochs: In all.
        loss: Mean over the epoch.
        rate: Learning rate at its end.
        seconds: That it took.
        mean_iou: On what is held out, after some epochs.
    """

    epoch: int
    epochs: int
    loss: float
    rate: float
    seconds: float
    mean_iou: float | None = None


@dataclass(frozen=True, slots=True)
class Trained:
    """What training gave.

    Attributes:
        network: With the averaged weights that told what is held out best, on the CPU.
        rows: One for each epoch.
        mean_iou: Of the network on what is held out, where anything is.
    """

    network: Segmenting
    rows: tuple[Learned, ...]
    mean_iou: float | None


def train(
    dataset: Dataset,
    design: Design,
    schedule: Schedule,
    change: Change,
    *,
    weights: Path | None = None,
    device: str | None = None,
    progress: Callable[[Learned], None] | None = None,
    stop: Callable[[], bool] | None = None,
    checkpoint: Path | None = None,
) -> Trained:
    """Train a network to give each pixel its class; on the CPU the same seed gives the same network.

    Args:
        dataset: Its ``train`` is learned from, its ``val`` only looked at to keep the best weights.
        design: What the network is made of.
        schedule: How long and how fast.
        change: How pictures are changed, so that they are never seen twice the same.
        weights: Published ones of the backbone.
        device: ``cpu``, ``cuda``; by default what is there.
        progress: Called after every epoch.
        stop: Asked after every epoch whether to end.
        checkpoint: Where to keep the state whenever what is held out is looked at, and to go on from where it
            lies there already.

    Raises:
        DatasetError: There is nothing to learn from.
        SettingError: The design or the schedule is no such thing.
        WeightsError: The weights are damaged, or of another network.
        LibraryError: The checkpoint is damaged, or of another training.
        StorageError: The checkpoint cannot be written.
    """
    if not dataset.train:
        raise DatasetError("the data set has no pictures to learn from: its list of training is empty")
    return _Training(dataset, design, schedule, change, weights, device).run(progress, stop, checkpoint)


class _Training:
    def __init__(
        self,
        dataset: Dataset,
        design: Design,
        schedule: Schedule,
        change: Change,
        weights: Path | None,
        device: str | None,
    ) -> None:
        self.dataset, self.design, self.schedule, self.change = dataset, design, schedule, change
        self.device = torch.device(device or ("cuda" if torch.cuda.is_available() else "cpu"))
        torch.manual_seed(schedule.seed)
        network = Segmenting(design, len(dataset.classes), weights)
        self.network = network.to(self.device, memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.average = deepcopy(self.network).eval().requires_grad_(False)
        self.best = deepcopy(self.average)
        multiple = network.network.multiple
        shapes = [dataset.picture(pair).shape[:2] for pair in dataset.train[:_LOOK]]
        self.side = max(max(shape) for shape in shapes)
        size = schedule.size or shapes[0]
        self.size = tuple(max(multiple, round(side / multiple) * multiple) for side in size)
        self.batches = Batches(
            dataset, dataset.train, (self.size[0], self.size[1]), change, schedule.count, schedule.seed
        )
        self.weight = class_weights(_pixels(dataset), schedule.flatness).to(self.device)
        self.optimiser = self._optimiser(tuned=weights is not None)
        self.steps = max(1, math.ceil(len(self.batches) / schedule.accumulate))
        self.rates = torch.optim.lr_scheduler.LambdaLR(self.optimiser, self._share)
        self.scores: Callable[[torch.Tensor], list[torch.Tensor]] = self.network.network.all_scores
        if schedule.compiled:
            self.scores = torch.compile(self.scores)
        self.half = (
            _computes_in_half(self.device) if schedule.precision == "auto" else schedule.precision == "bf16"
        )

    def _optimiser(self, tuned: bool) -> torch.optim.AdamW:
        inside = self.network.network
        groups: list[dict[str, Any]] = []
        for part, rate in ((inside.trunk, _TRUNK if tuned else 1.0), (inside, 1.0)):
            known = {id(one) for group in groups for one in group["params"]}
            new = [one for one in part.parameters() if id(one) not in known]
            for chosen, decay in (
                ([one for one in new if one.ndim > 1], self.schedule.decay),
                ([one for one in new if one.ndim <= 1], 0.0),
            ):
                groups.append({"params": chosen, "weight_decay": decay, "lr": self.schedule.rate * rate})
        return torch.optim.AdamW(groups, lr=self.schedule.rate, fused=self.device.type == "cuda")

    def _share(self, step: int) -> float:
        """Return the share of the greatest rate at a step."""
        whole = self.steps * self.schedule.epochs
        warm = max(1, round(self.schedule.warm * whole))
        if step < warm:
            return (step + 1) / warm
        return float(max(0.0, 1.0 - (step - warm) / max(1, whole - warm)) ** _POWER)

    def run(
        self,
        progress: Callable[[Learned], None] | None,
        stop: Callable[[], bool] | None,
        checkpoint: Path | None,
    ) -> Trained:
        parts = {name: getattr(self, name) for name in ("network", "average", "best", "optimiser", "rates")}
        # What decides whether a checkpoint is of this training, and what a network is made of it with; a path
        # of weights or a device does not.
        about = {
            "design": asdict(self.design),
            "change": asdict(self.change),
            "schedule": {key: _plain(value) for key, value in asdict(self.schedule).items()},
            "classes": list(self.dataset.classes.names),
            "colours": [list(colour) for colour in self.dataset.classes.colours],
            "pictures": len(self.dataset.train),
            "size": list(self.size),
            "side": self.side,
        }
        done = restore(checkpoint, parts, about)
        rows = [Learned(**row) for row in done.get("rows", [])]
        best = done.get("best")
        for epoch in range(len(rows), self.schedule.epochs):
            began = time.monotonic()
            mean = self._epoch(epoch)
            last = epoch + 1 == self.schedule.epochs
            looks = last or (epoch + 1) % self.schedule.every == 0
            ends = stop is not None and stop()
            told = None
            if self.dataset.val and looks:
                told = validate(self.average, self.dataset, self.dataset.val, self.half).mean_iou
            if told is not None and (best is None or told > best):
                best = told
                self.best.load_state_dict(self.average.state_dict())
            rate = float(self.rates.get_last_lr()[-1])
            rows.append(Learned(epoch + 1, self.schedule.epochs, mean, rate, time.monotonic() - began, told))
            if checkpoint is not None and (looks or ends):
                save(checkpoint, parts, {"about": about, "rows": [asdict(row) for row in rows], "best": best})
            if progress is not None:
                progress(rows[-1])
            if ends:
                break
        if best is None:
            self.best.load_state_dict(self.average.state_dict())
        return Trained(self.best.cpu().eval(), tuple(rows), best)

    def _epoch(self, epoch: int) -> float:
        # Each epoch has its own chance, so that going on from a checkpoint is like never having stopped.
        torch.manual_seed(self.schedule.seed * 10_007 + epoch)
        self.network.train()
        total = torch.zeros((), device=self.device)
        group: list[Batch] = []
        for number, batch in enumerate(self.batches.epoch(epoch), start=1):
            group.append(batch)
            if len(group) == self.schedule.accumulate or number == len(self.batches):
                total += self._step(group)
                group = []
        return float(total / self.steps)

    def _step(self, group: list[Batch]) -> torch.Tensor:
        self.optimiser.zero_grad(set_to_none=True)
        total = torch.zeros((), device=self.device)
        for batch in group:
            there = self.device.type == "cuda"
            masks = batch.masks.to(self.device, non_blocking=there).long()
            pictures = batch.pictures.to(self.device, non_blocking=there)
            with torch.no_grad():
                seen = self.network.normal(pictures, batch.colours.to(self.device, non_blocking=there))
                seen = seen.contiguous(memory_format=torch.channels_last)
            with torch.autocast(self.device.type, torch.bfloat16) if self.half else nullcontext():
                scores = self.scores(seen)
            one = loss(self.schedule.loss, scores, masks, self.weight) / len(group)
            one.backward()  # type: ignore[no-untyped-call]
            total += one.detach()
        nn.utils.clip_grad_norm_(self.network.parameters(), _CLIP)
        self.optimiser.step()
        self.rates.step()
        step = self.rates.last_epoch
        # At first over what there is: the beginning would weigh too long.
        take_average(self.average, self.network, min(self.schedule.average, (1.0 + step) / (10.0 + step)))
        return total


def _pixels(dataset: Dataset) -> Sequence[int]:
    """Return how many pixels each class has, over at most 200 masks spread evenly."""
    pairs = dataset.train[:: max(1, len(dataset.train) // 200)]
    counts = sum(np.bincount(dataset.mask(pair).ravel(), minlength=VOID + 1) for pair in pairs)
    return [int(count) for count in np.asarray(counts)[: len(dataset.classes)]]


def _computes_in_half(device: torch.device) -> bool:
    if device.type == "cuda":
        return bool(torch.cuda.is_bf16_supported())
    return bool(torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported())


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value
