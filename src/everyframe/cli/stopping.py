"""Ctrl-C and SIGTERM as a wish to stop, so that what was found so far is kept."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from everyframe.cli.console import complain
from everyframe.errors import EveryframeError


class Stop:
    """Whether somebody wants us to stop.

    Attributes:
        event: Set once they do.
        code: The exit code that says so, 0 until then.
    """

    def __init__(self) -> None:
        self.event = threading.Event()
        self.code = 0

    def __bool__(self) -> bool:
        return self.event.is_set()

    def ask(self, number: int, frame: FrameType | None) -> None:  # noqa: ARG002 - the signature of a handler
        """Take the first signal as a wish, and the second as an order."""
        if self:
            raise SystemExit(128 + number)
        self.code = 128 + number
        self.event.set()


@contextmanager
def stoppable() -> Iterator[Stop]:
    """Lend a ``Stop`` that Ctrl-C and SIGTERM set; a second one ends the command at once.

    What then cannot be done with what there is so far is said, and is no failure of its own.
    """
    stop = Stop()
    before = {number: signal.signal(number, stop.ask) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stop
    except EveryframeError as error:
        if not stop:
            raise
        complain(error)
        raise SystemExit(stop.code) from None
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
