"""How a deviation is put into words."""

from __future__ import annotations

_WAYS = (
    "to the right",
    "down to the right",
    "towards the bottom",
    "down to the left",
    "to the left",
    "up to the left",
    "towards the top",
    "up to the right",
)


def way(heading: int) -> str:
    """Return a direction in words: 0 is rightwards, then clockwise in eighths."""
    return _WAYS[heading % len(_WAYS)]


def times(verb: str, ratio: float, more: str) -> str:
    """Return ``moves 2.6 times faster than anything seen at this place``."""
    if ratio >= 1.05:
        return f"{verb} {ratio:.1f} times {more} than anything seen at this place"
    return f"{verb} {more} than 99 % of what was seen at this place"


def share(chance: float, of: str = "") -> str:
    """Return a chance (0 to 1) in words: ``only 3 %``, ``fewer than 1 in 400``."""
    tail = f" {of}" if of else ""
    if chance >= 0.01:
        return f"only {100 * chance:.0f} %{tail}"
    return f"fewer than 1 in {int(1 / max(chance, 1e-6)) // 10 * 10:,}{tail and ' moments'}"
