"""How well a network in training tells what is held out."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import nullcontext

import numpy as np
import torch

from everyframe.vision.dense.layouts import Dataset, Pair
from everyframe.vision.dense.making import Segmenting
from everyframe.vision.dense.measures import Confusion


@torch.inference_mode()
def validate(network: Segmenting, dataset: Dataset, pairs: Sequence[Pair], half: bool = False) -> Confusion:
    """Return how well a network tells pairs.

    Args:
        network: In training; it is judged as it would run.
        dataset: Whose pairs they are.
        pairs: Which.
        half: Whether it computes in bf16.
    """
    device = network.mean.device
    counted = Confusion(len(dataset.classes))
    network.eval()
    for pair in pairs:
        picture = torch.from_numpy(dataset.picture(pair)).to(device)[None]
        with torch.autocast(device.type, torch.bfloat16) if half else nullcontext():
            told = network(picture)[0].argmax(dim=0)
        counted.add(dataset.mask(pair), told.cpu().numpy().astype(np.uint8))
    return counted
