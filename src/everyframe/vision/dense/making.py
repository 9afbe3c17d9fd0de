"""From a design to a network, and from pictures as they are to what it takes."""

from __future__ import annotations

from pathlib import Path

import torch
from torch import nn
from torch.nn import functional

from everyframe.vision.dense.design import Design
from everyframe.vision.dense.fcn import FCN
from everyframe.vision.dense.trunks import trunk


class Segmenting(nn.Module):
    """A network that takes pictures as they are.

    Args:
        design: What it is made of.
        classes: How many it tells apart.
        weights: Of the backbone; none begins from chance.

    Raises:
        SettingError: There is no such backbone, or it does not go with the design.
        WeightsError: The weights are damaged, or of another network.
    """

    mean: torch.Tensor
    spread: torch.Tensor

    def __init__(self, design: Design, classes: int, weights: Path | None = None) -> None:
        super().__init__()
        seeing = trunk(design.backbone, design.output_stride, weights)
        self.network = FCN(
            seeing,
            classes,
            finest=design.finest,
            upsample=design.upsample,
            skips=design.skips,
            width=design.width,
        )
        self.register_buffer("mean", torch.tensor(seeing.mean).view(1, 3, 1, 1), persistent=False)
        self.register_buffer("spread", torch.tensor(seeing.spread).view(1, 3, 1, 1), persistent=False)

    def forward(self, pictures: torch.Tensor) -> torch.Tensor:
        """Return scores ``(N, classes, H, W)`` of ``(N, H, W, 3)`` uint8 RGB pictures of any size."""
        height, width = pictures.shape[1], pictures.shape[2]
        multiple = self.network.multiple
        seen = self.normal(pictures)
        # What is added below and on the right is of the mean colour, and taken away again.
        seen = functional.pad(seen, (0, (-width) % multiple, 0, (-height) % multiple))
        scores: torch.Tensor = self.network(seen)
        return scores[:, :, :height, :width]

    def normal(self, pictures: torch.Tensor, colours: torch.Tensor | None = None) -> torch.Tensor:
        """Return normalised pictures ``(N, 3, H, W)``, their colours changed before where that is asked for.

        Args:
            pictures: ``(N, H, W, 3)`` uint8 RGB.
            colours: ``(N, 3, 4)``, see ``changing.colours``.
        """
        seen = pictures.permute(0, 3, 1, 2).float()
        if colours is not None:
            count, _, height, width = seen.shape
            flat = torch.baddbmm(colours[:, :, 3:], colours[:, :, :3], seen.reshape(count, 3, -1))
            seen = flat.clamp_(0.0, 255.0).view(count, 3, height, width)
        return (seen - self.mean) / self.spread
