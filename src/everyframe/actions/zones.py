"""Zones and lanes: where in the picture something is measured."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, model_validator

from everyframe.actions.tables import Table, read_table
from everyframe.motion.masks import drawn

Share = Annotated[float, Field(ge=0.0, le=1.0)]
Point = tuple[Share, Share]
Mask = NDArray[np.bool_]


class Zone(Table):
    """A part of the picture: a polygon, a lane, or both.

    Places are ``(x, y)`` in shares of the picture's width and height, from the top left.

    Attributes:
        name: What conditions call it.
        polygon: Corners of the area in which speed, occupancy and count are measured; by default the lane.
        lane: The middle of a lane, from where a queue begins (the stop line) to where it may reach.
        width: Of the lane, as a share of the picture's height.
        slow: What moves slower than so many typical heights per second along the lane stands in a queue.
    """

    name: Annotated[str, Field(min_length=1, max_length=60, pattern=r"^[A-Za-z0-9_-]+$")]
    polygon: tuple[Point, ...] = ()
    lane: tuple[Point, ...] = ()
    width: Annotated[float, Field(gt=0.0, le=1.0)] = 0.05
    slow: Annotated[float, Field(gt=0.0, allow_inf_nan=False)] = 0.5

    @model_validator(mode="after")
    def _is_somewhere(self) -> Zone:
        if not self.polygon and not self.lane:
            raise ValueError("a zone wants a polygon or a lane")
        if self.polygon and len(self.polygon) < 3:
            raise ValueError("a polygon has three corners or more")
        if self.lane and len(self.lane) < 2:
            raise ValueError("a lane has two points or more")
        return self


def read_zone_table(table: Mapping[str, Any]) -> Zone:
    """Read one zone.

    Raises:
        SettingError: Something in it is wrong.
    """
    return read_table(Zone, table, f"zone {table.get('name', '')}".strip())


def area_of(zone: Zone, shape: tuple[int, int], size: tuple[int, int]) -> Mask:
    """Return ``(gh, gw)`` which cells belong to a zone; the nearest one where it is smaller than a cell.

    Args:
        zone: Which.
        shape: ``(gh, gw)`` of the grid.
        size: ``(width, height)`` of the picture in pixels.
    """
    if not zone.polygon:
        near = [where for where, _ in stretches(zone, shape, size)]
        whole: Mask = np.logical_or.reduce(near)
        return whole
    # A cell belongs to it if its middle does.
    rows, columns = shape
    area: Mask = drawn(zone.polygon, shape)[4::8, 4::8] > 0
    if not area.any():
        x, y = np.mean(zone.polygon, axis=0)
        area[min(int(y * rows), rows - 1), min(int(x * columns), columns - 1)] = True
    return area


def stretches(zone: Zone, shape: tuple[int, int], size: tuple[int, int]) -> list[tuple[Mask, float]]:
    """Cut a lane into stretches of about one cell, from where a queue begins.

    Args:
        zone: One with a lane.
        shape: ``(gh, gw)`` of the grid.
        size: ``(width, height)`` of the picture in pixels.

    Returns:
        For each stretch ``(gh, gw)`` its cells, across the lane, and its length in pixels.
    """
    rows, columns = shape
    wide, high = size[0] / columns, size[1] / rows
    points = np.array(zone.lane) * np.array(size)
    steps = np.linalg.norm(np.diff(points, axis=0), axis=1)
    length = float(steps.sum())
    count = max(1, round(length / max(wide, high)))
    along = np.concatenate([[0.0], np.cumsum(steps)])
    middles = (np.arange(count) + 0.5) * (length / count)
    x, y = np.interp(middles, along, points[:, 0]), np.interp(middles, along, points[:, 1])
    across, down = (np.arange(columns) + 0.5) * wide, (np.arange(rows) + 0.5) * high
    away = np.hypot(across[None, None] - x[:, None, None], down[None, :, None] - y[:, None, None])
    # A cell belongs to the stretch whose middle is nearest, so that no cell counts twice.
    nearest = away.argmin(axis=0)
    within = away.min(axis=0) <= max(zone.width * size[1] / 2, max(wide, high) / 2)
    found = []
    for number in range(count):
        mask = within & (nearest == number)
        if not mask.any():
            mask = away[number] == away[number].min()
        found.append((mask, length / count))
    return found
