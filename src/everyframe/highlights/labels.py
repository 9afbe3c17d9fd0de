"""Reading what people have labelled: tables, JSON, markers of an editor, a folder for each class."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from everyframe.errors import LabelError, SettingError, SourceError
from everyframe.highlights.markers import from_timeline
from everyframe.highlights.segments import Segment
from everyframe.highlights.tables import SUFFIXES, read_table
from everyframe.highlights.times import seconds_of

FOOTAGE = frozenset({".avi", ".m4v", ".mkv", ".mov", ".mp4", ".mpeg", ".mpg", ".mts", ".ts", ".webm", ".wmv"})
"""Endings of what is taken for footage in a folder for each class."""

_FILE = ("file", "source")  # columns that name the footage, the first that is there
_OWN = frozenset({*_FILE, "start", "end", "label", "confidence", "about"})
_GRACE = 0.5  # seconds that a label may end after its footage: people round up

_Row = tuple[str, Mapping[str, Any]]
"""Where a row stands, and its cells by column."""


def read_labels(path: str | os.PathLike[str], footage: str | os.PathLike[str] | None = None) -> list[Segment]:
    """Read labelled segments whose footage is here, to learn from.

    Args:
        path: A CSV file with the columns ``file``, ``label`` and, unless whole files are meant, ``start`` and
            ``end``, in seconds or as ``1:23.5``; a JSON file with a list of objects of the same keys, or with
            such a list under ``segments``; an OpenTimelineIO file, whose markers are the segments; or a
            folder that holds a folder of clips for each class. ``confidence`` is from 0 to 1. Further columns
            and keys become ``Segment.about``.
        footage: Folder that relative paths are taken from; by default the one that the labels lie in.

    Returns:
        The segments, in the order of the file. One that is meant to last a whole file ends when that ends.

    Raises:
        LabelError: There is no such file, it has another form, a time is none, a segment ends before it
            begins or after its footage does, or there is no such footage. The line says which and where.
    """
    place = Path(path)
    lengths = _Lengths()
    if place.is_dir():
        return _folder(place, lengths)
    folder = Path(footage) if footage is not None else place.parent
    found = [_within(where, row, folder, lengths) for where, row in _rows(place, ("file", "label"))]
    if not found:
        raise LabelError(f"{place} labels nothing: every class needs a few examples")
    return found


def read_segments(path: str | os.PathLike[str]) -> list[Segment]:
    """Read segments of which it is enough to know when they are, to show them; no footage is opened.

    Args:
        path: A CSV, JSON or OpenTimelineIO file, as ``read_labels`` takes it, but ``start`` and ``end`` are
            needed, and ``file`` is not. Relative paths are taken from the folder that it lies in.

    Raises:
        LabelError: It is no such file, or says nothing of use; the line says where.
    """
    place = Path(path)
    found = []
    for where, row in _rows(place, ("start", "end", "label")):
        named = _named(row)
        if named and "://" not in named:
            named = str(place.parent / named)
        found.append(_segment(where, row, _time(where, row, "start"), _time(where, row, "end"), named))
    if not found:
        raise LabelError(f"{place} holds no segment: there is nothing to show")
    return found


def _folder(place: Path, lengths: _Lengths) -> list[Segment]:
    found = []
    for kind in sorted(child for child in place.iterdir() if child.is_dir()):
        clips = (clip for clip in sorted(kind.iterdir()) if clip.suffix.lower() in FOOTAGE)
        found += [Segment(0.0, lengths.of(clip, str(clip)), kind.name, source=str(clip)) for clip in clips]
    if not found:
        raise LabelError(
            f"{place} has no folder with clips in it: put the clips of each class into a folder of its name"
        )
    return found


def _rows(place: Path, needed: tuple[str, ...]) -> Iterator[_Row]:
    """Yield the rows of a file of any of the kinds.

    Raises:
        LabelError: It is none, lacks a column, or a row cannot be read.
    """
    if not place.exists():
        raise LabelError(
            f"there are no labels {place}: give a CSV, JSON or OTIO file, or a folder for each class"
        )
    suffix = place.suffix.lower()
    if suffix == ".otio":
        yield from from_timeline(place)
        return
    if suffix not in SUFFIXES:
        raise LabelError(f"{place}: labels are read from .csv, .json and .otio files, and from folders")
    try:
        yield from _tabled(place, needed)
    except (SettingError, SourceError) as error:
        raise LabelError(str(error)) from error


def _tabled(place: Path, needed: tuple[str, ...]) -> Iterator[_Row]:
    table = read_table(place)
    kind = "entry" if place.suffix.lower().startswith(".json") else "line"
    columns = {_column(name) for name in table.columns}
    # An object of JSON says for itself what it lacks.
    for need in needed if kind == "line" else ():
        if not columns.intersection(_FILE if need == "file" else (need,)):
            told = ", ".join(table.columns) or "none"
            raise LabelError(
                f"{place} has no column {need!r}, only {told}: name them file, start, end, label"
            )
    for row in table.rows:
        where = f"{place}, {kind} {row.number}"
        if row.fault:
            raise LabelError(f"{where}: {row.fault}")
        yield (
            where,
            {name.strip().lower() if kind == "line" else name: cell for name, cell in row.cells.items()},
        )


def _column(name: str) -> str:
    """Return a column's name as it is asked for here, however it is written."""
    return lower if (lower := name.strip().lower()) in _OWN else name


