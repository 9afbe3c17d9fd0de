"""Zones and masks that a camera's picture suggests: what its ground is, and where only leaves move."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from everyframe.errors import SettingError
from everyframe.motion import Polygon
from everyframe.motion.masks import drawn
from everyframe.server.house import House

if TYPE_CHECKING:
    from everyframe.vision.dense.regions import Proposal, Region
    from everyframe.vision.dense.segmenter import Segmenter

_SECONDS = 8.0  # that a camera is looked at: somebody waits at the page
_SAME = 0.7  # intersection over union from which on a region is there already
_GRID = (36, 64)  # rows and columns on which that is seen

_busy = threading.Lock()


def propose_for(house: House, name: str) -> Proposal:
    """Look at a camera for some seconds and propose what is not drawn there yet.

    Args:
        house: Where the camera is kept.
        name: Of the camera.

    Raises:
        SettingError: There is no such camera, or another one is being looked at.
        SourceError: It cannot be read.
    """
    from everyframe.vision.dense.regions import Proposal, propose
    from everyframe.vision.dense.scene import scene_classes

    camera = house.cameras.one(name)
    if camera is None:
        raise SettingError("There is no camera of that name; look at the list of cameras.")
    if not _busy.acquire(blocking=False):
        raise SettingError("Another picture is being looked at; try again in a moment.")
    try:
        picture = house.cameras.look(name, _SECONDS)
        network = _network()
        found = propose(scene_classes(picture, network), network.classes)
    finally:
        _busy.release()
    zones = [zone.polygon for zone in house.zones.of(name)]
    return Proposal(_new(found.zones, zones), _new(found.masks, camera.spec.masks))


def _new(regions: Iterable[Region], there: Iterable[tuple[tuple[float, float], ...]]) -> tuple[Region, ...]:
    """Return the regions that are not there already."""
    known = [drawn(polygon, _GRID) > 0 for polygon in there if polygon]
    return tuple(region for region in regions if not any(_same(region.polygon, one) for one in known))


def _same(polygon: Polygon, known: np.ndarray) -> bool:
    here = drawn(polygon, _GRID) > 0
    either = int((here | known).sum())
    return bool(either) and int((here & known).sum()) / either >= _SAME


@cache
def _network() -> Segmenter:
    from everyframe.vision.dense.segmenter import Segmenter

    return Segmenter()
