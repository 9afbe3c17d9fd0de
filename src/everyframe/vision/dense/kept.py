"""From a checkpoint of a training to its network, also where the training never came to its end."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from everyframe.errors import LibraryError
from everyframe.vision.dense.classes import Classes
from everyframe.vision.dense.design import Design
from everyframe.vision.dense.making import Segmenting


@dataclass(frozen=True, slots=True)
class Kept:
    """What a checkpoint holds.

    Attributes:
        network: With the weights that told best what is held out.
        design: Of it.
        classes: That it tells apart.
        size: Height and width that it was trained at.
        side: Longer side of the pictures that it was trained on.
        notes: How far it came.
    """

    network: Segmenting
    design: Design
    classes: Classes
    size: tuple[int, int]
    side: int
    notes: dict[str, Any]


def read_checkpoint(path: Path) -> Kept:
    """Return the network of a checkpoint.

    Raises:
        LibraryError: It cannot be read, is damaged, or is of another kind of training.
    """
    try:
        state = torch.load(path, weights_only=True, map_location="cpu")  # runs nothing of the file
        done = state["done"]
        about, rows = done["about"], done["rows"]
        design = Design(**about["design"])
        colours = tuple((int(red), int(green), int(blue)) for red, green, blue in about["colours"])
        classes = Classes(tuple(about["classes"]), colours)
        network = Segmenting(design, len(classes))
        network.load_state_dict(state["best" if done["best"] is not None else "average"])
    except OSError as error:
        raise LibraryError(f"{path} cannot be read: {error.strerror or error}") from error
    except Exception as error:  # PyTorch raises whatever a damaged file provokes
        raise LibraryError(
            f"{path} is damaged, or no checkpoint of `everyframe segment train`: name another file"
        ) from error
    notes: dict[str, Any] = {
        "pictures": about["pictures"],
        "epochs": len(rows),
        "seed": about["schedule"]["seed"],
    }
    if done["best"] is not None:
        notes["mean IoU on what was held out to choose by"] = round(done["best"], 4)
    height, width = about["size"]
    return Kept(network.eval(), design, classes, (height, width), int(about["side"]), notes)
