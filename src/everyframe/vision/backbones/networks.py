"""A published network without its classes: a picture in, the mean of what its last layers see out."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import nn

from everyframe.vision.backbones.eyes import SIDE
from everyframe.vision.backbones.loading import Normal, timm_model, torchvision_trunk
from everyframe.vision.backbones.names import TIMM


class Features(nn.Module):
    """Pictures to features.

    Args:
        trunk: Takes normalised pictures, ``(N, 3, side, side)``; gives maps ``(N, width, h, w)``, whose mean
            is taken, or ``(N, width)``.
        mean: Of the pictures that it was trained on, ``(3,)``, where 1 is white.
        spread: Their standard deviation.
    """

    mean: torch.Tensor
    spread: torch.Tensor

    def __init__(self, trunk: nn.Module, mean: Any, spread: Any) -> None:
        super().__init__()
        self.trunk = trunk
        self.register_buffer("mean", torch.tensor(tuple(mean), dtype=torch.float32).view(1, 3, 1, 1))
        self.register_buffer("spread", torch.tensor(tuple(spread), dtype=torch.float32).view(1, 3, 1, 1))

    def forward(self, pictures: torch.Tensor) -> torch.Tensor:
        """Return ``(N, width)`` of ``(N, 3, side, side)`` pictures from 0 to 1."""
        found: torch.Tensor = self.trunk((pictures - self.mean) / self.spread)
        return found.mean(dim=(2, 3)) if found.ndim == 4 else found


@dataclass(frozen=True, slots=True)
class Made:
    """A network that is ready.

    Attributes:
        network: With its weights.
        side: Pixels of the square pictures that it takes.
    """

    network: Features
    side: int


def make(name: str, weights: Path) -> Made:
    """Return a published network with weights from a file.

    Raises:
        SettingError: There is no such network.
        WeightsError: The file is damaged, or of another network.
    """
    side = SIDE
    if name.startswith(TIMM):
        trunk = timm_model(name, weights)
        told = trunk.pretrained_cfg
        normal = Normal(told["mean"], told["std"])
        side = int(told["input_size"][-1]) if told.get("fixed_input_size") else SIDE
    else:
        trunk, normal = torchvision_trunk(name, weights)
    return Made(Features(trunk, *normal).eval().requires_grad_(False), side)