def _within(where: str, row: Mapping[str, Any], folder: Path, lengths: _Lengths) -> Segment:
    """Return a segment that lies within its footage."""
    if not _named(row):
        raise LabelError(f"{where}: file is missing")
    if not _text(row, "label"):
        raise LabelError(f"{where}: label is missing")
    clip = folder / _named(row)
    length = lengths.of(clip, where)
    start, end = _time(where, row, "start", 0.0), _time(where, row, "end", length)
    if end > start and (end > length + _GRACE or start < 0.0):
        raise LabelError(
            f"{where}: {row['label']} is from {start:g} to {end:g} s, but {clip.name} lasts {length:.2f} s"
        )
    return _segment(where, row, start, min(end, length) if end > start else end, str(clip))


def _segment(where: str, row: Mapping[str, Any], start: float, end: float, source: str) -> Segment:
    told = row.get("about")
    if isinstance(told, str):  # a cell keeps what is nested as JSON
        with suppress(ValueError):
            told = json.loads(told)
    about = dict(told) if isinstance(told, Mapping) else {}
    about |= {key: value for key, value in row.items() if key and key not in _OWN and str(value).strip()}
    try:
        return Segment(
            start,
            end,
            _text(row, "label"),
            _share(where, row),
            source=source,
            about={str(key): str(value) for key, value in about.items()},
        )
    except SettingError as error:
        raise LabelError(f"{where}: {error}") from error


def _text(row: Mapping[str, Any], name: str) -> str:
    return str(row.get(name) or "").strip()


def _named(row: Mapping[str, Any]) -> str:
    return next((named for name in _FILE if (named := _text(row, name))), "")


def _time(where: str, row: Mapping[str, Any], name: str, otherwise: float | None = None) -> float:
    told = row.get(name)
    if told is None or not str(told).strip():
        if otherwise is None:
            raise LabelError(f"{where}: {name} is missing; give seconds, such as 12.5 or 0:12.5")
        return otherwise
    value = seconds_of(str(told))
    if value is None:
        raise LabelError(f"{where}: {name} is {told!r}; give seconds, such as 12.5 or 0:12.5")
    return value


def _share(where: str, row: Mapping[str, Any]) -> float:
    told = row.get("confidence")
    if told is None or not str(told).strip():
        return 1.0
    try:
        share = float(told)
    except (TypeError, ValueError):
        share = math.nan
    if not 0.0 <= share <= 1.0:
        raise LabelError(f"{where}: confidence is {told!r}; give a number from 0 to 1")
    return share


class _Lengths:
    """How long footage lasts, each file opened once."""

    def __init__(self) -> None:
        self._known: dict[Path, float] = {}

    def of(self, clip: Path, where: str) -> float:
        if clip not in self._known:
            self._known[clip] = self._measure(clip, where)
        return self._known[clip]

    @staticmethod
    def _measure(clip: Path, where: str) -> float:
        from everyframe.sources import open_source

        if not clip.exists():
            raise LabelError(f"{where}: there is no footage {clip}; give the folder that the files lie in")
        try:
            source = open_source(clip)
        except SourceError as error:
            raise LabelError(f"{where}: {error}") from error
        try:
            return source.info.duration or math.inf
        finally:
            source.close()
