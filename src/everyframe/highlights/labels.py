"""Reading what people have labelled: tables, JSON, markers of an editor, a folder for each class."""

from __future__ import annotations

import csv
import json
import math
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from everyframe.errors import LabelError, SettingError
from everyframe.highlights.markers import from_timeline
from everyframe.highlights.segments import Segment

NEEDED = ("file", "label")
"""Columns that a table must have; ``start`` and ``end`` may be left out where a whole file is the event."""

TIMES = ("start", "end")

FOOTAGE = frozenset({".avi", ".m4v", ".mkv", ".mov", ".mp4", ".mpeg", ".mpg", ".mts", ".ts", ".webm", ".wmv"})
"""Endings of what is taken for footage in a folder for each class."""


def read_labels(path: str | os.PathLike[str], footage: str | os.PathLike[str] | None = None) -> list[Segment]:
    """Read labelled segments.

    Args:
        path: A CSV file with the columns ``file``, ``label`` and, unless whole files are meant, ``start`` and
            ``end`` in seconds; a JSON file with a list of objects of the same keys; an OpenTimelineIO file,
            whose markers are the segments; or a folder that holds a folder of clips for each class. Further
            columns and keys become ``Segment.about``.
        footage: Folder that relative paths are taken from; by default the one that the labels lie in.

    Returns:
        The segments, in the order of the file. One that is meant to last a whole file ends when that ends.

    Raises:
        LabelError: There is no such file, it has another form, a time is none, a segment ends before it
            begins or after its footage does, or there is no such footage. The line says which and where.
    """
    place = Path(path)
    if place.is_dir():
        found = _folder(place)
    elif not place.exists():
        raise LabelError(
            f"there are no labels {place}: give a CSV, JSON or OTIO file, or a folder for each class"
        )
    else:
        readers = {".csv": _table, ".json": _objects, ".otio": _markers}
        reader = readers.get(place.suffix.lower())
        if reader is None:
            raise LabelError(f"{place}: labels are read from .csv, .json and .otio files, and from folders")
        found = reader(place, Path(footage) if footage is not None else place.parent)
    if not found:
        raise LabelError(f"{place} labels nothing: every class needs a few examples")
    return found


def _folder(place: Path) -> list[Segment]:
    lengths = _Lengths()
    found = []
    for kind in sorted(child for child in place.iterdir() if child.is_dir()):
        clips = (clip for clip in sorted(kind.iterdir()) if clip.suffix.lower() in FOOTAGE)
        found += [Segment(0.0, lengths.of(clip, str(clip)), kind.name, source=str(clip)) for clip in clips]
    if not found:
        raise LabelError(
            f"{place} has no folder with clips in it: put the clips of each class into a folder of its name"
        )
    return found


def _table(place: Path, footage: Path) -> list[Segment]:
    try:
        with place.open(newline="", encoding="utf-8-sig") as file:
            reader = csv.DictReader(file)
            columns = list(reader.fieldnames or [])
            rows = [(reader.line_num, row) for row in reader]
    except (csv.Error, UnicodeDecodeError) as error:
        raise LabelError(f"{place} is no table of comma-separated values: {error}") from error
    for need in NEEDED:
        if need not in columns:
            told = ", ".join(columns) or "none"
            raise LabelError(
                f"{place} has no column {need!r}, only {told}: name them file, start, end, label"
            )
    for number, row in rows:
        if None in row or None in row.values():
            raise LabelError(f"{place}, line {number}: it has another number of columns than the first line")
    return _segments(((f"{place}, line {number}", row) for number, row in rows), footage)


def _objects(place: Path, footage: Path) -> list[Segment]:
    try:
        told = json.loads(place.read_text(encoding="utf-8"))
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise LabelError(f"{place} is no JSON: {error}") from error
    if not isinstance(told, list) or not all(isinstance(one, dict) for one in told):
        raise LabelError(f"{place} must hold a list of objects with the keys file, start, end, label")
    return _segments(((f"{place}, entry {number}", one) for number, one in enumerate(told, 1)), footage)


def _markers(place: Path, footage: Path) -> list[Segment]:
    return _segments(from_timeline(place), footage)


def _segments(rows: Iterable[tuple[str, Mapping[str, Any]]], footage: Path) -> list[Segment]:
    lengths = _Lengths()
    return [_segment(where, row, footage, lengths) for where, row in rows]


def _segment(where: str, row: Mapping[str, Any], footage: Path, lengths: _Lengths) -> Segment:
    for need in NEEDED:
        if not str(row.get(need) or "").strip():
            raise LabelError(f"{where}: {need} is missing")
    clip = footage / str(row["file"]).strip()
    length = lengths.of(clip, where)
    start, end = _time(where, row, "start", 0.0), _time(where, row, "end", length)
    label = str(row["label"]).strip()
    if end <= start:
        raise LabelError(
            f"{where}: {label} ends at {end:g} s and begins at {start:g} s; it must end after that"
        )
    if end > length + _GRACE or start < 0.0:
        raise LabelError(
            f"{where}: {label} is from {start:g} to {end:g} s, but {clip.name} lasts {length:.2f} s"
        )
    about = {
        str(key): str(value)
        for key, value in row.items()
        if key not in (*NEEDED, *TIMES) and value is not None and str(value).strip()
    }
    try:
        return Segment(start, min(end, length), label, source=str(clip), about=about)
    except SettingError as error:
        raise LabelError(f"{where}: {error}") from error


_GRACE = 0.5
"""Seconds that a label may end after its footage: people round up."""


def _time(where: str, row: Mapping[str, Any], name: str, otherwise: float) -> float:
    told = row.get(name)
    if told is None or not str(told).strip():
        return otherwise
    try:
        value = float(told)
    except (TypeError, ValueError):
        value = math.nan
    if not math.isfinite(value):
        raise LabelError(f"{where}: {name} is {told!r}; give seconds, such as 12.5")
    return value


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
        from everyframe.errors import SourceError
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
