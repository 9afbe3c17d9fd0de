"""The names of published networks: torchvision's own, and timm's behind ``timm/``."""

from __future__ import annotations

from difflib import get_close_matches

from everyframe.errors import SettingError
from everyframe.vision.backbones import operators

TIMM = "timm/"
"""What the name of one of timm's networks begins with."""

SMALL = "small"
"""Name of the one of our own; ``small/48,96,160,224/2,2,3,2`` has other widths and depths."""

_OWN_SIZE = (
    "maxvit_",
    "swin_",
    "vit_",
)  # torchvision's that take pictures of one size only; timm has them, too


def names() -> list[str]:
    """Return the names of torchvision's networks; every name of timm's goes with ``timm/`` before it."""
    models = operators.torchvision().models
    return [name for name in models.list_models(module=models) if not name.startswith(_OWN_SIZE)]


def check(name: str) -> None:
    """Make sure that there is a network of that name.

    Raises:
        SettingError: There is none, or what has it is not installed.
    """
    if name.startswith(TIMM):
        timm = operators.timm()
        if not timm.is_model(name.removeprefix(TIMM)):
            _refuse(name, [TIMM + one for one in timm.list_models()])
    elif name not in names():
        _refuse(name, names())


def _refuse(name: str, known: list[str]) -> None:
    near = get_close_matches(name, known, n=3) or ["resnet18", "vgg16", "googlenet", "timm/<model>"]
    raise SettingError(f"there is no backbone {name!r}; choose such as {', '.join(near)}")
