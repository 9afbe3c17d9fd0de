"""What a segmenting network is made of; known without PyTorch, for it is kept beside the weights."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from everyframe.errors import SettingError

MODELS = ("fcn32s", "fcn16s", "fcn8s", "fcn4s", "atrous16s", "atrous8s")
"""Names of networks; ``AtrousFCN_Resnet50_16s`` and its like name the backbone, too."""

_LONG = re.compile(r"(?P<atrous>atrous)?fcn_(?P<backbone>.+)_(?P<stride>\d+)s", re.IGNORECASE)
_SHORT = re.compile(r"(?P<kind>fcn|atrous)(?P<stride>\d+)s")


@dataclass(frozen=True, slots=True)
class Design:
    """What a segmenting network is made of.

    Attributes:
        backbone: ``small``, one of torchvision's such as ``resnet18``, or ``timm/<model>``.
        finest: Stride in pixels at which the last scores are made: 32, 16, 8 or 4.
        output_stride: Of the backbone's coarsest maps: 32, or 16 or 8, where convolutions are spread.
        upsample: ``bilinear``, ``learned`` or ``resize``.
        skips: Whether what finer strides see is fused.
        width: Channels of fused features; 0 fuses scores, as the paper does.

    Raises:
        SettingError: One of them is out of its range.
    """

    backbone: str = "small"
    finest: int = 8
    output_stride: int = 32
    upsample: str = "bilinear"
    skips: bool = True
    width: int = 0

    def __post_init__(self) -> None:
        if self.finest not in (4, 8, 16, 32) or self.output_stride not in (8, 16, 32):
            raise SettingError("strides are 32, 16 or 8, and 4 for the finest scores")
        if self.width < 0 or self.width > 1024:
            raise SettingError(f"the width is {self.width}; it must be from 0 to 1024")

    @property
    def model(self) -> str:
        """Its short name."""
        return f"fcn{self.finest}s" if self.skips else f"atrous{self.output_stride}s"


def design(
    name: str = "fcn8s",
    backbone: str | None = None,
    upsample: str = "bilinear",
    skips: bool = True,
    width: int = 0,
) -> Design:
    """Return the design that a name stands for.

    ``fcn8s`` fuses what strides 32, 16 and 8 see. ``atrous16s`` takes strides out of the backbone instead, so
    that its coarsest maps are of stride 16, and fuses nothing. ``AtrousFCN_Resnet50_16s`` says the same and
    the backbone, ``FCN_Vgg16_8s`` likewise.

    Args:
        name: Of the network.
        backbone: What it sees with; by default what the name says, or ``small``.
        upsample: How maps are made finer.
        skips: Whether what finer strides see is fused, where the network has skips.
        width: Of fused features; 0 fuses scores.

    Raises:
        SettingError: There is no such network, or the backbone is named twice and differently.
    """
    long, short = _LONG.fullmatch(name), _SHORT.fullmatch(name)
    if long is not None:
        inside = long["backbone"].lower()
        if backbone is not None and backbone != inside:
            raise SettingError(f"{name} has the backbone {inside}, not {backbone}: name one of them")
        backbone, stride, atrous = inside, int(long["stride"]), long["atrous"] is not None
    elif short is not None:
        stride, atrous = int(short["stride"]), short["kind"] == "atrous"
    else:
        raise SettingError(f"there is no network {name!r}; choose one of {', '.join(MODELS)}")
    chosen = Design(backbone or "small", stride, upsample=upsample, width=width)
    if atrous:
        return replace(chosen, output_stride=stride, skips=False)
    # Without skips scores are as fine as asked for all the same: by spread convolutions.
    return chosen if skips else replace(chosen, output_stride=max(8, stride), skips=False)
