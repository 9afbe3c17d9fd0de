"""Read ``dataset.json``, field by field; what is wrong is said with the file and the field's name."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from everyframe.errors import DatasetError

FORM = "dataset.json"
"""The name of the file that makes a folder a data set."""

_KINDS = {dict: "an object", list: "a list", str: "a text", bool: "true or false", type(None): "null"}


def _kind(value: object) -> str:
    return _KINDS.get(type(value), "a number")


@dataclass(frozen=True, slots=True)
class Field:
    """A value of the form, and how to find it again: ``file`` and ``name`` (``test[3].labels``)."""

    file: Path
    name: str
    value: Any

    def fault(self, what: str) -> DatasetError:
        """Return the error that says ``what`` about this field."""
        where = f": {self.name}" if self.name else ""
        return DatasetError(f"{self.file}{where} {what}")

    def has(self, key: str) -> bool:
        """Say whether this object has a value, other than null, under ``key``."""
        return isinstance(self.value, dict) and self.value.get(key) is not None

    def __getitem__(self, key: str) -> Field:
        if not isinstance(self.value, dict):
            raise self.fault(f"is {_kind(self.value)}, but should be an object")
        name = f"{self.name}.{key}" if self.name else key
        if key not in self.value:
            raise DatasetError(f"{self.file}: {name} is missing; every set needs it")
        return Field(self.file, name, self.value[key])

    def items(self) -> list[Field]:
        """Return the members of a list."""
        if not isinstance(self.value, list):
            raise self.fault(f"is {_kind(self.value)}, but should be a list")
        return [Field(self.file, f"{self.name}[{at}]", member) for at, member in enumerate(self.value)]

    def text(self) -> str:
        """Return a text that is not empty."""
        if not isinstance(self.value, str) or not self.value:
            raise self.fault(f"is {_kind(self.value) if self.value != '' else 'empty'}, but should be a text")
        return self.value

    def rate(self) -> float:
        """Return a number above zero."""
        number = self.value
        if isinstance(number, bool) or not isinstance(number, int | float):
            raise self.fault(f"is {_kind(number)}, but should be a number")
        if not (math.isfinite(number) and number > 0):
            raise self.fault(f"is {number}, but should be above 0")
        return float(number)

    def time(self) -> datetime:
        """Return a moment written as ``2020-11-15T00:00:00``."""
        written = self.text()
        try:
            return datetime.fromisoformat(written)
        except ValueError:
            raise self.fault(f"is {written!r}, but should be a time like 2020-11-15T00:00:00") from None

    def path(self, *, folder: bool | None = None) -> Path:
        """Return the path, relative to the form's folder, of something that exists.

        Args:
            folder: Whether it must be a folder (``True``), a file (``False``), or either (``None``).
        """
        found = self.file.parent / self.text()
        if not found.exists():
            raise self.fault(f"names {self.value}, which is not in {self.file.parent}")
        if folder is not None and found.is_dir() != folder:
            raise self.fault(f"names {self.value}, which should be a {'folder' if folder else 'file'}")
        return found


def read_form(root: Path) -> Field:
    """Return the whole form of the data set in ``root``.

    Raises:
        DatasetError: There is no such folder, no form in it, or it is not JSON.
    """
    file = root / FORM
    if not root.is_dir():
        raise DatasetError(f"{root}: no such folder; give the folder of a data set, with its {FORM}")
    try:
        form = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise DatasetError(f"{root} holds no {FORM}; give the folder of a data set") from None
    except OSError as error:
        raise DatasetError(f"{file} cannot be read: {error.strerror}") from None
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        at = f"line {error.lineno}: {error.msg}" if isinstance(error, json.JSONDecodeError) else "not UTF-8"
        raise DatasetError(f"{file} is not JSON ({at}); correct it") from None
    except RecursionError:
        raise DatasetError(f"{file} is nested too deeply to be a data set; correct it") from None
    if not isinstance(form, dict):
        raise DatasetError(
            f"{file} holds {_kind(form)}, but should hold an object with name, fps, train, test"
        )
    return Field(file, "", form)
