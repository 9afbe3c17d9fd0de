"""From footage to what its scoreboard said: the score over time, the clock, and score changes as segments."""

from __future__ import annotations

import os
from bisect import bisect_right
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from itertools import pairwise

from everyframe.errors import SettingError
from everyframe.highlights.clocks import GameClock, Reading
from everyframe.highlights.scoreboard.clock import Course
from everyframe.highlights.scoreboard.engine import engine
from everyframe.highlights.scoreboard.finding import find, find_in, samples
from everyframe.highlights.scoreboard.reading import Looked, look
from everyframe.highlights.scoreboard.roles import Column, Story, tell
from everyframe.highlights.scoreboard.settling import Settled
from everyframe.highlights.scoreboard.texts import clock_text
from everyframe.highlights.segments import Segment
from everyframe.sources import open_source
from everyframe.types import Box

LABEL = "score change"
"""What a segment is called in which the score changes."""

RATE = 2.0
"""Looks at the board in a second."""

_ONE = 1.5  # seconds within which numbers that change change together: a game, and its points
_LONGEST = 10.0  # seconds of a segment: before that, there was no board to tell more
_KEPT = 5.0  # seconds between two readings of the clock that are kept


@dataclass(frozen=True, slots=True)
class Progress:
    """How far it has come.

    Attributes:
        source: What is read.
        seconds: Of footage so far.
        total: Of it, ``None`` where nobody knows.
    """

    source: str
    seconds: float
    total: float | None


@dataclass(frozen=True, slots=True)
class State:
    """What the board said from a time on.

    Attributes:
        time: Seconds in the footage.
        score: ``2-1``; in tennis every column, ``6-3 4-4 30-15``.
        confidence: From 0 to 1.
    """

    time: float
    score: str
    confidence: float


@dataclass(frozen=True, slots=True)
class Scoreboard:
    """What a scoreboard said over time.

    Attributes:
        source: The footage.
        board: Where it is in the picture.
        scores: Every score, from when on.
        periods: Every period, from when on.
        segments: Where the score changes; ``about`` has ``score`` (``2-1 -> 3-1``), ``period``, ``clock``.
        readings: Of the clock, as ``everyframe.highlights.clocks`` takes them.
        shown: Stretches in which the board was in the picture, in seconds.
        reads: How many pieces of picture were read.
    """

    source: str
    board: Box
    scores: list[State] = field(default_factory=list)
    periods: list[Settled[str]] = field(default_factory=list)
    segments: list[Segment] = field(default_factory=list)
    readings: list[Reading] = field(default_factory=list)
    shown: list[tuple[float, float]] = field(default_factory=list)
    reads: int = 0
    course: Course = field(default_factory=Course)

    def game_clock(self) -> GameClock:
        """Return what says when in the footage the clock of the game stood where."""
        return GameClock(self.readings)

    def score_at(self, time: float) -> str:
        """Return the score at a time in the footage; ``""`` before there is one."""
        place = bisect_right([state.time for state in self.scores], time)
        return self.scores[place - 1].score if place else ""

    def period_at(self, time: float) -> str:
        """Return the period at a time in the footage; ``""`` where none was read until then."""
        place = bisect_right([period.time for period in self.periods], time)
        return self.periods[place - 1].value if place else ""

    def clock_at(self, time: float) -> float | None:
        """Return the seconds on the clock at a time in the footage; ``None`` where nothing says so."""
        return self.course.at(time)


def read_scoreboard(
    source: str | os.PathLike[str],
    *,
    board: Box | tuple[int, int, int, int] | None = None,
    rate: float = RATE,
    progress: Callable[[Progress], None] = lambda _: None,
) -> Scoreboard:
    """Read the scoreboard of footage.

    Args:
        source: A video file, or whatever else can be opened and ends.
        board: Where it is: left, top, width and height in pixels. By default it is looked for.
        rate: How often a second to look at it, at most.
        progress: Called now and then.

    Raises:
        SettingError: No board is found, the box is outside of the picture, the rate is none, or RapidOCR is
            not installed.
        SourceError: The footage cannot be read.
    """
    if not 0.1 <= rate <= 30.0:
        raise SettingError(f"the board cannot be looked at {rate:g} times a second; say 0.1 to 30")
    reader = engine()
    box = Box(*board) if isinstance(board, tuple) else board
    with closing(open_source(source)) as opened:
        name, total = opened.info.name, opened.info.duration
        if opened.info.live:
            raise SettingError(f"{name} is live; record it, and give the file")
        pictures = samples(opened)
        if not pictures:
            raise SettingError(f"{name} has no picture in which a board could be")
        found = find(reader, pictures) if box is None else find_in(reader, pictures, box)
        if found is None:
            raise SettingError(_nothing(name, box))
        pictures.clear()
        looked = look(reader, found, opened, rate, lambda seconds: progress(Progress(name, seconds, total)))
    return _made(name, found.box, looked, tell(found, looked.seen))


