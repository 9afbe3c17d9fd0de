"""A process that does one job: it tells how far it is, ends when asked, and goes where its server goes."""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Callable, Mapping
from multiprocessing.connection import Connection
from typing import Any

from everyframe.errors import EveryframeError
from everyframe.server.job_files import JobState

_log = logging.getLogger(__name__)

_TELL_EVERY = 0.3  # seconds between two words about progress
_NICE = 10  # cameras come first
_MOST_NOTES = 20

STOP = "stop"
"""What a server says to have work end with what it has."""


class Stopped(Exception):
    """Work was stopped; says what came of it."""


class Desk:
    """What work sees of whoever asked for it.

    Attributes:
        stopping: Set where it should end with what it has.
    """

    def __init__(self, connection: Connection) -> None:
        self.stopping = threading.Event()
        self.notes: list[str] = []
        self._connection = connection
        self._latest = (0.0, "")
        threading.Thread(target=self._listen, name="desk", daemon=True).start()

    def tell(self, doing: str, name: str = "", done: float = 0.0, total: float = 0.0, more: str = "") -> None:
        """Say how far it is.

        Args:
            doing: What is being done: ``reading``, ``learning``.
            name: With what.
            done: How much of it, in whatever unit.
            total: Of how much; 0 where nobody knows.
            more: What there is so far, in words.
        """
        now = time.monotonic()
        if doing != self._latest[1] or now - self._latest[0] >= _TELL_EVERY:
            self._latest = (now, doing)
            self._send({"doing": doing, "name": name, "done": done, "total": total, "more": more})

    def point(self, value: float, number: int) -> None:
        """Set a number of the job's curve, counted from 1; those after it go."""
        self._send((float(value), number))

    def note(self, line: str) -> None:
        """Say what went otherwise than one may think; of many lines the first are kept."""
        if len(self.notes) < _MOST_NOTES:
            self.notes.append(" ".join(line.split()))

    def _send(self, told: object) -> None:
        try:
            self._connection.send(told)
        except OSError:
            os._exit(1)

    def _listen(self) -> None:
        """Hear what the server says; where it is gone, be gone, too, lest two do the same afterwards."""
        try:
            while True:
                if self._connection.recv() == STOP:
                    self.stopping.set()
        except (EOFError, OSError):
            os._exit(1)


Work = Callable[[Mapping[str, Any], Desk], str]
"""Does a task and returns what came of it, in one line."""


def sit_down(work: Work, task: Mapping[str, Any], connection: Connection) -> None:
    """Do a task, and say what came of it; what a process of its own does."""
    os.nice(_NICE)
    desk = Desk(connection)
    told: dict[str, Any]
    try:
        told = {"state": JobState.DONE, "outcome": work(task, desk)}
    except Stopped as stopped:
        told = {"state": JobState.STOPPED, "outcome": str(stopped)}
    except EveryframeError as error:
        told = {"state": JobState.FAILED, "fault": " ".join(str(error).split())}
    except MemoryError:
        told = {"state": JobState.FAILED, "fault": "There is not enough memory for this; do less at once."}
    except Exception:
        _log.exception("work failed")
        told = {"state": JobState.FAILED, "fault": "Something is wrong with Everyframe itself; see the log."}
    connection.send({**told, "notes": tuple(desk.notes)})
