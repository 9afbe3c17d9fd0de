"""What is usual for a camera, as a file: no program in it, a version, and a sum that tells damage."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load as load_tensors
from safetensors.numpy import save as save_tensors

from everyframe.errors import BaselineCorrupt
from everyframe.files import atomic_write

FORMAT = 1
"""Version of the file."""

_MAGIC = b"EVERYHLT"
_SUM = 32  # bytes of SHA-256
_AGAIN = "remove it, and the camera's health is learned anew"


def keep(path: Path, arrays: Mapping[str, NDArray[np.generic]]) -> None:
    """Write what ``HealthWatcher.save`` returned as one file, whole or not at all.

    Raises:
        StorageError: If the place does not take it.
    """
    tensors = {name: np.ascontiguousarray(array) for name, array in arrays.items()}
    body = save_tensors(tensors, metadata={"everyframe": json.dumps({"format": FORMAT})})
    atomic_write(path, _MAGIC + hashlib.sha256(body).digest() + body)


def kept(path: Path) -> dict[str, NDArray[np.generic]]:
    """Read what ``keep`` wrote; nothing in the file is ever run.

    Raises:
        BaselineCorrupt: If it is damaged, something else, or of another version.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise BaselineCorrupt(f"{path} cannot be read: {error.strerror}; {_AGAIN}") from error
    start = len(_MAGIC) + _SUM
    body = data[start:]
    if data[: len(_MAGIC)] != _MAGIC or hashlib.sha256(body).digest() != data[len(_MAGIC) : start]:
        raise BaselineCorrupt(f"{path} is damaged, or holds no camera's health; {_AGAIN}")
    try:
        length = int.from_bytes(body[:8], "little")
        header = json.loads(json.loads(body[8 : 8 + length])["__metadata__"]["everyframe"])
        if header["format"] != FORMAT:
            raise BaselineCorrupt(f"{path} was made by another version of Everyframe; {_AGAIN}")
        return dict(load_tensors(body))
    except (KeyError, TypeError, ValueError, SafetensorError) as error:
        raise BaselineCorrupt(f"{path} is damaged, or holds no camera's health; {_AGAIN}") from error
