"""What all tables of the file have in common: no unknown keys, and faults told in one line."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

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
        faults = "; ".join(_told(fault) for fault in error.errors(include_input=False, include_url=False))
        raise SettingError(f"In {called}: {faults}.") from None


def as_value_error(read: Callable[[Text], Value], text: Text) -> Value:
    """Read a text so that pydantic can say where in the table the fault lies."""
    try:
        return read(text)
    except SettingError as error:
        raise ValueError(str(error)) from None


def _told(fault: Any) -> str:
    where = ".".join(str(part) for part in fault["loc"])
    said = str(fault["msg"]).removeprefix("Value error, ").rstrip(".")
    if fault["type"] == "extra_forbidden":
        return f"there is no key {where}"
    return f"{where}: {said}" if where else said
