"""From a trained network to one ONNX file without PyTorch; held against PyTorch before it counts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from everyframe.errors import LibraryError
from everyframe.vision.dense.about import KEY, About
from everyframe.vision.dense.classes import Classes
from everyframe.vision.dense.design import Design
from everyframe.vision.dense.making import Segmenting
from everyframe.vision.dense.segmenter import Segmenter
from everyframe.vision.exporting import exported
from everyframe.vision.inside import reach

CLOSE = 1e-4
"""How far scores may be from PyTorch's, in shares of the largest score or of 1."""


def describe(
    design: Design,
    classes: Classes,
    network: Segmenting,
    size: tuple[int, int],
    notes: Mapping[str, Any],
    side: int = 0,
) -> About:
    """Return what a model says of itself.

    Args:
        design: What it is made of.
        classes: That it tells apart.
        network: Of the design.
        size: Height and width that it was trained at.
        notes: Figures, data, licence, for people.
        side: Pixels of the longer side at which pictures are seen best; 0 as they are.
    """
    sees = reach(network.network, (max(size), max(size)))
    form = design.model, design.backbone
    return About(classes, network.network.multiple, sees, size, *form, side, dict(notes))


def to_onnx(network: Segmenting, told: About) -> bytes:
    """Return the ONNX model of a network.

    Its input is ``pictures``, ``(N, H, W, 3)`` uint8 RGB of any size; its output ``logits``,
    ``(N, classes, H, W)``.

    Args:
        network: Trained.
        told: What it says of itself, see ``describe``.

    Raises:
        LibraryError: It cannot be exported, or says something else than PyTorch does.
    """
    network = network.cpu().eval()
    try:
        free = {0: "n", 1: "height", 2: "width"}, {0: "n", 2: "height", 3: "width"}
        model = exported(
            network,
            (torch.from_numpy(_trials(network)[0]),),
            ["pictures"],
            ["logits"],
            dict(zip(("pictures", "logits"), free, strict=True)),
            {KEY: told.to_json()},
        )
        apart = difference(network, model)
    except Exception as error:  # exporters raise their own kinds
        why = (str(error).splitlines() or [type(error).__name__])[0]
        raise LibraryError(
            f"this network cannot be made an ONNX model ({why}): choose another backbone"
        ) from error
    if not apart <= CLOSE:  # also where it is no number
        raise LibraryError(
            f"this network does not run right as an ONNX model: its scores differ by {apart:g} from those of"
            " PyTorch; choose another backbone"
        )
    return model


def difference(network: Segmenting, model: bytes) -> float:
    """Return how far a model's scores are from PyTorch's at most, in shares of the largest, or of 1.

    Args:
        network: As PyTorch has it.
        model: What was made of it.
    """
    segmenter, most = Segmenter(model, side=0), 0.0
    for picture in _trials(network):
        with torch.inference_mode():
            expected = network(torch.from_numpy(picture)).numpy()[0]
        apart = np.abs(segmenter.logits(picture[0]) - expected).max()
        most = max(most, float(apart / max(1.0, float(np.abs(expected).max()))))
    return most


def _trials(network: Segmenting) -> list[NDArray[np.uint8]]:
    """Return pictures of chance: one that fits the network's stride, and one that does not."""
    size, chance = network.network.multiple, np.random.default_rng(0)
    shapes = (2 * size, 3 * size), (2 * size + 5, size + 1)
    return [chance.integers(0, 256, (1, *shape, 3), np.uint8) for shape in shapes]
