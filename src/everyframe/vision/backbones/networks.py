"""A published network without its classes: a picture in, the mean of what its last layers see out."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import nn
from torch.nn import functional

from everyframe.vision.backbones import operators
from everyframe.vision.backbones.eyes import SIDE
from everyframe.vision.backbones.names import TIMM, check
from everyframe.vision.backbones.states import State, put, read_state

_MEAN, _SPREAD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)  # of ImageNet's pictures
_HEADS = ("fc.", "classifier.", "aux1.", "aux2.", "AuxLogits.")
_PORTED = (
    "googlenet",
    "inception_v3",
)  # published weights of these expect pictures as another library had them


class Features(nn.Module):
    """Pictures to features.

    Args:
        trunk: Takes normalised pictures, ``(N, 3, side, side)``; gives maps ``(N, width, h, w)``, whose mean
            is taken, or ``(N, width)``.
        mean: Of the pictures that it was trained on, ``(3,)``, where 1 is white.
        spread: Their standard deviation.
        rectified: Whether what is negative in its maps counts as nothing.
    """

    mean: torch.Tensor
    spread: torch.Tensor

    def __init__(self, trunk: nn.Module, mean: Any, spread: Any, rectified: bool = False) -> None:
        super().__init__()
        self.trunk = trunk
        self.rectified = rectified
        self.register_buffer("mean", torch.tensor(tuple(mean), dtype=torch.float32).view(1, 3, 1, 1))
        self.register_buffer("spread", torch.tensor(tuple(spread), dtype=torch.float32).view(1, 3, 1, 1))

    def forward(self, pictures: torch.Tensor) -> torch.Tensor:
        """Return ``(N, width)`` of ``(N, 3, side, side)`` pictures from 0 to 1."""
        found: torch.Tensor = self.trunk((pictures - self.mean) / self.spread)
        if self.rectified:
            found = functional.relu(found)
        return found.mean(dim=(2, 3)) if found.ndim == 4 else found


@dataclass(frozen=True, slots=True)
class Made:
    """A network that is ready.

    Attributes:
        network: With its weights.
        side: Pixels of the square pictures that it takes.
    """

    network: Features
    side: int


def make(name: str, weights: Path) -> Made:
    """Return a published network with weights from a file.

    Raises:
        SettingError: There is no such network.
        WeightsError: The file is damaged, or of another network.
    """
    check(name)
    state = read_state(weights)
    build = _of_timm if name.startswith(TIMM) else _of_torchvision
    made = build(name, state, weights)
    made.network.eval().requires_grad_(False)
    return made


def _of_torchvision(name: str, state: State, path: Path) -> Made:
    # Their first weights would be drawn at random, at length, only to be replaced.
    options = {"init_weights": False, "transform_input": True} if name in _PORTED else {}
    model = operators.torchvision().models.get_model(name, weights=None, **options)
    heads = [part for part, _ in model.named_children() if f"{part}." in _HEADS]
    trunk: nn.Module = model
    if "fc" in heads:
        model.fc = nn.Identity()
        for part in set(heads) - {"fc"}:
            setattr(model, part, None)
        if "aux1" in heads or "AuxLogits" in heads:
            model.aux_logits = False
    else:
        for part, _ in list(model.named_children()):
            if part not in ("features", "layers"):
                delattr(model, part)
        trunk = next(iter(model.children()))
    put(model, state, _HEADS, name, path)
    return Made(Features(trunk, _MEAN, _SPREAD, rectified=name.startswith("densenet")), SIDE)


def _of_timm(name: str, state: State, path: Path) -> Made:
    timm = operators.timm()
    model = timm.create_model(name.removeprefix(TIMM), pretrained=False, num_classes=0, exportable=True)
    told = model.pretrained_cfg
    change = getattr(sys.modules[type(model).__module__], "checkpoint_filter_fn", None)
    if change is not None and not set(model.state_dict()) <= set(state):
        state = change(state, model)  # from how its authors named them to how timm does
    heads = told.get("classifier") or ()
    heads = (heads,) if isinstance(heads, str) else tuple(heads)
    put(model, state, [f"{head}." for head in heads], name, path)
    side = int(told["input_size"][-1]) if told.get("fixed_input_size") else SIDE
    return Made(Features(model, told["mean"], told["std"]), side)
