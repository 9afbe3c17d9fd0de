"""Reading tables that others wrote: CSV and JSON, one row after another, and a line for what is broken."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
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
        about: What a JSON object says beside its list: the whole file's metadata.
    """

    path: Path
    columns: Sequence[str]
    about: Mapping[str, str]
    _rows: Callable[[], Iterator[Row]]

    @property
    def rows(self) -> Iterator[Row]:
        """All rows, from the first; of a CSV file none is in memory longer than it is needed.

        Raises:
            SettingError: What follows cannot be read.
        """
        return self._rows()


def read_table(path: Path) -> Table:
    """Read a CSV (comma, semicolon or tab), JSON (a list, or an object with one) or JSON lines file.

    Raises:
        SourceNotFound: There is no such file.
        SettingError: It is none of these; the message says where.
    """
    suffix = path.suffix.lower()
    with _said(path):
        if suffix not in (".json", ".jsonl"):
            return _csv(path)
        text = path.read_text(encoding="utf-8-sig")
    return _json(path, text, lines=suffix == ".jsonl")


@contextmanager
def _said(path: Path) -> Iterator[None]:
    """Say plainly why a file cannot be read."""
    try:
        yield
    except FileNotFoundError:
        raise SourceNotFound(f"{path}: there is no such file; check the name") from None
    except UnicodeDecodeError:
        raise SettingError(f"{path}: this is not text in UTF-8; save it as that.") from None
    except OSError as error:
        raise SettingError(f"{path}: it cannot be read ({error.strerror}); check its rights.") from None


def _csv(path: Path) -> Table:
    with path.open(encoding="utf-8-sig", newline="") as file:
        first = file.readline(_MOST_CELL)
    delimiter = max("\t;,", key=first.count)
    try:
        columns = [name.strip() for name in next(csv.reader([first], delimiter=delimiter, strict=True), [])]
    except csv.Error as error:
        raise SettingError(f"{path}, line 1: its head cannot be read ({error}).") from None
    if not any(columns):
        raise SettingError(f"{path}: it is empty; its first line should name the columns.")
    return Table(path, columns, {}, partial(_lines, path, columns, delimiter))


def _lines(path: Path, columns: list[str], delimiter: str) -> Iterator[Row]:
    csv.field_size_limit(_MOST_CELL)
    with _said(path), path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.reader(file, delimiter=delimiter, strict=True)
        next(reader, None)
        while True:
            number = reader.line_num + 1
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                yield Row(number, {}, f"it cannot be read ({error})")
                continue
            if not any(cells):
                continue
            if len(cells) != len(columns):
                yield Row(number, {}, f"it has {len(cells)} cells where the head has {len(columns)}")
                continue
            yield Row(
                number,
                {name: cell.strip() for name, cell in zip(columns, cells, strict=True) if cell.strip()},
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
    columns = list(dict.fromkeys(name for row in rows for name in row.cells))
    return Table(path, columns, about, lambda: iter(rows))


def _cell(value: object) -> str:
    """Return a value as a cell has it; what is nested stays JSON."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value.strip()
    return json.dumps(value, ensure_ascii=False)
