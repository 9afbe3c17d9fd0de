"""``everyframe backup`` and ``everyframe restore``: a store as one file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from everyframe.cli.console import note
from everyframe.cli.options import example, setting


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command(epilog=example("everyframe backup everyframe.tar"))(backup)
    app.command(epilog=example("everyframe restore everyframe.tar --store another"))(restore)


def backup(
    file: Annotated[Path, typer.Argument(help="Where the backup goes.")],
    store: Annotated[str | None, setting("store")] = None,
) -> None:
    """Write the store into one file: events, clips, pictures, baselines, people, cameras and their key.

    The server may go on meanwhile.
    """
    from everyframe import settings
    from everyframe.cli.opening import check_output
    from everyframe.cli.report import store_place
    from everyframe.server.backup import back_up
    from everyframe.store import Store

    check_output(file, [])
    with Store(store_place(settings.read({"store": store}).store), create=False) as kept:
        told = back_up(kept, file)
    note(f"{file}: {told.files} files, {told.size / 1e6:,.1f} MB.")
    note("Keep it safe: it holds the key of the cameras' passwords.")
    if told.left_out:
        note(f"{told.left_out} clips or pictures lie elsewhere, or are gone, and were left out.")


def restore(
    file: Annotated[Path, typer.Argument(help="What `backup` wrote.")],
    store: Annotated[str | None, setting("store")] = None,
) -> None:
    """Make a store of a backup, where there is none yet."""
    from everyframe import settings
    from everyframe.cli.report import store_place
    from everyframe.errors import SettingError
    from everyframe.server.backup import restore as restoring

    place = store_place(settings.read({"store": store}).store)
    if "://" in place or Path(place).suffix.lower() in (".db", ".sqlite", ".sqlite3"):
        raise SettingError("A backup is restored into a folder; give one as --store.")
    told = restoring(file, Path(place).expanduser())
    note(f"{place}: {told.files} files, {told.size / 1e6:,.1f} MB.")
