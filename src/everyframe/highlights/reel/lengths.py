"""Lengths of time as people write them."""

from __future__ import annotations

import re

from everyframe.errors import SettingError

_UNITS = {"": 1.0, "s": 1.0, "sec": 1.0, "min": 60.0, "m": 60.0, "h": 3600.0}
_NUMBER = re.compile(r"^(\d+(?:\.\d+)?)\s*([a-z]*)$")
_SHARE = re.compile(r"^(\d+(?:\.\d+)?)\s*%$")
_CLOCK = re.compile(r"^(?:(\d+):)?(\d+):(\d{1,2}(?:\.\d+)?)$")


def seconds(text: str | float) -> float:
    """Return the seconds of ``90``, ``90s``, ``1.5min``, ``1:30`` or ``0:01:30``.

    Raises:
        SettingError: It is none of these.
    """
    if isinstance(text, (int, float)):
        return float(text)
    told = text.strip().lower()
    clock = _CLOCK.match(told)
    if clock is not None:
        hours, minutes, rest = clock.groups()
        return 3600.0 * int(hours or 0) + 60.0 * int(minutes) + float(rest)
    number = _NUMBER.match(told)
    if number is not None and number.group(2) in _UNITS:
        return float(number.group(1)) * _UNITS[number.group(2)]
    raise SettingError(f"{text!r} is no length of time: write 90s, 1.5min or 1:30")


def limit_of(text: str | float, total: float) -> float:
    """Return the seconds that a reel may last: a length of time, or a share of the footage, ``25%``.

    Args:
        text: What a person wrote.
        total: Seconds of all the footage.

    Raises:
        SettingError: It is neither, or a share of more than all.
    """
    share = _SHARE.match(text.strip()) if isinstance(text, str) else None
    if share is None:
        return seconds(text)
    if float(share.group(1)) > 100.0:
        raise SettingError(f"{text} is more than all of the footage: write 100% at most")
    return float(share.group(1)) / 100.0 * total
