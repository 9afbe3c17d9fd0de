"""What can be wrong with a camera, and the event that says so."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class HealthKind(StrEnum):
    """What is wrong with the camera; ``ONLINE`` alone is good news."""

    ONLINE = "online"  # it is back after it was offline
    OFFLINE = "offline"  # the connection is lost, or nothing came for long
    STALLED = "stalled"  # no picture comes for a while
    FROZEN = "frozen"  # the same picture, bit for bit, again and again
    DARK = "dark"  # nearly black where it usually is not
    BLINDED = "blinded"  # overexposed, glare
    COVERED = "covered"  # something hangs before the lens
    DEFOCUSED = "defocused"  # edges are far softer than they were
    MOVED = "moved"  # another view than before
    WRONG_CLOCK = "wrong_clock"  # its times run backwards, leap, or drift


@dataclass(frozen=True, slots=True)
class HealthEvent:
    """One fault, told when it begins (``end`` is ``None``) and once more when it is over.

    ``kind`` and ``start`` together identify it. ``ONLINE`` has no length: it is told once, ``end`` being its
    ``start``.

    Attributes:
        kind: What is wrong.
        start: Presentation time in seconds at which it began, which is before it was told.
        end: When it was over, ``None`` while it lasts.
        utc: POSIX seconds of ``start``, where the source has a clock.
        end_utc: POSIX seconds of ``end``, likewise.
        text: What was measured, as a phrase: ``as dark as 3 of 255 for 12 s; usually 96``.
    """

    kind: HealthKind
    start: float
    end: float | None
    utc: float | None
    end_utc: float | None
    text: str
