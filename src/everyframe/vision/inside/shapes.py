"""The shapes of all values in an ONNX file, for a picture of one size."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from everyframe.errors import SettingError
from everyframe.vision.inside.sights import Shape

_COLOURS = (1, 3, 4)
_SMALL = 64  # values that are looked into: sizes, scales, places
_OTHERS = 16  # places along a dimension that a file leaves open and that is none of a picture


class Shapes:
    """Shapes and small values by name.

    Args:
        model: Of the package ``onnx``; it is changed.
        size: Height and width of the picture, in pixels.
        path: For people.

    Attributes:
        sides: Which dimensions of each input are rows and columns, where it is a picture.

    Raises:
        SettingError: The network does not take such a picture.
    """

    def __init__(self, model: Any, size: tuple[int, int], path: str) -> None:
        import onnx

        self.sides: dict[str, tuple[int, int]] = {}
        self._values: dict[str, NDArray[Any]] = {}
        self._shapes: dict[str, Shape] = {}
        fixed = {one.name for one in model.graph.initializer}
        inputs = [one for one in model.graph.input if one.name not in fixed]
        for one in inputs:
            self._fix(one, size)
        for one in model.graph.initializer:
            self._shapes[one.name] = tuple(one.dims)
            if np.prod(one.dims) <= _SMALL:
                self._values[one.name] = onnx.numpy_helper.to_array(one)
        del model.graph.value_info[:]  # of another size, it may be
        for one in model.graph.output:
            one.type.tensor_type.ClearField("shape")
        try:
            told = onnx.shape_inference.infer_shapes(model, data_prop=True).graph
        except Exception:  # what cannot be inferred may run all the same
            told = model.graph
        for one in (*told.value_info, *told.input, *told.output):
            dims = one.type.tensor_type.shape.dim
            if one.type.tensor_type.HasField("shape") and all(dim.HasField("dim_value") for dim in dims):
                self._shapes[one.name] = tuple(dim.dim_value for dim in dims)
        if any(dim < 0 for shape in self._shapes.values() for dim in shape):
            raise SettingError(f"{path} leaves nothing of a picture of such a size: try another")
        self._run(model, inputs, path)

    def of(self, name: str) -> Shape:
        """Return the shape of a value; empty where nobody knows it."""
        return self._shapes.get(name, ())

    def value(self, name: str) -> NDArray[Any] | None:
        """Return a small value that is known."""
        return self._values.get(name)

    def _fix(self, given: Any, size: tuple[int, int]) -> None:
        dims = given.type.tensor_type.shape.dim
        count = len(dims)
        if count >= 4:
            last = dims[count - 1].dim_value in _COLOURS and dims[count - 3].dim_value not in _COLOURS
            self.sides[given.name] = (count - 3, count - 2) if last else (count - 2, count - 1)
        sides = self.sides.get(given.name, ())
        for number, dim in enumerate(dims):
            if not dim.dim_value:
                open_ = 3 if count == 4 and number == 1 and number not in sides else _OTHERS
                dim.dim_value = size[sides.index(number)] if number in sides else 1 if number == 0 else open_

    def _run(self, model: Any, inputs: list[Any], path: str) -> None:
        """Run the network once, where anything about its values is open yet."""
        import onnx

        asked: set[str] = set()
        for node in model.graph.node:
            asked.update(one for one in filter(None, node.output) if one not in self._shapes)
            # The places, sizes and scales that layers are told come after what they work on.
            if node.op_type in _TOLD:
                asked.update(one for one in node.input[1:] if one and one not in self._values)
        asked -= {one.name for one in model.graph.initializer} | {one.name for one in inputs}
        if not asked:
            return
        there = {one.name for one in model.graph.output}
        model.graph.output.extend(onnx.ValueInfoProto(name=one) for one in sorted(asked - there))
        try:
            import onnxruntime

            options = onnxruntime.SessionOptions()
            options.log_severity_level = 4
            session = onnxruntime.InferenceSession(
                model.SerializeToString(), options, ["CPUExecutionProvider"]
            )
            kinds = {one.name: one.type.tensor_type.elem_type for one in inputs}
            zeros = {
                name: np.zeros(self._shapes[name], onnx.helper.tensor_dtype_to_np_dtype(kind))
                for name, kind in kinds.items()
            }
            wanted = sorted(asked)
            found = dict(zip(wanted, session.run(wanted, zeros), strict=True))
        except Exception as error:  # it raises its own kinds
            why = " ".join(str(error).split())[-200:]
            raise SettingError(f"{path} takes no picture of such a size ({why}): try another") from error
        for name, value in found.items():
            if isinstance(value, np.ndarray):
                self._shapes[name] = tuple(value.shape)
                if value.size <= _SMALL:
                    self._values[name] = value


_TOLD = frozenset(
    (
        "Resize",
        "Upsample",
        "Slice",
        "Pad",
        "Reshape",
        "Squeeze",
        "Unsqueeze",
        "ReduceMean",
        "ReduceSum",
        "Gather",
    )
)
