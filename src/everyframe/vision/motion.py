"""The network for motion that ships: trained on drawn people alone, by ``models/motion/train.py``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

from everyframe.vision.runtime import Runtime

STREAMS = ("frames", "flow")
"""What it sees, in this order; for each it has an embedding."""

WIDTH = 192
"""Of the embedding of each stream."""


def embed(maps: Mapping[str, NDArray[np.floating]], streams: Sequence[str] = STREAMS) -> NDArray[np.float32]:
    """Return ``(WIDTH * streams,)``: how the network sees a window.

    Args:
        maps: ``(T, channels, GRID, GRID)`` of both streams; see ``vision.front``.
        streams: Whose embeddings are wanted, in their order; each has length 1.
    """
    told = _shipped().run({name: maps[name][None].astype(np.float32) for name in STREAMS})
    by_stream = dict(zip(STREAMS, told, strict=True))
    return np.concatenate([by_stream[name][0] for name in streams])


@lru_cache(maxsize=1)
def _shipped() -> Runtime:
    return Runtime((files("everyframe.vision") / "weights" / "motion.onnx").read_bytes())
