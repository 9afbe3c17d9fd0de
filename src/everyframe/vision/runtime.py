"""Running an ONNX model on a few threads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from everyframe.errors import LibraryError

_KINDS = {"tensor(float)": np.float32, "tensor(uint8)": np.uint8}
"""What a model may take, by ONNX Runtime's name for it."""


class Runtime:
    """An ONNX model, ready to run.

    Args:
        model: The model's bytes.
        threads: How many work on one run.

    Raises:
        LibraryError: They are none.
    """

    def __init__(self, model: bytes, threads: int = 1) -> None:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
        options.log_severity_level = 3
        try:
            self._session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
        except Exception as error:  # it raises its own kinds, which are not part of its interface
            raise LibraryError("the network in this library cannot be run: teach it again") from error
        self._kinds = {one.name: _KINDS.get(one.type, np.float32) for one in self._session.get_inputs()}

    @property
    def about(self) -> dict[str, str]:
        """What the model says of itself."""
        return dict(self._session.get_modelmeta().custom_metadata_map)

    @property
    def inputs(self) -> dict[str, tuple[Any, ...]]:
        """The shape that each input has, by name; what may be any number is a text."""
        return {one.name: tuple(one.shape) for one in self._session.get_inputs()}

    @property
    def outputs(self) -> dict[str, tuple[Any, ...]]:
        """The shape that each output has, likewise."""
        return {one.name: tuple(one.shape) for one in self._session.get_outputs()}

    def run(
        self,
        inputs: Mapping[str, NDArray[np.float32] | NDArray[np.uint8]],
        outputs: Sequence[str] | None = None,
    ) -> list[NDArray[np.float32]]:
        """Return the model's outputs, or some by name, for inputs that become what the model takes."""
        told = {name: np.ascontiguousarray(value, self._kinds[name]) for name, value in inputs.items()}
        return [np.asarray(one, np.float32) for one in self._session.run(outputs, told)]
