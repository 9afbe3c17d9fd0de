"""How well a network in training tells what is held out."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass

import torch

from everyframe.vision.dense.layouts import Dataset, Pair
from everyframe.vision.dense.making import Segmenting


@dataclass(frozen=True, slots=True)
class Told:
    """What was told of pictures that are held out.

    Attributes:
        matrix: ``(classes, classes)``: pixels by what they are and what they are told to be.
        mean_iou: Over the classes that there are.
    """

    matrix: torch.Tensor
    mean_iou: float


@torch.inference_mode()
def validate(network: Segmenting, dataset: Dataset, pairs: Sequence[Pair], half: bool = False) -> Told:
    """Return how well a network tells pairs, counted on its own device.

    Args:
        network: In training; it is judged as it would run.
        dataset: Whose pairs they are.
        pairs: Which.
        half: Whether it computes in bf16.
    """
    device = network.mean.device
    classes = len(dataset.classes)
    matrix = torch.zeros(classes * classes, dtype=torch.int64, device=device)
    network.eval()
    for pair in pairs:
        picture = torch.from_numpy(dataset.picture(pair)).to(device)[None]
        truth = torch.from_numpy(dataset.mask(pair)).to(device).long().flatten()
        with torch.autocast(device.type, torch.bfloat16) if half else nullcontext():
            told = network(picture).argmax(dim=1).flatten()
        there = truth < classes
        matrix += torch.bincount(truth[there] * classes + told[there], minlength=classes * classes)
    table = matrix.view(classes, classes).double()
    both = table.diag()
    either = table.sum(0) + table.sum(1) - both
    iou = (both / either)[either > 0]
    return Told(matrix.view(classes, classes).cpu(), float(iou.mean()) if len(iou) else 0.0)
