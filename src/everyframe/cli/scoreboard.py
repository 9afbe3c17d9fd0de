"""``everyframe scoreboard``: what the scoreboard in footage said over time."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from everyframe.cli.console import note, out
from everyframe.cli.options import example

if TYPE_CHECKING:
    from everyframe.highlights.scoreboard import Progress, Scoreboard


def register(app: typer.Typer) -> None:
    """Add the command."""
    line = "everyframe scoreboard final.mp4 -o final.scores.csv --clock final.clock.csv"
    app.command(epilog=example(line))(scoreboard)


def scoreboard(
    source: Annotated[str, typer.Argument(help="A video file.", metavar="FILE")],
    output: Annotated[
        Path | None,
        typer.Option(
            "--output", "-o", help="Where the score changes go, as labels in a CSV file.", show_default=False
        ),
    ] = None,
    clock: Annotated[
        Path | None,
        typer.Option(
            help="Where the readings of the clock go; FILE's name with .clock.csv is found by index.",
            show_default=False,
        ),
    ] = None,
    board: Annotated[
        str | None,
        typer.Option(
            help="Where the board is, in pixels: left, top, width and height; by default it is looked for.",
            metavar="X,Y,W,H",
            show_default=False,
        ),
    ] = None,
    rate: Annotated[
        float, typer.Option(help="How often a second to look at it, at most.", min=0.1, max=30.0)
    ] = 2.0,
    as_json: Annotated[bool, typer.Option("--json", help="Print what was read as one JSON object.")] = False,
) -> None:
    """Read the scoreboard: the score, the period and the clock of the game over time."""
    from everyframe.cli.opening import check_output
    from everyframe.cli.progress import Meter
    from everyframe.cli.stopping import stoppable

    box = _box(board)
    for path in (output, clock):
        if path is not None:
            check_output(path, [source])
    with stoppable() as stop, Meter("reading the scoreboard of") as meter:
        from everyframe.highlights.scoreboard import read_scoreboard
        from everyframe.highlights.scoreboard.writing import as_json as in_json
        from everyframe.highlights.scoreboard.writing import write_clock, write_labels

        def tell(progress: Progress) -> None:
            if stop:
                raise SystemExit(stop.code)
            meter(progress)

        made = read_scoreboard(source, board=box, rate=rate, progress=tell)
        if output is not None:
            write_labels(made, output)
        if clock is not None and made.readings:
            write_clock(made, clock)
    if as_json:
        typer.echo(json.dumps(in_json(made), ensure_ascii=False))
    else:
        _say(made)
    if output is not None:
        note(f"The score changes: {output}")
    if clock is not None:
        kept = f"{clock}, {len(made.readings)} of them" if made.readings else "none, no clock was read"
        note(f"The readings of the clock: {kept}")


def _box(told: str | None) -> tuple[int, int, int, int] | None:
    from everyframe.errors import SettingError

    if told is None:
        return None
    try:
        left, top, width, height = (int(part) for part in told.split(","))
    except ValueError:
        raise SettingError(
            f"--board {told}: write four whole numbers, left,top,width,height, such as 20,18,240,44"
        ) from None
    return left, top, width, height


def _say(made: Scoreboard) -> None:
    """Print a line for every time that the score or the period is another."""
    from everyframe.highlights.scoreboard.writing import told_clock
    from everyframe.store import words

    times = sorted({state.time for state in made.scores} | {period.time for period in made.periods})
    times = times or [start for start, _ in made.shown[:1]]
    told = [
        (words.moment(time), made.period_at(time), told_clock(made, time), made.score_at(time))
        for time in times
    ]
    wide = [max(len(row[place]) for row in told) for place in range(4)] if told else []
    for row in told:
        parts = [text.ljust(space) for text, space in zip(row, wide, strict=True) if space]
        out().print("  ".join(parts).rstrip(), soft_wrap=True, markup=False, highlight=False)
    box = made.board
    count = len(made.segments)
    changes = "1 score change" if count == 1 else f"{count} score changes"
    note(f"The board is at {box.x},{box.y},{box.width},{box.height}; {changes}")
