"""EfficientNet's weights as a widely used port of them names them, by the names that timm has."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TypeVar

Tensor = TypeVar("Tensor")

_MARK = "_conv_stem.weight"  # which files of that port begin with


def renamed(state: Mapping[str, Tensor], wanted: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Return weights by the names of a network of timm's, where the file is of that port.

    Both name layers in the order in which a picture goes through them; the port numbers blocks from the first
    to the last, timm within stages. What does not fit is found when the weights are put in.

    Args:
        state: Of the file.
        wanted: Of the network, without its classes.
    """
    if _MARK not in state:
        return dict(state)
    theirs = _layers(key for key in state if not key.startswith("_fc."))
    ours = _layers(wanted)
    names = dict(zip(theirs, ours, strict=False))
    found = {}
    for key, value in state.items():
        layer, _, kind = key.rpartition(".")
        found[f"{names[layer]}.{kind}" if layer in names else key] = value
    return found


def _layers(keys: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(key.rpartition(".")[0] for key in keys))
