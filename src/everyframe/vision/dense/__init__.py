"""Dense prediction: every pixel of a picture gets a class, from a fully convolutional network.

Long, Shelhamer and Darrell, "Fully convolutional networks for semantic segmentation" (CVPR 2015).

::

    from everyframe.vision import dense

    dense.train("streets").save("streets.onnx")
    mask = dense.Segmenter("streets.onnx").predict("street.jpg")
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from everyframe.vision.dense.design import Design, design
from everyframe.vision.dense.layouts import Dataset, Pair, read_dataset
from everyframe.vision.dense.measures import Confusion
from everyframe.vision.dense.segmenter import Segmenter

if TYPE_CHECKING:
    from everyframe.vision.dense.learning import Model

__all__ = ["Confusion", "Dataset", "Design", "Pair", "Segmenter", "design", "read_dataset", "train"]


def train(*told: Any, **options: Any) -> Model:
    """Train a network; see ``everyframe.vision.dense.learning.learn``, which needs PyTorch.

    Raises:
        SettingError: PyTorch is not installed.
    """
    from everyframe.vision.needing import need_torch

    need_torch()
    from everyframe.vision.dense.learning import learn

    return learn(*told, **options)
