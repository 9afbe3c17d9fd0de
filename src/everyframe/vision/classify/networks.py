"""Any backbone as a classifier: maps of the picture, their mean, and a line for each class."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import torch
from torch import nn

from everyframe.errors import SettingError
from everyframe.vision.backbones import operators
from everyframe.vision.backbones.folded import ENDING, read_folded
from everyframe.vision.backbones.names import TIMM, check
from everyframe.vision.backbones.ported import renamed
from everyframe.vision.backbones.states import State, put, read_state
from everyframe.vision.classify.plan import SMALL
from everyframe.vision.small import DEPTHS, STRIDES, WIDTHS, Small

_MEAN, _SPREAD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)  # of ImageNet's pictures
_HEADS = ("fc.", "classifier.", "aux1.", "aux2.", "AuxLogits.")
_NO_MAPS = ("avgpool", "dropout", "fc", "classifier", "aux1", "aux2", "AuxLogits")
_PORTED = ("googlenet", "inception_v3")  # whose published weights expect pictures from -1 to 1
_HALF = (0.5, 0.5, 0.5)
_DROP = 0.2


class Network(nn.Module):
    """Tells which class a picture shows, as a line over the mean of the last maps.

    Zhou et al., "Learning deep features for discriminative localization" (CVPR 2016): such a line tells also
    where in the picture the class is seen.

    Args:
        trunk: Takes normalised pictures; gives maps ``(N, width, h, w)``.
        width: Of the maps.
        classes: How many are told apart.
        mean: Of the pictures that the trunk was trained on, where 1 is white; ``(3,)``.
        spread: Their standard deviation.
        side: Pixels of the squares, where the trunk takes one size only.
    """

    mean: torch.Tensor
    spread: torch.Tensor

    def __init__(
        self,
        trunk: nn.Module,
        width: int,
        classes: int,
        mean: Any = _MEAN,
        spread: Any = _SPREAD,
        side: int | None = None,
    ) -> None:
        super().__init__()
        self.trunk, self.width, self.side = trunk, width, side
        self.register_buffer("mean", torch.tensor(tuple(mean), dtype=torch.float32).view(1, 3, 1, 1))
        self.register_buffer("spread", torch.tensor(tuple(spread), dtype=torch.float32).view(1, 3, 1, 1))
        self.drop = nn.Dropout(_DROP)
        self.head = nn.Linear(width, classes)
        nn.init.zeros_(self.head.weight)
        nn.init.zeros_(self.head.bias)

    def maps(self, pictures: torch.Tensor) -> torch.Tensor:
        """Return the last maps ``(N, width, h, w)`` of ``(N, 3, H, W)`` pictures from 0 to 255."""
        found: torch.Tensor = self.trunk((pictures.float() / 255.0 - self.mean) / self.spread)
        return found

    def features(self, pictures: torch.Tensor) -> torch.Tensor:
        """Return their means ``(N, width)``."""
        return self.maps(pictures).mean(dim=(2, 3))

    def forward(self, pictures: torch.Tensor) -> torch.Tensor:
        """Return the logits ``(N, classes)``."""
        told: torch.Tensor = self.head(self.drop(self.features(pictures)))
        return told

    def first(self) -> nn.Conv2d:
        """Return the convolution that sees the picture itself.

        Raises:
            SettingError: There is none.
        """
        for part in self.trunk.modules():
            if isinstance(part, nn.Conv2d) and part.in_channels == 3:
                return part
        raise SettingError("this backbone begins with no convolution: choose such as resnet18")


class _Last(nn.Module):
    def __init__(self, network: Small) -> None:
        super().__init__()
        self.network = network

    def forward(self, pictures: torch.Tensor) -> torch.Tensor:
        last: torch.Tensor = self.network(pictures)[-1]
        return last


class _Timm(nn.Module):
    """One of timm's networks as maps, whatever it gives: channels first or last, or a row of tokens."""

    def __init__(self, model: Any) -> None:
        super().__init__()
        self.model = model
        self.before = int(getattr(model, "num_prefix_tokens", 0))
        self.last = str(getattr(model, "output_fmt", "")).endswith("NHWC")

    def forward(self, pictures: torch.Tensor) -> torch.Tensor:
        found: torch.Tensor = self.model(pictures)
        if found.ndim == 3:
            found = found[:, self.before :].transpose(1, 2)
            side = round(found.shape[2] ** 0.5)
            return found.reshape(found.shape[0], found.shape[1], side, -1)
        if found.ndim == 2:
            return found[:, :, None, None]
        return found.permute(0, 3, 1, 2) if self.last else found


