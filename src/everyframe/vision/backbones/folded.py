"""The small network's weights out of an ONNX model that has it inside, such as one of ours that segments.

Exporting folds batch normalisation into the convolution before it, and quantising makes whole numbers of the
weights. Both are undone here: what normalised becomes what only adds, and numbers get their scale again.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from everyframe.errors import WeightsError
from everyframe.vision.backbones.states import State

ENDING = ".onnx"

_LITTLE = 1e-5  # what batch normalisation adds to a variance


def read_folded(path: Path) -> State:
    """Return the weights of all convolutions of a model by their keys, each with a normalisation after it.

    A convolution ``…first.0`` is taken to have its normalisation as ``…first.1``, as in ``Small``.

    Raises:
        WeightsError: The file is missing, damaged, or has no such convolution.
    """
    import onnx

    try:
        model = onnx.load(path)
    except OSError as error:
        raise WeightsError(f"{path} cannot be read: {error.strerror or error}") from error
    except Exception as error:  # protobuf raises its own kinds
        raise WeightsError(f"{path} is damaged, or no ONNX model") from error
    values = {one.name: onnx.numpy_helper.to_array(one) for one in model.graph.initializer}
    for node in model.graph.node:
        if node.op_type == "DequantizeLinear" and all(name in values for name in node.input):
            values[node.output[0]] = _scaled(*(values[name] for name in node.input))
    state: State = {}
    for node in model.graph.node:
        key = _key(node.name)
        if node.op_type == "Conv" and key.endswith(".0") and node.input[1] in values:
            weight = values[node.input[1]]
            bias = values.get(node.input[2]) if len(node.input) > 2 else None
            state |= _normalised(key, weight, np.zeros(len(weight)) if bias is None else bias)
    if not state:
        raise WeightsError(f"{path} has no convolution whose name says where it belongs")
    return state


def _scaled(numbers: NDArray[Any], scale: NDArray[Any], zero: NDArray[Any] | None = None) -> NDArray[Any]:
    along = (-1, *(1,) * (numbers.ndim - 1)) if scale.ndim else ()
    shift = 0.0 if zero is None else zero.astype(np.float32).reshape(along)
    return np.asarray((numbers.astype(np.float32) - shift) * scale.reshape(along), np.float32)


def _normalised(key: str, weight: NDArray[Any], bias: NDArray[Any]) -> State:
    after, count = f"{key[:-1]}1", len(weight)
    return {
        f"{key}.weight": torch.tensor(weight, dtype=torch.float32),
        f"{after}.weight": torch.ones(count),
        f"{after}.bias": torch.tensor(bias, dtype=torch.float32),
        f"{after}.running_mean": torch.zeros(count),
        f"{after}.running_var": torch.full((count,), 1.0 - _LITTLE),
    }


def _key(name: str) -> str:
    """Return ``stages.0.1.first.0`` of ``/stages.0/stages.0.1/first/first.0/Conv``."""
    parts: list[str] = []
    before = ""
    for part in name.strip("/").split("/")[:-1]:
        parts.append(part.removeprefix(f"{before}.") if before else part)
        before = part
    return ".".join(parts)
