"""Two streams, what remembers, and classes as directions: the network that tells what happens."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import nn
from torch.nn import functional

from everyframe.vision.backbone import Backbone
from everyframe.vision.design import Design
from everyframe.vision.recurrent import Recurrent

WIDTH = 64
"""Of a step's embedding."""


class Network(nn.Module):
    """Tells what happens in steps, seen as frames, as optical flow, or as both.

    Simonyan and Zisserman, "Two-stream convolutional networks for action recognition in videos" (NIPS 2014),
    with a recurrent network over time as in Donahue et al., "Long-term recurrent convolutional networks for
    visual recognition and description" (CVPR 2015). Classes are directions of the embedding
    (Qi, Brown and Lowe, "Low-shot learning with imprinted weights", CVPR 2018), so that one can be added
    without touching the others.

    Args:
        design: What it is made of.
        classes: How many it tells apart.
    """

    def __init__(self, design: Design, classes: int) -> None:
        super().__init__()
        self.design = design
        self.backbones = nn.ModuleDict(
            {name: Backbone(design.channels(name), design.side) for name in design.streams}
        )
        width = WIDTH
        heads = dict.fromkeys(design.streams, width)
        if design.fusion == "early" and len(design.streams) > 1:
            heads = {"both": width * len(design.streams)}
        recurrent = {name: Recurrent(wide, design.hidden, design.recurrent) for name, wide in heads.items()}
        self.heads = nn.ModuleDict(recurrent)
        self.drop = nn.Dropout(0.3)
        self.directions = nn.ParameterDict(
            {name: nn.Parameter(torch.randn(classes, head.width)) for name, head in recurrent.items()}
        )
        self.scale = nn.Parameter(torch.tensor(8.0))

    def embed(self, streams: Mapping[str, torch.Tensor], there: torch.Tensor) -> dict[str, torch.Tensor]:
        """Return the embeddings ``(N, width)`` of length 1 of each head.

        Args:
            streams: ``(N, T, channels, side, side)`` maps of each, see ``vision.front``.
            there: ``(N, T)``, 0 where a clip is padded.
        """
        steps = {name: self._steps(name, streams[name], there) for name in self.design.streams}
        if "both" in self.heads:
            steps = {"both": torch.cat(list(steps.values()), dim=2)}
        return {name: functional.normalize(self.heads[name](told, there)) for name, told in steps.items()}

    def forward(self, streams: Mapping[str, torch.Tensor], there: torch.Tensor) -> dict[str, torch.Tensor]:
        """Return the logits ``(N, classes)`` of each head."""
        return {
            name: self.scale * self.drop(found) @ functional.normalize(self.directions[name]).T
            for name, found in self.embed(streams, there).items()
        }

    def _steps(self, name: str, pictures: torch.Tensor, there: torch.Tensor) -> torch.Tensor:
        count, time = pictures.shape[:2]
        flat = pictures.flatten(0, 1)
        if not self.training:
            seen: torch.Tensor = self.backbones[name](flat).view(count, time, -1)
            return seen * there[:, :, None]
        # Padding must not count in the statistics of batch normalisation.
        kept = there.flatten() > 0
        found: torch.Tensor = self.backbones[name](flat[kept])
        whole = found.new_zeros(count * time, found.shape[1])
        return whole.masked_scatter(kept[:, None], found).view(count, time, -1)