def make(name: str, classes: int, weights: Path | None = None) -> Network:
    """Return a backbone with a head that knows nothing yet.

    Args:
        name: ``small``, ``small/32,64,128,192/2,2,2,2`` (its widths and depths), one of torchvision's
            networks, or ``timm/<model>``.
        classes: How many are told apart.
        weights: A state dict or safetensors, of ``small`` also an ONNX model that has it inside, such as one
            that segments; without them it begins with chance.

    Raises:
        SettingError: There is no such backbone.
        WeightsError: The weights are damaged, or of another network.
    """
    told = weights or Path()
    if name.split("/")[0] == SMALL:
        folded = told.suffix.lower() == ENDING
        state = None if weights is None else (read_folded if folded else read_state)(weights)
        return _small(name, classes, state, told)
    state = None if weights is None else read_state(weights)
    check(name)
    return (_of_timm if name.startswith(TIMM) else _of_torchvision)(name, classes, state, told)


def check_name(name: str) -> None:
    """Make sure that there is a backbone of that name.

    Raises:
        SettingError: There is none.
    """
    if name.split("/")[0] == SMALL:
        _parsed(name)
    else:
        check(name)


def _parsed(name: str) -> Small:
    try:
        sizes = [tuple(int(one) for one in part.split(",")) for part in name.split("/")[1:]]
        return Small(*(sizes or (WIDTHS, DEPTHS)))
    except (ValueError, TypeError) as error:
        raise SettingError(
            f"{name!r} is no small backbone: give {len(STRIDES)} widths and as many depths, as in"
            " small/48,96,160,224/2,2,3,2"
        ) from error


def _small(name: str, classes: int, state: State | None, path: Path) -> Network:
    network = _parsed(name)
    if state is not None:
        # Weights of a whole network that has this one inside, such as one that segments, will do.
        found = [key for key in state if key.endswith("stem.0.weight")]
        before = found[0].removesuffix("stem.0.weight") if len(found) == 1 else ""
        inside = {key[len(before) :]: value for key, value in state.items() if key.startswith(before)}
        wanted = network.state_dict()
        put(network, {key: inside[key] for key in inside if before == "" or key in wanted}, (), name, path)
    return Network(_Last(network), network.widths[-1], classes)


def _of_torchvision(name: str, classes: int, state: State | None, path: Path) -> Network:
    options: dict[str, Any] = {}
    if name in _PORTED:
        options = {"init_weights": state is None, "aux_logits": False}
    model = operators.torchvision().models.get_model(name, weights=None, **options)
    inside = [part for part in ("features", "layers") if hasattr(model, part)]
    parts = inside or [key for key, _ in model.named_children() if key not in _NO_MAPS]
    trunk = nn.Sequential()
    for key in parts:
        trunk.add_module(key, getattr(model, key))
    if state is not None:
        put(trunk, state, _HEADS, name, path)
    if name.startswith("densenet"):
        trunk.add_module("rectified", nn.ReLU())
    normal = (_HALF, _HALF) if name in _PORTED and state is not None else (_MEAN, _SPREAD)
    return _measured(trunk, classes, *normal, name=name, probe=224)


def _of_timm(name: str, classes: int, state: State | None, path: Path) -> Network:
    timm = operators.timm()
    model = timm.create_model(
        name.removeprefix(TIMM), pretrained=False, num_classes=0, global_pool="", exportable=True
    )
    told = model.pretrained_cfg
    if state is not None:
        change = getattr(sys.modules[type(model).__module__], "checkpoint_filter_fn", None)
        if change is not None and not set(model.state_dict()) <= set(state):
            state = change(state, model)  # from how its authors named them to how timm does
        state = renamed(state, model.state_dict())
        heads = told.get("classifier") or ()
        heads = (heads,) if isinstance(heads, str) else tuple(heads)
        put(model, state, ["_fc.", *(f"{head}." for head in heads)], name, path)
    size = int(told["input_size"][-1])
    side = size if told.get("fixed_input_size") else None
    return _measured(_Timm(model), classes, told["mean"], told["std"], name=name, probe=size, side=side)


def _measured(
    trunk: nn.Module,
    classes: int,
    mean: Any,
    spread: Any,
    *,
    name: str,
    probe: int,
    side: int | None = None,
) -> Network:
    with torch.inference_mode():
        seen = trunk.eval()(torch.zeros(1, 3, probe, probe))
    if seen.ndim != 4:
        raise SettingError(f"{name} keeps no maps of its picture: choose such as resnet18 or vgg16")
    return Network(trunk, int(seen.shape[1]), classes, mean, spread, side)
