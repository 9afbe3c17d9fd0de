"""Learning to see from pictures without their labels: each is told from all others, however it is changed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from everyframe.vision.classify.batches import Album, batches, changing
from everyframe.vision.classify.changing import Change
from everyframe.vision.classify.networks import Network
from everyframe.vision.classify.tuning import rate_at, state_of

STRONG = Change(least=0.2, turn=20.0, light=0.5, hue=0.06, grey=0.2, hidden=0.3)
"""How much pictures are changed."""

_RATE, _DECAY, _WARM = 2e-3, 0.05, 0.1
_SIZE = 32  # pictures in a batch
_WIDE = 128  # of what pictures are told apart by
_SHARP = 10.0  # how much nearer a picture has to be to itself than to others
_SMOOTHING = 0.1


class Instances(nn.Module):
    """Tells pictures apart by directions, one for each.

    Args:
        width: Of what a trunk says.
        pictures: How many.
    """

    def __init__(self, width: int, pictures: int) -> None:
        super().__init__()
        self.before = nn.Sequential(nn.Linear(width, width), nn.BatchNorm1d(width), nn.ReLU())
        self.turned = nn.Linear(width, _WIDE)
        self.directions = nn.Parameter(torch.randn(pictures, _WIDE))

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        """Return the logits ``(N, pictures)`` of ``(N, width)`` features."""
        told = functional.normalize(self.turned(self.before(features)))
        return _SHARP * told @ functional.normalize(self.directions).T


def pretrain(
    network: Network,
    album: Album,
    numbers: Sequence[int],
    epochs: int,
    change: Change,
    seed: int,
    device: torch.device,
    *,
    kept: dict[str, Any] | None = None,
    keep: Callable[[dict[str, Any]], None] = lambda _: None,
    progress: Callable[[int, float], None] = lambda *_: None,
    stop: Callable[[], bool] = lambda: False,
) -> None:
    """Teach a network's trunk to see, without labels; its head stays as it is.

    Cao and Wu, "Training vision transformers with only 2040 images" (ECCV 2022): on little data it works best
    to make each picture a class of its own (as Dosovitskiy et al., "Discriminative unsupervised feature
    learning with convolutional neural networks", NIPS 2014, did), for that needs neither large batches nor
    pictures by the million.

    Args:
        network: Is changed.
        album: The pictures.
        numbers: Of those that are learned from.
        epochs: Times that each is seen.
        change: How they are changed.
        seed: Of everything that is left to chance.
        device: Where to compute.
        kept: State to go on from.
        keep: Called with the state after each epoch.
        progress: Called after each epoch with its number, from 1, and its mean loss.
        stop: Asked after each epoch whether to end.
    """
    torch.manual_seed(seed)
    places = torch.zeros(len(album), dtype=torch.int64)
    places[list(numbers)] = torch.arange(len(numbers))
    head = Instances(network.width, len(numbers)).to(device)
    network.to(device).to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    parts = [*network.trunk.parameters(), *head.parameters()]
    optimiser = torch.optim.AdamW(parts, lr=_RATE, weight_decay=_DECAY)
    steps = batches(len(numbers), _SIZE) * epochs
    rates = torch.optim.lr_scheduler.LambdaLR(optimiser, lambda step: rate_at(step, _WARM, steps))
    first = 0
    if kept is not None:
        network.load_state_dict(kept["network"])
        head.load_state_dict(kept["head"])
        optimiser.load_state_dict(kept["optimiser"])
        rates.load_state_dict(kept["rates"])
        first = kept["epoch"]
    for epoch in range(first, epochs):
        torch.manual_seed(int(np.random.default_rng((seed, 3, epoch)).integers(2**31)))
        network.train()
        total = 0.0
        for some, pictures in changing(album, numbers, change, (seed, 3, epoch), _SIZE):
            told = head(network.features(pictures.to(device)))
            target = places[some].to(device)
            loss = functional.cross_entropy(told, target, label_smoothing=_SMOOTHING)
            optimiser.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            optimiser.step()
            rates.step()
            total += loss.item() * len(some)
        keep(
            {
                "network": state_of(network),
                "head": state_of(head),
                "optimiser": optimiser.state_dict(),
                "rates": rates.state_dict(),
                "epoch": epoch + 1,
            }
        )
        progress(epoch + 1, total / len(numbers))
        if stop():
            break
    network.eval()
