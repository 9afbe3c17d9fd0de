"""The form of a feed: which of its columns says what, told by a file, or guessed from their names."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from everyframe.errors import SettingError
from everyframe.highlights.text import folded

FIELDS: dict[str, tuple[str, ...]] = {
    "label": ("label", "event", "type", "event type", "action", "what", "play", "play type", "result"),
    "start": (
        "start",
        "begin",
        "from",
        "start s",
        "start time",
        "time",
        "video time",
        "timestamp",
        "seconds",
    ),
    "end": ("end", "to", "end s", "end time", "stop"),
    "duration": ("duration", "length", "lasts"),
    "player": ("player", "player name", "batter", "scorer", "athlete", "name", "who"),
    "team": ("team", "team name", "club"),
    "opponent": ("opponent", "against", "versus", "vs"),
    "competition": ("competition", "tournament", "league", "where"),
    "date": ("date", "game date", "match date", "day", "when"),
    "period": ("period", "quarter", "qtr", "inning", "half", "set"),
    "clock": ("clock", "game clock", "time remaining", "pctimestring"),
    "confidence": ("confidence", "probability", "p"),
    "source": ("source", "video", "file", "footage", "clip", "path"),
    "text": ("text", "description", "desc", "comment", "commentary", "note", "notes"),
}
"""What a row may say, and the names that columns of it go by; the first that is there is taken."""

_HOLE = re.compile(r"\{([^{}]*)\}")
_PARTS = {"name", "rows", "beside", "fields", "values", "before", "after"}


@dataclass(frozen=True, slots=True)
class Form:
    """Which column says what.

    Attributes:
        fields: What a row says, each as a text with ``{column}`` in it; what is none of ``FIELDS`` is kept
            as it is called. ``{folder}`` and ``{file}`` are the names of the row's own folder and file.
        values: By field, what its value is replaced by; that may have ``{column}`` in it, too.
        rows: Which files have rows, where it is about a folder.
        beside: A table that each row is joined with: its ``file``, and in ``where`` which of its columns
            has which text. Empty where there is none.
        before: Seconds that a moment begins before the instant that a row tells.
        after: Seconds that it goes on after that.
        name: What it is called.
    """

    fields: Mapping[str, str]
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    rows: str = ""
    beside: Mapping[str, Any] = field(default_factory=dict)
    before: float = 2.0
    after: float = 2.0
    name: str = ""

    @property
    def columns(self) -> set[str]:
        """The columns it speaks of."""
        texts = [*self.fields.values(), *(text for one in self.values.values() for text in one.values())]
        return {hole for text in texts for hole in _HOLE.findall(text)}

    def say(self, cells: Mapping[str, str]) -> dict[str, str]:
        """Return what a row says, by field; a field is left out where one of its columns is empty."""
        said: dict[str, str] = {}
        for name, text in self.fields.items():
            value = filled(text, cells)
            replaced = self.values.get(name, {}).get(value or "")
            if replaced is not None:
                value = filled(replaced, cells)
            if value:
                said[name] = value
        return said


def filled(text: str, cells: Mapping[str, str]) -> str | None:
    """Put cells into the holes of a text; ``None`` where one is empty."""
    parts = _parts_of(text)
    if len(parts) == 3 and not parts[0] and not parts[2]:  # most texts are one column
        return cells.get(parts[1]) or None
    found = [part if place % 2 == 0 else cells.get(part, "") for place, part in enumerate(parts)]
    return None if any(not part for part in found[1::2]) else "".join(found)


@cache
def _parts_of(text: str) -> list[str]:
    """Return a text's pieces: between its holes, and of every second one what stands in the hole."""
    return _HOLE.split(text)


