"""The picture of what is normal for a camera, drawn once for each baseline."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from everyframe.anomaly.baseline import Baseline
from everyframe.anomaly.show import picture
from everyframe.live.worker import baseline_path
from everyframe.server.house import House
from everyframe.store.pictures import png


def baseline_of(house: House, camera: str) -> Path | None:
    """Return where a camera's baseline lies, or ``None`` while it has none."""
    place = baseline_path(house.baselines, camera)
    return place if place.is_file() else None


def picture_of(house: House, camera: str) -> bytes | None:
    """Return the picture of what is normal, a PNG file, or ``None`` while that is not known.

    Raises:
        BaselineCorrupt: The baseline is damaged.
    """
    place = baseline_of(house, camera)
    return None if place is None else _drawn(place, place.stat().st_mtime_ns)


@lru_cache(maxsize=8)
def _drawn(place: Path, changed: int) -> bytes:  # noqa: ARG001 - a new baseline is a new picture
    return png(picture(Baseline.load(place)))
