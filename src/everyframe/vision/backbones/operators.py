"""Importing torchvision and timm, also beside a PyTorch that torchvision's wheel was not built for.

torchvision registers the schemas of two operators, ``nms`` and ``qnms``, from a compiled part that does not
load beside a CPU-only PyTorch; its Python code then refuses to be imported for want of them. No network for
pictures uses either. So they are made known here, without an implementation, where they are missing: calling
one is still an error.
"""

from __future__ import annotations

import sys
from contextlib import suppress
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from everyframe.errors import SettingError

OPERATORS = ("nms", "qnms")
"""Of torchvision, whose schemas its import asks for."""

_SCHEMA = "(Tensor dets, Tensor scores, float iou_threshold) -> Tensor"
_kept: list[Any] = []  # what registered them: they are forgotten when it goes


def installed() -> bool:
    """Return whether networks can be made here, not only run."""
    return all(find_spec(name) is not None for name in ("torch", "torchvision", "onnx"))


def torchvision() -> Any:
    """Return torchvision.

    Raises:
        SettingError: It, or what it needs, is not installed.
    """
    _need("torch", "onnx", "torchvision")
    if "torchvision" not in sys.modules:
        _make_known()
    return import_module("torchvision")


def timm() -> Any:
    """Return timm, which imports torchvision.

    Raises:
        SettingError: It, or what it needs, is not installed.
    """
    _need("timm")
    torchvision()
    return import_module("timm")


def _need(*libraries: str) -> None:
    for name in libraries:
        if find_spec(name) is None:
            raise SettingError(
                f"making a published network ready needs {name}, running it does not:"
                " pip install 'everyframe[train]'"
            )


def _make_known() -> None:
    """Register the schemas that are missing once torchvision's own compiled part had its chance."""
    import torch

    spec = find_spec("torchvision")
    for place in (spec.submodule_search_locations or ()) if spec is not None else ():
        for part in (*Path(place).glob("_C*.so"), *Path(place).glob("_C*.pyd")):
            with suppress(OSError):  # it was built for another PyTorch
                torch.ops.load_library(str(part))  # type: ignore[no-untyped-call]
    for name in OPERATORS:
        try:
            torch._C._get_schema(f"torchvision::{name}", "")
        except RuntimeError:
            library: Any = torch.library.Library("torchvision", "FRAGMENT")  # type: ignore[no-untyped-call]
            library.define(name + _SCHEMA)
            _kept.append(library)
