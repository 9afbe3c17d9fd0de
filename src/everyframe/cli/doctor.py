"""``everyframe doctor``: what this machine lacks."""

from __future__ import annotations

from typing import Annotated

import typer

from everyframe.cli.console import out
from everyframe.cli.options import example, setting

_MARKS = {"good": ("ok", "green"), "care": ("care", "yellow"), "bad": ("bad", "red")}


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(epilog=example("everyframe doctor"))(doctor)


def doctor(
    store: Annotated[str | None, setting("store")] = None,
    host: Annotated[str, typer.Option(help="Address that `serve` would listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port that it would take.", min=0, max=65535)] = 8300,
) -> None:
    """Look at what `serve` needs of this machine, and say what to do where something is missing.

    It changes nothing, and exits with 1 if something does not work.
    """
    from rich.text import Text

    from everyframe import settings
    from everyframe.cli.report import store_place
    from everyframe.server.doctor import Word, examine

    place = store_place(settings.read({"store": store}).store)
    words = []
    for check in examine(place, host, port):
        mark, style = _MARKS[check.word.value]
        line = Text(f"{mark:<5}", style=style)
        line.append(f"{check.name:<12} {check.text}", style="default")
        out().print(line, soft_wrap=True)
        words.append(check.word)
    if Word.BAD in words:
        raise typer.Exit(1)
