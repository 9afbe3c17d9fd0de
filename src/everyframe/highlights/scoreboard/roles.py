"""Which part of a board is the score, the period, the clock, told by what was read there over time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from everyframe.highlights.scoreboard.clock import Course, Tick, course
from everyframe.highlights.scoreboard.finding import Board, Cell
from everyframe.highlights.scoreboard.reading import Seen
from everyframe.highlights.scoreboard.settling import (
    Settled,
    may_follow,
    may_follow_in_tennis,
    settle,
)
from everyframe.highlights.scoreboard.texts import POINTS, Told, as_pair, parse

_FEW = 3  # readings below which a part of a board says nothing
_RESTLESS, _CHANGES = 12.0, 8.0  # changes a minute, but at least so many, that are a clock's, not a score's
_AS_TALL = 0.8  # of the tallest numbers of a line: smaller ones are fouls and time-outs

Numbers = tuple[str, ...]


@dataclass(slots=True)
class Column:
    """Numbers of a board that go together: one cell, or one part of it.

    Attributes:
        cell: Which.
        settled: From when on it said what.
    """

    cell: Cell
    settled: list[Settled[str]]


@dataclass(slots=True)
class Story:
    """What a board said over time.

    Attributes:
        clock: How its clock went.
        period: From when on which period it was.
        sides: The numbers of each of two sides, in columns; empty where it has no score.
    """

    clock: Course = field(default_factory=Course)
    period: list[Settled[str]] = field(default_factory=list)
    sides: tuple[list[Column], list[Column]] = field(default_factory=lambda: ([], []))


def tell(board: Board, seen: Sequence[Seen]) -> Story:
    """Make sense of what was read of a board.

    Args:
        board: Its cells.
        seen: What they said, in order of time.
    """
    story = Story()
    by_cell: dict[int, list[Seen]] = {}
    for one in seen:
        by_cell.setdefault(one.cell, []).append(one)
    courses = {number: course(_ticks(found)) for number, found in by_cell.items()}
    clock = _clock(courses)
    if clock is not None:
        story.clock = courses[clock]
    columns = []
    for number, found in sorted(by_cell.items()):
        told = [(one, parse(one.text)) for one in found]
        period = _period(told)
        if len(period) > len(story.period) or (period and not story.period):
            story.period = period
        if number != clock:
            columns += _columns(board.cells[number], told)
    story.sides = _sides(columns)
    return story


def _ticks(found: Iterable[Seen]) -> list[Tick]:
    ticks = []
    for one in found:
        told = parse(one.text)
        if told.clock is None:
            told = parse(one.text, digits=True)
        if told.clock is not None:
            ticks.append(Tick(one.time, told.clock, told.step))
    return ticks


def _clock(courses: dict[int, Course]) -> int | None:
    """Return which cell is the clock of the game: the one that was seen to run most, if any shows a time."""
    timed = {number: one for number, one in courses.items() if len(one.ticks) >= _FEW}
    if not timed:
        return None
    best = max(timed, key=lambda number: (timed[number].running, len(timed[number].ticks)))
    one = timed[best]
    leaps = sum(one.fresh)
    stands = len({tick.clock for tick in one.ticks}) == 1
    return best if one.running > leaps or stands else None


def _period(told: Iterable[tuple[Seen, Told]]) -> list[Settled[str]]:
    readings = [(one.time, said.period, one.confidence) for one, said in told if said.period]
    if len(readings) < _FEW:
        return []
    return settle(readings, lambda _before, _after: True)


def _columns(cell: Cell, told: Sequence[tuple[Seen, Told]]) -> list[Column]:
    """Return the numbers of a cell, as one column for each that it holds."""
    counts = Counter(len(_numbers(one, said)) for one, said in told)
    counts.pop(0, None)
    if not counts:
        return []
    count = counts.most_common(1)[0][0]
    if counts[count] < max(_FEW, 0.3 * len(told)):
        return []
    readings = [
        (one.time, numbers, one.confidence)
        for one, said in told
        if len(numbers := _numbers(one, said)) == count
    ]
    columns = []
    for place in range(count):
        own = [(time, numbers[place], sure) for time, numbers, sure in readings]
        settled = settle(own, may_follow_in_tennis if _in_tennis(own) else may_follow)
        minutes = (own[-1][0] - own[0][0]) / 60.0
        restless = sum(one[1] != other[1] for one, other in pairwise(own))
        if settled and restless <= max(_CHANGES, _RESTLESS * minutes):
            columns.append(Column(cell, settled))
    return columns


def _in_tennis(readings: Sequence[tuple[float, str, float]]) -> bool:
    """Say whether numbers are the points of a game of tennis."""
    often = Counter(value for _, value, _ in readings)
    points = any(often[value] >= _FEW for value in POINTS - {"0"})
    return points and sum(often[value] for value in POINTS) >= 0.8 * len(readings)


def _numbers(one: Seen, said: Told) -> Numbers:
    """Return the numbers that a text says, where letters may have been taken for them."""
    if said.numbers:
        return said.numbers
    pair = as_pair(one.text)
    if pair is not None:
        return pair
    return parse(one.text, digits=True).numbers if len(one.text) <= 3 and not said.period else ()


def _sides(columns: Sequence[Column]) -> tuple[list[Column], list[Column]]:
    """Return whose numbers are whose: of two rows, or the two of one."""
    rows: dict[int, list[Column]] = {}
    for column in columns:
        rows.setdefault(column.cell.row, []).append(column)
    for row in rows.values():
        row.sort(key=lambda column: column.cell.box.x)
    most = sorted(rows.values(), key=len, reverse=True)
    if len(most) >= 2 and len(most[0]) < 2 * len(most[1]) + 1:
        upper, lower = sorted(most[:2], key=lambda row: row[0].cell.row)
        return _aligned(upper, lower)
    if most and len(most[0]) >= 2:
        tallest = sorted(column.cell.box.height for column in most[0])[-2]
        first, second = [one for one in most[0] if one.cell.box.height >= _AS_TALL * tallest][:2]
        return [first], [second]
    return [], []


def _aligned(upper: list[Column], lower: list[Column]) -> tuple[list[Column], list[Column]]:
    """Return the columns of two rows that lie above each other."""
    pairs = []
    free = list(lower)
    for column in upper:
        near = min(free, key=lambda other: _apart(column, other), default=None)
        if near is not None and _apart(column, near) < 0.8 * max(column.cell.box.width, near.cell.box.width):
            pairs.append((column, near))
            free.remove(near)
    return [one for one, _ in pairs], [other for _, other in pairs]


def _apart(one: Column, other: Column) -> float:
    box, place = one.cell.box, other.cell.box
    return abs((box.x + box.width / 2) - (place.x + place.width / 2))
