"""What goes into a reel: from events to cuts, by rules, without a look at any picture."""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right, insort
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Literal

from everyframe.errors import SettingError
from everyframe.highlights.segments import Segment

Order = Literal["time", "rank"]
Boundaries = Callable[[str, float, float], Sequence[float]]
"""Tells where shots begin in a source between two times, in order: ``(source, from, to)``, in seconds."""

_GIVES = (0.75, 0.5, 0.25, 0.0)  # shares of the time around events, and of the gaps, that are tried
_SPECK = 1e-6  # seconds: less than any frame, more than rounding
_AT = 0.15  # seconds by which an event may lie over the boundary of its shot: looks are a tenth apart

SHORT = 6.0
"""Seconds of a shot that a condensed game shows whole, if it shows an event in it."""


@dataclass(frozen=True, slots=True)
class Rules:
    """How events become cuts.

    Attributes:
        before: Seconds to show before an event.
        after: Seconds to show after it.
        gap: Cuts of one source at most this many seconds apart become one.
        longest: Seconds that the reel may last; the best events fill it.
        order: ``time``, or ``rank``: the best first.
        snap: Seconds by which a cut may move to the boundary of a shot.
        give: Whether, where not all events fit, there is less before and after each of them first.
        whole: Seconds up to which a shot is shown whole or not at all: what was spotted in it may begin and
            end a little earlier or later than it was told.

    Raises:
        SettingError: One of them is out of its range.
    """

    before: float = 2.0
    after: float = 2.0
    gap: float = 1.0
    longest: float = math.inf
    order: Order = "time"
    snap: float = 0.5
    give: bool = False
    whole: float = 0.0

    def __post_init__(self) -> None:
        for name in ("before", "after", "gap", "snap", "whole"):
            value = getattr(self, name)
            if not 0.0 <= value < math.inf:
                raise SettingError(f"{name} is {value:g} s: it should be 0 s or more")
        if not self.longest > 0.0:
            raise SettingError(f"a reel of {self.longest:g} s shows nothing: allow it more time")
        if self.order not in ("time", "rank"):
            raise SettingError(f"a reel goes by time or by rank, not by {self.order}")


@dataclass(frozen=True, slots=True)
class Cut:
    """A stretch of one source that goes into the reel.

    Attributes:
        source: Path of the footage.
        start: Seconds on the source's own clock.
        end: Likewise; what is shown ends before it.
        events: What it is shown for, in order of time; nothing for a quiet part.
        speed: How many times as fast as it was.
    """

    source: str
    start: float
    end: float
    events: tuple[Segment, ...] = ()
    speed: float = 1.0

    @property
    def seconds(self) -> float:
        """How long it lasts in the reel."""
        return (self.end - self.start) / self.speed

    @property
    def label(self) -> str:
        """What happens in it: each event's label once."""
        return ", ".join(dict.fromkeys(event.label for event in self.events)) or "quiet"

    @property
    def confidence(self) -> float:
        """That of its best event."""
        return max((event.confidence for event in self.events), default=0.0)


@dataclass(frozen=True, slots=True, order=True)
class Unit:
    """Events that overlap, or are of one short shot: no cut may fall between its start and its end."""

    start: float
    end: float
    events: tuple[Segment, ...]

    @property
    def rank(self) -> tuple[float, float]:
        """What it is sorted by, the best first."""
        return (-max(event.confidence for event in self.events), self.start)


def plan(
    events: Iterable[Segment],
    lengths: Mapping[str, float],
    rules: Rules | None = None,
    boundaries: Boundaries | Mapping[str, Sequence[float]] | None = None,
) -> list[Cut]:
    """Choose what to show, from what is known: no footage is opened, and none is cut.

    No cut falls into an event: what overlaps is shown whole or not at all, and the time shown before and
    after an event ends where an event begins that is not shown.

    Args:
        events: In any order. What of them lies outside their source is cut off.
        lengths: Seconds of each source, by the events' ``source``, in the order in which they are shown.
        rules: See there.
        boundaries: Tells where shots begin, or has their times by source; without it cuts stay where the
            rules put them.

    Raises:
        SettingError: There is no event, none lies in its source, or none is short enough.
    """
    rules = rules or Rules()
    if isinstance(boundaries, Mapping):
        boundaries = known(boundaries)
    wide = _whole(events, lengths, rules.whole, boundaries)
    units = {source: united(wide, source, length) for source, length in lengths.items()}
    everything = [(source, unit) for source, found in units.items() for unit in found]
    if not everything:
        raise SettingError("there is nothing to cut: no event lies within the footage")
    everything.sort(key=lambda one: one[1].rank)
    cuts, left_out = _fitted(everything, units, lengths, rules)
    for share in _GIVES if rules.give else ():
        if not left_out:
            break
        fewer = (rules.before * share, rules.after * share, rules.gap * share)
        less = replace(rules, before=fewer[0], after=fewer[1], gap=fewer[2])
        cuts, left_out = _fitted(everything, units, lengths, less)
    if not cuts:
        least = min(unit.end - unit.start for _, unit in everything)
        raise SettingError(
            f"nothing fits into {rules.longest:g} s: the shortest event lasts {least:.3g} s; allow more time"
        )
    if boundaries is not None:
        cuts = snapped(cuts, units, lengths, rules, boundaries)
    if rules.order == "rank":
        cuts.sort(key=lambda cut: -cut.confidence)
    return cuts


