"""``everyframe demo``: everything once, on a drawn park path."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from everyframe.cli.console import note, out
from everyframe.cli.options import example

if TYPE_CHECKING:
    from everyframe.demo import Outcome


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(epilog=example("everyframe demo --no-browser"))(demo)


def demo(
    folder: Annotated[
        Path, typer.Option("--output", "-o", help="Folder for everything the demo makes.")
    ] = Path("everyframe-demo"),
    browser: Annotated[
        bool, typer.Option("--open/--no-browser", help="Whether to open the page where there is a display.")
    ] = True,
    seed: Annotated[int, typer.Option(help="Another seed, other people.", min=0)] = 1,
) -> None:
    """See it work, with no camera and no network: learn a drawn park path, and find what is odd there."""
    from everyframe.cli.progress import Meter
    from everyframe.cli.report import open_page
    from everyframe.cli.stopping import stoppable
    from everyframe.demo import run

    with stoppable() as stop:
        with Meter("learning") as meter:
            outcome = run(folder, seed=seed, progress=meter.stage, stop=stop.event)
        if stop:
            note(f"Stopped early; what was found until then: {outcome.page}")
            raise typer.Exit(stop.code)
    _print(outcome)
    if browser:
        open_page(outcome.page)
    if not outcome.passed:
        raise typer.Exit(1)


def _print(outcome: Outcome) -> None:
    from rich.table import Table
    from rich.text import Text

    from everyframe.store import words

    table = Table(title="A day on the park path", title_justify="left")
    for name in ("what", "found", "after", "why"):
        table.add_column(name, overflow="fold")
    for finding in outcome.findings:
        found = finding.event is not None
        table.add_row(
            finding.scripted.kind.replace("_", " "),
            Text("yes", style="green") if found else Text("no", style="red"),
            "" if finding.after is None else words.duration(finding.after),
            "" if finding.event is None else Text(finding.event.reason),
        )
    console = out()
    console.print(table)
    console.print(f"alerts in {words.duration(outcome.normal)} of normal footage: {len(outcome.false)}")
    for event in outcome.false:
        console.print(f"  at {words.moment(event.start)}: {event.reason}", markup=False, soft_wrap=True)
    if not outcome.passed:
        note("The demo did not find all that it should, or found what it should not.")
    console.print(f"the page:     {outcome.page}", markup=False, soft_wrap=True)
    console.print(f"the baseline: {outcome.baseline}", markup=False, soft_wrap=True)
    console.print(
        "now your own: everyframe learn YOUR-NORMAL.mp4 -o my.baseline && "
        "everyframe watch ANOTHER.mp4 -b my.baseline && everyframe report",
        markup=False,
        soft_wrap=True,
    )
