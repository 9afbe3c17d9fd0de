"""Keeps room: recordings go first, so that alerts can always be kept, and old messages go, too."""

from __future__ import annotations

import logging
import time
from pathlib import Path

from everyframe.actions import Outbox
from everyframe.server.ticking import Ticker
from everyframe.store.recording import Room, make_room

_log = logging.getLogger(__name__)

_EVERY = 30.0  # seconds
_REMEMBERED = 30 * 86_400.0  # seconds


def keeper(folder: Path, room: Room, outbox: Outbox) -> Ticker:
    """Return what removes the oldest recordings as long as they have no room, and messages nobody needs.

    Args:
        folder: Of the recordings of all cameras.
        room: How much they may take.
        outbox: Of the messages; those that were given up stay until somebody has seen them.
    """

    def look() -> None:
        removed = make_room(folder, room)
        if removed:
            _log.info("%d recordings were removed, to keep room", removed)
        outbox.prune(time.time() - _REMEMBERED)

    return Ticker("keeper", look, _EVERY)
