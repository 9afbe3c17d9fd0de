"""Opens a scene by its address: ``synthetic:park?seed=3&minutes=4``."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from difflib import get_close_matches
from fractions import Fraction
from typing import Any

from everyframe.errors import SettingError, SourceNotFound
from everyframe.sources.scene.park import ParkScene


def _size(text: str) -> tuple[int, int]:
    width, _, height = text.lower().partition("x")
    return int(width), int(height)


def _starts(text: str) -> float:
    moment = datetime.fromisoformat(text)
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def _seconds(text: str) -> float:
    return float(text) * 60.0


# key in the address: (argument of ParkScene, how to read it, what it looks like)
_KEYS: dict[str, tuple[str, Callable[[str], Any], str]] = {
    "seed": ("seed", int, "3"),
    "minutes": ("duration", _seconds, "4"),
    "fps": ("fps", Fraction, "10 or 30000/1001"),
    "size": ("size", _size, "480x270"),
    "script": ("script", str, "normal, anomalies, faults, all, or kinds as in cyclist,light"),
    "starts": ("start_utc", _starts, "2024-05-06T14:00:00 (UTC unless it says otherwise)"),
}


def open_scene(spec: str) -> ParkScene:
    """Open a synthetic scene by its address.

    Args:
        spec: ``synthetic:park``, then optionally ``?`` and settings joined by ``&``: ``seed``, ``minutes``,
            ``fps``, ``size`` (``480x270``), ``script`` and ``starts`` (the ISO time of the first frame).

    Raises:
        SourceNotFound: There is no scene of this name.
        SettingError: A setting is unknown, cannot be read, or is out of its range.
    """
    scheme, _, rest = spec.partition(":")
    name, _, query = rest.partition("?")
    if scheme != "synthetic" or name != "park":
        raise SourceNotFound(f"There is no synthetic scene {name!r}; the one there is: synthetic:park")
    arguments: dict[str, Any] = {}
    for item in filter(None, query.split("&")):
        key, _, value = item.partition("=")
        if key not in _KEYS:
            near = get_close_matches(key, _KEYS, n=1, cutoff=0.5)
            hint = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(_KEYS)}."
            raise SettingError(f"The synthetic scene has no setting {key!r}; {hint}")
        argument, read, example = _KEYS[key]
        if argument in arguments:
            raise SettingError(f"The setting {key!r} is given twice; give it once.")
        try:
            arguments[argument] = read(value)
        except (ValueError, ZeroDivisionError):
            raise SettingError(f"{key}={value} cannot be read; write it like {example}.") from None
    return ParkScene(**arguments)
