"""Every tunable in one table: its default, unit, range and what it does.

The command line makes its options from this table, the documentation is held against it, and
``EVERYFRAME_<NAME>`` in the environment overrides a default. What a person writes on the command line wins::

    settings = read({"budget": "1/hour"})
    settings.budget, settings.clip_before
"""

from __future__ import annotations

import math
import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from difflib import get_close_matches
from typing import Any

from everyframe.errors import SettingError

PREFIX = "EVERYFRAME_"
"""Environment variables that begin like this are settings."""

OTHERS = frozenset({"EVERYFRAME_CI", "EVERYFRAME_DATA", "EVERYFRAME_KEY"})
"""Variables that begin so too: the project's own tests' (see CONTRIBUTING.md), and the key of the server."""

_NO = ("0", "false", "no", "off")
_YES = ("1", "true", "yes", "on")


@dataclass(frozen=True, slots=True)
class Tunable:
    """One row of the table.

    Attributes:
        name: As in Python; on the command line with dashes, in the environment in capitals.
        default: What holds when nobody says anything.
        help: What it does, as a phrase.
        unit: ``s``, ``frames/s``, or empty.
        low: The least that makes sense, for numbers.
        high: The most.
        choices: The words that are allowed, where it is one of a few.
    """

    name: str
    default: str | float | bool
    help: str
    unit: str = ""
    low: float = -math.inf
    high: float = math.inf
    choices: tuple[str, ...] = ()

    @property
    def option(self) -> str:
        """Its name on the command line: ``--clip-before``."""
        return "--" + self.name.replace("_", "-")

    @property
    def variable(self) -> str:
        """Its name in the environment: ``EVERYFRAME_CLIP_BEFORE``."""
        return PREFIX + self.name.upper()

    @property
    def allowed(self) -> str:
        """Which values are allowed, in words: ``0 to 30 s``, ``flow or codec``, or empty."""
        if self.choices:
            return " or ".join(self.choices)
        if isinstance(self.default, bool):
            return "yes or no"
        if isinstance(self.default, float):
            return f"{self.low:g} to {self.high:g} {self.unit}".strip()
        return ""

    @property
    def shown(self) -> str:
        """The default as a person would write it."""
        if isinstance(self.default, bool):
            return "yes" if self.default else "no"
        if isinstance(self.default, float):
            return f"{self.default:g}"
        return self.default

    def read(self, value: object, called: str) -> str | float | bool:
        """Make the setting's own type of what somebody wrote.

        Args:
            value: A text, or the value itself.
            called: How to name it in a message.

        Raises:
            SettingError: It is out of its range, or cannot be read.
        """
        if isinstance(self.default, bool):
            return self._switch(value, called)
        if isinstance(self.default, float):
            return self._number(value, called)
        text = str(value).strip()
        if self.choices and text not in self.choices:
            near = get_close_matches(text, self.choices, n=1)
            hint = f"did you mean {near[0]}?" if near else f"write {self.allowed}."
            raise SettingError(f"{called}={text} is not known; {hint}")
        if not text and self.default:
            raise SettingError(f"{called} is empty; write something like {self.default}.")
        return text

    def _switch(self, value: object, called: str) -> bool:
        word = str(value).strip().lower()
        if word in _YES or word in _NO:
            return word in _YES
        raise SettingError(f"{called}={value} cannot be read; write yes or no.")

    def _number(self, value: object, called: str) -> float:
        try:
            number = float(str(value))
        except ValueError:
            raise SettingError(f"{called}={value} is not a number; write {self.allowed}.") from None
        if not self.low <= number <= self.high:  # not-a-number is in no range
            raise SettingError(f"{called}={value} is out of its range; write {self.allowed}.")
        return number


def _row(default: Any, text: str, **others: Any) -> Any:
    return field(default=default, metadata={"help": text, **others})


@dataclass(frozen=True, slots=True)
class Settings:
    """What can be tuned, and its defaults."""

    budget: str = _row("2/day", "Alerts you can live with, per hour, day or week of footage: 1/hour, 0.5/day")
    motion: str = _row(
        "flow", "How motion is measured: optical flow, or the codec's own vectors", choices=("flow", "codec")
    )
    detector: str = _row(
        "density",
        "What tells normal from what is not: density, sparse, ica, rbm, scene, or several joined by +",
    )
    ground: str = _row(
        "",
        "Network that tells what things move on, for the reasons of alerts: street, or a file of your own",
    )
    adapt: bool = _row(True, "Whether watching goes on learning slowly from what was not alerted on")
    clip_before: float = _row(3.0, "What a clip shows before the event", unit="s", low=0.0, high=30.0)
    clip_after: float = _row(3.0, "What a clip shows after the event", unit="s", low=0.0, high=30.0)
    timeout: float = _row(
        10.0, "How long to wait for a URL or a device to answer", unit="s", low=0.1, high=300.0
    )
    stall_after: float = _row(
        2.0, "How long a live source may send nothing before that is a gap", unit="s", low=0.1, high=300.0
    )
    freeze_after: float = _row(
        10.0,
        "How long a picture may repeat before the camera counts as frozen",
        unit="s",
        low=0.5,
        high=3600.0,
    )
    store: str = _row(
        "", "Folder, .db file or database URL that keeps the events; your data folder by default"
    )


def table() -> tuple[Tunable, ...]:
    """Return every tunable, in the order of the documentation."""
    defaults = Settings()
    return tuple(Tunable(row.name, getattr(defaults, row.name), **row.metadata) for row in fields(Settings))


def tunable(name: str) -> Tunable:
    """Return one row.

    Raises:
        SettingError: There is no such setting.
    """
    for row in table():
        if row.name == name:
            return row
    raise SettingError(_unknown(name, [row.name for row in table()]))


def read(told: Mapping[str, object] | None = None, environ: Mapping[str, str] | None = None) -> Settings:
    """Put together what was told, the environment and the defaults.

    Args:
        told: Values by name; ``None`` says that nothing was told.
        environ: Environment variables; the process's own by default.

    Raises:
        SettingError: Something is unknown or out of its range; the message names everything that is.
    """
    told = told or {}
    environ = os.environ if environ is None else environ
    rows = {row.name: row for row in table()}
    faults = [_unknown(name, list(rows)) for name in told if name not in rows]
    variables = {row.variable: row for row in rows.values()}
    ours = sorted(name for name in environ if name.startswith(PREFIX) and name not in OTHERS)
    faults += [_unknown(name, list(variables)) for name in ours if name not in variables]
    values: dict[str, Any] = {}
    for row in rows.values():
        called, value = row.option, told.get(row.name)
        if value is None:
            called, value = row.variable, environ.get(row.variable)
        if value is None:
            continue
        try:
            values[row.name] = row.read(value, called)
        except SettingError as error:
            faults.append(str(error))
    if faults:
        raise SettingError(" ".join(faults))
    return Settings(**values)


def _unknown(name: str, known: list[str]) -> str:
    near = get_close_matches(name, known, n=1, cutoff=0.6)
    hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(known)}."
    return f"There is no setting {name}; {hint}"
