"""Networks by name, made without weights: nothing is downloaded, and none takes memory."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn

from everyframe.errors import SettingError
from everyframe.vision.backbones import operators
from everyframe.vision.backbones.loading import PORTED, is_small
from everyframe.vision.backbones.names import TIMM, check
from everyframe.vision.dense.design import design
from everyframe.vision.dense.trunks import trunk

CLASSES = 21
"""That a segmenting network tells apart where only its name is known: those of PASCAL VOC."""

_USUAL = (224, 224)
_SEGMENTING = ("fcn", "atrous")


def build(name: str, backbone: str | None = None) -> tuple[nn.Module, tuple[int, int]]:
    """Return a network, and the height and width of the pictures that it was made for.

    Args:
        name: ``resnet18`` and others of torchvision's, ``timm/<model>``, ``small``, or a segmenting network
            such as ``fcn8s``.
        backbone: Of a segmenting network.

    Raises:
        SettingError: There is no such network, or what has it is not installed.
    """
    if name.lower().startswith(_SEGMENTING) and not name.startswith("fcn_resnet"):
        from everyframe.vision.dense.making import Segmenting

        return Segmenting(design(name, backbone), CLASSES).network, (480, 480)
    if backbone is not None:
        raise SettingError(f"{name} is a backbone itself: leave --backbone out, or look into such as fcn8s")
    if is_small(name):
        return trunk(name), _USUAL
    check(name)
    with torch.device("meta"):
        if name.startswith(TIMM):
            made = operators.timm().create_model(name.removeprefix(TIMM), pretrained=False)
            rows, cols = made.pretrained_cfg["input_size"][-2:]
            return made, (int(rows), int(cols))
        side = 299 if name.startswith("inception") else 224
        return operators.torchvision().models.get_model(name, weights=None, **_options(name)), (side, side)


def _options(name: str) -> dict[str, Any]:
    # Heads that only training has are not part of what runs.
    return {"init_weights": False, "aux_logits": False} if name in PORTED else {}
