"""An ONNX file as a graph of layers.

The package ``onnx`` reads it: ONNX Runtime runs files, but does not tell what is in them. Shapes are
inferred; those that depend on computed values are taken from running the file once.
"""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

from everyframe.errors import SettingError, WeightsError
from everyframe.vision.inside.graph import INPUT, Graph, Layer
from everyframe.vision.inside.naming import paths
from everyframe.vision.inside.nodes import Value, describe, multiply_adds, sees, weights_of
from everyframe.vision.inside.ordering import ordered
from everyframe.vision.inside.shapes import Shapes
from everyframe.vision.inside.sights import Shape, Sight, picture

_MOVING = frozenset(
    (
        *(
            "Identity",
            "Cast",
            "Reshape",
            "Transpose",
            "Squeeze",
            "Unsqueeze",
            "Slice",
            "Split",
            "Expand",
            "Gather",
        ),
        *("QuantizeLinear", "DequantizeLinear", "Dropout"),
    )
)
_SEGMENTER = "everyframe segmenter"  # what such a file says of itself
_SHAPES = frozenset(("Shape", "Size"))  # of which nothing is seen


def read(path: Path, size: tuple[int, int] | None = None, name: str = "") -> Graph:
    """Return the graph of an ONNX file.

    Args:
        path: Of the file.
        size: Height and width of the picture, in pixels; what the file fixes itself stays. By default, what
            it says that it was made for, or 224.
        name: For people; by default that of the file.

    Raises:
        SettingError: The package ``onnx`` is not installed, or the file takes no such picture.
        WeightsError: The file cannot be read, is damaged, or none of ONNX.
    """
    try:
        import onnx
        import onnx.inliner
    except ImportError as error:
        raise SettingError("looking into an ONNX file needs the package onnx: pip install onnx") from error
    try:
        model = onnx.load(path)
        onnx.checker.check_model(model, full_check=False)
        if model.functions:
            model = onnx.inliner.inline_local_functions(model)
    except OSError as error:
        raise WeightsError(f"{path} cannot be read: {error.strerror or error}") from error
    except Exception as error:  # protobuf and the checker raise their own kinds
        raise WeightsError(f"{path} is damaged, or no ONNX file: give one that ONNX Runtime runs") from error
    shapes = Shapes(model, size or _usual(model), str(path))
    return ordered(_Reader(model, shapes, name or path.stem).graph)


def _usual(model: Any) -> tuple[int, int]:
    """Return the size that a file of ours says; a common one of others."""
    told = {one.key: one.value for one in model.metadata_props}
    try:
        rows, cols = json.loads(told[_SEGMENTER])["size"]
        return int(rows), int(cols)
    except (KeyError, TypeError, ValueError):
        return 224, 224


class _Reader:
    def __init__(self, model: Any, shapes: Shapes, name: str) -> None:
        self.shapes = shapes
        self.nodes = list(model.graph.node)
        self.seen: dict[str, Sight | None] = {}
        self.made_by: dict[str, int] = {}
        self.weights = {one.name: one for one in model.graph.initializer}
        self.made_of: dict[str, frozenset[str]] = {key: frozenset((key,)) for key in self.weights}
        self.counted: set[str] = set()
        self.graph = Graph(name, (0, 0), [])
        for one in model.graph.input:
            if one.name not in self.weights:
                self._begin(one.name)
        named = paths(self.nodes)
        for node, path in zip(self.nodes, named, strict=True):
            self._add(node, path)
        outputs = [self.made_by[one.name] for one in model.graph.output if one.name in self.made_by]
        self.graph.outputs = tuple(dict.fromkeys(outputs))
        found = {layer.path for layer in self.graph.layers}
        inner = {path[:depth] for path in found for depth in range(1, len(path))}
        self.graph.kinds = dict.fromkeys(sorted(inner), "block")

    def _begin(self, name: str) -> None:
        shape, sides = self.shapes.of(name), self.shapes.sides.get(name)
        sight = picture(*sides, shape) if sides else None
        number = len(self.graph.layers)
        path = (INPUT if number == 0 else f"{INPUT}:{number + 1}",)
        self.graph.layers.append(Layer(path, INPUT, name, (), shape, sight))
        self.seen[name], self.made_by[name] = sight, number
        if sides and self.graph.size == (0, 0):
            self.graph.size = (shape[sides[0]], shape[sides[1]])

    def _add(self, node: Any, path: tuple[str, ...]) -> None:
        weights = frozenset[str]().union(*(self.made_of.get(one, frozenset()) for one in node.input))
        live = [self.made_by[one] for one in node.input if one in self.made_by]
        if not live or node.op_type in _SHAPES:
            self.made_of.update(dict.fromkeys(node.output, weights))
            return
        before = tuple(dict.fromkeys(live))
        moving = node.op_type in _MOVING and len(before) == 1
        if moving:
            number = before[0]
        else:
            number = len(self.graph.layers)
            self.graph.layers.append(Layer(path, node.op_type, describe(node, self._value), before))
        for out in filter(None, node.output):
            self.seen[out], self.made_by[out] = self._sight(node, self.shapes.of(out)), number
        layer = self.graph.layers[number]
        counted = [self.weights[one] for one in sorted(weights_of(node, self.made_of) - self.counted)]
        self.counted.update(one.name for one in counted)
        layer.parameters += sum(_numbers(one) for one in counted)
        layer.multiply_adds += multiply_adds(node, self._value)
        if not moving:
            layer.shape, layer.sight = self.shapes.of(node.output[0]), self.seen[node.output[0]]

    def _sight(self, node: Any, shape: Shape) -> Sight | None:
        given = [self.seen[one] for one in node.input if self.seen.get(one) is not None]
        return sees(node, self._value, shape) if given else None

    def _value(self, name: str) -> Value:
        return Value(self.shapes.of(name), self.seen.get(name), self.shapes.value(name))


def _numbers(weights: Any) -> int:
    """Return how many numbers a tensor of weights holds; whole numbers of 64 bits are shapes and places."""
    import onnx

    places = (onnx.TensorProto.INT64, onnx.TensorProto.BOOL, onnx.TensorProto.STRING)
    found = math.prod(weights.dims)
    return found if weights.data_type not in places and found > 1 else 0
