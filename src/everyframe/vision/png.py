"""Pictures as PNG files."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np

from everyframe.files import atomic_write
from everyframe.types import RGB


def png_of(picture: RGB, how: Sequence[int] = ()) -> bytes:
    """Return ``(H, W, 3)`` RGB as a PNG file.

    Args:
        picture: What it shows.
        how: Flags of OpenCV's, such as for small files.
    """
    done, data = cv2.imencode(".png", np.ascontiguousarray(picture[:, :, ::-1]), list(how))
    assert done, "PNG takes every uint8 picture"
    return bytes(data.tobytes())


def write_png(path: Path, picture: RGB) -> None:
    """Write ``(H, W, 3)`` RGB as a PNG, whole or not at all.

    Raises:
        StorageError: It cannot be written.
    """
    atomic_write(path, png_of(picture))
