"""Reading tables that others wrote: CSV and JSON, one row after another, and a line for what is broken."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from everyframe.errors import SettingError, SourceNotFound

SUFFIXES = (".csv", ".tsv", ".json", ".jsonl")
"""Files that are read as tables."""

_LISTS = ("segments", "events", "moments", "plays", "rows", "data")
_MOST_CELL = 100_000  # letters


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a table: its place in the file, and its cells by column.

    Attributes:
        number: Of its line in a CSV file, of its object in a JSON file; from 1.
        cells: By column; empty ones are left out.
        fault: What is wrong with it, where something is.
    """

    number: int
    cells: Mapping[str, str]
    fault: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """A table.

    Attributes:
        path: Of its file.
        columns: What its head names, or what its objects have.
        rows: All of them.
        about: What a JSON object says beside its list: the whole file's metadata.
    """

    path: Path
    columns: Sequence[str]
    rows: Sequence[Row]
    about: Mapping[str, str]


def read_table(path: Path) -> Table:
    """Read a CSV (comma, semicolon or tab), JSON (a list, or an object with one) or JSON lines file.

    Raises:
        SourceNotFound: There is no such file.
        SettingError: It is none of these; the message says where.
    """
    text = _text(path)
    suffix = path.suffix.lower()
    if suffix in (".json", ".jsonl"):
        return _json(path, text, lines=suffix == ".jsonl")
    return _csv(path, text)


def _text(path: Path) -> str:
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        raise SourceNotFound(f"{path}: there is no such file; check the name") from None
    except OSError as error:
        raise SettingError(f"{path}: it cannot be read ({error.strerror}); check its rights.") from None
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise SettingError(f"{path}, line {line}: this is not UTF-8; save it as UTF-8.") from None


def _csv(path: Path, text: str) -> Table:
    first = text.partition("\n")[0]
    delimiter = max("\t;,", key=first.count)
    csv.field_size_limit(_MOST_CELL)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        columns = [name.strip() for name in next(reader, [])]
    except csv.Error as error:
        raise SettingError(f"{path}, line 1: its head cannot be read ({error}).") from None
    if not any(columns):
        raise SettingError(f"{path}: it is empty; its first line should name the columns.")
    return Table(path, columns, list(_lines(reader, columns)), {})


def _lines(reader: Iterator[list[str]], columns: list[str]) -> Iterator[Row]:
    number = 1
    while True:
        number = max(number, getattr(reader, "line_num", number)) + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield Row(number, {}, f"it cannot be read ({error})")
            continue
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) != len(columns):
            yield Row(number, {}, f"it has {len(cells)} cells where the head has {len(columns)}")
            continue
        yield Row(
            number, {name: cell.strip() for name, cell in zip(columns, cells, strict=True) if cell.strip()}
        )


def _json(path: Path, text: str, *, lines: bool) -> Table:
    try:
        told = [json.loads(line) for line in text.splitlines() if line.strip()] if lines else json.loads(text)
    except (ValueError, RecursionError) as error:
        place = f", line {error.lineno}" if isinstance(error, json.JSONDecodeError) and not lines else ""
        raise SettingError(f"{path}{place}: this is not JSON; check it with an editor.") from None
    about: dict[str, str] = {}
    if isinstance(told, dict):
        listed = next((name for name in _LISTS if isinstance(told.get(name), list)), None)
        about = {name: _cell(value) for name, value in told.items() if name != listed and _cell(value)}
        told = told[listed] if listed is not None else []
    if not isinstance(told, list):
        raise SettingError(f"{path}: it should hold a list of objects, or an object with such a list.")
    rows = [
        Row(number, {str(name): _cell(value) for name, value in one.items() if _cell(value)})
        if isinstance(one, dict)
        else Row(number, {}, "it is no object")
        for number, one in enumerate(told, start=1)
    ]
    return Table(path, list(dict.fromkeys(name for row in rows for name in row.cells)), rows, about)


def _cell(value: object) -> str:
    """Return a value as a cell has it; what is nested stays JSON."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value.strip()
    return json.dumps(value, ensure_ascii=False)
