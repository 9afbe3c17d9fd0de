"""Fully convolutional networks: scores of classes at several strides, fused from coarse to fine."""

from __future__ import annotations

from itertools import pairwise

import torch
from torch import nn

from everyframe.vision.dense.trunks import Trunk
from everyframe.vision.dense.upsampling import fitted, upsampling

_COARSEST = 32  # stride of backbones as they are


class FCN(nn.Module):
    """A class for every pixel.

    Long, Shelhamer and Darrell, "Fully convolutional networks for semantic segmentation" (CVPR 2015): what a
    classifier sees at each stride is scored by a 1x1 convolution; coarse scores are made finer and added to
    those of the next finer stride (the skips). With ``width`` not scores but features are fused, with a 3x3
    convolution after each sum, and scored at the end (Lin et al., "Feature pyramid networks", CVPR 2017).

    Args:
        trunk: What sees.
        classes: How many are told apart.
        finest: Stride at which the last scores are made, before one step up to all pixels.
        upsample: How maps are made finer, see ``upsampling``.
        skips: Whether what finer strides see is fused.
        width: Of fused features; 0 fuses scores.
        dropout: Share of the coarsest features that training leaves out.

    Attributes:
        multiple: Of which pictures' sizes must be multiples, so that every grid covers them evenly.
    """

    def __init__(
        self,
        trunk: Trunk,
        classes: int,
        *,
        finest: int = 8,
        upsample: str = "bilinear",
        skips: bool = True,
        width: int = 0,
        dropout: float = 0.1,
    ) -> None:
        super().__init__()
        self.trunk = trunk
        self.multiple = max(_COARSEST, trunk.strides[-1])
        last = len(trunk.strides) - 1
        self.levels = [n for n in range(last, -1, -1) if trunk.strides[n] >= finest] if skips else [last]
        strides = [trunk.strides[level] for level in self.levels]
        fused = width or classes
        self.drop = nn.Dropout2d(dropout)
        self.lateral = nn.ModuleList(
            _lateral(trunk.widths[level], fused, bool(width)) for level in self.levels
        )
        self.up = nn.ModuleList(
            upsampling(upsample, fused, coarse // finer) for coarse, finer in pairwise(strides)
        )
        self.mix = nn.ModuleList(_mix(width) if width else nn.Identity() for _ in strides)
        self.score = nn.Conv2d(width, classes, 1) if width else nn.Identity()
        self.last = upsampling(upsample, classes, strides[-1])
        # Coarser scores are trained, too: what sees far would otherwise learn through many steps only.
        self.beside = nn.ModuleList(nn.Conv2d(trunk.widths[level], classes, 1) for level in self.levels[:-1])

    def forward(self, pictures: torch.Tensor) -> torch.Tensor:
        """Return scores ``(N, classes, H, W)``.

        Args:
            pictures: ``(N, 3, H, W)``, normalised; sizes are multiples of ``multiple``.
        """
        return self._scores(pictures, self.trunk(pictures))

    def all_scores(self, pictures: torch.Tensor) -> list[torch.Tensor]:
        """Return the scores, then those of coarser strides as they are, ``(N, classes, h, w)``."""
        seen = self.trunk(pictures)
        beside = [
            layer(self.drop(seen[level])) for layer, level in zip(self.beside, self.levels[:-1], strict=True)
        ]
        return [self._scores(pictures, seen), *beside]

    def _scores(self, pictures: torch.Tensor, seen: list[torch.Tensor]) -> torch.Tensor:
        found = self.mix[0](self.lateral[0](self.drop(seen[self.levels[0]])))
        for up, level, lateral, mix in zip(
            self.up, self.levels[1:], list(self.lateral)[1:], list(self.mix)[1:], strict=True
        ):
            finer = lateral(seen[level])
            found = mix(fitted(up(found), finer) + finer)
        return fitted(self.last(self.score(found)), pictures)


def _lateral(channels: int, fused: int, normalised: bool) -> nn.Module:
    if not normalised:
        return nn.Conv2d(channels, fused, 1)
    return nn.Sequential(nn.Conv2d(channels, fused, 1, bias=False), nn.BatchNorm2d(fused))


def _mix(width: int) -> nn.Module:
    return nn.Sequential(
        nn.ReLU(),
        nn.Conv2d(width, width, 3, padding=1, bias=False),
        nn.BatchNorm2d(width),
        nn.ReLU(),
    )
