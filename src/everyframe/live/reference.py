"""What a camera usually looks like, kept beside its baseline, so that a restart does not learn it anew."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from pathlib import Path

from everyframe.errors import BaselineCorrupt, EveryframeError
from everyframe.files import file_name
from everyframe.health import HealthWatcher, keeping

_log = logging.getLogger(__name__)

_EVERY = 60.0  # seconds between two times that it is kept


def reference_path(folder: Path, name: str) -> Path:
    """Return where what is usual for a camera lies."""
    return folder / f"{file_name(name)}.health"


class Reference:
    """Gives a new watcher what an earlier one learned, and keeps what this one learns.

    A camera that was turned, covered or put out of focus while nobody watched is so told of: what is seen now
    is held against what was usual before.

    Args:
        folder: Where baselines lie.
        name: Of the camera.
        now: A clock that only goes on, in seconds.
    """

    def __init__(self, folder: Path, name: str, *, now: Callable[[], float] = time.monotonic) -> None:
        self._path, self._now = reference_path(folder, name), now
        self._kept = float("-inf")

    def give(self, watcher: HealthWatcher) -> None:
        """Have a watcher know what was learned before; where that is damaged it is learned anew."""
        if not self._path.exists():
            return
        try:
            watcher.restore(keeping.kept(self._path))
        except BaselineCorrupt as error:
            _log.warning("%s", error)

    def take(self, watcher: HealthWatcher, *, at_once: bool = False) -> None:
        """Keep what a watcher has learned, now and then or at once, if it is enough to judge by."""
        if not watcher.learned or not (at_once or self._now() - self._kept >= _EVERY):
            return
        self._kept = self._now()
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            keeping.keep(self._path, watcher.save())
        except (EveryframeError, OSError) as error:
            _log.warning("%s; what this camera usually looks like is kept in memory only", error)
