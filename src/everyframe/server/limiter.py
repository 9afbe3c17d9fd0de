"""Slowing down those who guess passwords."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict, deque
from collections.abc import Callable

_MOST_KEYS = 10_000  # so that an attacker with many addresses cannot fill the memory


class Limiter:
    """Allows so many failures per key within a stretch of time. Safe to use from several threads.

    Args:
        tries: Failures that are allowed.
        seconds: Within how long.
        clock: Seconds that never go back.
    """

    def __init__(self, tries: int, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._tries, self._seconds, self._clock = tries, seconds, clock
        self._failures: OrderedDict[str, deque[float]] = OrderedDict()
        self._lock = threading.Lock()

    def wait(self, key: str) -> float:
        """Return for how many seconds ``key`` has to wait before it may try again; 0 for not at all."""
        now = self._clock()
        with self._lock:
            failures = self._recent(key, now)
            if len(failures) < self._tries:
                return 0.0
            return max(failures[-self._tries] + self._seconds - now, 0.0)

    def failed(self, key: str) -> None:
        """Note a failure."""
        now = self._clock()
        with self._lock:
            failures = self._recent(key, now)
            failures.append(now)
            self._failures[key] = failures
            self._failures.move_to_end(key)
            if len(self._failures) > _MOST_KEYS:
                self._failures.popitem(last=False)

    def forgive(self, key: str) -> None:
        """Forget what failed: it worked."""
        with self._lock:
            self._failures.pop(key, None)

    def undo(self, key: str) -> None:
        """Take back the latest failure: it was none."""
        with self._lock:
            if self._failures.get(key):
                self._failures[key].pop()

    def _recent(self, key: str, now: float) -> deque[float]:
        failures = self._failures.get(key, deque())
        while failures and failures[0] <= now - self._seconds:
            failures.popleft()
        return failures
