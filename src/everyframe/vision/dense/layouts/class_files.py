"""Reading what a data set's classes are from a file beside it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from everyframe.errors import DatasetError, SettingError
from everyframe.types import Colour
from everyframe.vision.dense.classes import VOID, Classes, named
from everyframe.vision.dense.layouts.table import MaskTable

FILES = ("classes.json", "classes.txt", "label_colors.txt", "class_dict.csv")
"""Names under which it may lie, the first that is there counts."""

VOID_NAMES = frozenset({"void", "ignore", "unlabelled", "unlabeled"})
"""Names that are not a class's but of what counts for nothing."""

_HEX = re.compile(r"#([0-9a-fA-F]{6})")
_SAYS = re.compile(r"[^\d\s,]|^\d+$")  # a name: more than numbers, or one alone
_LINE = re.compile(
    r"(?:(?P<first>\d{1,3}[\s,]+\d{1,3}[\s,]+\d{1,3})[\s,]+)?(?P<name>[^,]*?)"
    r"(?:[\s,]+(?P<last>\d{1,3}[\s,]+\d{1,3}[\s,]+\d{1,3}|#[0-9a-fA-F]{6}))?"
)


@dataclass(frozen=True, slots=True)
class _Entry:
    """One class as a file gives it, or, named as in ``VOID_NAMES``, what counts for nothing."""

    name: str
    values: tuple[int, ...]
    colours: tuple[Colour, ...]
    own: bool = False  # whether the file says its values, and they are not just its place


def find_class_file(folder: Path) -> Path | None:
    """Return the file beside a data set that says its classes, if there is one."""
    return next((folder / name for name in FILES if (folder / name).is_file()), None)


def read_class_file(path: Path) -> tuple[Classes, MaskTable]:
    """Read classes, and which values and colours of masks stand for them.

    ``classes.json`` is a list of classes or ``{"classes": […], "void": […], "masks": "values"}``. A class is
    a name or an object with ``name`` and, if need be, ``value`` (or ``values``) and ``colour`` (or
    ``colours``, ``[r, g, b]`` or ``"#rrggbb"``); several of them are one class. ``masks`` says whether the
    ``values`` of a palette count or its ``colours``. The other files have a class on each line, its name
    before or after three numbers of its colour, or alone.

    Args:
        path: The file.

    Raises:
        DatasetError: It cannot be read, or is not of this form.
    """
    try:
        text = path.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise DatasetError(f"{path} cannot be read as text in UTF-8; write it anew") from error
    try:
        if path.suffix == ".json":
            return _of_json(json.loads(text))
        return _of_entries(_of_lines(text.splitlines()), None)
    except json.JSONDecodeError as error:
        raise DatasetError(f"{path}, line {error.lineno}: no JSON ({error.msg}); mend it") from error
    except (ValueError, SettingError) as error:
        raise DatasetError(f"{path}: {error}") from error


def _of_json(told: Any) -> tuple[Classes, MaskTable]:
    form = {"classes": told} if isinstance(told, list) else told
    if not isinstance(form, dict) or not isinstance(form.get("classes"), list):
        raise ValueError('write {"classes": ["name", …]}, or a list of names alone')  # noqa: TRY004 - the file is wrong
    if unknown := set(form) - {"classes", "void", "masks"}:
        raise ValueError(f"{min(unknown)!r} is not known; known are classes, void and masks")
    masks = form.get("masks")
    if masks not in (None, "values", "colours"):
        raise ValueError(f'"masks" is {masks!r}; write "values" or "colours"')
    entries = [_entry(number, each) for number, each in enumerate(form["classes"])]
    void = form.get("void", [])
    void = void if isinstance(void, list) else [void]
    values = tuple(each for each in void if _is_value(each))
    colours = tuple(_colour(each) for each in void if not _is_value(each))
    return _of_entries([*entries, _Entry("void", values, colours)], masks)


