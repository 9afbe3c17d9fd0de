"""``everyframe feed``: what one person may want to see next, and why."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from everyframe.cli.options import example, setting

if TYPE_CHECKING:
    from everyframe.archive.feed import Feed
    from everyframe.highlights.reel import Progress


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(epilog=example('everyframe feed mia --add-player "Ada Lindqvist" --add-kind smash'))(feed)


def feed(
    profile: Annotated[str, typer.Argument(help="Whose feed: the name of a profile.", metavar="PROFILE")],
    add_player: Annotated[
        list[str] | None,
        typer.Option("--add-player", metavar="NAME", help="Follow a player.", show_default=False),
    ] = None,
    add_team: Annotated[
        list[str] | None,
        typer.Option("--add-team", metavar="NAME", help="Follow a team.", show_default=False),
    ] = None,
    add_kind: Annotated[
        list[str] | None,
        typer.Option("--add-kind", metavar="LABEL", help="Watch what happens.", show_default=False),
    ] = None,
    drop: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="Follow a player, team or kind no more.", show_default=False),
    ] = None,
    length: Annotated[
        str | None,
        typer.Option(
            help="How long it may last, as 90s or 5min (default: 90s).", metavar="TIME", show_default=False
        ),
    ] = None,
    watched: Annotated[
        list[int] | None,
        typer.Option(metavar="MOMENT", help="Say that a moment was watched.", show_default=False),
    ] = None,
    skipped: Annotated[
        list[int] | None,
        typer.Option(metavar="MOMENT", help="Say that a moment was skipped.", show_default=False),
    ] = None,
    undo: Annotated[
        list[int] | None,
        typer.Option(metavar="MOMENT", help="Take back what was said of a moment.", show_default=False),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="Cut it: an MP4, the best first.", show_default=False),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print each moment as one line of JSON.")] = False,
    store: Annotated[str | None, setting("store")] = None,
) -> None:
    """Choose what one person may want to see next, and say why.

    A profile is made by saying whom it follows. What was watched and skipped moves what comes next, within
    bounds, and can be taken back. It exits with 1 where there is nothing to show.
    """
    from everyframe.archive.feed import feed as choose
    from everyframe.archive.feed import follow, give_feedback
    from everyframe.cli.console import note
    from everyframe.cli.opening import check_output
    from everyframe.highlights.reel.lengths import seconds

    if output is not None:
        check_output(output, [])
    if add_player or add_team or add_kind or drop or length is not None:
        follow(
            profile,
            players=add_player or (),
            teams=add_team or (),
            kinds=add_kind or (),
            drop=drop or (),
            seconds=None if length is None else seconds(length),
            store=store,
        )
    for number in watched or ():
        give_feedback(profile, number, "watched", store=store)
    for number in skipped or ():
        give_feedback(profile, number, "skipped", store=store)
    for number in undo or ():
        give_feedback(profile, number, None, store=store)
    found = choose(profile, here=output is not None, store=store)
    _say(found, as_json)
    for hint in found.hints:
        note(hint)
    if not found.shown:
        raise SystemExit(1)
    if output is not None:
        _cut(found, output)


def _say(found: Feed, as_json: bool) -> None:
    from everyframe.cli.console import out
    from everyframe.cli.search import line

    for one in found.shown:
        if as_json:
            sys.stdout.write(json.dumps(one.told(), ensure_ascii=False) + "\n")
            continue
        why = ", ".join(f"{reason.text} ({reason.points:+.2f})" for reason in one.reasons)
        for text in (line(one.moment), f"    {one.score:.2f}: {why or 'it is there'}"):
            out().print(text, soft_wrap=True, markup=False, highlight=False)


def _cut(found: Feed, output: Path) -> None:
    from everyframe.cli.console import note
    from everyframe.cli.progress import Meter
    from everyframe.cli.stopping import stoppable
    from everyframe.highlights.reel import reel
    from everyframe.store import words

    with stoppable() as stop, Meter("cutting") as meter:

        def tell(progress: Progress) -> None:
            if stop:  # a film is written whole or not at all
                raise SystemExit(stop.code)
            meter(progress)

        made = reel(
            labels=found.segments(),
            output=output,
            longest=found.profile.seconds,
            order="rank",
            progress=tell,
            note=meter.note,
        )
    note(f"The feed as a film: {made.path}, {words.duration(made.seconds)}, {len(made.pieces)} cuts")
