"""``everyframe reel``: from footage to a film of what is worth seeing."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from everyframe.cli.asked import (
    Competition,
    Label,
    Last,
    Like,
    Opponent,
    Player,
    Since,
    Team,
    Until,
    to_show,
)
from everyframe.cli.console import note, out
from everyframe.cli.options import example, setting

if TYPE_CHECKING:
    from everyframe.highlights.reel import Progress, Reel


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(epilog=example("everyframe reel park-tuesday.mp4 --max 20s -o reel.mp4"))(reel)


def reel(
    sources: Annotated[
        list[str] | None,
        typer.Argument(
            help="Video files, in the order of the reel; labels may name them instead.",
            metavar="[SOURCE]...",
            show_default=False,
        ),
    ] = None,
    output: Annotated[Path, typer.Option("--output", "-o", help="Where the film goes, an MP4.")] = Path(
        "reel.mp4"
    ),
    labels: Annotated[
        Path | None,
        typer.Option(help="What to show: a CSV, JSON or OTIO file of segments.", show_default=False),
    ] = None,
    longest: Annotated[
        str | None,
        typer.Option(
            "--max",
            help="How long it may last: 90s, 1:30, or 25% of the footage; the best fill it"
            " (default: 90s without labels).",
            metavar="TIME",
            show_default=False,
        ),
    ] = None,
    before: Annotated[float, typer.Option(help="Seconds to show before an event.", min=0.0)] = 2.0,
    after: Annotated[float, typer.Option(help="Seconds to show after it.", min=0.0)] = 2.0,
    gap: Annotated[float, typer.Option(help="Cuts this many seconds apart become one.", min=0.0)] = 1.0,
    snap: Annotated[
        float,
        typer.Option(
            help="Seconds that a cut may move to where a shot begins or ends; 0: stay.", min=0.0, max=10.0
        ),
    ] = 0.5,
    order: Annotated[
        Literal["time", "rank"], typer.Option(help="In order of time, or the best first.")
    ] = "time",
    condense: Annotated[
        bool, typer.Option("--condense", help="Show all the action and leave out what is quiet.")
    ] = False,
    fast: Annotated[
        float | None,
        typer.Option(
            help="Show what is quiet this many times as fast, instead of leaving it out.",
            metavar="TIMES",
            show_default=False,
        ),
    ] = None,
    baseline: Annotated[
        Path | None,
        typer.Option(
            "--baseline", "-b", help="What is normal: what deviates from it comes first.", show_default=False
        ),
    ] = None,
    encode: Annotated[
        bool, typer.Option("--encode", help="Encode all of it again, instead of copying what can be copied.")
    ] = False,
    beside: Annotated[
        str,
        typer.Option(
            help="What to write beside it: of vtt, json, edl, fcpxml, otio, hls, parted by commas; or all.",
            metavar="KINDS",
            show_default=False,
        ),
    ] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print what is in it as one JSON object.")] = False,
    query: Annotated[
        str | None,
        typer.Option(
            help="Show what is found in the archive: words as search takes them.", show_default=False
        ),
    ] = None,
    player: Player = None,
    team: Team = None,
    opponent: Opponent = None,
    competition: Competition = None,
    label: Label = None,
    since: Since = None,
    until: Until = None,
    last: Last = None,
    like: Like = None,
    alerts: Annotated[bool, typer.Option("--alerts", help="Show what cameras alerted on.")] = False,
    camera: Annotated[
        str | None, typer.Option(help="Of which camera; all without.", show_default=False)
    ] = None,
    store: Annotated[str | None, setting("store")] = None,
) -> None:
    """Cut a film of what is worth seeing.

    With labels it shows these; with --query and the like what is found in the archive; with --alerts what
    cameras alerted on; without all of that what stands out: where much moves, where it looks as it did not
    before, and what deviates from a baseline.
    """
    from everyframe.cli.opening import check_output
    from everyframe.cli.progress import Meter
    from everyframe.cli.stopping import stoppable
    from everyframe.errors import SettingError

    check_output(output, sources or [])
    shown = to_show(
        query,
        alerts=alerts,
        camera=camera,
        store=store,
        player=player,
        team=team,
        opponent=opponent,
        competition=competition,
        label=label,
        since=since,
        until=until,
        last=last,
        like=like,
    )
    if labels is not None and shown is not None:
        raise SettingError("--labels says what to show already: leave out what is asked of the archive.")
    with stoppable() as stop, Meter("cutting") as meter:
        from everyframe.highlights.reel import reel as cut

        def tell(progress: Progress) -> None:
            if stop:  # a film is written whole or not at all
                raise SystemExit(stop.code)
            meter(progress)

        made = cut(
            sources or [],
            output,
            labels=shown if labels is None else labels,
            longest=longest,
            before=before,
            after=after,
            gap=gap,
            snap=snap,
            order=order,
            condense=condense,
            fast=fast,
            baseline=baseline,
            way="encode" if encode else "smart",
            beside=beside,
            progress=tell,
            note=meter.note,
        )
    if as_json:
        from everyframe.highlights.reel.beside import as_json as in_json

        typer.echo(json.dumps(json.loads(in_json(made.pieces, made.path.name)), ensure_ascii=False))
        return
    _say(made)


def _say(made: Reel) -> None:
    from everyframe.store import words

    for piece in made.pieces:
        span = f"{words.moment(piece.first)}–{words.moment(piece.last)}"
        line = f"{words.moment(float(piece.start))}  {piece.cut.label}  {piece.footage.name} {span}"
        out().print(line, soft_wrap=True, markup=False, highlight=False)
    copied = sum(piece.copied for piece in made.pieces)
    encoded = sum(piece.encoded for piece in made.pieces)
    note(
        f"The reel: {made.path}, {words.duration(made.seconds)}, {len(made.pieces)} cuts;"
        f" {copied:,} pictures copied, {encoded:,} encoded"
    )
    for path in made.beside:
        note(f"Beside it: {path}")
