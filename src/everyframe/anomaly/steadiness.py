"""Whether it is the camera that moved, and not something in the scene."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from everyframe.motion.field import Field

_ALL_MOVES = 0.75  # share of the picture: then it is the camera or the light, however it moves
_TILES = 4  # across and down
_TILE_MOVES = 0.08  # share of a tile
_LEFT = 0.25  # share of a tile that must not be masked
_SPREAD = 0.8  # share of the tiles: somebody near the camera fills one side of the picture, not all of it
_TOGETHER = 0.6  # share of what moves that has the velocity of the whole
_NEAR = 0.25  # of that velocity
_SUDDEN = 0.12  # share of the picture, more than just now
_RECENT = 2.0  # seconds


class Steadiness:
    """Tells when the camera was knocked, turned, or shakes.

    Then suddenly everything moves, everywhere, and all of it alike. A crowd that breaks into a run is sudden
    and everywhere, but each goes their own way; a lorry moves as one, but not on all sides. What is masked
    has no say.
    """

    def __init__(self) -> None:
        self._usual: float | None = None
        self._time = 0.0

    def step(self, field: Field) -> bool:
        """Take the next field; return whether what moves in it is the camera."""
        seen = field.moving if field.ignored is None else field.moving[~field.ignored]
        share = float(seen.mean()) if seen.size else 0.0
        before = share if self._usual is None else self._usual
        weight = 1.0 - math.exp(-max(0.0, field.time - self._time) / _RECENT)
        self._usual = before + weight * (share - before)
        self._time = field.time
        if share > _ALL_MOVES:
            return True
        return share - before > _SUDDEN and spread(field) >= _SPREAD and together(field) >= _TOGETHER


def spread(field: Field) -> float:
    """Return the share of the picture's tiles in which something moves."""
    shares = [tile.mean() for tile in _tiles(field.moving)]
    if field.ignored is not None:
        kept = [1.0 - tile.mean() for tile in _tiles(field.ignored)]
        # A tile of which hardly anything is left tells nothing.
        shares = [share / left for share, left in zip(shares, kept, strict=True) if left > _LEFT]
    return sum(float(share) > _TILE_MOVES for share in shares) / max(1, len(shares))


def _tiles(cells: NDArray[Any]) -> list[NDArray[Any]]:
    bands = np.array_split(cells, _TILES, axis=0)
    return [tile for band in bands for tile in np.array_split(band, _TILES, axis=1)]


def together(field: Field) -> float:
    """Return the share of what moves that has about the velocity of the whole."""
    velocities = field.velocity[field.moving > 0]
    if len(velocities) == 0:
        return 0.0
    whole = np.median(velocities, axis=0)
    off = np.hypot(*(velocities - whole).T)
    return float((off <= _NEAR * np.hypot(*whole)).mean())
