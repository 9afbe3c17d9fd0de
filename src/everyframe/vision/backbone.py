"""The convolutional network that sees one step of one stream."""

from __future__ import annotations

import torch
from torch import nn

WIDTHS = (16, 32, 48)
"""Channels after each of the three convolutions."""


class Backbone(nn.Module):
    """A small convolutional network: pictures to embeddings.

    Three convolutions with batch normalisation, each halving the picture; what is left of the grid is kept,
    for where something moves says as much as how. It is small, for there are tens of examples, not millions.

    Args:
        channels: Of the pictures.
        side: Pixels; a multiple of 8.
        width: Of the embedding.
        dropout: Share of channels of the last grid that training leaves out.
    """

    def __init__(self, channels: int, side: int, width: int = 64, dropout: float = 0.2) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        for number, wide in enumerate(WIDTHS):
            before = WIDTHS[number - 1] if number else channels
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

    def forward(self, pictures: torch.Tensor) -> torch.Tensor:
        """Return ``(N, width)`` of ``(N, channels, side, side)`` pictures."""
        found: torch.Tensor = self.out(self.grid(pictures))
        return found