def guessed(path: Path, columns: Sequence[str], told: Mapping[str, str], form: Form | None = None) -> Form:
    """Guess from the names of columns what they say.

    Args:
        path: Of the table, for messages.
        columns: What it has.
        told: What somebody said instead: column by field.
        form: What is known otherwise.

    Raises:
        SettingError: There is no column for the label or the time, or one that was told is not there.
    """
    by_name = {folded(name): name for name in reversed(columns)}
    if form is None:
        names = {
            kind: next((by_name[name] for name in known if name in by_name), None)
            for kind, known in FIELDS.items()
        }
        fields = {kind: f"{{{name}}}" for kind, name in names.items() if name is not None}
        if {"year", "month", "day"} <= by_name.keys():
            fields["date"] = "-".join(f"{{{by_name[part]}}}" for part in ("year", "month", "day"))
    else:
        fields = dict(form.fields)
    for kind, column in told.items():
        if column not in columns:
            near = get_close_matches(column, columns, n=1)
            hint = f"did you mean {near[0]}?" if near else f"it has {', '.join(columns)}."
            raise SettingError(f"{path} has no column {column} for {kind}; {hint}")
        fields[kind] = f"{{{column}}}"
    if form is None:
        taken = {hole for text in fields.values() for hole in _HOLE.findall(text)}
        fields |= {
            name: f"{{{name}}}" for name in columns if name and name not in taken and name not in fields
        }
        _complete(path, columns, fields)
        return Form(fields)
    return Form(fields, form.values, form.rows, form.beside, form.before, form.after, form.name)


def _complete(path: Path, columns: Sequence[str], fields: Mapping[str, str]) -> None:
    there = ", ".join(columns) or "none"
    if "label" not in fields:
        raise SettingError(
            f"{path} has no column that says what happens: name it with --column label=NAME"
            f" (its columns: {there})."
        )
    if "start" not in fields and "clock" not in fields:
        raise SettingError(
            f"{path} has no column that says when: name it with --column start=NAME, or clock=NAME for the"
            f" game clock (its columns: {there})."
        )


def read_form(path: Path) -> Form:
    """Read a form from a JSON file.

    Raises:
        SettingError: It cannot be read, or something in it is not as it should be.
    """
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise SettingError(f"{path}: there is no such form; check the name.") from None
    except (OSError, ValueError, RecursionError):
        raise SettingError(f"{path}: this is no form, for it is no JSON; see docs/archive.md.") from None
    return _form(told, str(path))


@cache
def known_form(name: str) -> Form:
    """Return a form that comes with Everyframe.

    Raises:
        SettingError: There is none of this name.
    """
    place = files(__package__ or "")
    known = sorted(one.name.removesuffix(".json") for one in place.iterdir() if one.name.endswith(".json"))
    if name not in known:
        raise SettingError(f"There is no form {name}; there is {', '.join(known)}, or name a JSON file.")
    return _form(json.loads((place / f"{name}.json").read_text(encoding="utf-8")), name)


def _form(told: Any, where: str) -> Form:
    if not isinstance(told, dict) or not isinstance(told.get("fields"), dict):
        raise SettingError(f"{where}: a form is an object with fields; see docs/archive.md.")
    unknown = sorted(set(told) - _PARTS)
    if unknown:
        raise SettingError(f"{where}: a form has no {unknown[0]}; it has {', '.join(sorted(_PARTS))}.")
    try:
        form = Form(
            fields={str(name): _text(text) for name, text in told["fields"].items()},
            values={
                str(kind): {str(name): _text(text) for name, text in values.items()}
                for kind, values in told.get("values", {}).items()
            },
            rows=_text(told.get("rows", "")),
            beside=dict(told.get("beside", {})),
            before=float(told.get("before", 2.0)),
            after=float(told.get("after", 2.0)),
            name=_text(told.get("name", "")),
        )
        if form.beside:
            _text(form.beside["file"])
            for column, text in form.beside["where"].items():
                _text(column), _text(text)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise SettingError(
            f"{where}: the form is not as it should be ({error}); see docs/archive.md."
        ) from None
    _complete(Path(where), sorted(form.columns), form.fields)
    return form


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{value!r} is no text")
    return value
