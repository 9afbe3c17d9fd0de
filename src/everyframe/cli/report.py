"""``everyframe report``: the page of what was unusual."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from everyframe.cli.console import note, out
from everyframe.cli.options import example, setting


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(epilog=example("everyframe report -o tuesday.html --no-browser"))(report)


def report(
    store: Annotated[str | None, setting("store")] = None,
    output: Annotated[Path, typer.Option("--output", "-o", help="Where the page goes.")] = Path(
        "everyframe-report.html"
    ),
    browser: Annotated[
        bool,
        typer.Option("--open/--no-browser", help="Whether to open the page where there is a display."),
    ] = True,
) -> None:
    """Write one HTML page with the events, their clips and pictures, and the score over time."""
    from everyframe import settings
    from everyframe.cli.opening import check_output
    from everyframe.store import Store
    from everyframe.store.report import write_report

    check_output(output, [])
    place = store_place(settings.read({"store": store}).store)
    with Store(place, create=False) as kept:
        write_report(kept, None, output)
    out().print(str(output), soft_wrap=True, markup=False)
    if browser:
        open_page(output)


def store_place(place: str) -> str:
    """Return where events are kept: what was told, or the user's data folder."""
    import platformdirs

    return place or str(platformdirs.user_data_path("everyframe"))


def open_page(page: Path) -> bool:
    """Open a page in the browser where there is a display; say whether that was tried."""
    import webbrowser

    shown = sys.platform in ("darwin", "win32") or any(
        os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY")
    )
    if shown and sys.stdout.isatty():
        note(f"Opening {page}")
        return webbrowser.open(page.resolve().as_uri())
    return False
