"""``everyframe show``: what a baseline holds, in words and as a picture."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from everyframe.cli.console import note, out
from everyframe.cli.options import example

if TYPE_CHECKING:
    from everyframe.anomaly.baseline import Baseline
    from everyframe.anomaly.budget import Budget

_SEEN = 30.0  # seconds of an hour from which on it counts as seen


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(epilog=example("everyframe show park.baseline -o normal.png"))(show)


def show(
    baseline: Annotated[Path, typer.Argument(help="A file that `learn` wrote.")],
    output: Annotated[
        Path | None,
        typer.Option(
            "--output", "-o", help="Where the picture goes (default: BASELINE.png).", show_default=False
        ),
    ] = None,
) -> None:
    """Show what is normal for a camera: flow, speed and presence, by time of day."""
    from rich.table import Table

    from everyframe.anomaly.baseline import Baseline
    from everyframe.cli.opening import check_output
    from everyframe.vision.png import write_png

    place = output or baseline.with_name(baseline.name + ".png")
    check_output(place, [str(baseline)])
    learned = Baseline.load(baseline)
    table = Table(title=str(baseline), title_justify="left", show_header=False, box=None)
    for name, value in rows(learned):
        table.add_row(name, value)
    out().print(table)
    from everyframe.anomaly.show import picture

    write_png(place, picture(learned))
    note(f"The picture of what is normal: {place}")


def rows(learned: Baseline) -> list[tuple[str, str]]:
    """Say in words what a baseline was learned from."""
    from everyframe.anomaly.budget import Budget
    from everyframe.store import words

    about = learned.about
    budgets = [text for text in ("1/hour", "2/day", "1/week") if _promised(learned, Budget.parse(text))]
    return [
        ("sources", ", ".join(about.sources)),
        ("footage", words.duration(about.seconds)),
        ("hours", _hours(about.hours)),
        ("size", f"{about.width} x {about.height}"),
        ("motion", about.motion),
        ("detector", about.detector),
        ("created", f"{about.created}, Everyframe {about.version}"),
        ("enough for", ", ".join(budgets) or "calibrating: learn more normal footage"),
    ]


def _promised(learned: Baseline, budget: Budget) -> bool:
    return learned.calibrated_seconds >= budget.needed()


def _hours(seconds: list[float]) -> str:
    """Say which hours of the day were seen: ``8-12, 14-15``; the last entry is footage without a clock."""
    seen = [hour for hour in range(24) if seconds[hour] >= _SEEN]
    if not seen:
        return "not known: the sources have no clock (--starts)"
    spans: list[list[int]] = []
    for hour in seen:
        if spans and spans[-1][1] == hour:
            spans[-1][1] = hour + 1
        else:
            spans.append([hour, hour + 1])
    return ", ".join(f"{first}:00–{end}:00" for first, end in spans)
