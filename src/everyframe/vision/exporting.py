"""From PyTorch's modules to ONNX: what all exports share."""

from __future__ import annotations

import io
import warnings
from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import nn

OPSET = 17


def exported(
    network: nn.Module,
    example: tuple[torch.Tensor, ...],
    inputs: Sequence[str],
    outputs: Sequence[str],
    free: Mapping[str, Mapping[int, str]],
    about: Mapping[str, str] | None = None,
) -> bytes:
    """Return the ONNX model of a network.

    Args:
        network: As it is to run.
        example: What it takes.
        inputs: Names of what it takes.
        outputs: Names of what it gives.
        free: Dimensions of any size, by name and number, with names of their own.
        about: What the model says of itself, by key.
    """
    data = io.BytesIO()
    with warnings.catch_warnings(), torch.inference_mode():
        warnings.simplefilter("ignore")  # of the exporter's own future, and of sizes that are fixed here
        torch.onnx.export(
            network,
            example,
            data,  # type: ignore[arg-type]  # it takes files, too
            input_names=list(inputs),
            output_names=list(outputs),
            dynamic_axes={name: dict(axes) for name, axes in free.items()},
            opset_version=OPSET,
            dynamo=False,
        )
    return with_about(data.getvalue(), about) if about is not None else data.getvalue()


def with_about(model: bytes, about: Mapping[str, str]) -> bytes:
    """Return a model that says something of itself, by key."""
    import onnx

    found: Any = onnx.load_from_string(model)
    onnx.helper.set_model_props(found, dict(about))
    return bytes(found.SerializeToString())