def known(shots: Mapping[str, Sequence[float]]) -> Boundaries:
    """Return what tells where shots begin, where that is known already, in seconds by source."""

    def boundaries(source: str, low: float, high: float) -> list[float]:
        return [time for time in shots.get(source, ()) if low <= time <= high]

    return boundaries


def _fitted(
    everything: Iterable[tuple[str, Unit]],
    units: Mapping[str, list[Unit]],
    lengths: Mapping[str, float],
    rules: Rules,
) -> tuple[list[Cut], int]:
    """Return what fits, and how many units do not; the first of ``everything`` have the first choice."""
    chosen = {source: _Shown(found, lengths[source], rules) for source, found in units.items()}
    total, left_out = 0.0, 0
    for source, unit in everything:
        added = chosen[source].price(unit)
        if total + added <= rules.longest + _SPECK:
            chosen[source].show(unit)
            total += added
        else:
            left_out += 1
    cuts = [replace(cut, source=source) for source, shown in chosen.items() for cut in shown.cuts()]
    return cuts, left_out


def _whole(
    events: Iterable[Segment], lengths: Mapping[str, float], longest: float, boundaries: Boundaries | None
) -> list[Unit]:
    """Return each event alone, from beginning to end of its shot where that is short."""
    found = []
    for event in events:
        start, end = event.start, event.end
        length = lengths.get(event.source, 0.0)
        if longest > 0.0 and boundaries is not None and start < length:
            near = boundaries(event.source, max(0.0, end - longest), min(length, start + longest))
            first = max((time for time in near if time <= start + _AT), default=0.0)
            last = min((time for time in near if time >= end - _AT), default=length)
            if last - first <= longest + _SPECK:
                start, end = min(start, first), max(end, last)
        found.append(Unit(start, end, (event,)))
    return found


def united(alone: Iterable[Unit], source: str, length: float) -> list[Unit]:
    """Return the events of one source as units in order of time, each as long as what overlaps in it."""
    found: list[Unit] = []
    mine = (one for one in alone if one.events[0].source == source and one.events[0].start < length - _SPECK)
    for one in sorted(mine, key=lambda one: (one.start, one.end, one.events[0].end)):
        end = min(one.end, length)
        if found and one.start < found[-1].end - _SPECK:
            last = found[-1]
            found[-1] = Unit(last.start, max(last.end, end), (*last.events, *one.events))
        else:
            found.append(Unit(one.start, end, one.events))
    return found


class _Shown:
    """The units of one source that are shown, and what each of them costs."""

    def __init__(self, units: list[Unit], length: float, rules: Rules) -> None:
        self._units, self._length, self._rules = units, length, rules
        self._starts = [unit.start for unit in units]
        self._shown: list[int] = []  # indices, in order

    def price(self, unit: Unit) -> float:
        """Return how many seconds the reel grows by a unit."""
        number = self._number(unit)
        at = bisect_left(self._shown, number)
        around = self._shown[max(0, at - 1) : at + 1]
        both = sorted([*around, number])
        return self._length_of(both) - self._length_of(around)

    def show(self, unit: Unit) -> None:
        """Take a unit into the reel."""
        insort(self._shown, self._number(unit))

    def cuts(self) -> list[Cut]:
        """Return what is shown."""
        return self._merged(self._shown)

    def _number(self, unit: Unit) -> int:
        return bisect_left(self._starts, unit.start)

    def _length_of(self, numbers: list[int]) -> float:
        return sum(cut.end - cut.start for cut in self._merged(numbers))

    def _merged(self, numbers: list[int]) -> list[Cut]:
        cuts: list[Cut] = []
        before = -1
        for number in numbers:
            unit = self._units[number]
            start, end = self._padded(number)
            # What is not shown lies between: then the two stay apart, however near they are.
            if cuts and number == before + 1 and start <= cuts[-1].end + self._rules.gap + _SPECK:
                last = cuts[-1]
                cuts[-1] = Cut("", last.start, max(end, last.end), (*last.events, *unit.events))
            else:
                cuts.append(Cut("", start, end, unit.events))
            before = number
        return cuts

    def _padded(self, number: int) -> tuple[float, float]:
        unit = self._units[number]
        floor = self._units[number - 1].end if number else 0.0
        ceiling = self._units[number + 1].start if number + 1 < len(self._units) else self._length
        return max(unit.start - self._rules.before, floor), min(unit.end + self._rules.after, ceiling)


