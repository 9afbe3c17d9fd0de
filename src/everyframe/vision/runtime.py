"""Running an ONNX model on one thread."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from everyframe.errors import LibraryError


class Runtime:
    """An ONNX model, ready to run.

    Args:
        model: The model's bytes.

    Raises:
        LibraryError: They are none.
    """

    def __init__(self, model: bytes) -> None:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 3
        try:
            self._session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
        except Exception as error:  # it raises its own kinds, which are not part of its interface
            raise LibraryError("the network in this library cannot be run: teach it again") from error

    @property
    def about(self) -> dict[str, str]:
        """What the model says of itself."""
        return dict(self._session.get_modelmeta().custom_metadata_map)

    def run(self, inputs: Mapping[str, NDArray[np.float32]]) -> list[NDArray[np.float32]]:
        """Return the model's outputs for inputs by name."""
        told = {name: np.ascontiguousarray(value, np.float32) for name, value in inputs.items()}
        return [np.asarray(one, np.float32) for one in self._session.run(None, told)]
