"""Keeps room: recordings go first, then clips that matter least, and old messages go, too."""

from __future__ import annotations

import logging
import math
import time

from everyframe.actions import Outbox
from everyframe.server.settings import ServerSettings
from everyframe.server.ticking import Ticker
from everyframe.store import Store
from everyframe.store.keeping import ClipRoom, make_room_for_clips
from everyframe.store.recording import FOLDER, Room, make_room

_log = logging.getLogger(__name__)

_EVERY = 30.0  # seconds
_REMEMBERED = 30 * 86_400.0  # seconds
_DAY = 86_400.0  # seconds
_GB = 1e9  # bytes


def keeper(store: Store, room: Room, clips: ClipRoom, outbox: Outbox) -> Ticker:
    """Return what removes the oldest recordings and clips as long as they have no room, and old messages.

    Clips go only where there is no room after recordings went; nothing else in the folder is touched.

    Args:
        store: Whose recordings and clips.
        room: How much all recordings may take.
        clips: How much clips may take.
        outbox: Of the messages; those that were given up stay until somebody has seen them.
    """

    def look() -> None:
        removed = make_room(store.folder / FOLDER, room)
        if removed:
            _log.info("%d recordings were removed, to keep room", removed)
        removed = make_room_for_clips(store, clips)
        if removed:
            _log.info("%d clips were removed, to keep room", removed)
        outbox.prune(time.time() - _REMEMBERED)

    return Ticker("keeper", look, _EVERY)


def room_of(settings: ServerSettings) -> Room:
    """Return how much recordings may take."""
    return Room(settings.record_days * _DAY, settings.record_gb * _GB, settings.keep_free_gb * _GB)


def clip_room_of(settings: ServerSettings) -> ClipRoom:
    """Return how much clips may take."""
    real = settings.real_clip_days * _DAY if settings.real_clip_days else math.inf
    return ClipRoom(settings.clip_days * _DAY, real, settings.clip_gb * _GB, settings.keep_free_gb * _GB)
