"""Which frames are measured, and against which earlier one."""

from __future__ import annotations

from collections import deque

from everyframe.motion.field import MotionSettings
from everyframe.types import Luma


class Pace:
    """Remembers the last pictures (small ones) and picks the partner to measure against.

    Args:
        settings: Rate and distance in time.
    """

    def __init__(self, settings: MotionSettings) -> None:
        self._settings = settings
        self._last: float | None = None
        self._past: deque[tuple[float, Luma]] = deque()

    def is_due(self, time: float) -> bool:
        """Say whether a picture at ``time`` (seconds) is to be measured, and if so, count it as measured."""
        interval = 1.0 / self._settings.rate
        # A clock that leapt back has not been measured yet.
        if self._last is not None and 0.0 <= time - self._last < interval * 0.95:
            return False
        self._last = time
        return True

    def partner(self, time: float) -> tuple[float, Luma] | None:
        """Return time and picture of the one whose distance is nearest to ``settings.over``."""
        past = self._past
        while past and time - past[0][0] > self._settings.longest:
            past.popleft()
        while past and past[-1][0] >= time:
            past.pop()
        if not past:
            return None
        wanted = time - self._settings.over
        return min(past, key=lambda entry: abs(entry[0] - wanted))

    def remember(self, time: float, picture: Luma) -> None:
        """Keep a picture as a partner for later ones."""
        self._past.append((time, picture))

    def reset(self) -> None:
        """Forget all pictures."""
        self._past.clear()
