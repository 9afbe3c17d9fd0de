"""``everyframe verdict``: what an event was, for the next time."""

from __future__ import annotations

from typing import Annotated

import typer

from everyframe.cli.options import example, setting


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(epilog=example("everyframe verdict 1 real --name cyclist"))(verdict)


def verdict(
    event: Annotated[int, typer.Argument(help="The event's number, as the report shows it.")],
    kind: Annotated[
        str | None,
        typer.Argument(help="real, normal (here, at this hour), false (there was nothing) or later."),
    ] = None,
    name: Annotated[
        str, typer.Option(help="What it is, where it is real: the like is called so.", show_default=False)
    ] = "",
    undo: Annotated[bool, typer.Option("--undo", help="Take back what was said of the event.")] = False,
    who: Annotated[
        str | None, typer.Option(help="Who says so (default: your login).", show_default=False)
    ] = None,
    store: Annotated[str | None, setting("store")] = None,
) -> None:
    """Say what an event was. `watch` heeds it from its next start on, until you undo it.

    With normal, the like at that place and hour is no alert any more; with real, the like is called by the
    name that you give; with false, alerts as weak as this one become rarer.
    """
    from everyframe import settings
    from everyframe.cli.console import out
    from everyframe.cli.report import store_place
    from everyframe.errors import SettingError
    from everyframe.store import Store

    if undo == (kind is not None):
        raise SettingError("Say real, normal, false or later; or --undo alone, to take back what was said.")
    person = who or _login()
    with Store(store_place(settings.read({"store": store}).store), create=False) as kept:
        if kind is not None:
            kept.give_verdict(event, kind, person, name)
            said = f"event {event}: {kind}" + (f", {name.strip()}" if name.strip() else "")
        else:
            standing = [one for one in kept.verdicts() if one.event_id == event]
            if not standing:
                raise SettingError(f"No verdict stands on event {event}; there is nothing to undo.")
            for one in standing:
                kept.undo_verdict(one.id, person)
            said = f"event {event}: {standing[-1].kind} is undone"
    out().print(said, soft_wrap=True, markup=False, highlight=False)


def _login() -> str:
    """Return the login of who types; where the system knows none, say so."""
    import getpass

    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return "somebody"
