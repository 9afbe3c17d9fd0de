"""What things move on: road, pavement, grass; for the reasons of alerts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from everyframe.types import Box

UNKNOWN = 255
"""Value of a place whose ground is none that things move on, or is not known."""

_ENOUGH = 1_000.0  # visits, from which on shares mean something
_RARE = 0.1  # share below which it is worth telling


@dataclass(frozen=True, slots=True, eq=False)
class Grounds:
    """The ground of a camera's scene.

    Attributes:
        names: What it is made of.
        places: ``(rows, columns)`` ``uint8`` over the whole picture: numbers of names, ``UNKNOWN`` elsewhere.
    """

    names: tuple[str, ...]
    places: NDArray[np.uint8]

    def under(self, box: Box, size: tuple[int, int]) -> str | None:
        """Return what something stands on: the ground where its lower edge is.

        Args:
            box: Of the thing, in pixels.
            size: ``(width, height)`` of the picture in pixels.

        Returns:
            The name; nothing where it is not known.
        """
        rows, columns = self.places.shape
        across, down = columns / size[0], rows / size[1]
        foot = int(np.clip((box.y + box.height) * down, 0, rows - 1))
        # Boxes are not exact: a little above their lower edge counts, too, but not beyond their sides.
        top = max(0, foot - max(1, rows // 60))
        left = int(np.clip((box.x + 0.25 * box.width) * across, 0, columns - 1))
        right = int(np.clip(np.ceil((box.x + 0.75 * box.width) * across), left + 1, columns))
        here = self.places[top : foot + 1, left:right].ravel()
        counts = np.bincount(here[here != UNKNOWN], minlength=1)
        return self.names[int(counts.argmax())] if 2 * counts.sum() >= here.size else None

    def share(
        self, name: str, visits: NDArray[np.floating], tall: NDArray[np.floating], height: int
    ) -> float | None:
        """Return how much of what was seen moving, moved on a ground.

        Args:
            name: Of the ground.
            visits: ``(ny, nx)`` how often something of typical size moved at each place.
            tall: ``(ny,)`` how tall things are there, in pixels.
            height: Of the picture in pixels.

        Returns:
            The share of what moved on any ground, 0 to 1; nothing while too little was seen.
        """
        ny, nx = visits.shape
        rows, columns = self.places.shape
        # What is seen in the middle of a place stands half its height below.
        feet = (np.arange(ny) + 0.5) / ny + np.asarray(tall, np.float64) / (2 * height)
        down = np.clip(feet * rows, 0, rows - 1).astype(np.intp)
        across = ((np.arange(nx) + 0.5) / nx * columns).astype(np.intp)
        ground = self.places[down[:, None], across[None, :]]
        total = float(visits[ground != UNKNOWN].sum())
        if total < _ENOUGH:
            return None
        return float(visits[ground == self.names.index(name)].sum()) / total


def in_words(name: str, share: float | None) -> str:
    """Say what something stands on: ``on the road, where 0.2 % of what moves here is seen``."""
    where = f"on the {name}"
    if share is None or share >= _RARE:
        return where
    if share < 0.0005:
        return f"{where}, where hardly anything moves"
    return f"{where}, where {100 * share:.2g} % of what moves here is seen"
