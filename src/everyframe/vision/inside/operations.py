"""What PyTorch's operations do to what is seen of the picture."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch

from everyframe.vision.inside.rules import RULES, Bound, Seen
from everyframe.vision.inside.sights import Sight, blind, joined

_SAME = frozenset(
    ("clone", "detach", "alias", "to_copy", "expand", "native_dropout", "lift_fresh", "contiguous")
)


def name_of(operation: Any) -> str:
    """Return the name of an operation, the same for the one that works in place."""
    return str(operation._overloadpacket.__name__).rstrip("_").lstrip("_")


def bound(operation: Any, args: Sequence[Any], kwargs: Mapping[str, Any]) -> dict[str, Any]:
    """Return the arguments of a call by their names."""
    found: dict[str, Any] = {one.name: one.default_value for one in operation._schema.arguments}
    found.update(zip(found, args, strict=False))
    return found | dict(kwargs)


def sees(operation: Any, given: Bound, seen: Seen, out: torch.Tensor) -> Sight:
    """Return what the output of an operation sees of whose inputs at least one sees something."""
    name = name_of(operation)
    tensors = [
        one for value in given.values() for one in (value if isinstance(value, (list, tuple)) else [value])
    ]
    sights = [(sight, tuple(one.shape)) for one in tensors if (sight := seen(one)) is not None]
    if name in RULES:
        return RULES[name](given, seen, tuple(out.shape))
    if torch.Tag.pointwise in operation.tags or name in _SAME:
        return joined(sights, tuple(out.shape))
    return blind(sights[0][0])
