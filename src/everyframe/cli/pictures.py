"""Writing PNG files."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from everyframe.files import atomic_write
from everyframe.types import RGB


def write_png(path: Path, picture: RGB) -> None:
    """Write ``(H, W, 3)`` RGB as a PNG, whole or not at all.

    Raises:
        StorageError: It cannot be written.
    """
    done, data = cv2.imencode(".png", np.ascontiguousarray(picture[:, :, ::-1]))
    assert done, "PNG takes every uint8 picture"
    atomic_write(path, data.tobytes())
