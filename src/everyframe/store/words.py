"""Numbers as people say them."""

from __future__ import annotations

import math
from datetime import UTC, datetime, tzinfo


def duration(seconds: float) -> str:
    """Say a length of time: ``0.4 s``, ``8 s``, ``2 min 11 s``, ``3 h 20 min``, ``2 days 4 h``."""
    seconds = max(0.0, seconds)
    if seconds < 9.95:
        return f"{round(seconds, 1):g} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return _two(whole // 60, "min", whole % 60, "s")
    minutes = round(seconds / 60)
    if minutes < 24 * 60:
        return _two(minutes // 60, "h", minutes % 60, "min")
    hours = round(seconds / 3600)
    return _two(hours // 24, "day" if hours // 24 == 1 else "days", hours % 24, "h")


def moment(seconds: float) -> str:
    """Say a time on the source's clock: ``2:11``, ``1:02:11``."""
    sign = "-" if seconds < 0 else ""
    whole = int(abs(seconds))
    hours, minutes = whole // 3600, whole // 60 % 60
    return f"{sign}{hours}:{minutes:02d}:{whole % 60:02d}" if hours else f"{sign}{minutes}:{whole % 60:02d}"


def date(utc: float, zone: tzinfo | None = None) -> str:
    """Say a POSIX time in the reader's zone: ``Monday 2 March 2026, 14:02:11``."""
    at = datetime.fromtimestamp(utc, UTC).astimezone(zone)
    return f"{at:%A} {at.day} {at:%B %Y, %H:%M:%S}"


def one_in(p_value: float) -> str:
    """Say a chance: ``1 in 3,300``, to two digits."""
    if math.isnan(p_value):
        return "unknown"
    if p_value < 1e-6:
        return "less than 1 in a million"
    many = 1 / min(p_value, 1.0)
    if many < 1.95:
        return "1 in 1"
    digits = max(0, math.floor(math.log10(many)) - 1)
    return f"1 in {round(many / 10**digits) * 10**digits:,}"


def how_rare(p_value: float) -> str:
    """Say a p-value in words, as a clause about normal footage."""
    if math.isnan(p_value):
        return "how rare this is among normal footage is not known yet"
    if p_value > 0.5:
        return "as usual as normal footage gets"
    if p_value < 1e-6:
        return "normal footage looks this unusual less than once in a million moments"
    return f"normal footage looks this unusual about once in {one_in(p_value).removeprefix('1 in ')} moments"


def number(value: float) -> str:
    """Say a measurement with three digits: ``208``, ``2.61``, ``12,300``."""
    if math.isnan(value):
        return "unknown"
    if math.isinf(value):
        return "∞" if value > 0 else "-∞"
    if value == 0:
        return "0"
    digits = 2 - math.floor(math.log10(abs(value)))
    rounded = round(value, digits)
    return f"{rounded:,.{max(0, min(digits, 6))}f}" if digits <= 0 else f"{rounded:.6g}"


def _two(large: int, large_name: str, small: int, small_name: str) -> str:
    return f"{large} {large_name} {small} {small_name}" if small else f"{large} {large_name}"
