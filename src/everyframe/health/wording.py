"""What was measured, in words."""

from __future__ import annotations

from everyframe.health.verdicts import Says


def lasted(seconds: float) -> str:
    """Return seconds as people say them: ``12 s``, ``7 min``, ``3.5 h``."""
    if seconds < 120.0:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200.0 else f"{seconds / 3600:.1f} h"


def dark(level: float, usual: float) -> Says:
    """Return words for a picture of which all but the brightest twentieth is below ``level``."""
    return lambda seconds: f"as dark as {level:.0f} of 255 for {lasted(seconds)}; usually {usual:.0f}"


def blinded(share: float, usual: float) -> Says:
    """Return words for a picture that is white."""
    return lambda seconds: (
        f"{share:.0%} of the picture overexposed for {lasted(seconds)}; usually {usual:.0%}"
    )


def covered(flat: float) -> Says:
    """Return words for a picture in which there is nothing to see."""
    return lambda seconds: f"{flat:.0%} of what usually has contrast was flat for {lasted(seconds)}"


def defocused(crispness: float) -> Says:
    """Return words for soft edges, by their crispness as a share of the usual one."""
    return lambda seconds: f"edges only {crispness:.0%} as sharp as usual for {lasted(seconds)}"


def shifted(across: float, down: float) -> Says:
    """Return words for a view that lies elsewhere, by shares of the picture's width and height."""
    parts = []
    if across:
        parts.append(f"{abs(across):.0%} of the width to the {'right' if across > 0 else 'left'}")
    if down:
        parts.append(f"{abs(down):.0%} of the height {'down' if down > 0 else 'up'}")
    return lambda seconds: f"what it sees lay {' and '.join(parts)} of where it was for {lasted(seconds)}"


def elsewhere(likeness: float) -> Says:
    """Return words for a view of which nothing is known."""
    return lambda seconds: (
        f"nothing of the usual view was seen for {lasted(seconds)}: likeness {max(likeness, 0.0):.2f} of 1"
    )


def silent(why: str = "") -> Says:
    """Return words for a source that sends nothing."""
    reason = f": {why}" if why else ""
    return lambda seconds: f"no picture for {lasted(seconds)}{reason}"


def frozen(seconds: float) -> str:
    """Return words for a picture that repeats."""
    return f"the very same picture for {lasted(seconds)}"
