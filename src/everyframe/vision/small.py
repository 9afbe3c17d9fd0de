"""A small residual network of our own, for machines without a GPU and for data that is little."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import nn
from torch.nn import functional

STRIDES = (4, 8, 16, 32)
"""Pixels of the picture to a cell of each of the maps."""

WIDTHS = (32, 64, 128, 192)
DEPTHS = (2, 2, 2, 2)


class Small(nn.Module):
    """Pictures to maps at strides 4, 8, 16 and 32.

    He et al., "Deep residual learning for image recognition" (CVPR 2016), with 3x3 convolutions only, batch
    normalisation and ReLU, and a light beginning; 1.9 million weights as it is. The last normalisation of
    each block begins at nothing, so that the network begins shallow (Goyal et al., "Accurate, large minibatch
    SGD", 2017).

    Args:
        widths: Channels of the maps at each stride.
        depths: Blocks of two convolutions that lead to each.
        channels: Of the pictures.

    Attributes:
        widths: Channels of the maps at each stride.
    """

    def __init__(
        self, widths: Sequence[int] = WIDTHS, depths: Sequence[int] = DEPTHS, channels: int = 3
    ) -> None:
        super().__init__()
        if len(widths) != len(STRIDES) or len(depths) != len(STRIDES) or min(*widths, *depths) < 1:
            raise ValueError(f"{len(STRIDES)} widths and as many depths, none below 1")
        self.widths = tuple(widths)
        first = max(8, widths[0] // 2)
        self.stem = nn.Sequential(
            nn.Conv2d(channels, first, 3, stride=2, padding=1, bias=False), nn.BatchNorm2d(first), nn.ReLU()
        )
        stages = []
        for before, width, depth in zip((first, *widths), widths, depths, strict=False):
            blocks = [Block(before, width, stride=2), *(Block(width, width) for _ in range(depth - 1))]
            stages.append(nn.Sequential(*blocks))
        self.stages = nn.ModuleList(stages)
        for part in self.modules():
            if isinstance(part, nn.Conv2d):
                nn.init.kaiming_normal_(part.weight, mode="fan_out", nonlinearity="relu")
            elif isinstance(part, Block):
                nn.init.zeros_(part.second[1].weight)  # type: ignore[arg-type]  # of its normalisation

    def forward(self, pictures: torch.Tensor) -> list[torch.Tensor]:
        """Return the maps ``(N, widths[i], ceil(H / s), ceil(W / s))`` at each stride ``s``.

        Args:
            pictures: ``(N, channels, H, W)``, about 0 with a spread of about 1.
        """
        seen: torch.Tensor = self.stem(pictures)
        maps = []
        for stage in self.stages:
            seen = stage(seen)
            maps.append(seen)
        return maps


class Block(nn.Module):
    """Two 3x3 convolutions, beside what goes past them.

    Args:
        before: Channels that come in.
        width: Channels that go out.
        stride: Of the first convolution, and of what goes past.
    """

    def __init__(self, before: int, width: int, stride: int = 1) -> None:
        super().__init__()
        self.first = nn.Sequential(
            nn.Conv2d(before, width, 3, stride=stride, padding=1, bias=False),
            nn.BatchNorm2d(width),
            nn.ReLU(),
        )
        self.second = nn.Sequential(nn.Conv2d(width, width, 3, padding=1, bias=False), nn.BatchNorm2d(width))
        self.past: nn.Module = nn.Identity()
        if stride != 1 or before != width:
            self.past = nn.Sequential(
                nn.Conv2d(before, width, 1, stride=stride, bias=False), nn.BatchNorm2d(width)
            )

    def forward(self, seen: torch.Tensor) -> torch.Tensor:
        """Return ``(N, width, ceil(h / stride), ceil(w / stride))`` of ``(N, before, h, w)``."""
        return functional.relu(self.second(self.first(seen)) + self.past(seen))
