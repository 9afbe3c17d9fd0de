"""What all tables of the file have in common: no unknown keys, and faults told in one line."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from difflib import get_close_matches
from typing import Any, TypeVar, get_args

from pydantic import BaseModel, ConfigDict, ValidationError

from everyframe.errors import SettingError

T = TypeVar("T", bound=BaseModel)
Text = TypeVar("Text")
Value = TypeVar("Value")


class Table(BaseModel):
    """A table of a TOML file: it does not change, and knows which keys it may have."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True, hide_input_in_errors=True)


def read_table(kind: type[T], values: Mapping[str, Any], called: str) -> T:
    """Make a table's model of what was written.

    Args:
        kind: The model.
        values: Key by key.
        called: What to call it in a message, such as ``rule north-queue``.

    Raises:
        SettingError: Something is unknown or out of its range; no value is told, as it may be a secret.
    """
    try:
        return kind.model_validate(dict(values))
    except ValidationError as error:
        faults = "; ".join(
            _told(fault, kind) for fault in error.errors(include_input=False, include_url=False)
        )
        ending = "" if faults.endswith("?") else "."
        raise SettingError(f"In {called}: {faults}{ending}") from None


def as_value_error(read: Callable[[Text], Value], text: Text) -> Value:
    """Read a text so that pydantic can say where in the table the fault lies."""
    try:
        return read(text)
    except SettingError as error:
        raise ValueError(str(error)) from None


def _told(fault: Any, kind: type[BaseModel]) -> str:
    where = ".".join(str(part) for part in fault["loc"])
    said = str(fault["msg"]).removeprefix("Value error, ").rstrip(".")
    if fault["type"] == "extra_forbidden":
        keys = _keys(kind, fault["loc"][:-1])
        near = get_close_matches(str(fault["loc"][-1]), keys, n=1, cutoff=0.6)
        return f"there is no key {where}; did you mean {near[0]}?" if near else f"there is no key {where}"
    return f"{where}: {said}" if where else said


def _keys(kind: type[BaseModel], path: Sequence[int | str]) -> list[str]:
    """Return the keys that a table may have, or a table in it."""
    if not path:
        return [field.alias or name for name, field in kind.model_fields.items()]
    if isinstance(path[0], int):
        return _keys(kind, path[1:])
    for name, field in kind.model_fields.items():
        if path[0] in (name, field.alias):
            inner = _table_of(field.annotation)
            return [] if inner is None else _keys(inner, path[1:])
    return []


def _table_of(annotation: Any) -> type[BaseModel] | None:
    """Return the table in an annotation such as ``tuple[Condition, ...] | None``."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    found = (_table_of(part) for part in get_args(annotation))
    return next((each for each in found if each is not None), None)
