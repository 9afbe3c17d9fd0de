"""Any backbone as a classifier: maps of the picture, their mean, and a line for each class."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from torch import nn

from everyframe.errors import SettingError
from everyframe.vision.backbones.loading import (
    IMAGENET,
    check_maps,
    is_small,
    small,
    timm_model,
    torchvision_trunk,
)
from everyframe.vision.backbones.names import TIMM
from everyframe.vision.small import Small

_DROP = 0.2


class Network(nn.Module):
    """Tells which class a picture shows, as a line over the mean of the last maps.

    Zhou et al., "Learning deep features for discriminative localization" (CVPR 2016): such a line tells also
    where in the picture the class is seen.

    Args:
        trunk: Takes normalised pictures; gives maps ``(N, width, h, w)``.
        width: Of the maps.
        classes: How many are told apart.
        mean: Of the pictures that the trunk was trained on, where 1 is white; ``(3,)``.
        spread: Their standard deviation.
        side: Pixels of the squares, where the trunk takes one size only.
    """

    mean: torch.Tensor
    spread: torch.Tensor

    def __init__(
        self,
        trunk: nn.Module,
        width: int,
        classes: int,
        mean: Any = IMAGENET.mean,
        spread: Any = IMAGENET.spread,
        side: int | None = None,
    ) -> None:
        super().__init__()
        self.trunk, self.width, self.side = trunk, width, side
        self.register_buffer("mean", torch.tensor(tuple(mean), dtype=torch.float32).view(1, 3, 1, 1))
        self.register_buffer("spread", torch.tensor(tuple(spread), dtype=torch.float32).view(1, 3, 1, 1))
        self.drop = nn.Dropout(_DROP)
        self.head = nn.Linear(width, classes)
        nn.init.zeros_(self.head.weight)
        nn.init.zeros_(self.head.bias)

    def maps(self, pictures: torch.Tensor) -> torch.Tensor:
        """Return the last maps ``(N, width, h, w)`` of ``(N, 3, H, W)`` pictures from 0 to 255."""
        found: torch.Tensor = self.trunk((pictures.float() / 255.0 - self.mean) / self.spread)
        return found

    def features(self, pictures: torch.Tensor) -> torch.Tensor:
        """Return their means ``(N, width)``."""
        return self.maps(pictures).mean(dim=(2, 3))

    def forward(self, pictures: torch.Tensor) -> torch.Tensor:
        """Return the logits ``(N, classes)``."""
        told: torch.Tensor = self.head(self.drop(self.features(pictures)))
        return told

    def first(self) -> nn.Conv2d:
        """Return the convolution that sees the picture itself.

        Raises:
            SettingError: There is none.
        """
        for part in self.trunk.modules():
            if isinstance(part, nn.Conv2d) and part.in_channels == 3:
                return part
        raise SettingError("this backbone begins with no convolution: choose such as resnet18")


class _Last(nn.Module):
    def __init__(self, network: Small) -> None:
        super().__init__()
        self.network = network

    def forward(self, pictures: torch.Tensor) -> torch.Tensor:
        last: torch.Tensor = self.network(pictures)[-1]
        return last


class _Timm(nn.Module):
    """One of timm's networks as maps, whatever it gives: channels first or last, or a row of tokens."""

    def __init__(self, model: Any) -> None:
        super().__init__()
        self.model = model
        self.before = int(getattr(model, "num_prefix_tokens", 0))
        self.last = str(getattr(model, "output_fmt", "")).endswith("NHWC")

    def forward(self, pictures: torch.Tensor) -> torch.Tensor:
        found: torch.Tensor = self.model(pictures)
        if found.ndim == 3:
            found = found[:, self.before :].transpose(1, 2)
            side = round(found.shape[2] ** 0.5)
            return found.reshape(found.shape[0], found.shape[1], side, -1)
        if found.ndim == 2:
            return found[:, :, None, None]
        return found.permute(0, 3, 1, 2) if self.last else found


def make(name: str, classes: int, weights: Path | None = None) -> Network:
    """Return a backbone with a head that knows nothing yet.

    Args:
        name: ``small``, ``small/32,64,128,192/2,2,2,2`` (its widths and depths), one of torchvision's
            networks, or ``timm/<model>``.
        classes: How many are told apart.
        weights: A state dict or safetensors, of ``small`` also an ONNX model that has it inside, such as one
            that segments; without them it begins with chance.

    Raises:
        SettingError: There is no such backbone.
        WeightsError: The weights are damaged, or of another network.
    """
    if is_small(name):
        network = small(name, weights)
        return Network(_Last(network), network.widths[-1], classes)
    if not name.startswith(TIMM):
        trunk, normal = torchvision_trunk(name, weights)
        return _measured(trunk, classes, *normal, name=name, probe=224)
    model = timm_model(name, weights, global_pool="")
    told = model.pretrained_cfg
    size = int(told["input_size"][-1])
    side = size if told.get("fixed_input_size") else None
    return _measured(_Timm(model), classes, told["mean"], told["std"], name=name, probe=size, side=side)


def _measured(
    trunk: nn.Module,
    classes: int,
    mean: Any,
    spread: Any,
    *,
    name: str,
    probe: int,
    side: int | None = None,
) -> Network:
    with torch.inference_mode():
        seen = trunk.eval()(torch.zeros(1, 3, probe, probe))
    check_maps(seen, name)
    return Network(trunk, int(seen.shape[1]), classes, mean, spread, side)
