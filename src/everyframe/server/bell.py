"""Rings on every open page as soon as there is an alert."""

from __future__ import annotations

import threading
import time
from collections import deque

from everyframe.live import Notice
from everyframe.server.cameras import Watching

_KEPT = 50  # alerts; a page that was asleep for longer shows the latest of them


class Bell:
    """Keeps the latest alerts for pages that look several times a second, which costs next to nothing.

    Pages look, instead of being called: they belong to the loop of the web server, alerts come from the
    thread of whoever watches.

    Args:
        watching: Who tells of alerts.
    """

    def __init__(self, watching: Watching) -> None:
        self._lock = threading.Lock()
        self._latest: deque[Notice] = deque(maxlen=_KEPT)
        self._rung = 0
        watching.listen(self._hear)

    @property
    def rung(self) -> int:
        """How many alerts there were."""
        return self._rung

    def since(self, rung: int) -> list[Notice]:
        """Return the alerts after so many, as far as they are kept, oldest first."""
        if rung == self._rung:
            return []
        with self._lock:
            new = min(self._rung - rung, len(self._latest))
            return list(self._latest)[len(self._latest) - new :]

    def lately(self, seconds: float) -> list[Notice]:
        """Return the alerts of the last seconds, as far as they are kept, oldest first."""
        since = time.time() - seconds
        with self._lock:
            return [notice for notice in self._latest if notice.utc >= since]

    def _hear(self, notice: Notice) -> None:
        if notice.kind == "alert":
            with self._lock:
                self._latest.append(notice)
                self._rung += 1
