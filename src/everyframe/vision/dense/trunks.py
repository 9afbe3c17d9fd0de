"""What sees: any backbone as maps at strides of 4, 8, 16 and 32 pixels."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from torch import nn

from everyframe.errors import SettingError
from everyframe.vision.backbones import operators
from everyframe.vision.backbones.loading import (
    IMAGENET,
    Normal,
    check_maps,
    is_small,
    small,
    steps_of,
    timm_model,
    torchvision_trunk,
)
from everyframe.vision.backbones.names import TIMM
from everyframe.vision.dense.dilating import dilate
from everyframe.vision.small import STRIDES

_FINEST = 4
_PROBE = 256  # pixels of the picture with which strides are found out


class Trunk(nn.Module):
    """A backbone in stages, each a stride.

    Args:
        stages: Of the network, from fine to coarse; or one that gives the maps of all strides at once.
        widths: Channels of each stage's maps.
        strides: Pixels to a cell of each.
        normal: How pictures were normalised that it was trained on.

    Attributes:
        mean: Of the pictures, where 255 is white; ``(3,)``.
        spread: Their standard deviation.
    """

    def __init__(
        self,
        stages: Sequence[nn.Module] | nn.Module,
        widths: Sequence[int],
        strides: Sequence[int],
        normal: Normal = IMAGENET,
    ) -> None:
        super().__init__()
        self.at_once = isinstance(stages, nn.Module)
        self.stages = nn.ModuleList([stages] if isinstance(stages, nn.Module) else stages)
        self.widths, self.strides = tuple(widths), tuple(strides)
        self.mean = tuple(255.0 * value for value in normal.mean)
        self.spread = tuple(255.0 * value for value in normal.spread)

    def forward(self, pictures: torch.Tensor) -> list[torch.Tensor]:
        """Return the maps ``(N, widths[i], H / strides[i], W / strides[i])`` of normalised pictures."""
        if self.at_once:
            return list(self.stages[0](pictures))
        maps = []
        for stage in self.stages:
            pictures = stage(pictures)
            maps.append(pictures)
        return maps


def trunk(name: str, output_stride: int = 32, weights: Path | None = None) -> Trunk:
    """Return a backbone as a trunk.

    Args:
        name: ``small``, one of torchvision's such as ``resnet18``, or ``timm/<model>``.
        output_stride: Of the coarsest maps: 32, or 16 or 8, where convolutions are spread instead.
        weights: State dict or safetensors; none begins from chance.

    Raises:
        SettingError: There is no such backbone, or it cannot be had at that stride.
        WeightsError: The weights are damaged, or of another network.
    """
    if output_stride not in (8, 16, 32):
        raise SettingError(f"the output stride is {output_stride}; choose 32, 16 or 8")
    if is_small(name):
        return _small(name, output_stride, weights)
    if name.startswith(TIMM):
        return _of_timm(name, output_stride, weights)
    return _of_torchvision(name, output_stride, weights)


def _small(name: str, output_stride: int, weights: Path | None) -> Trunk:
    network = small(name, weights)
    strides = _thinned(network.stages, STRIDES, output_stride)
    return Trunk(network, network.widths, strides)


def _thinned(
    stages: Sequence[nn.Module] | nn.ModuleList, strides: Sequence[int], output_stride: int
) -> list[int]:
    """Take the strides beyond the one that is asked for out of stages; return what is left of them."""
    for stage, stride in zip(stages, strides, strict=True):
        if stride > output_stride:
            dilate(stage, stride // output_stride)
    return [min(stride, output_stride) for stride in strides]


def _of_torchvision(name: str, output_stride: int, weights: Path | None) -> Trunk:
    whole, normal = torchvision_trunk(name, weights)
    stages, strides, widths = _by_stride(steps_of(whole), name)
    strides = _thinned(stages, strides, output_stride)
    keep = [n for n, stride in enumerate(strides) if stride >= _FINEST]
    merged = [nn.Sequential(*stages[: keep[0] + 1]), *(stages[n] for n in keep[1:])]
    return Trunk(merged, [widths[n] for n in keep], [strides[n] for n in keep], normal)


def _by_stride(steps: list[nn.Module], name: str) -> tuple[list[nn.Module], list[int], list[int]]:
    """Return runs of steps that end where the next one makes the grid coarser, with strides and widths."""
    groups: list[list[nn.Module]] = []
    strides: list[int] = []
    widths: list[int] = []
    seen = torch.zeros(1, 3, _PROBE, _PROBE)
    with torch.inference_mode():
        for step in steps:
            was = step.training
            seen = step.eval()(seen)
            step.train(was)
            check_maps(seen, name)
            # Pools without padding lose a cell: the nearest power of two is meant.
            stride = 2 ** round(math.log2(_PROBE / seen.shape[2]))
            if groups and stride == strides[-1]:
                groups[-1].append(step)
                widths[-1] = seen.shape[1]
            else:
                groups.append([step])
                strides.append(stride)
                widths.append(seen.shape[1])
    if not strides or max(strides) < _FINEST:
        raise SettingError(f"{name} has no maps at strides from {_FINEST}: choose such as resnet18 or vgg16")
    return [nn.Sequential(*group) for group in groups], strides, widths


def _of_timm(name: str, output_stride: int, weights: Path | None) -> Trunk:
    whole = timm_model(name, weights)
    options: dict[str, Any] = {} if output_stride == 32 else {"output_stride": output_stride}
    if weights is not None:
        # They were held against the whole network: timm itself takes those of another without a word.
        options |= {"pretrained": True, "pretrained_cfg_overlay": {"state_dict": whole.state_dict()}}
    try:
        model = operators.timm().create_model(name.removeprefix(TIMM), features_only=True, **options)
    except Exception as error:  # timm raises whatever a network's code provokes
        why = " ".join(str(error).split())[:200]
        raise SettingError(
            f"{name} gives no maps at stride {output_stride} ({why}): choose another"
        ) from error
    told = model.feature_info
    strides, widths = list(told.reduction()), list(told.channels())
    keep = [n for n, stride in enumerate(strides) if stride >= _FINEST]
    normal = Normal(whole.pretrained_cfg["mean"], whole.pretrained_cfg["std"])
    return Trunk(_Kept(model, keep), [widths[n] for n in keep], [strides[n] for n in keep], normal)


class _Kept(nn.Module):
    def __init__(self, model: nn.Module, keep: list[int]) -> None:
        super().__init__()
        self.model, self.keep = model, keep

    def forward(self, pictures: torch.Tensor) -> list[torch.Tensor]:
        maps = self.model(pictures)
        return [maps[n] for n in self.keep]
