"""A training's state on disk, so that it goes on where it was stopped."""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch

from everyframe.errors import LibraryError
from everyframe.files import atomic_write

if TYPE_CHECKING:
    from everyframe.vision.training import _Training

_PARTS = ("network", "average", "optimiser", "rates")


def save(path: Path, training: _Training, epoch: int) -> None:
    """Write the state after so many epochs, whole or not at all."""
    state: dict[str, Any] = {part: getattr(training, part).state_dict() for part in _PARTS}
    state["epoch"] = epoch
    data = io.BytesIO()
    torch.save(state, data)
    atomic_write(path, data.getvalue())


def restore(path: Path | None, training: _Training) -> int:
    """Return how many epochs are done, with the training's state as it was after them.

    Raises:
        LibraryError: The file is damaged, or of another training.
    """
    if path is None or not path.exists():
        return 0
    try:
        state = torch.load(path, weights_only=True)  # runs nothing of the file
        for part in _PARTS:
            getattr(training, part).load_state_dict(state[part])
        return int(state["epoch"])
    except Exception as error:  # PyTorch raises whatever a damaged file provokes
        raise LibraryError(f"{path} is no checkpoint of this training: delete it to begin anew") from error
