"""Telling what a picture shows: trained from a folder per class, run with ONNX Runtime only.

::

    from everyframe.vision import classify

    classify.train("insects").save("insects.onnx")
    for told in classify.predict("insects.onnx", "new"):
        print(told.path, told.label, told.confidence)
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from everyframe.vision.classify.explaining import Explained, explain
from everyframe.vision.classify.folders import Labelled, Pictures, read_folder
from everyframe.vision.classify.model import Classifier, Told, predict
from everyframe.vision.classify.plan import Plan, Reached

if TYPE_CHECKING:
    from everyframe.vision.classify.training import Trained

__all__ = [
    "Classifier",
    "Explained",
    "Labelled",
    "Pictures",
    "Plan",
    "Reached",
    "Told",
    "explain",
    "predict",
    "read_folder",
    "train",
]


def train(*told: Any, **options: Any) -> Trained:
    """Train a classifier; see ``everyframe.vision.classify.training.train``, which needs PyTorch.

    Raises:
        SettingError: PyTorch is not installed.
    """
    from everyframe.vision.needing import need_torch

    need_torch()
    from everyframe.vision.classify.training import train as learn

    return learn(*told, **options)
