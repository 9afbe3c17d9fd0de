"""One piece of work after another, in a thread of its own: what jobs and reels have in common."""

from __future__ import annotations

import logging
import multiprocessing
import threading
from abc import ABC, abstractmethod
from multiprocessing.context import ForkServerProcess
from typing import Generic, TypeVar

from everyframe.errors import EveryframeError

Piece = TypeVar("Piece")

_log = logging.getLogger(__name__)

_PATIENCE = 10.0  # seconds for a process to end


class Turns(ABC, Generic[Piece]):
    """Takes what waits, in order, and has it done; nothing is done before ``start``.

    Args:
        name: Of the thread.
    """

    def __init__(self, name: str) -> None:
        self._context = multiprocessing.get_context("forkserver")
        self._changed = threading.Condition(threading.RLock())
        self._closing = False
        self._name = name
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin with what waits; safe to call twice."""
        if self._thread is None:
            self._closing = False
            self._thread = threading.Thread(target=self._run, name=self._name, daemon=True)
            self._thread.start()

    def close(self) -> None:
        """End, and what is being done with it. Safe to call twice."""
        with self._changed:
            self._closing = True
            self._end_process()
            self._changed.notify_all()
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    @abstractmethod
    def _next(self) -> Piece | None:
        """Return what is to be done next; ``None`` where nothing waits."""

    @abstractmethod
    def _do(self, piece: Piece) -> None:
        """Have it done, and keep what came of it."""

    @abstractmethod
    def _fail(self, piece: Piece, why: str) -> None:
        """Tell of it as failed; called with ``_changed`` held."""

    @abstractmethod
    def _end_process(self) -> None:
        """Have the process at hand end, where there is one; the thread that began it waits for that."""

    def _ends(self) -> bool:
        return self._closing

    def _run(self) -> None:
        while (piece := self._wait()) is not None:
            try:
                self._do(piece)
            except Exception as error:
                # Without this thread nothing would be done any more, and nobody would know why.
                known = isinstance(error, EveryframeError)
                _log.error("%s: %s", self._name, error, exc_info=not known)
                with self._changed:
                    self._fail(piece, str(error) if known else "It cannot be done; see the log.")

    def _wait(self) -> Piece | None:
        """Return what is to be done next, once there is something; ``None`` at the end."""
        with self._changed:
            while not self._closing:
                piece = self._next()
                if piece is not None:
                    return piece
                self._changed.wait()
        return None


def reap(process: ForkServerProcess) -> None:
    """Wait for a process that has said its last word, and end one that does not end."""
    process.join(_PATIENCE)
    if process.is_alive():
        process.kill()
        process.join()
