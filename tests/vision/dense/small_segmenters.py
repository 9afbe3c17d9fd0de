"""Small segmentation networks for tests, put together without PyTorch."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from everyframe.vision.dense.about import KEY, About
from everyframe.vision.dense.classes import Classes

GROUNDS = Classes(
    ("sky", "road", "tree", "car"), ((128, 180, 235), (110, 110, 110), (40, 130, 40), (210, 30, 30))
)
"""Four classes that a network tells by their colours."""

_OPSET, _IR = 17, 8


def by_colour(classes: Classes = GROUNDS, **told: Any) -> bytes:
    """Return a network that gives each pixel the class whose colour is the nearest."""
    colours = np.array(classes.colours, np.float32) / 255.0
    # |x - c|^2 is least where 2 c x - |c|^2 is most; times ten, to be sure of it.
    weight = (20.0 * colours).reshape(len(classes), 3, 1, 1)
    bias = -10.0 * (colours**2).sum(axis=1)
    body = [helper.make_node("Conv", ["scaled", "w", "b"], ["logits"])]
    return _model(body, {"w": weight, "b": bias}, About(classes, 1, 0, (60, 80), "by colour"), **told)


def at_random(seed: int = 0, classes: int = 5, channels: int = 8, **told: Any) -> bytes:
    """Return a network of random weights with stride 8: it sees 3 x 3, steps down thrice, and steps up."""
    chance = np.random.default_rng(seed)
    weights: dict[str, NDArray[np.float32]] = {}
    body, came, width, reach, stride = [], "scaled", 3, 0, 1
    for layer in range(3):
        shape = (channels, width, 3, 3)
        weights[f"w{layer}"] = chance.normal(0, (2.0 / (9 * width)) ** 0.5, shape).astype(np.float32)
        body += [
            helper.make_node("Conv", [came, f"w{layer}"], [f"c{layer}"], strides=[2, 2], pads=[1, 1, 1, 1]),
            helper.make_node("Relu", [f"c{layer}"], [f"r{layer}"]),
        ]
        came, width, reach, stride = f"r{layer}", channels, reach + stride, 2 * stride
    weights["score"] = chance.normal(0, 1.0, (classes, channels, 3, 3)).astype(np.float32)
    reach += stride + stride  # of the last convolution, and of what is interpolated between
    weights["scales"] = np.array([1, 1, stride, stride], np.float32)
    body += [
        helper.make_node("Conv", [came, "score"], ["coarse"], pads=[1, 1, 1, 1]),
        helper.make_node(
            "Resize",
            ["coarse", "", "scales"],
            ["fine"],
            mode="linear",
            coordinate_transformation_mode="half_pixel",
        ),
        # Odd sizes were rounded up on the way down.
        helper.make_node("Shape", ["scaled"], ["size"], start=2, end=4),
        helper.make_node("Slice", ["fine", "nought", "size", "sides"], ["logits"]),
    ]
    named = Classes(
        tuple(f"class {n}" for n in range(classes)), tuple((40 * n, 255 - 40 * n, 90) for n in range(classes))
    )
    whole = {"nought": np.array([0, 0]), "sides": np.array([2, 3])}
    about = About(named, stride, reach, (64, 96), "at random")
    return _model(body, {**weights, **whole}, about, **told)


def _model(
    body: list[Any],
    weights: dict[str, NDArray[Any]],
    about: About,
    changed: dict[str, Any] | None = None,
    metadata: str | None = None,
) -> bytes:
    """Return a model's bytes; ``changed`` replaces parts of what it says of itself."""
    classes = len(about.classes)
    front = [
        helper.make_node("Cast", ["pictures"], ["real"], to=TensorProto.FLOAT),
        helper.make_node("Div", ["real", "most"], ["bright"]),
        helper.make_node("Transpose", ["bright"], ["scaled"], perm=[0, 3, 1, 2]),
    ]
    graph = helper.make_graph(
        [*front, *body],
        "segmenter",
        [helper.make_tensor_value_info("pictures", TensorProto.UINT8, ["n", "h", "w", 3])],
        [helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["n", classes, "h", "w"])],
        [
            numpy_helper.from_array(np.asarray(value), name)
            for name, value in {**weights, "most": np.array(255.0, np.float32)}.items()
        ],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", _OPSET)], ir_version=_IR)
    text = json.dumps({**json.loads(about.to_json()), **(changed or {})}) if metadata is None else metadata
    helper.set_model_props(model, {KEY: text} if text else {})
    onnx.checker.check_model(model)
    return bytes(model.SerializeToString())
