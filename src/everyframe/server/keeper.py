"""Keeps room on the disk: recordings go first, so that alerts can always be kept."""

from __future__ import annotations

import logging
import threading
from pathlib import Path

from everyframe.store.recording import Room, make_room

_log = logging.getLogger(__name__)

_EVERY = 30.0  # seconds


class Keeper:
    """Removes the oldest recordings as long as they have no room, in a thread of its own.

    Args:
        folder: Of the recordings of all cameras.
        room: How much they may take.
    """

    def __init__(self, folder: Path, room: Room) -> None:
        self._folder, self._room = folder, room
        self._closing = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Look now, and then now and again."""
        if self._thread is None:
            self._closing.clear()
            self._thread = threading.Thread(target=self._run, name="keeper", daemon=True)
            self._thread.start()

    def close(self) -> None:
        """Look no more; safe to call twice."""
        if self._thread is not None:
            self._closing.set()
            self._thread.join()
            self._thread = None

    def _run(self) -> None:
        while True:
            removed = make_room(self._folder, self._room)
            if removed:
                _log.info("%d recordings were removed, to keep room", removed)
            if self._closing.wait(_EVERY):
                return
