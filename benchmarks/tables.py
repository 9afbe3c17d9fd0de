"""Tables of Markdown, and numbers in them."""

from __future__ import annotations

from typing import Any


def table(head: list[str], rows: list[list[str]]) -> list[str]:
    """Return the lines of a Markdown table."""
    return [
        "| " + " | ".join(head) + " |",
        "|" + "---|" * len(head),
        *("| " + " | ".join(row) + " |" for row in rows),
        "",
    ]


def number(value: Any, places: int = 3) -> str:
    """Return a figure as people write it, or a dash where there is none."""
    return "–" if value is None else f"{value:,.{places}f}"
