"""``everyframe search``: find a moment."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from everyframe.cli.asked import Competition, Label, Last, Like, Opponent, Player, Since, Team, Until
from everyframe.cli.options import example, setting

if TYPE_CHECKING:
    from everyframe.store.archive import StoredMoment


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(epilog=example("everyframe search goal --player Kane --last 10"))(search)


def search(
    text: Annotated[
        list[str] | None,
        typer.Argument(
            help='Words that all are wanted; or, not, brackets, "a phrase", and a star for any ending.',
            show_default=False,
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
    limit: Annotated[int, typer.Option(help="How many at most.", min=1, max=1000)] = 20,
    as_json: Annotated[bool, typer.Option("--json", help="Print each moment as one line of JSON.")] = False,
    store: Annotated[str | None, setting("store")] = None,
) -> None:
    """Find moments in what was indexed: the best match first, or with --last the newest.

    Any word of a name will do, written anyhow. It exits with 1 where nothing is found, and says what to try.
    """
    from everyframe.archive import search as find
    from everyframe.cli.console import note, out

    found = find(
        " ".join(text or []),
        player=player,
        team=team,
        opponent=opponent,
        competition=competition,
        label=label,
        since=since,
        until=until,
        last=last,
        like=like,
        limit=limit,
        store=store,
    )
    for one in found:
        if as_json:
            sys.stdout.write(json.dumps(one.told(), ensure_ascii=False) + "\n")
        else:
            out().print(line(one), soft_wrap=True, markup=False, highlight=False)
    for hint in found.hints:
        note(hint)
    if found.more and not as_json and last is None:
        note("There are more: ask for them with --limit, or narrow it down.")
    if not found.moments:
        raise SystemExit(1)


def line(one: StoredMoment) -> str:
    """Say a moment in one line: when, what, who, where, and the place in which footage."""
    from everyframe.store import words

    about = one.segment.about
    who = about.get("player") or about.get("team") or ""
    if about.get("opponent"):
        who += f" v {about['opponent']}"
    where = ", ".join(text for kind in ("competition", "text") if (text := about.get(kind, "")))
    clock = " ".join(text for kind in ("period", "clock") if (text := about.get(kind, "")))
    span = f"{words.moment(one.segment.start)} – {words.moment(one.segment.end)}"
    footage = str(one.path or one.footage)
    parts = (f"{one.id}", about.get("date", ""), one.segment.label, who, where, clock, span, footage)
    return "  ".join(" ".join(part.split()) for part in parts if part)
