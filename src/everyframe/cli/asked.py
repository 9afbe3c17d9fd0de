"""What is asked of the archive: the options of every command that searches it, and a reel's way to them."""

from __future__ import annotations

from typing import Annotated, Any

import typer

Player = Annotated[str | None, typer.Option(help="Who.", show_default=False)]
Team = Annotated[str | None, typer.Option(help="Whose.", show_default=False)]
Opponent = Annotated[str | None, typer.Option(help="Against whom.", show_default=False)]
Competition = Annotated[str | None, typer.Option(help="Where.", show_default=False)]
Label = Annotated[str | None, typer.Option(help="What happens.", show_default=False)]
Since = Annotated[
    str | None, typer.Option("--from", metavar="DAY", help="The first day: 2026-03-02.", show_default=False)
]
Until = Annotated[
    str | None, typer.Option("--to", metavar="DAY", help="The last day; that day, too.", show_default=False)
]
Last = Annotated[
    int | None,
    typer.Option(help="Only the last so many: the newest come first.", min=1, max=1000, show_default=False),
]
Like = Annotated[
    int | None,
    typer.Option(metavar="MOMENT", help="What is most like the moment of this number.", show_default=False),
]


def to_show(
    query: str | None, *, alerts: bool, camera: str | None, store: str | None, **wanted: Any
) -> list[Any] | None:
    """Return the segments of a reel that is asked of the archive or of the alerts; ``None`` where none is.

    Args:
        query: Words to search for.
        alerts: Whether it is the clips of alerts.
        camera: Of which camera; with alerts alone.
        store: Where both are kept.
        wanted: What else was asked of the archive, by the names that ``search`` has.

    Raises:
        SettingError: What was asked contradicts itself.
        SystemExit: With 1: nothing was found, and it was said why.
    """
    from everyframe.errors import SettingError

    asked = {name: value for name, value in wanted.items() if value is not None}
    days = {name: asked.pop(name) for name in ("since", "until") if name in asked}
    if alerts and (query is not None or asked):
        raise SettingError("--alerts shows what cameras alerted on: leave out what is asked of the archive.")
    if camera is not None and not alerts:
        raise SettingError("--camera says whose alerts: tell --alerts, too.")
    if not alerts and query is None and not asked and not days:
        return None
    from everyframe.archive import pick, pick_alerts
    from everyframe.cli.console import note

    found = (
        pick_alerts(camera, store=store, **days)
        if alerts
        else pick(query or "", store=store, **days, **asked)
    )
    for hint in found.hints:
        note(hint)
    if not found.segments:
        raise SystemExit(1)
    if found.absent:
        note(f"{found.absent:,} of {len(found.segments) + found.absent:,} are left out: they are not here.")
    return found.segments
