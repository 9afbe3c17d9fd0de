"""The recurrent network over time: from the embeddings of steps to that of the whole."""

from __future__ import annotations

import torch
from torch import nn


class Recurrent(nn.Module):
    """Steps in both directions through a recurrent cell, then their mean and greatest over time.

    Args:
        width: Of a step's embedding.
        hidden: Of the cell's state, each way.
        cell: What remembers: ``gru``, ``lstm``, or ``none``, which forgets the order of steps.
        dropout: Share of embeddings that training leaves out.
    """

    def __init__(self, width: int, hidden: int = 48, cell: str = "gru", dropout: float = 0.3) -> None:
        super().__init__()
        self.drop = nn.Dropout(dropout)
        self.cell: nn.GRU | nn.LSTM | None = None
        if cell != "none":
            kind = nn.GRU if cell == "gru" else nn.LSTM
            self.cell = kind(width, hidden, batch_first=True, bidirectional=True)
            width = 2 * hidden
        self.width = 2 * width

    def forward(self, steps: torch.Tensor, there: torch.Tensor) -> torch.Tensor:
        """Return ``(N, width)`` of ``(N, T, width)`` embeddings; ``there`` is ``(N, T)``, 0 where padded."""
        mask = there[:, :, None]
        found = self.drop(steps) * mask
        if self.cell is not None:
            found, _ = self.cell(found)
        mean = (found * mask).sum(1) / mask.sum(1)
        greatest = (found - (1.0 - mask) * 1e4).amax(1)
        return torch.cat([mean, greatest], dim=1)
