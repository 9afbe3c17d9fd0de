"""What is usual for a camera, as a file: no program in it, a version, and a sum that tells damage."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError

from everyframe.errors import BaselineCorrupt
from everyframe.files import atomic_write
from everyframe.sealed import seal, unseal

FORMAT = 1
"""Version of the file."""

_MAGIC = b"EVERYHLT"
_AGAIN = "remove it, and the camera's health is learned anew"


def keep(path: Path, arrays: Mapping[str, NDArray[np.generic]]) -> None:
    """Write what ``HealthWatcher.save`` returned as one file, whole or not at all.

    Raises:
        StorageError: If the place does not take it.
    """
    atomic_write(path, seal(_MAGIC, arrays, {"format": FORMAT}))


def kept(path: Path) -> dict[str, NDArray[np.generic]]:
    """Read what ``keep`` wrote; nothing in the file is ever run.

    Raises:
        BaselineCorrupt: If it is damaged, something else, or of another version.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise BaselineCorrupt(f"{path} cannot be read: {error.strerror}; {_AGAIN}") from error
    try:
        header, tensors = unseal(_MAGIC, data)
        if header["format"] != FORMAT:
            raise BaselineCorrupt(f"{path} was made by another version of Everyframe; {_AGAIN}")
        return dict(tensors)
    except (KeyError, TypeError, ValueError, SafetensorError) as error:
        raise BaselineCorrupt(f"{path} is damaged, or holds no camera's health; {_AGAIN}") from error
