"""From a trained network to ONNX, which runs without PyTorch."""

from __future__ import annotations

import torch
from torch import nn

from everyframe.vision.exporting import exported
from everyframe.vision.network import Network


class _Embedding(nn.Module):
    def __init__(self, network: Network) -> None:
        super().__init__()
        self.network = network

    def forward(self, *streams: torch.Tensor) -> tuple[torch.Tensor, ...]:
        there = torch.ones_like(streams[0][:, :, 0, 0, 0])
        told = dict(zip(self.network.design.streams, streams, strict=True))
        return tuple(self.network.embed(told, there).values())


def to_onnx(network: Network) -> bytes:
    """Return the ONNX model that embeds one clip of any number of steps.

    Its inputs are the streams, ``(1, T, channels, side, side)``; its outputs the embeddings of each head,
    ``(1, width)`` of length 1.
    """
    design = network.design
    example = tuple(
        torch.zeros(1, 5, design.channels(name), design.side, design.side) for name in design.streams
    )
    free = {name: {1: "steps"} for name in design.streams}
    outputs = [f"{name} embedding" for name in network.heads]
    return exported(_Embedding(network).eval(), example, design.streams, outputs, free)
