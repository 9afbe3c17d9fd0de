"""Averages of a network's weights over its training, which tell better than the last ones."""

from __future__ import annotations

import torch
from torch import nn


@torch.no_grad()
def take_average(average: nn.Module, network: nn.Module, keep: float) -> None:
    """Let a network's weights count in an average.

    Args:
        average: A copy of the network, which is changed.
        network: As it is now.
        keep: Share of the average that stays, 0 to 1.
    """
    pairs = list(zip(average.state_dict().values(), network.state_dict().values(), strict=True))
    floats = [pair for pair in pairs if pair[0].dtype.is_floating_point]
    torch._foreach_lerp_([mean for mean, _ in floats], [now for _, now in floats], 1.0 - keep)
    for mean, now in pairs:
        if not mean.dtype.is_floating_point:
            mean.copy_(now)
