"""The convolutional network that sees one step of one stream."""

from __future__ import annotations

import torch
from torch import nn

WIDTHS = (32, 48)
"""Channels after each convolution."""


class Backbone(nn.Module):
    """A small convolutional network: what the fixed first layer saw of a step, to an embedding.

    Two convolutions with batch normalisation, each halving the grid; what is left of it is kept, for where
    something moves says as much as how. It is small, for there are tens of examples, not millions.

    Args:
        channels: Of the maps (see ``vision.front``).
        side: Cells of the maps; a multiple of 4.
        width: Of the embedding.
        dropout: Share of what is left of the grid that training leaves out.
    """

    def __init__(self, channels: int, side: int, width: int = 64, dropout: float = 0.3) -> None:
        super().__init__()
        layers: list[nn.Module] = [nn.BatchNorm2d(channels)]
        for before, wide in zip((channels, *WIDTHS), WIDTHS, strict=False):
            layers += [
                nn.Conv2d(before, wide, 3, stride=2, padding=1, bias=False),
                nn.BatchNorm2d(wide),
                nn.ReLU(),
            ]
        grid = side // 2 ** len(WIDTHS)
        self.grid = nn.Sequential(*layers)
        self.out = nn.Sequential(
            nn.Flatten(),
            nn.Dropout(dropout),
            nn.Linear(WIDTHS[-1] * grid * grid, width, bias=False),
            nn.BatchNorm1d(width),
            nn.ReLU(),
        )

    def forward(self, maps: torch.Tensor) -> torch.Tensor:
        """Return ``(N, width)`` of ``(N, channels, side, side)`` maps."""
        found: torch.Tensor = self.out(self.grid(maps))
        return found
