"""Fine-tuning: all layers learn, the deeper the faster, until what is held out is told no better."""

from __future__ import annotations

import copy
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn
from torch.nn import functional

from everyframe.vision.averaging import take_average
from everyframe.vision.classify.batches import Album, as_they_are, batches, changing
from everyframe.vision.classify.calibrating import Figures, figures
from everyframe.vision.classify.changing import Change
from everyframe.vision.classify.networks import Network

_SMOOTHING = 0.1
_CLIP = 2.0
_WARM = 0.2  # share of training in which the learning rate rises
_DECAY = 0.05
_GROUPS = 4  # of layers, each with a learning rate of its own


@dataclass(frozen=True, slots=True)
class Course:
    """How a network is fine-tuned.

    Attributes:
        epochs: At most.
        until: Epoch after which to end, where that is known.
        rate: Greatest learning rate, of the head.
        slower: Factor of the rate from one group of layers to the one before it.
        frozen: Whether batch normalisation keeps the statistics that it came with.
        keep: Of the averaged weights, at each step.
        batch: Pictures at once.
        patience: Epochs without a lower loss on what is held out before the end; ``None`` never ends early.
        look: Pixels of the squares as which whole pictures are judged.
        seed: Of everything that is left to chance.
    """

    epochs: int
    until: int | None
    rate: float
    slower: float
    frozen: bool
    keep: float
    batch: int
    patience: int | None
    look: int
    seed: tuple[int, ...]


@dataclass(slots=True)
class Curve:
    """What each epoch came to.

    Attributes:
        loss: Mean, of what is learned from, as it is changed.
        held: Figures on what is held out.
        logits: Of it, ``(n, classes)``.
    """

    loss: list[float] = field(default_factory=list)
    held: list[Figures] = field(default_factory=list)
    logits: list[NDArray[np.float32]] = field(default_factory=list)


class Tuning:
    """One fine-tuning, from a network with a head to the best average of its weights.

    Args:
        network: Is changed.
        album: The pictures.
        labels: Of every picture in it.
        learned: Numbers of those that are learned from.
        held: Of those that are held out.
        course: How.
        change: How pictures are changed.
        device: Where to compute.
    """

    def __init__(
        self,
        network: Network,
        album: Album,
        labels: NDArray[np.int64],
        learned: Sequence[int],
        held: Sequence[int],
        course: Course,
        change: Change,
        device: torch.device,
    ) -> None:
        self.course, self.change, self.device = course, change, device
        self.album, self.labels, self.learned, self.held = album, labels, learned, held
        self.network: Network = network.to(device).to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.average: Network = copy.deepcopy(self.network)
        self.best = state_of(self.average)
        self.curve, self.epoch, self.since, self.lowest = Curve(), 0, 0, math.inf
        counts = np.bincount(labels[list(learned)], minlength=network.head.out_features)
        # Rare classes count for more, but not so much that one example rules.
        weight = np.sqrt(counts.sum() / np.maximum(counts, 1) / len(counts))
        self.weight = torch.tensor(weight, dtype=torch.float32, device=device)
        self.optimiser = torch.optim.AdamW(_groups(network, course), weight_decay=_DECAY)
        steps = batches(len(learned), course.batch) * course.epochs
        self.rates = torch.optim.lr_scheduler.LambdaLR(
            self.optimiser, lambda step: rate_at(step, _WARM, steps)
        )

    def run(
        self,
        *,
        kept: dict[str, Any] | None = None,
        keep: Callable[[dict[str, Any]], None] = lambda _: None,
        progress: Callable[[Curve], None] = lambda _: None,
        stop: Callable[[], bool] = lambda: False,
    ) -> Network:
        """Fine-tune, and return the network with the averaged weights that told best what is held out.

        Args:
            kept: State to go on from.
            keep: Called with the state after each epoch.
            progress: Called after each epoch.
            stop: Asked after each epoch whether to end.
        """
        if kept is not None:
            self._restore(kept)
        elif self.held:
            self._judge()  # with the head as it came: after all, that may be the best
        while self.epoch < self.course.epochs and not self._ended() and not stop():
            self.curve.loss.append(self._learn())
            self.epoch += 1
            self._judge()
            keep(self.state())
            progress(self.curve)
        self.average.load_state_dict(self.best)
        self.average.eval()
        return self.average

    def state(self) -> dict[str, Any]:
        """Return everything that is needed to go on exactly from here."""
        held = [
            [one.pictures, one.accuracy, one.loss, one.ece, list(one.by_class)] for one in self.curve.held
        ]
        return {
            "network": state_of(self.network),
            "average": state_of(self.average),
            "best": self.best,
            "optimiser": self.optimiser.state_dict(),
            "rates": self.rates.state_dict(),
            "numbers": [self.epoch, self.since, self.lowest],
            "curve": [self.curve.loss, held, [torch.from_numpy(one) for one in self.curve.logits]],
        }

    def _restore(self, kept: dict[str, Any]) -> None:
        self.network.load_state_dict(kept["network"])
        self.average.load_state_dict(kept["average"])
        self.best = kept["best"]
        self.optimiser.load_state_dict(kept["optimiser"])
        self.rates.load_state_dict(kept["rates"])
        self.epoch, self.since, self.lowest = kept["numbers"]
        loss, held, logits = kept["curve"]
        self.curve = Curve(loss, [_figures(one) for one in held], [one.numpy() for one in logits])

    def _ended(self) -> bool:
        course = self.course
        if course.until is not None and self.epoch >= course.until:
            return True
        return course.patience is not None and bool(self.held) and self.since > course.patience

    def _learn(self) -> float:
        # Each epoch has its own chance, so that going on from a checkpoint is like never having stopped.
        seed = (*self.course.seed, self.epoch)
        torch.manual_seed(int(np.random.default_rng(seed).integers(2**31)))
        self.network.train()
        if self.course.frozen:
            for part in self.network.modules():
                if isinstance(part, nn.modules.batchnorm._BatchNorm):
                    part.eval()
        total = 0.0
        for numbers, pictures in changing(self.album, self.learned, self.change, seed, self.course.batch):
            target = torch.from_numpy(self.labels[numbers]).to(self.device)
            told = self.network(pictures.to(self.device))
            loss = functional.cross_entropy(told, target, weight=self.weight, label_smoothing=_SMOOTHING)
            self.optimiser.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            nn.utils.clip_grad_norm_(self.network.parameters(), _CLIP)
            self.optimiser.step()
            self.rates.step()
            self._take_average()
            total += loss.item() * len(numbers)
        return total / len(self.learned)

    def _take_average(self) -> None:
        # At first over what there is: the beginning would weigh too long.
        steps = self.rates.last_epoch
        keep = min(self.course.keep, steps / (steps + 10.0))
        take_average(self.average, self.network, keep)

    def _judge(self) -> None:
        if not self.held:
            self.best = state_of(self.average)
            return
        logits = logits_of(self.average, self.album, self.held, self.course.look, self.course.batch)
        found = figures(logits, self.labels[list(self.held)])
        self.curve.held.append(found)
        self.curve.logits.append(logits)
        if found.loss < self.lowest:
            self.lowest, self.since, self.best = found.loss, 0, state_of(self.average)
        elif self.epoch > _WARM * self.course.epochs:
            self.since += 1