def _nothing(name: str, box: Box | None) -> str:
    if box is None:
        return (
            f"{name}: no scoreboard was found (a clock, or two numbers that stay where they are);"
            " say where it is with --board LEFT,TOP,WIDTH,HEIGHT in pixels"
        )
    return (
        f"{name}: neither a clock nor a score was read at {box.x},{box.y},{box.width},{box.height};"
        " give a box that holds the whole board"
    )


def _made(name: str, box: Box, looked: Looked, story: Story) -> Scoreboard:
    made = Scoreboard(
        source=name,
        board=box,
        scores=_scores(story.sides),
        periods=story.period,
        shown=_shown(looked),
        reads=looked.reads,
        course=story.clock,
    )
    made.readings.extend(_readings(made))
    there = [time for time, shown in zip(looked.times, looked.shown, strict=True) if shown]
    made.segments.extend(_segments(made, there))
    return made


def _scores(sides: tuple[list[Column], list[Column]]) -> list[State]:
    """Return every score, with what changes within a moment as one change."""
    columns = [*sides[0], *sides[1]]
    if not columns:
        return []
    start = max(column.settled[0].time for column in columns)
    times = sorted({one.time for column in columns for one in column.settled if one.time > start})
    found = [_score(sides, start)]
    place = 0
    while place < len(times):
        end = bisect_right(times, times[place] + _ONE)
        state = _score(sides, times[end - 1])
        if state.score != found[-1].score:
            found.append(State(times[place], state.score, state.confidence))
        place = end
    return found


def _score(sides: tuple[list[Column], list[Column]], time: float) -> State:
    said, sure = [], 1.0
    for pair in zip(*sides, strict=True):
        numbers = []
        for column in pair:
            place = max(0, bisect_right([one.time for one in column.settled], time) - 1)
            one = column.settled[place]
            numbers.append(one.value)
            sure = min(sure, one.confidence)
        said.append("-".join(numbers))
    return State(time, " ".join(said), sure)


def _segments(made: Scoreboard, there: list[float]) -> list[Segment]:
    """Return where the score changes: from the last look at the one to the first look at the other."""
    found = []
    for before, after in pairwise(made.scores):
        place = bisect_right(there, after.time - 1e-6)
        start = max(there[place - 1] if place else 0.0, after.time - _LONGEST)
        about = {"score": f"{before.score} -> {after.score}"}
        if period := made.period_at(after.time):
            about["period"] = period
        if (clock := made.clock_at(start)) is not None:
            about["clock"] = clock_text(clock)
        found.append(
            Segment(
                start, max(after.time, start + 0.1), LABEL, round(after.confidence, 3), made.source, about
            )
        )
    return found


def _readings(made: Scoreboard) -> list[Reading]:
    """Return readings of the clock: where it starts and stops, and one every few seconds in between.

    Where the board shows no period, each time that the clock is set anew against its direction begins one.
    """
    found: list[Reading] = []
    ticks, fresh, down = made.course.ticks, made.course.fresh, made.course.down
    counted = 1
    for place, tick in enumerate(ticks):
        if place and fresh[place]:
            back = tick.clock > ticks[place - 1].clock if down else tick.clock < ticks[place - 1].clock
            counted += back
        period = made.period_at(tick.time) if made.periods else str(counted)
        ends = place in (0, len(ticks) - 1) or fresh[place] or fresh[place + 1]
        if not ends:
            before, after = ticks[place - 1], ticks[place + 1]
            ends = (before.clock == tick.clock) != (tick.clock == after.clock)  # it stops, or starts
        if period and (ends or not found or tick.time - found[-1].time >= _KEPT):
            found.append(Reading(round(tick.time, 3), period, tick.clock))
    return found


def _shown(looked: Looked) -> list[tuple[float, float]]:
    """Return the stretches in which the board was in the picture."""
    found: list[tuple[float, float]] = []
    for number, (time, shown) in enumerate(zip(looked.times, looked.shown, strict=True)):
        if not shown:
            continue
        if number and looked.shown[number - 1] and found:
            found[-1] = (found[-1][0], time)
        else:
            found.append((time, time))
    return found
