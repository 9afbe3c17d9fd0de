"""Doing something now and again, in a thread of its own."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from everyframe.errors import EveryframeError

_log = logging.getLogger(__name__)


class Ticker:
    """Calls something at once and then again and again; what goes wrong is told, and it goes on.

    Args:
        name: Of the thread.
        step: What to call.
        every: Seconds between two calls.
    """

    def __init__(self, name: str, step: Callable[[], object], every: float) -> None:
        self._name, self._step, self._every = name, step, every
        self._closing = threading.Event()
        self._thread: threading.Thread | None = None

    @property
    def runs(self) -> bool:
        """Whether it is at work."""
        return self._thread is not None

    def start(self) -> None:
        """Begin; safe to call twice."""
        if self._thread is None:
            self._closing.clear()
            self._thread = threading.Thread(target=self._run, name=self._name, daemon=True)
            self._thread.start()

    def close(self) -> None:
        """End, and wait for the call that is at work; safe to call twice."""
        if self._thread is not None:
            self._closing.set()
            self._thread.join()
            self._thread = None

    def _run(self) -> None:
        while True:
            try:
                self._step()
            except EveryframeError as error:
                _log.warning("%s", error)
            except Exception:
                # Without this thread nobody would do it any more, and nobody would know why.
                _log.exception("%s stumbled and goes on", self._name)
            if self._closing.wait(self._every):
                return