def snapped(
    cuts: list[Cut],
    units: Mapping[str, Sequence[Unit]],
    lengths: Mapping[str, float],
    rules: Rules,
    boundaries: Boundaries,
) -> list[Cut]:
    """Move cuts to the boundaries of shots nearby, where no event, neighbour or limit forbids it.

    Args:
        cuts: In order of time within each source.
        units: What must not be cut, by source.
        lengths: Seconds of each source.
        rules: How far a cut may move, and how long all may last.
        boundaries: Tells where shots begin.
    """
    if rules.snap <= 0.0:
        return cuts
    moved = list(cuts)
    spare = rules.longest - sum(cut.seconds for cut in cuts)
    for number, cut in enumerate(cuts):
        others = [one for one in moved if one.source == cut.source and one is not cut]
        starts = [unit.start for unit in units[cut.source]]
        first = bisect_right(starts, cut.events[0].start + _SPECK) - 1
        last = bisect_right(starts, cut.events[-1].start + _SPECK) - 1
        within = units[cut.source][first : last + 1]
        floor = max(
            units[cut.source][first - 1].end if first else 0.0,
            max((one.end for one in others if one.end <= cut.start + _SPECK), default=0.0),
        )
        ceiling = min(
            units[cut.source][last + 1].start if last + 1 < len(starts) else lengths[cut.source],
            min((one.start for one in others if one.start >= cut.end - _SPECK), default=math.inf),
        )
        floor = max(floor, cut.start - max(spare, 0.0), cut.start - rules.snap)
        within_reach = min(within[0].start, cut.start + rules.snap)
        start = _nearest(cut.start, boundaries(cut.source, floor, within_reach), floor, within_reach)
        spare += start - cut.start
        ceiling = min(ceiling, cut.end + max(spare, 0.0), cut.end + rules.snap)
        within_reach = max(within[-1].end, cut.end - rules.snap)
        end = _nearest(cut.end, boundaries(cut.source, within_reach, ceiling), within_reach, ceiling)
        spare -= end - cut.end
        moved[number] = replace(cut, start=start, end=end)
    return moved


def _nearest(edge: float, times: Iterable[float], low: float, high: float) -> float:
    """Return the time nearest to an edge between ``low`` and ``high``; the edge where there is none."""
    return min(
        (time for time in times if low <= time <= high), key=lambda time: abs(time - edge), default=edge
    )


def condensed(cuts: Iterable[Cut], lengths: Mapping[str, float], speed: float | None = None) -> list[Cut]:
    """Put between cuts what happens quietly, sped up; or leave it out, where no speed is told.

    Args:
        cuts: The action.
        lengths: Seconds of each source, in the order in which they are shown.
        speed: How many times as fast quiet parts go by.

    Raises:
        SettingError: The speed is not more than 1, or more than sound can follow (100).
    """
    told = list(cuts)
    if speed is None:
        return told
    if not 1.0 < speed <= 100.0:
        raise SettingError(f"quiet parts cannot go by {speed:g} times as fast: say more than 1, at most 100")
    whole: list[Cut] = []
    for source, length in lengths.items():
        mine = sorted((cut for cut in told if cut.source == source), key=lambda cut: cut.start)
        edges = [Cut(source, 0.0, 0.0), *mine, Cut(source, length, length)]
        for one, following in pairwise(edges):
            if one.events:
                whole.append(one)
            if following.start - one.end > _SPECK:
                whole.append(Cut(source, one.end, following.start, speed=speed))
    return whole