def _entry(number: int, told: Any) -> _Entry:
    if isinstance(told, str):
        return _Entry(told.strip(), (number,), ())
    if not isinstance(told, dict) or not isinstance(told.get("name"), str):
        advice = 'write "name" or {"name": "…", "colour": "#rrggbb"}'
        raise ValueError(f"class {number + 1} has no name; {advice}")  # noqa: TRY004 - the file is wrong
    name = told["name"].strip()
    if unknown := set(told) - {"name", "value", "values", "colour", "colours"}:
        raise ValueError(f"{min(unknown)!r} of {name} is not known; known are name, value(s) and colour(s)")
    values = told.get("values", [told.get("value", number)])
    colours = told.get("colours", [told["colour"]] if "colour" in told else [])
    if not isinstance(values, list) or not all(_is_value(value) for value in values):
        raise ValueError(f"the values of {name} are not numbers from 0 to 65535")
    if not isinstance(colours, list):
        raise ValueError(f"the colours of {name} are not a list")  # noqa: TRY004 - the file is wrong
    own = bool({"value", "values"} & set(told))
    return _Entry(name, tuple(values), tuple(_colour(colour) for colour in colours), own)


def _of_lines(lines: Iterable[str]) -> list[_Entry]:
    entries: list[_Entry] = []
    for line in lines:
        text = line.strip()
        if (
            not text
            or (text[0] == "#" and not _HEX.match(text))
            or text.lower().replace(" ", "") == "name,r,g,b"
        ):
            continue
        found = _LINE.fullmatch(text)
        if found is None or not _SAYS.search(found["name"]):
            raise ValueError(f"line {text!r}: write a name, or three numbers of a colour and a name")
        colour = found["first"] or found["last"]
        colours = (_colour(colour if colour[0] == "#" else _numbers(colour)),) if colour else ()
        entries.append(_Entry(found["name"].strip(), (len(entries),), colours))
    return entries


def _of_entries(entries: list[_Entry], masks: str | None) -> tuple[Classes, MaskTable]:
    known = [entry for entry in entries if entry.name.lower() not in VOID_NAMES]
    names = tuple(entry.name for entry in known)
    drawn = named(names).colours
    if "" in names:
        raise ValueError("a class has an empty name; give it one")
    classes = Classes(
        names, tuple(entry.colours[0] if entry.colours else drawn[at] for at, entry in enumerate(known))
    )
    values: dict[int, int] = {}
    colours: dict[Colour, int] = {}
    for number, entry in enumerate(known):
        _claim(values, entry.values, number, classes)
        _claim(colours, entry.colours, number, classes)
    for entry in entries:
        if entry.name.lower() in VOID_NAMES:
            _claim(values, entry.values, VOID, classes)
            _claim(colours, entry.colours, VOID, classes)
    values.setdefault(VOID, VOID)  # 255 may be a class's own
    coloured = masks == "colours" or (
        masks is None and bool(colours) and not any(entry.own for entry in known)
    )
    if masks == "colours" and not colours:
        raise ValueError('"masks" are "colours", but no class has one; give each its colour')
    return classes, MaskTable(values, colours, coloured)


def _claim(table: dict[Any, int], keys: Iterable[Any], number: int, classes: Classes) -> None:
    """Put down that these values or colours are of a class, unless another has them."""
    for key in keys:
        if table.setdefault(key, number) != number:
            first, second = (
                "void" if owner == VOID else classes.names[owner] for owner in (table[key], number)
            )
            raise ValueError(f"{key} is both {first} and {second}; give it to one")


def _is_value(told: Any) -> bool:
    return isinstance(told, int) and not isinstance(told, bool) and 0 <= told <= 0xFFFF


def _numbers(text: str) -> list[int]:
    return [int(number) for number in re.split(r"[\s,]+", text)]


def _colour(told: Any) -> Colour:
    if isinstance(told, str) and (found := _HEX.fullmatch(told)):
        return (int(found[1][:2], 16), int(found[1][2:4], 16), int(found[1][4:], 16))
    if isinstance(told, list) and len(told) == 3 and all(_is_value(part) and part <= 255 for part in told):
        return (told[0], told[1], told[2])
    raise ValueError(f'{told!r} is no colour; write "#rrggbb" or three numbers from 0 to 255')
