"""``everyframe bench``: accuracy on labelled footage, and speed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from everyframe.cli.console import note, out
from everyframe.cli.options import example, setting

app = typer.Typer(
    no_args_is_help=True,
    help="Measure accuracy and speed.",
    epilog=example("everyframe bench speed park-monday.mp4"),
)

_JSON = typer.Option("--json", help="Print one JSON object.")


@app.command(epilog=example("everyframe bench anomaly walkway --missing 0.3 --burst 3"))
def anomaly(
    dataset: Annotated[Path, typer.Argument(help="A folder with a dataset.json.")],
    as_json: Annotated[bool, _JSON] = False,
    detector: Annotated[str | None, setting("detector")] = None,
    motion: Annotated[str | None, setting("motion")] = None,
    missing: Annotated[
        float, typer.Option(help="Share of the frames to leave out, as gaps.", min=0.0, max=0.9)
    ] = 0.0,
    burst: Annotated[float, typer.Option(help="How many of them are missing in a row.", min=1.0)] = 1.0,
    seed: Annotated[int, typer.Option(help="Which frames are missing.", min=0)] = 0,
    budget: Annotated[str | None, setting("budget")] = None,
    watch_budget: Annotated[
        list[str] | None,
        typer.Option(help="Also watch the set's further normal footage at this budget; may be repeated."),
    ] = None,
    clock: Annotated[
        bool,
        typer.Option("--clock/--no-clock", help="Whether the detector may know the time of day."),
    ] = True,
) -> None:
    """Learn a labelled set's normal footage, score the rest, and say how well the labels were found."""
    from everyframe import settings
    from everyframe.bench.anomaly import run

    tuned = settings.read({"detector": detector, "motion": motion, "budget": budget})
    result = run(
        dataset,
        detector=tuned.detector,
        motion=tuned.motion,
        missing=missing,
        burst=burst,
        seed=seed,
        budget=tuned.budget,
        watch_budgets=watch_budget or (),
        clock=clock,
        progress=note,
    ).as_json()
    _print(result, as_json, hide=("per_clip", "watch", "attributes"))


@app.command(epilog=example("everyframe bench speed park-monday.mp4"))
def speed(
    file: Annotated[Path, typer.Argument(help="A video file.")],
    as_json: Annotated[bool, _JSON] = False,
    repeats: Annotated[
        int, typer.Option(help="How often each takes its turn; the median counts.", min=1)
    ] = 3,
) -> None:
    """Measure decoding alone, watching, and the pipeline that people write by hand, on one thread."""
    from everyframe.bench.speed import measure_file
    from everyframe.bench.watching import watchers

    rates = measure_file(file, watchers(file), repeats)
    _print({f"{name}_fps": round(rate.fps_median, 1) for name, rate in rates.items()}, as_json)


def _print(result: dict[str, object], as_json: bool, hide: tuple[str, ...] = ()) -> None:
    if as_json:
        typer.echo(json.dumps(result, ensure_ascii=False))
        return
    from rich.table import Table

    table = Table(show_header=False, box=None)
    for name, value in result.items():
        if name not in hide:
            table.add_row(name, f"{value:.4g}" if isinstance(value, float) else str(value))
    out().print(table)
