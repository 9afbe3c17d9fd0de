"""From a trained network to one ONNX file, which says of itself what it knows and how well."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import torch
from torch import nn

from everyframe.errors import WeightsError
from everyframe.vision.classify.model import ABOUT
from everyframe.vision.classify.networks import Network
from everyframe.vision.exporting import exported
from everyframe.vision.runtime import Runtime

OUTPUTS = ("confidences", "logits", "maps", "responses", "filters", "lines")

CLOSE = 1e-4
"""How far what the model says may be from what PyTorch says, in shares of the largest value or of 1."""


class _Whole(nn.Module):
    """Bytes in; confidences and what explains them out."""

    def __init__(self, network: Network, temperature: float) -> None:
        super().__init__()
        self.network, self.temperature = network, temperature
        self.responses: torch.Tensor | None = None
        network.first().register_forward_hook(self._note)

    def _note(self, part: nn.Module, told: Any, found: torch.Tensor) -> None:  # noqa: ARG002 - of a hook
        self.responses = found

    def forward(self, pictures: torch.Tensor) -> tuple[torch.Tensor, ...]:
        maps = self.network.maps(pictures.permute(0, 3, 1, 2))
        logits = self.network.head(maps.mean(dim=(2, 3)))
        assert self.responses is not None
        filters, lines = self.network.first().weight, self.network.head.weight
        return (
            (logits / self.temperature).softmax(dim=1),
            logits,
            maps,
            self.responses,
            filters.clone(),
            lines.clone(),
        )


def to_onnx(network: Network, temperature: float, about: dict[str, Any]) -> bytes:
    """Return the ONNX model of a network, held against PyTorch before it is trusted.

    Its input ``pictures`` is ``(N, H, W, 3)`` bytes of red, green and blue. Its outputs: ``confidences`` and
    ``logits`` ``(N, classes)``; ``maps``, the last ones; ``responses``, those of the first layer;
    ``filters``, the weights of the first layer; ``lines``, those of the head, ``(classes, width)``.

    Args:
        network: On any device; a copy of it is left on the processor.
        temperature: What logits are divided by before they are confidences.
        about: What the model says of itself; has ``classes`` and ``side``.

    Raises:
        WeightsError: It cannot be exported, or says something else than PyTorch does.
    """
    whole = _Whole(network.cpu().eval(), temperature).eval()
    side = int(about["side"])
    chance = np.random.default_rng(0)
    pictures = chance.integers(0, 256, (2, side, side, 3)).astype(np.uint8)
    try:
        with torch.inference_mode():
            expected = [one.numpy() for one in whole(torch.from_numpy(pictures))]
        free = {0: "pictures"} if network.side is not None else {0: "pictures", 1: "height", 2: "width"}
        model = exported(
            whole,
            (torch.zeros(2, side, side, 3, dtype=torch.uint8),),
            ["pictures"],
            OUTPUTS,
            {"pictures": free, **{name: {0: "pictures"} for name in OUTPUTS[:4]}},
            {ABOUT: json.dumps(about, ensure_ascii=False, sort_keys=True)},
        )
        said = Runtime(model).run({"pictures": pictures}, OUTPUTS)
    except Exception as error:  # exporters raise their own kinds
        why = (str(error).splitlines() or [type(error).__name__])[0]
        raise WeightsError(
            f"{about['backbone']} cannot be made an ONNX model ({why}): choose another backbone"
        ) from error
    for name, one, other in zip(OUTPUTS, said, expected, strict=True):
        apart = float(np.abs(one - other).max())
        if not apart <= CLOSE * max(1.0, float(np.abs(other).max())):  # also where they are no numbers
            raise WeightsError(
                f"{about['backbone']} does not run right as an ONNX model: its {name} differ by {apart:g}"
                " from PyTorch's; choose another backbone"
            )
    return model
