"""Reading which segments a reel shall show, as a table or JSON."""

from __future__ import annotations

import csv
import io
import json
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from everyframe.errors import SettingError, SourceNotFound
from everyframe.highlights.reel.lengths import seconds
from everyframe.highlights.segments import Segment

_OWN = ("file", "source", "start", "end", "label", "confidence", "about")


def read_segments(path: str | os.PathLike[str]) -> list[Segment]:
    """Read segments from a file.

    Args:
        path: A CSV file with the columns ``start``, ``end`` and ``label``, and where wanted ``file`` and
            ``confidence``; or a JSON file with a list of objects of the same keys, or with such a list under
            ``segments``. Further columns and keys become ``Segment.about``. Files are found from the place of
            this one.

    Raises:
        SettingError: It is no such file, or says nothing of use; the message says where.
        SourceNotFound: There is no such file.
    """
    place = Path(path)
    try:
        text = place.read_text(encoding="utf-8-sig")
    except FileNotFoundError as error:
        raise SourceNotFound(f"there are no labels {place}: give a CSV or JSON file") from error
    except (OSError, UnicodeDecodeError) as error:
        raise SettingError(f"{place} cannot be read as text: give a CSV or JSON file") from error
    rows = _objects(text, place) if place.suffix.lower() == ".json" else _table(text, place)
    found = [_segment(row, f"{place}, {where}", place.parent) for where, row in rows]
    if not found:
        raise SettingError(f"{place} holds no segment: there is nothing to cut")
    return found


def sourced(segments: Iterable[Segment], sources: Sequence[str]) -> tuple[list[Segment], list[str]]:
    """Bring segments and sources together.

    Args:
        segments: Their ``source`` may be empty, where there is one source only.
        sources: What a person named; empty to take the segments' own.

    Returns:
        The segments, each with one of the sources, and the sources in order.

    Raises:
        SettingError: Something cannot be told apart, or belongs to none of the sources.
    """
    told = list(segments)
    if not sources:
        if any(not one.source for one in told):
            raise SettingError("the segments do not say of which file they are; name the file, too")
        return told, list(dict.fromkeys(one.source for one in told))
    by_name: dict[str, list[str]] = {}
    by_place = {os.path.realpath(one): one for one in sources}
    for one in sources:
        by_name.setdefault(Path(one).name, []).append(one)
    found = []
    for segment in told:
        if not segment.source:
            if len(sources) > 1:
                raise SettingError(
                    f"{segment.label} at {segment.start:g} s does not say of which of the files it is"
                )
            found.append(replace(segment, source=sources[0]))
            continue
        alike = by_name.get(Path(segment.source).name, [])
        mine = by_place.get(os.path.realpath(segment.source)) or (alike[0] if len(alike) == 1 else None)
        if mine is not None:
            found.append(replace(segment, source=mine))
    if told and not found:
        raise SettingError(
            f"none of the segments is of {', '.join(sources)}; the first is of {told[0].source}"
        )
    return found, list(dict.fromkeys(sources))


def _objects(text: str, place: Path) -> Iterator[tuple[str, Mapping[str, Any]]]:
    try:
        told = json.loads(text)
    except json.JSONDecodeError as error:
        raise SettingError(f"{place} is no JSON (line {error.lineno}): give a list of objects") from error
    if isinstance(told, dict):
        told = told.get("segments")
    if not isinstance(told, list):
        raise SettingError(f'{place} holds no list of segments: write [{{"start": 1, "end": 2, ...}}]')
    for number, one in enumerate(told, 1):
        if not isinstance(one, dict):
            raise SettingError(f"{place}, segment {number}: it should have start, end and label")
        yield f"segment {number}", one


def _table(text: str, place: Path) -> Iterator[tuple[str, Mapping[str, Any]]]:
    rows = csv.DictReader(io.StringIO(text, newline=""))
    columns = [(name or "").strip().lower() for name in rows.fieldnames or []]
    missing = [name for name in ("start", "end", "label") if name not in columns]
    if missing:
        raise SettingError(f"{place} has no column {missing[0]}: its first line should be start,end,label")
    rows.fieldnames = columns
    try:
        for row in rows:
            yield f"line {rows.line_num}", row
    except csv.Error as error:
        raise SettingError(f"{place}, line {rows.line_num}: {error}") from error


def _segment(row: Mapping[str, Any], where: str, folder: Path) -> Segment:
    source = str(row.get("file") or row.get("source") or "").strip()
    if source and not Path(source).is_absolute() and "://" not in source:
        source = str(folder / source)
    about = dict(row["about"]) if isinstance(row.get("about"), Mapping) else {}
    about |= {key: value for key, value in row.items() if key and key not in _OWN and value not in (None, "")}
    try:
        return Segment(
            _time(row, "start"),
            _time(row, "end"),
            str(row.get("label") or ""),
            _share(row.get("confidence")),
            source=source,
            about={str(key): str(value) for key, value in about.items()},
        )
    except SettingError as error:
        raise SettingError(f"{where}: {error}") from error


def _time(row: Mapping[str, Any], name: str) -> float:
    value = row.get(name)
    if value is None or isinstance(value, bool) or not isinstance(value, (str, int, float)):
        raise SettingError(f"{name} is missing; give seconds, such as 12.5 or 0:12.5")
    return seconds(value)


def _share(value: Any) -> float:
    if value in (None, ""):
        return 1.0
    try:
        share = float(value)
    except (TypeError, ValueError):
        share = -1.0
    if not 0.0 <= share <= 1.0:
        raise SettingError(f"confidence is {value!r}; give a number from 0 to 1")
    return share
