"""What one look says of one kind of fault, and how verdicts become events that begin and end."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import IntEnum

from everyframe.health.kinds import HealthEvent, HealthKind

Says = Callable[[float], str]
"""From seconds that it lasted to what was measured."""

Utc = Callable[[float], float | None]
"""From time to POSIX seconds."""


_APART = 1e-3  # seconds


class Grade(IntEnum):
    """How sure one look is that something is wrong."""

    UNSEEN = -1  # it cannot tell
    GOOD = 0
    WEAK = 1  # wrong if it stays for long
    BAD = 2


@dataclass(frozen=True, slots=True)
class Verdict:
    """One look's word on one kind.

    Attributes:
        grade: How sure it is.
        says: What was measured.
    """

    grade: Grade
    says: Says = str


class Fault:
    """One kind of fault: begins after bad verdicts have lasted, ends after good ones have.

    Args:
        kind: What it is.
        after: Seconds of bad verdicts after which it begins.
        weak_after: Seconds of bad or weak verdicts after which it begins.
        good_for: Seconds of good verdicts after which it is over.
        utc: From time to POSIX seconds.
    """

    def __init__(
        self, kind: HealthKind, after: float, good_for: float, utc: Utc, weak_after: float | None = None
    ) -> None:
        self._kind = kind
        self._after = {Grade.BAD: after, Grade.WEAK: after if weak_after is None else weak_after}
        self._good_for = good_for
        self._utc = utc
        self._since: dict[Grade, float | None] = {Grade.BAD: None, Grade.WEAK: None}
        self._good_since: float | None = None
        self._says: Says = str
        self._last = float("-inf")  # end of the one before
        self._begun = float("-inf")  # and its start
        self.event: HealthEvent | None = None

    def step(self, time: float, verdict: Verdict) -> list[HealthEvent]:
        """Take a verdict; return what begins or is over."""
        if verdict.grade is Grade.UNSEEN:
            self._good_since = None
            self._since = dict.fromkeys(self._since)
            return []
        if verdict.grade is Grade.GOOD:
            return self._good(time)
        self._good_since = None
        self._says = verdict.says
        for grade in self._since:
            since = self._since[grade]
            self._since[grade] = None if verdict.grade < grade else time if since is None else since
        for grade, since in self._since.items():
            if self.event is None and since is not None and time - since >= self._after[grade]:
                return self.begin(since, time)
        return []

    def begin(self, start: float, time: float, says: Says | None = None) -> list[HealthEvent]:
        """Begin at ``start``, as is known at ``time``; nothing happens while it lasts already."""
        start = max(start, self._last)
        if start <= self._begun:  # the one before was over at once: two that begin together look like one
            start = self._begun + _APART
        if self.event is not None or start > time or (start == self._last and time == self._last):
            return []
        self._says = says or self._says
        self._good_since = None
        text = self._says(time - start)
        self.event = HealthEvent(self._kind, start, None, self._utc(start), None, text)
        self._begun = start
        return [self.event]

    def goes_on(self, says: Says) -> None:
        """Take note that it still lasts."""
        self._good_since, self._says = None, says

    def end(self, time: float, text: str | None = None) -> list[HealthEvent]:
        """End at ``time``; nothing happens where nothing is wrong."""
        self._since = dict.fromkeys(self._since)
        self._good_since = None
        event, self.event = self.event, None
        if event is None:
            return []
        end = max(time, event.start)
        self._last = max(end, self._last)
        said = self._says(end - event.start) if text is None else text
        return [replace(event, end=end, end_utc=self._utc(end), text=said)]

    def _good(self, time: float) -> list[HealthEvent]:
        self._since = dict.fromkeys(self._since)
        if self.event is None:
            return []
        if self._good_since is None:
            self._good_since = time
        return self.end(self._good_since) if time - self._good_since >= self._good_for else []
