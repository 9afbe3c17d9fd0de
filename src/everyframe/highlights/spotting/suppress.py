"""Of spots that overlap, the surest: non-maximum suppression in time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from everyframe.highlights.segments import Segment

OVERLAP = 0.2
"""Share of the shorter of two that may lie in a surer one; it is left to that one."""

_LONGEST = 600.0  # seconds of spots that touch, after which they are told all the same


def suppress(found: Iterable[Segment], *, each: bool = False, overlap: float = OVERLAP) -> Iterator[Segment]:
    """Yield the surest of spots that overlap, in order of time, each without what belongs to a surer one.

    Args:
        found: Spots of one source; none begins more than a few seconds before one that came earlier.
        each: Whether spots of different classes may overlap.
        overlap: Share of the shorter of two that may lie in the surer one.
    """
    held: list[Segment] = []
    for spot in found:
        if held and (spot.start > max(one.end for one in held) or _long(held, spot)):
            yield from _surest(held, each, overlap)
            held = []
        held.append(spot)
    yield from _surest(held, each, overlap)


def _long(held: list[Segment], spot: Segment) -> bool:
    return spot.start - min(one.start for one in held) > _LONGEST


def _surest(held: list[Segment], each: bool, overlap: float) -> list[Segment]:
    kept: list[Segment] = []
    for spot in sorted(held, key=lambda one: (-one.confidence, one.start, one.end)):
        if all((each and spot.label != other.label) or _common(spot, other) <= overlap for other in kept):
            kept.append(spot if each else _beside(spot, kept))
    return sorted(kept, key=lambda one: (one.start, one.end))


def _common(one: Segment, other: Segment) -> float:
    """Return the share of the shorter that lies in the other."""
    common = min(one.end, other.end) - max(one.start, other.start)
    return max(0.0, common) / min(one.seconds, other.seconds)


def _beside(spot: Segment, kept: list[Segment]) -> Segment:
    """Return what of a spot lies in no surer one."""
    start, end = spot.start, spot.end
    for other in kept:
        if other.start <= start < other.end:
            start = other.end
        elif start < other.start < end:
            end = other.start
    return replace(spot, start=start, end=end)
