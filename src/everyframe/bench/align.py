"""Which label belongs to which frame, where a folder's numbering has holes."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike, NDArray

from everyframe.errors import DatasetError
from everyframe.types import Floats

PICTURES = frozenset({".bmp", ".jpeg", ".jpg", ".pgm", ".png", ".ppm", ".tif", ".tiff", ".webp"})
"""What counts as a frame in a folder of frames, in lower case."""

_LAST_NUMBER = re.compile(r"(\d+)\D*$")


def numbered(folder: Path) -> dict[int, Path]:
    """Return the pictures of a folder by the last number in their names, in order.

    Where a name has no number, or two share one, all are numbered from 0 in the order of their names.
    """
    files = sorted(path for path in folder.iterdir() if path.suffix.lower() in PICTURES)
    found = [_LAST_NUMBER.search(path.stem) for path in files]
    numbers = [int(match.group(1)) for match in found if match]
    if len(set(numbers)) < len(files):
        return dict(enumerate(files))
    return dict(sorted(zip(numbers, files, strict=True)))


def align(
    labels: NDArray[np.bool_],
    indices: ArrayLike,
    total: int,
    *,
    present: ArrayLike | None = None,
    name: str = "labels",
) -> NDArray[np.bool_]:
    """Return the label of each wanted frame.

    Labels are one per frame, but a folder may have holes in its numbering, and then labels may count the
    frames that are there or all numbers from the first to the last. Both are taken.

    Args:
        labels: ``(n,)`` bool.
        indices: ``(k,)`` positions of the wanted frames, from 0 at the source's first, holes included.
        total: How many positions there are from the first frame to the last, holes included.
        present: ``(m,)`` ascending positions of all frames that are there; left out, the wanted ones.
        name: What the labels are called in the message.

    Returns:
        ``(k,)`` bool.

    Raises:
        DatasetError: The labels count neither.
    """
    wanted = np.asarray(indices, dtype=np.int64)
    there = wanted if present is None else np.asarray(present, dtype=np.int64)
    if len(labels) == total:
        return labels[wanted]
    if len(labels) == len(there):
        return labels[np.searchsorted(there, wanted)]
    counts = f"{len(there)} frames" + (f" (numbered over {total})" if total != len(there) else "")
    raise DatasetError(f"{name} has {len(labels)} labels for {counts}; give one label per frame")


def hold(indices: ArrayLike, scores: ArrayLike, wanted: ArrayLike) -> Floats:
    """Carry scores over frames that were not scored, such as exact repeats: each stands until the next.

    Args:
        indices: ``(n,)`` ascending positions that were scored, at least one.
        scores: ``(n,)`` their scores.
        wanted: ``(k,)`` positions to score; those before the first take the first.

    Returns:
        ``(k,)`` float64.
    """
    at = np.searchsorted(np.asarray(indices), np.asarray(wanted), side="right") - 1
    return np.asarray(scores, dtype=np.float64)[np.maximum(at, 0)]
