"""A training's state on disk, so that it goes on where it was stopped."""

from __future__ import annotations

import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch

from everyframe.errors import LibraryError
from everyframe.files import atomic_write


def save(path: Path, parts: Mapping[str, Any], done: Mapping[str, Any]) -> None:
    """Write the state of a training, whole or not at all.

    Args:
        path: Where.
        parts: What has a state, by name: networks, optimisers, schedules.
        done: What else there is to know, such as the epoch: numbers, texts, lists.

    Raises:
        StorageError: It cannot be written.
    """
    state: dict[str, Any] = {name: part.state_dict() for name, part in parts.items()}
    data = io.BytesIO()
    torch.save({**state, "done": dict(done)}, data)
    atomic_write(path, data.getvalue())


def restore(
    path: Path | None, parts: Mapping[str, Any], about: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Put a training's parts into the state that was written; return what else there is to know of it.

    Nothing is returned where there is no file yet.

    Args:
        path: Of the file.
        parts: What has a state, by name.
        about: What the file must say that it is ``about``, where that is asked for.

    Raises:
        LibraryError: The file is damaged, or of another training.
    """
    if path is None or not path.exists():
        return {}
    wrong = f"{path} is no checkpoint of this training: delete it to begin anew"
    try:
        state = torch.load(path, weights_only=True, map_location="cpu")  # runs nothing of the file
        done = dict(state["done"])
        if about is None or done["about"] == about:
            for name, part in parts.items():
                part.load_state_dict(state[name])
            return done
    except Exception as error:  # PyTorch raises whatever a damaged file provokes
        raise LibraryError(wrong) from error
    raise LibraryError(wrong)
