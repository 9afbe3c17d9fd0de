"""The score over time, as the numbers that an inline SVG needs.

Positions are in percent of the plot, from its left and from its top, so that the page can stretch the lines
to any width while letters and marks keep their size.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from everyframe.store import words
from everyframe.store.records import Score, StoredEvent
from everyframe.types import Gap, GapReason

_COLUMNS = 300  # a peak every three pixels of a wide screen; more would be a smear on a phone
_LEAST_DECADES, _MOST_DECADES = 3, 8
_SILENT = {GapReason.DUPLICATE}
"""Not shaded: a camera that repeats single frames all the time would be shaded all over."""


@dataclass(frozen=True, slots=True)
class Label:
    """A word at a place along an axis, percent."""

    at: float
    text: str


@dataclass(frozen=True, slots=True)
class Mark:
    """An event in the plot: its place in percent and its width in percent."""

    id: int
    left: float
    top: float
    start: float
    width: float
    text: str


@dataclass(frozen=True, slots=True)
class Band:
    """A stretch of time, percent."""

    left: float
    width: float
    text: str


@dataclass(frozen=True, slots=True)
class Chart:
    """What the template draws.

    Attributes:
        lines: SVG path data of the curve, in a box of 100 by 100.
        areas: The same closed to the bottom.
        rows: Labels up the side, how unusual.
        columns: Labels along the bottom, time.
        alert: Where the alert line lies, from the top, or ``None``.
        marks: The events.
        gaps: Stretches without pictures.
        calibrating: Stretches without p-values.
        text: The same for those who cannot see it.
    """

    lines: str
    areas: str
    rows: tuple[Label, ...]
    columns: tuple[Label, ...]
    alert: float | None
    marks: tuple[Mark, ...]
    gaps: tuple[Band, ...]
    calibrating: tuple[Band, ...]
    text: str


def draw(
    scores: Sequence[Score],
    events: Sequence[StoredEvent],
    gaps: Sequence[Gap],
    alert_p: float | None,
) -> Chart | None:
    """Lay out the chart, or return ``None`` where there is nothing to draw.

    Args:
        scores: One a second, in order of time.
        events: What was alerted on.
        gaps: Stretches without pictures.
        alert_p: The p-value at or below which it alerted.
    """
    if not scores:
        return None
    begin = min([scores[0].time, *(entry.event.start for entry in events)])
    end = max([scores[-1].time, *(entry.event.end for entry in events)])
    span = max(end - begin, 1.0)
    known = [(score.time, _unusual(score.p_value)) for score in scores if score.p_value is not None]
    heights = [height for _, height in known] + [_unusual(entry.event.p_value) for entry in events]
    if alert_p is not None:
        heights.append(_unusual(alert_p))
    decades = float(min(_MOST_DECADES, max(_LEAST_DECADES, math.ceil(max(heights, default=0.0) + 0.2))))

    def across(time: float) -> float:
        return round(100 * (time - begin) / span, 3)

    def down(unusual: float) -> float:
        return round(100 - 100 * min(unusual, decades) / decades, 2)

    pieces = [[(across(time), down(height)) for time, height in piece] for piece in _pieces(known, span)]
    waiting = [score.time for score in scores if score.p_value is None]
    return Chart(
        lines=" ".join(_path(piece) for piece in pieces),
        areas=" ".join(f"{_path(piece)} L{piece[-1][0]} 100 L{piece[0][0]} 100 Z" for piece in pieces),
        rows=tuple(Label(down(step), _one_in(step)) for step in range(1, int(decades) + 1)),
        columns=tuple(Label(across(time), words.moment(time)) for time in _ticks(begin, begin + span)),
        alert=None if alert_p is None else down(_unusual(alert_p)),
        marks=tuple(
            Mark(
                entry.id,
                across(entry.event.peak),
                down(_unusual(entry.event.p_value)),
                across(entry.event.start),
                max(0.2, across(entry.event.end) - across(entry.event.start)),
                f"{words.moment(entry.event.start)}: {entry.event.reason}",
            )
            for entry in events
        ),
        gaps=_bands(
            [(gap.start, gap.end, str(gap.reason)) for gap in gaps if gap.reason not in _SILENT], across
        ),
        calibrating=_bands([(time - 0.5, time + 0.5, "calibrating") for time in waiting], across),
        text=_said(known, events, begin, end),
    )


def _one_in(decade: int) -> str:
    """Return ``1 in 1,000`` for 3, short enough for the margin: ``1 in 10 M`` for 7."""
    return f"1 in {10**decade:,}" if decade < 6 else f"1 in {10 ** (decade - 6):,} M"


def _unusual(p_value: float) -> float:
    """Return ``-log10`` of a p-value; 1 in 1,000 is 3."""
    if math.isnan(p_value):
        return 0.0
    return -math.log10(min(1.0, max(p_value, 10.0**-_MOST_DECADES)))


def _pieces(points: Sequence[tuple[float, float]], span: float) -> list[list[tuple[float, float]]]:
    """Thin the curve to its highest point per column, and cut it where pictures are missing."""
    if not points:
        return []
    width = span / _COLUMNS
    columns: dict[int, tuple[float, float]] = {}
    for time, height in points:
        column = min(_COLUMNS - 1, int((time - points[0][0]) / width)) if width > 1 else len(columns)
        if column not in columns or height > columns[column][1]:
            columns[column] = (time, height)
    thinned = [columns[column] for column in sorted(columns)]
    apart = max(3.0, 3 * width)
    pieces = [[thinned[0]]]
    for before, point in itertools.pairwise(thinned):
        if point[0] - before[0] > apart:
            pieces.append([])
        pieces[-1].append(point)
    return pieces


def _path(points: Sequence[tuple[float, float]]) -> str:
    if len(points) == 1:
        (x, y) = points[0]
        points = [(x - 0.1, y), (x + 0.1, y)]
    return "M" + " L".join(f"{x:g} {y:g}" for x, y in points)


def _ticks(begin: float, end: float) -> list[float]:
    """Choose about five round times."""
    steps = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400]
    step = next(
        (step for step in steps if (end - begin) / step <= 6), math.ceil((end - begin) / 6 / 86400) * 86400
    )
    return [float(time) for time in np.arange(math.ceil(begin / step) * step, end + 1e-9, step)]


def _bands(
    stretches: Sequence[tuple[float, float, str]], across: Callable[[float], float]
) -> tuple[Band, ...]:
    """Join stretches of one kind that touch, so that an hour of them is one band."""
    joined: list[tuple[float, float, str]] = []
    for start, end, text in sorted(stretches):
        if joined and joined[-1][2] == text and start <= joined[-1][1] + 1.0:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]), text)
        else:
            joined.append((start, end, text))
    bands = []
    for start, end, text in joined:
        left, right = max(0.0, across(start)), min(100.0, across(end))
        if right >= 0 and left <= 100:
            bands.append(
                Band(left, max(0.15, round(right - left, 3)), f"{text}, {words.duration(end - start)}")
            )
    return tuple(bands)


def _said(
    known: Sequence[tuple[float, float]], events: Sequence[StoredEvent], begin: float, end: float
) -> str:
    said = f"How unusual the footage was from {words.moment(begin)} to {words.moment(end)}."
    if known:
        time, height = max(known, key=lambda point: point[1])
        said += f" Most unusual at {words.moment(time)}: {words.one_in(10**-height)}."
    return said + f" {len(events)} {'alert' if len(events) == 1 else 'alerts'}."
