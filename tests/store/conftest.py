"""What the store's tests share: made-up events and pictures."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from everyframe.types import Box, Deviation, Event, Frame, Sighting


def made_event(start: float = 1.0, **others: object) -> Event:
    clause = "moves 2.6 times faster than anything seen at this place"
    values: dict[str, object] = {
        "start": start,
        "end": start + 2.0,
        "peak": start + 1.0,
        "box": Box(10, 12, 20, 16),
        "score": 7.5,
        "p_value": 0.0003,
        "reason": clause,
        "deviations": (Deviation("speed", 208.0, 80.0, "px/s", clause, 7.5),),
        "name": "cyclist",
        "sightings": (
            Sighting(0.3, 0.4, 0.2, 8.5, 2.0, 0.1, 0.3, 0.0, 7.5, (("speed", 7.5), ("size", 0.0))),
            Sighting(0.2, 0.4, 0.2, None, 2.0, 0.1, 0.3, 0.0, 6.0, ()),
        ),
        "track": ((start, Box(8, 12, 20, 16)), (start + 1.0, Box(10, 12, 20, 16))),
    }
    return Event(**{**values, **others})  # type: ignore[arg-type]


def _frame(index: int, time: float, width: int = 64, height: int = 48) -> Frame:
    luma = np.full((height, width), 60, np.uint8)
    left = (4 * index) % max(1, width - 8)
    luma[height // 2 : height // 2 + 8, left : left + 8] = 230
    return Frame(index, time, luma)


@pytest.fixture(scope="session")
def make_event() -> Callable[..., Event]:
    """Return a maker of events of two seconds; fields by name."""
    return made_event


@pytest.fixture(scope="session")
def make_frame() -> Callable[..., Frame]:
    """Return a maker of grey pictures with a bright square that moves 4 px a frame."""
    return _frame
