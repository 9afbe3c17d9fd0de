"""Options that several commands share, made from the table of settings."""

from __future__ import annotations

from typing import Any

import typer

from everyframe.settings import tunable

_METAVARS = {"s": "SECONDS"}


def setting(name: str, *names: str) -> Any:
    """Return the option of a setting: its name, help, range and default come from the table.

    Args:
        name: The setting.
        names: What to call it instead, such as ``--adapt/--no-adapt``.
    """
    row = tunable(name)
    bounds = row.allowed if row.choices or isinstance(row.default, float) else ""
    default = f"default {row.shown}" if row.shown else ""
    facts = "; ".join(fact for fact in (bounds, default) if fact)
    return typer.Option(
        *(names or (row.option,)),
        help=f"{row.help} ({facts})." if facts else f"{row.help}.",
        show_default=False,
        metavar=None if isinstance(row.default, bool) else _METAVARS.get(row.unit) or name.upper(),
    )


def masking() -> Any:
    """Return the option of masks; it may be told several times."""
    return typer.Option(
        help="Corners of a part of the picture in which nothing counts, in shares from the top left:"
        " 0.1,0.1 0.4,0.1 0.4,0.6. Several times for several parts.",
        metavar="CORNERS",
        show_default=False,
    )


def example(command: str) -> str:
    """Return the last line of a command's help."""
    return f"Example: {command}"
