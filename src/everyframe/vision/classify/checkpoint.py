"""A training's state on disk, so that it goes on where it was stopped, and only that training does."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import torch

from everyframe.errors import WeightsError
from everyframe.files import atomic_write

_FORM = "everyframe classify checkpoint 1"


class Checkpoint:
    """What is done of a training, and what is being done.

    Args:
        path: Of the file; without one nothing is kept.
        about: What makes it this training and no other: settings, classes, files, each by its name.

    Raises:
        WeightsError: The file is damaged, or the checkpoint of another training.
    """

    def __init__(self, path: Path | None, about: dict[str, str]) -> None:
        self._path, self._about = path, about
        self._done: dict[str, Any] = {}
        self._running: tuple[str, dict[str, Any]] | None = None
        if path is not None and path.exists():
            self._read(path)

    def done(self, stage: str) -> Any:
        """Return what a stage left behind, or ``None``."""
        return self._done.get(stage)

    def running(self, stage: str) -> dict[str, Any] | None:
        """Return a stage's state as it was kept last, or ``None``."""
        return self._running[1] if self._running is not None and self._running[0] == stage else None

    def keep(self, stage: str, state: dict[str, Any]) -> None:
        """Keep a stage's state: numbers, text, tensors, and lists and dictionaries of them."""
        self._running = (stage, state)
        self._write()

    def finish(self, stage: str, left: Any) -> None:
        """Keep what a stage leaves behind."""
        self._done[stage] = left
        self._running = None
        self._write()

    def _write(self) -> None:
        if self._path is None:
            return
        data = io.BytesIO()
        state = {"form": _FORM, "about": self._about, "done": self._done, "running": self._running}
        torch.save(state, data)
        atomic_write(self._path, data.getvalue())

    def _read(self, path: Path) -> None:
        try:
            found = torch.load(path, weights_only=True)  # runs nothing of the file
        except OSError as error:
            raise WeightsError(f"{path} cannot be read: {error.strerror or error}") from error
        except Exception as error:  # PyTorch raises whatever a damaged file provokes
            raise WeightsError(f"{path} is damaged, or no checkpoint: delete it to begin anew") from error
        if not isinstance(found, dict) or found.get("form") != _FORM:
            raise WeightsError(f"{path} is no checkpoint of a classifier: name another file, or delete it")
        apart = sorted(
            name for name in self._about | found["about"] if self._about.get(name) != found["about"].get(name)
        )
        if apart:
            raise WeightsError(
                f"{path} is the checkpoint of another training ({', '.join(apart)} differ): give what it was"
                " begun with, name another file, or delete it"
            )
        self._done, self._running = found["done"], found["running"]
