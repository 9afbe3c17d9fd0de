"""What the store does not take now is written later, in its order."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from everyframe.errors import StorageError
from everyframe.sources.reader import Backoff

_BACKOFF = Backoff(first=1.0, most=10.0)


@dataclass(slots=True)
class _Waiting:
    act: Callable[[], object]
    since: float


class Later:
    """Writes at once while the store takes it; keeps in memory and tries again what it does not take.

    A full disk or a database that is gone shall not end the watching. What waits is bounded in number and in
    age, so that neither memory grows without bound nor one write that never succeeds keeps back the rest.
    Where the database is lost in the very moment of a commit, a write may be done twice.

    Args:
        say: Hears in one line when the store takes no more, when it takes it again, and what is given up.
        most: So many writes wait at most; what comes then is given up.
        age: Seconds after which a write is given up.
        clock: Seconds, from any start.

    Attributes:
        trouble: Why nothing can be written now; empty while all is well.
    """

    def __init__(
        self,
        say: Callable[[str], None],
        *,
        most: int = 500,
        age: float = 900.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.trouble = ""
        self._say, self._most, self._age, self._clock = say, most, age, clock
        self._waiting: deque[_Waiting] = deque()
        self._next = float("-inf")
        self._tries = self._lost = 0

    def do(self, act: Callable[[], object]) -> None:
        """Write now, or once what waits before it is written.

        Args:
            act: Does it; raises ``StorageError`` where it could not, and may then be called again.
        """
        if len(self._waiting) >= self._most:
            if not self._lost:
                self._say(f"{self._most} things wait to be written; what comes now is lost.")
            self._lost += 1
            return
        self._waiting.append(_Waiting(act, self._clock()))
        self.step()

    def step(self) -> None:
        """Try again what waits, if it is time to."""
        if self._waiting and self._clock() >= self._next:
            self.flush()

    def flush(self) -> None:
        """Try again now what waits."""
        while self._waiting:
            first = self._waiting[0]
            try:
                first.act()
            except StorageError as error:
                self._troubled(error)
                if self._clock() - first.since < self._age:
                    return
                self._lost += 1
            self._waiting.popleft()
        self._over()

    def _troubled(self, error: StorageError) -> None:
        self._tries += 1
        self._next = self._clock() + _BACKOFF.wait(self._tries)
        if not self.trouble:
            self._say(f"{error} What is found meanwhile is kept in memory and written later.")
        self.trouble = str(error)

    def _over(self) -> None:
        if self.trouble:
            lost = f"; {self._lost} things are lost" if self._lost else ""
            self._say(f"The store takes what is written again{lost}.")
            self.trouble, self._tries, self._lost = "", 0, 0
