"""A backbone by its name, with weights from a file or from chance: how all networks here begin."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any, NamedTuple

import torch
from torch import nn

from everyframe.errors import SettingError
from everyframe.vision.backbones import operators
from everyframe.vision.backbones.folded import ENDING, read_folded
from everyframe.vision.backbones.names import SMALL, TIMM, check
from everyframe.vision.backbones.ported import renamed
from everyframe.vision.backbones.states import State, put, read_state
from everyframe.vision.small import DEPTHS, STRIDES, WIDTHS, Small

HEADS = ("fc.", "classifier.", "aux1.", "aux2.", "AuxLogits.")
"""What the keys of weights begin with that only a network's own classes need."""

PORTED = ("googlenet", "inception_v3")
"""Networks whose published weights expect pictures as another library had them, from -1 to 1."""

_NO_MAPS = ("avgpool", "dropout", *(head.removesuffix(".") for head in HEADS))
_INSIDE = ("features", "layers")  # names under which some networks have all that sees


class Normal(NamedTuple):
    """How pictures were normalised that a network was trained on, where 1 is white.

    Attributes:
        mean: Of red, green and blue.
        spread: Their standard deviation.
    """

    mean: tuple[float, ...]
    spread: tuple[float, ...]


IMAGENET = Normal((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))
_HALF = Normal((0.5, 0.5, 0.5), (0.5, 0.5, 0.5))


def is_small(name: str) -> bool:
    """Return whether a backbone is ours."""
    return name.split("/")[0] == SMALL


def check_name(name: str) -> None:
    """Make sure that there is a backbone of that name.

    Raises:
        SettingError: There is none.
    """
    if is_small(name):
        small(name)
    else:
        check(name)


def small(name: str, weights: Path | None = None) -> Small:
    """Return our own network.

    Args:
        name: ``small``, or ``small/48,96,160,224/2,2,3,2`` with its widths and depths.
        weights: A state dict or safetensors, of it or of a network that has it inside; or an ONNX model that
            has, such as one that segments.

    Raises:
        SettingError: It is no such name.
        WeightsError: The weights are damaged, or of another network.
    """
    try:
        sizes = [tuple(int(one) for one in part.split(",")) for part in name.split("/")[1:]]
        network = Small(*(sizes or (WIDTHS, DEPTHS)))
    except (ValueError, TypeError) as error:
        raise SettingError(
            f"{name!r} is no small backbone: give {len(STRIDES)} widths and as many depths, as in"
            " small/48,96,160,224/2,2,3,2"
        ) from error
    if weights is not None:
        state = (read_folded if weights.suffix.lower() == ENDING else read_state)(weights)
        found = [key for key in state if key.endswith("stem.0.weight")]
        before = found[0].removesuffix("stem.0.weight") if len(found) == 1 else ""
        inside = {key[len(before) :]: value for key, value in state.items() if key.startswith(before)}
        wanted = network.state_dict()
        put(network, {key: inside[key] for key in inside if before == "" or key in wanted}, (), name, weights)
    return network


def torchvision_trunk(name: str, weights: Path | None = None) -> tuple[nn.Sequential, Normal]:
    """Return what sees in one of torchvision's networks, by parts, and how pictures are normalised for it.

    Raises:
        SettingError: There is no such network.
        WeightsError: The weights are damaged, or of another network.
    """
    state = None if weights is None else read_state(weights)
    check(name)
    # Their first weights would be drawn at random, at length, only to be replaced.
    options = {"init_weights": state is None, "aux_logits": False} if name in PORTED else {}
    model = operators.torchvision().models.get_model(name, weights=None, **options)
    inside = [part for part in _INSIDE if hasattr(model, part)]
    trunk = nn.Sequential()
    for key in inside or [key for key, _ in model.named_children() if key not in _NO_MAPS]:
        trunk.add_module(key, getattr(model, key))
    if state is not None and weights is not None:
        put(trunk, state, HEADS, name, weights)
    if name.startswith("densenet"):
        trunk.add_module("rectified", nn.ReLU())
    return trunk, _HALF if name in PORTED and state is not None else IMAGENET


def steps_of(trunk: nn.Sequential) -> list[nn.Module]:
    """Return the steps of a trunk of torchvision's, one after the other."""
    found: list[nn.Module] = []
    for key, part in trunk.named_children():
        found += part.children() if key in _INSIDE else [part]
    return found


def timm_model(name: str, weights: Path | None = None, **options: Any) -> Any:
    """Return one of timm's networks without its classes.

    Args:
        name: ``timm/<model>``.
        weights: A state dict or safetensors, also as its authors or a widely used port name it.
        **options: Of timm's ``create_model``.

    Raises:
        SettingError: There is no such network.
        WeightsError: The weights are damaged, or of another network.
    """
    state = None if weights is None else read_state(weights)
    check(name)
    options = {"num_classes": 0, "exportable": True} | options
    model = operators.timm().create_model(name.removeprefix(TIMM), pretrained=False, **options)
    if state is not None and weights is not None:
        heads = model.pretrained_cfg.get("classifier") or ()
        heads = (heads,) if isinstance(heads, str) else tuple(heads)
        put(model, _as_timm_has_it(model, state), ["_fc.", *(f"{head}." for head in heads)], name, weights)
    return model


def _as_timm_has_it(model: Any, state: State) -> State:
    change = getattr(sys.modules[type(model).__module__], "checkpoint_filter_fn", None)
    if change is not None and not set(model.state_dict()) <= set(state):
        state = change(state, model)  # from how its authors named them to how timm does
    return renamed(state, model.state_dict())


def check_maps(seen: torch.Tensor, name: str) -> None:
    """Make sure that a square picture became maps ``(N, channels, h, w)``.

    Raises:
        SettingError: It did not.
    """
    if seen.ndim != 4 or seen.shape[2] != seen.shape[3]:
        raise SettingError(f"{name} keeps no maps of its picture: choose such as resnet18 or vgg16")
