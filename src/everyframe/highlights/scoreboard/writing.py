"""What a scoreboard said, in forms that others read: labels, readings of a clock, JSON."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from everyframe.files import atomic_write
from everyframe.highlights.scoreboard.making import Scoreboard
from everyframe.highlights.scoreboard.texts import clock_text

LABELS = ("file", "start", "end", "label", "confidence", "score", "period", "clock")
"""Columns of the score changes, as ``everyframe index`` and ``everyframe reel`` read them."""

CLOCK = ("time", "period", "clock")
"""Columns of the readings of a clock, as ``everyframe index`` reads them beside footage."""


def write_labels(made: Scoreboard, path: Path) -> None:
    """Write the score changes as a CSV file; its footage is named as seen from there.

    Raises:
        StorageError: It cannot be written.
    """
    there = os.path.relpath(Path(made.source).absolute(), path.absolute().parent)
    rows = [
        (
            there,
            f"{one.start:.2f}",
            f"{one.end:.2f}",
            one.label,
            f"{one.confidence:.3f}",
            one.about.get("score", ""),
            one.about.get("period", ""),
            one.about.get("clock", ""),
        )
        for one in made.segments
    ]
    atomic_write(path, _table(LABELS, rows))


def write_clock(made: Scoreboard, path: Path) -> None:
    """Write the readings of the clock as a CSV file.

    Raises:
        StorageError: It cannot be written.
    """
    rows = [(f"{one.time:.2f}", one.period, clock_text(one.clock)) for one in made.readings]
    atomic_write(path, _table(CLOCK, rows))


def as_json(made: Scoreboard) -> dict[str, Any]:
    """Return what was read as JSON has it; times in seconds, clocks as they are shown."""
    box = made.board
    return {
        "source": made.source,
        "board": {"x": box.x, "y": box.y, "width": box.width, "height": box.height},
        "shown": [[round(start, 2), round(end, 2)] for start, end in made.shown],
        "scores": [
            {
                "time": round(state.time, 2),
                "period": made.period_at(state.time),
                "clock": told_clock(made, state.time),
                "score": state.score,
                "confidence": round(state.confidence, 3),
            }
            for state in made.scores
        ],
        "clock": [
            {"time": one.time, "period": one.period, "clock": clock_text(one.clock)} for one in made.readings
        ],
        "segments": [
            {
                "start": round(one.start, 2),
                "end": round(one.end, 2),
                "label": one.label,
                "confidence": one.confidence,
                **one.about,
            }
            for one in made.segments
        ],
    }


def told_clock(made: Scoreboard, time: float) -> str:
    """Return what the clock showed at a time, ``""`` where nothing says so."""
    clock = made.clock_at(time)
    return "" if clock is None else clock_text(clock)


def _table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(rows)
    return text.getvalue().encode()
