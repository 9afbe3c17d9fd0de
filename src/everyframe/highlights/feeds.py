"""From rows of a feed, a sidecar or a list of labels to segments, and why a row is none."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from everyframe.errors import SettingError
from everyframe.highlights.clocks import GameClock, Reading, Unjoined
from everyframe.highlights.forms import Form
from everyframe.highlights.forms.form import filled
from everyframe.highlights.segments import Segment
from everyframe.highlights.tables import Row, Table, read_table
from everyframe.highlights.times import day_of, seconds_of

_PLACED = {"start", "end", "duration", "label", "confidence", "source", "date"}
_SLACK = 1.0  # seconds beyond the end of the footage that rounding may take a segment


@dataclass(frozen=True, slots=True)
class Place:
    """What is known of the footage that a row is about.

    Attributes:
        source: What to call it.
        seconds: How long it lasts, where that is known.
        clock: Of its game, where its clock was read.
    """

    source: str = ""
    seconds: float | None = None
    clock: GameClock | None = None


@dataclass(frozen=True, slots=True)
class Said:
    """What became of a row: a segment, or why there is none."""

    row: int
    segment: Segment | None
    fault: str = ""


@dataclass(slots=True)
class Joined:
    """A table with what each of its rows is joined with.

    Attributes:
        table: The rows.
        form: Which column says what.
        beside: Rows of the table that it is joined with, by what its own say there.
        own: What every row has: the names of its folder and file.
    """

    table: Table
    form: Form
    beside: Mapping[tuple[str, ...], Mapping[str, str]] = field(default_factory=dict)
    own: Mapping[str, str] = field(default_factory=dict)

    def cells(self, row: Row) -> dict[str, str]:
        """Return a row's own cells, and those of what it is joined with.

        Raises:
            Unjoined: There is nothing to join it with.
        """
        cells = {**self.own, **row.cells}
        if not self.form.beside:
            return cells
        wanted = tuple(filled(text, cells) or "" for text in self.form.beside["where"].values())
        found = self.beside.get(wanted)
        if found is None:
            raise Unjoined(f"{self.form.beside['file']} has no row for {', '.join(wanted)}")
        return {**found, **cells}


def beside(folder: Path, form: Form) -> dict[tuple[str, ...], Mapping[str, str]]:
    """Read the table that a form joins rows with.

    Raises:
        SettingError: It cannot be read, or has not the columns.
        SourceNotFound: It is not there.
    """
    if not form.beside:
        return {}
    table = read_table(folder / form.beside["file"])
    columns = list(form.beside["where"])
    missing = [name for name in columns if name not in table.columns]
    if missing:
        raise SettingError(f"{table.path} has no column {missing[0]}; it has {', '.join(table.columns)}.")
    return {tuple(row.cells.get(name, "") for name in columns): row.cells for row in table.rows}


def segments(joined: Joined, places: Mapping[str, Place], default: Place) -> Iterator[Said]:
    """Make segments of rows, in order.

    Args:
        joined: The rows.
        places: What is known of footage, by whatever name rows give it.
        default: The footage of rows that name none.
    """
    for row in joined.table.rows:
        if row.fault:
            yield Said(row.number, None, row.fault)
            continue
        try:
            yield Said(row.number, _segment(joined, row, places, default))
        except (SettingError, Unjoined) as error:
            yield Said(row.number, None, str(error).rstrip("."))


def readings(table: Table) -> list[Reading]:
    """Read what the clock in the picture said: columns ``time``, ``period``, ``clock``.

    Raises:
        SettingError: A column is missing, or none of its rows can be read.
    """
    missing = [name for name in ("time", "period", "clock") if name not in table.columns]
    if missing:
        raise SettingError(
            f"{table.path} has no column {missing[0]}: readings of a clock have time, period and clock."
        )
    found = [
        Reading(time, row.cells["period"], clock)
        for row in table.rows
        if not row.fault and row.cells.get("period")
        if (time := seconds_of(row.cells.get("time", ""))) is not None
        if (clock := seconds_of(row.cells.get("clock", ""))) is not None
    ]
    if not found:
        raise SettingError(f"{table.path}: none of its rows is a reading, such as 83.5, Q1, 11:42.")
    return found


def _segment(joined: Joined, row: Row, places: Mapping[str, Place], default: Place) -> Segment:
    said = joined.form.say(joined.cells(row))
    place = places[said["source"]] if "source" in said else default
    if "label" not in said:
        raise Unjoined("it does not say what happens")
    start, end = _span(said, joined.form, place)
    if place.seconds is not None:
        if start >= place.seconds or end > place.seconds + joined.form.after + _SLACK:
            raise Unjoined(
                f"{said['label']} at {start:g} to {end:g} s is outside {place.source},"
                f" which lasts {place.seconds:g} s"
            )
        end = min(end, place.seconds)
    about = {name: text for name, text in said.items() if name not in _PLACED}
    if "date" in said:
        day = day_of(said["date"])
        if day is None:
            raise Unjoined(f"{said['date']} is no day; write it as 2026-03-02")
        about["date"] = day
    return Segment(start, end, said["label"], _confidence(said), place.source, about)


def _span(said: Mapping[str, str], form: Form, place: Place) -> tuple[float, float]:
    if "start" not in said:
        at = _by_clock(said, place)
        return max(0.0, at - form.before), at + form.after
    start = _seconds(said, "start")
    if "end" in said:
        return start, _seconds(said, "end")
    if "duration" in said:
        return start, start + _seconds(said, "duration")
    return max(0.0, start - form.before), start + form.after


def _by_clock(said: Mapping[str, str], place: Place) -> float:
    if "clock" not in said:
        raise Unjoined("it does not say when")
    clock = seconds_of(said["clock"])
    if clock is None:
        raise Unjoined(f"{said['clock']} is no time on a clock; write it as 11:42")
    if place.clock is None:
        which = place.source or "the footage it is about"
        raise Unjoined(f"the clock of {which} was not read: there is no file NAME.clock.csv beside it")
    return place.clock.time_of(said.get("period", ""), clock)


def _seconds(said: Mapping[str, str], kind: str) -> float:
    value = seconds_of(said[kind])
    if value is None:
        raise Unjoined(f"{said[kind]} is no {kind}; write seconds, or h:mm:ss")
    return value


def _confidence(said: Mapping[str, str]) -> float:
    if "confidence" not in said:
        return 1.0
    try:
        value = float(said["confidence"])
    except ValueError:
        value = -1.0
    if not 0.0 <= value <= 1.0:
        raise Unjoined(f"{said['confidence']} is no confidence from 0 to 1")
    return value
