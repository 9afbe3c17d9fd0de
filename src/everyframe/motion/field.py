"""What moves in a picture: velocities in px/s on a grid, whatever measured them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from everyframe.types import Frame

Grid = NDArray[np.float32]
"""``(gh, gw)`` one value for each cell of the grid."""

Cells = NDArray[np.bool_]
"""``(gh, gw)`` some of the cells of the grid."""


@dataclass(frozen=True, slots=True, eq=False)
class Field:
    """The motion in one picture.

    Attributes:
        index: ``Frame.index`` of the picture.
        time: Presentation time in seconds.
        utc: POSIX seconds, where known.
        velocity: ``(gh, gw, 2)`` rightwards and downwards, in px/s of the source.
        moving: ``(gh, gw)`` share of each cell that moves, in [0, 1].
        luma: ``(gh, gw)`` mean brightness, 0 to 255.
        size: ``(width, height)`` of the source's picture in pixels.
        measured: Whether there was an earlier picture near enough in time to tell motion; if not,
            ``velocity`` and ``moving`` are zero and mean nothing.
        ignored: ``(gh, gw)`` the cells that are masked: nothing moves there, and their ``luma`` is not to be
            looked at. ``None`` where none are.
    """

    index: int
    time: float
    utc: float | None
    velocity: NDArray[np.float32]
    moving: Grid
    luma: Grid
    size: tuple[int, int]
    measured: bool = True
    ignored: Cells | None = None

    @property
    def cell(self) -> tuple[float, float]:
        """``(width, height)`` of a cell in pixels of the source."""
        rows, columns = self.moving.shape
        return self.size[0] / columns, self.size[1] / rows


@runtime_checkable
class Motion(Protocol):
    """Measures motion, frame after frame; one instance watches one source.

    Every implementation gives the same grid for the same frame size, so that what was learned with one can
    be compared with what another measures.
    """

    def step(self, frame: Frame) -> Field | None:
        """Take the next frame; return its field, or ``None`` where this frame is not measured.

        Fields come at ``MotionSettings.rate`` per second at most: speeds in px/s do not get better above it.
        """
        ...

    def reset(self) -> None:
        """Forget what came before: after a gap or a jump nothing may be compared across it."""
        ...


@dataclass(frozen=True, slots=True)
class MotionSettings:
    """How motion is measured; the same for every camera.

    Attributes:
        rate: Fields per second at most.
        over: Seconds between the two pictures that flow is measured between. Longer than a frame, because
            limbs and noise average out over it while a cyclist does not.
        longest: Seconds; pictures further apart are not compared.
        pixels: Flow is computed on a picture of about so many pixels.
    """

    rate: float = 5.0
    over: float = 0.2
    longest: float = 0.65
    pixels: int = 32_000

    def work_size(self, size: tuple[int, int]) -> tuple[int, int]:
        """Return ``(width, height)`` of the picture that flow is computed on; even, never enlarged."""
        width, height = size
        scale = min(1.0, (self.pixels / (width * height)) ** 0.5)
        return max(16, round(width * scale / 2) * 2), max(16, round(height * scale / 2) * 2)

    def grid_size(self, size: tuple[int, int]) -> tuple[int, int]:
        """Return ``(columns, rows)`` of the grid for pictures of that size: cells of two work pixels."""
        width, height = self.work_size(size)
        return width // 2, height // 2
