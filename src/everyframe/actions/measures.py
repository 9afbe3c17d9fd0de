"""What goes on in zones of the picture, in numbers: speed, occupancy, queues, counts."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from everyframe.actions.zones import Mask, Zone, area_of, stretches
from everyframe.errors import SettingError
from everyframe.motion.background import Background
from everyframe.motion.field import Field, Grid
from everyframe.motion.objects import find_objects
from everyframe.motion.perspective import Perspective

_MOVES = 0.5  # share of a cell from which on it counts as moving
_TAKEN = 0.25  # share of a stretch's cells from which on it is occupied
_OPENING = 1.5  # typical heights: a gap in a queue that is no longer is not its end

QUANTITIES = ("speed", "pace", "occupancy", "count", "queue")
"""``speed`` in px/s and ``pace`` in typical heights per second: mean of what moves, 0 where nothing does.
``occupancy``: share of the area where something moves or stands that does not belong there, 0 to 1.
``count``: moving objects whose middle lies in the area. ``queue``: pixels along the lane, from its beginning,
that are occupied by what stands or hardly moves."""


@dataclass(frozen=True, slots=True)
class _Place:
    zone: Zone
    area: Mask
    lane: list[tuple[Mask, float]]
    heights: NDArray[np.float64]


class ZoneMeter:
    """Measures zones, field after field.

    Args:
        zones: Where.
        perspective: How large things are at each height of the picture.
        background: What the scene looks like when nothing lingers. The meter only reads what it last said is
            foreign, so that somebody has to step it with the same fields; without one, only what moves
            occupies a zone.

    Raises:
        SettingError: If two zones have one name.
    """

    def __init__(
        self, zones: Iterable[Zone], perspective: Perspective, background: Background | None = None
    ) -> None:
        self.zones = tuple(zones)
        if len({zone.name for zone in self.zones}) != len(self.zones):
            raise SettingError("Two zones have the same name; give each a name of its own.")
        self._perspective = perspective
        self._background = background
        self._made_for: tuple[tuple[int, int], tuple[int, int]] | None = None
        self._places: list[_Place] = []

    def step(self, field: Field) -> dict[str, float]:
        """Return the quantities by ``zone.quantity``; not-a-number where there is nothing to tell from.

        A zone without a lane has no ``queue``.
        """
        rows, columns = field.moving.shape
        shape = (rows, columns)
        if self._made_for != (shape, field.size):
            self._made_for = (shape, field.size)
            self._places = [self._place(zone, shape, field.size) for zone in self.zones]
        taken = self._taken(field)
        middles = _middles(field)
        told: dict[str, float] = {}
        for place in self._places:
            measured = self._measure(place, field, taken, middles)
            told.update({f"{place.zone.name}.{name}": value for name, value in measured.items()})
        return told

    def _place(self, zone: Zone, shape: tuple[int, int], size: tuple[int, int]) -> _Place:
        rows = (np.arange(shape[0]) + 0.5) * (size[1] / shape[0])
        heights = np.broadcast_to(self._perspective.height(rows)[:, None], shape)
        lane = stretches(zone, shape, size) if zone.lane else []
        return _Place(zone, area_of(zone, shape, size), lane, heights)

    def _taken(self, field: Field) -> Mask:
        """Return ``(gh, gw)`` where something moves, or stands that does not belong there."""
        moves: Mask = field.moving > _MOVES
        foreign: Grid | None = None if self._background is None else self._background.foreign
        if foreign is None or foreign.shape != moves.shape:
            return moves
        return moves | (foreign > 0)

    def _measure(
        self, place: _Place, field: Field, taken: Mask, middles: NDArray[np.intp]
    ) -> dict[str, float]:
        nothing = math.nan
        told = {"speed": nothing, "pace": nothing, "occupancy": nothing, "count": nothing}
        if place.lane:
            told["queue"] = nothing
        if not field.measured:
            return told  # motion is not known here, and "nothing moves" would be a guess
        speed = np.hypot(field.velocity[..., 0], field.velocity[..., 1])
        moves = place.area & (field.moving > _MOVES)
        told["speed"] = float(speed[moves].mean()) if moves.any() else 0.0
        told["pace"] = float((speed[moves] / place.heights[moves]).mean()) if moves.any() else 0.0
        told["occupancy"] = float(taken[place.area].mean())
        told["count"] = float(place.area[middles[:, 0], middles[:, 1]].sum())
        if place.lane:
            told["queue"] = _queue(place, speed, field.moving > _MOVES, taken)
        return told


def _queue(place: _Place, speed: Grid, moves: Mask, taken: Mask) -> float:
    """Return how far the queue reaches along the lane in pixels; gaps between those who wait belong to it."""
    reached = at = opening = 0.0
    for cells, length in place.lane:
        at += length
        height = float(place.heights[cells].mean())
        pace = np.where(moves[cells], speed[cells], 0.0) / height
        waits = taken[cells] & (pace < place.zone.slow)
        if waits.mean() >= _TAKEN:
            reached, opening = at, 0.0
            continue
        opening += length
        if opening > _OPENING * height:
            break
    return reached


def _middles(field: Field) -> NDArray[np.intp]:
    """Return ``(n, 2)`` row and column of the cells in which moving objects have their middle."""
    wide, high = field.cell
    rows, columns = field.moving.shape
    found = [
        (
            min(int((thing.box.y + thing.box.height / 2) / high), rows - 1),
            min(int((thing.box.x + thing.box.width / 2) / wide), columns - 1),
        )
        for thing in find_objects(field)
    ]
    return np.array(found, np.intp).reshape(-1, 2)
