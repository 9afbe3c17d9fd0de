"""Keeps room on the disk: recordings go first, so that alerts can always be kept."""

from __future__ import annotations

import logging
from pathlib import Path

from everyframe.server.ticking import Ticker
from everyframe.store.recording import Room, make_room

_log = logging.getLogger(__name__)

_EVERY = 30.0  # seconds


def keeper(folder: Path, room: Room) -> Ticker:
    """Return what removes the oldest recordings as long as they have no room.

    Args:
        folder: Of the recordings of all cameras.
        room: How much they may take.
    """

    def look() -> None:
        removed = make_room(folder, room)
        if removed:
            _log.info("%d recordings were removed, to keep room", removed)

    return Ticker("keeper", look, _EVERY)