def logits_of(
    network: Network, album: Album, numbers: Sequence[int], look: int, size: int
) -> NDArray[np.float32]:
    """Return ``(n, classes)`` of whole pictures."""
    return _each(network, network, album, numbers, look, size)


def features_of(
    network: Network, album: Album, numbers: Sequence[int], look: int, size: int
) -> NDArray[np.float32]:
    """Return ``(n, width)`` of whole pictures."""
    return _each(network, network.features, album, numbers, look, size)


def _each(
    network: Network,
    tell: Callable[[torch.Tensor], torch.Tensor],
    album: Album,
    numbers: Sequence[int],
    look: int,
    size: int,
) -> NDArray[np.float32]:
    network.eval()
    place = network.head.weight.device
    with torch.inference_mode():
        found = [tell(some.to(place)).cpu().numpy() for some in as_they_are(album, numbers, look, size)]
    return np.concatenate(found).astype(np.float32)


def state_of(network: nn.Module) -> dict[str, torch.Tensor]:
    """Return a copy of all weights."""
    return {key: value.detach().clone() for key, value in network.state_dict().items()}


def _figures(one: list[Any]) -> Figures:
    return Figures(one[0], one[1], one[2], one[3], tuple(one[4]))


def rate_at(step: int, warm: float, steps: int) -> float:
    """Return the share of the greatest rate: a line up for the share ``warm`` of steps, a cosine down."""
    rising = max(1, round(warm * steps))
    if step < rising:
        return (step + 1) / rising
    return 0.5 * (1.0 + math.cos(math.pi * min(1.0, (step - rising) / max(1, steps - rising))))


def _groups(network: Network, course: Course) -> list[dict[str, Any]]:
    """Return layers in groups from the first to the last, each with its own rate; offsets do not decay.

    Howard and Ruder, "Universal language model fine-tuning for text classification" (ACL 2018).
    """
    trunk = list(network.trunk.parameters())
    parts = np.array_split(np.arange(len(trunk)), _GROUPS)
    groups = [[trunk[place] for place in part] for part in parts] + [list(network.head.parameters())]
    found = []
    for place, group in enumerate(groups):
        rate = course.rate * course.slower ** (len(groups) - 1 - place)
        for decays in (True, False):
            some = [one for one in group if (one.ndim > 1) == decays]
            if some:
                found.append({"params": some, "lr": rate, "weight_decay": _DECAY if decays else 0.0})
    return found
