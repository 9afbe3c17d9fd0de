"""Times and days as people write them."""

from __future__ import annotations

import math
import re
from datetime import date

_DAY = re.compile(r"^(\d{4})[-/.]?(\d{1,2})[-/.]?(\d{1,2})(?:[T ].*)?$")
_CLOCK = re.compile(r"^(?:(\d{1,3}):)?(\d{1,3}):(\d{1,2}(?:[.,]\d+)?)$")


def seconds_of(text: str) -> float | None:
    """Read a place in footage or on a clock: ``83.5``, ``1:23.5``, ``0:01:23``; ``None`` if it is none."""
    match = _CLOCK.match(text.strip())
    if match is not None:
        hours, minutes, seconds = match.groups()
        return 3600.0 * int(hours or 0) + 60.0 * int(minutes) + float(seconds.replace(",", "."))
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def day_of(text: str) -> str | None:
    """Read a day: ``2026-03-02``, ``2026/3/2``, ``20260302``, with or without a time; else ``None``."""
    match = _DAY.match(text.strip())
    if match is None:
        return None
    try:
        found = date(*(int(part) for part in match.groups()))
    except ValueError:
        return None
    return found.isoformat() if found.year >= 1800 else None
