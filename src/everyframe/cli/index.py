"""``everyframe index``: what happens in footage, and what others say of it."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from everyframe.cli.options import example, setting

if TYPE_CHECKING:
    from everyframe.archive import Indexed, Indexing

_LINES = 20  # of what could not be used, before the rest is only counted
_EVERY, _REFRESH = 10.0, 0.1  # seconds between two words about progress: a line, a bar


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(epilog=example("everyframe index final.mp4 plays.csv"))(index)


def index(
    paths: Annotated[
        list[str],
        typer.Argument(
            metavar="PATH...", help="Footage, tables that say what happens (CSV, JSON), or folders with both."
        ),
    ],
    column: Annotated[
        list[str] | None,
        typer.Option(
            "--column",
            metavar="FIELD=COLUMN",
            help="Which column of tables says what, where its name does not: player=batter.",
            show_default=False,
        ),
    ] = None,
    form: Annotated[
        str | None,
        typer.Option(help="The form of a feed: shuttleset, or a JSON file.", show_default=False),
    ] = None,
    said_by: Annotated[
        str, typer.Option("--said-by", help="Who says what the tables say: feed, person or recogniser.")
    ] = "feed",
    pictures: Annotated[
        bool,
        typer.Option("--pictures/--no-pictures", help="Whether to look at moments whose footage is here."),
    ] = True,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
    store: Annotated[str | None, setting("store")] = None,
) -> None:
    """Index footage and what others say happens in it; what is known already is left alone.

    Stop it whenever you like, even roughly: run it again, and it goes on where it was.
    """
    from everyframe.archive import index as run
    from everyframe.cli.console import note
    from everyframe.cli.stopping import stoppable
    from everyframe.errors import SettingError

    columns: dict[str, str] = {}
    for told in column or []:
        field, mark, name = told.partition("=")
        if not mark or not field or not name:
            raise SettingError(f"--column {told}: write FIELD=COLUMN, such as player=batter.")
        columns[field] = name
    with stoppable() as stop, _Bar() as bar:
        done = run(
            [Path(path) for path in paths],
            store=store,
            columns=columns,
            form=form,
            said_by=said_by,
            pictures=pictures,
            progress=bar,
            fault=bar.fault,
            stop=stop.event,
        )
    if bar.faults > _LINES:
        note(f"… and {bar.faults - _LINES:,} more")
    _say(done, as_json)
    if stop:
        note("Stopped early; run it again, and it goes on from here.")
        raise SystemExit(stop.code)
    if done.faults:
        raise SystemExit(1)


class _Bar:
    """Shows how far it has come: a bar on a terminal, a line now and then elsewhere."""

    def __init__(self) -> None:
        from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn

        from everyframe.cli.console import err

        self.faults = 0
        self._told = time.monotonic() - _EVERY
        self._bar: Progress | None = None
        if err().is_terminal:
            text = TextColumn("{task.description}")
            self._bar = Progress(text, BarColumn(), TaskProgressColumn(), console=err(), transient=True)
            self._task = self._bar.add_task("indexing", total=None)

    def __enter__(self) -> _Bar:
        if self._bar is not None:
            self._bar.start()
        return self

    def __exit__(self, *error: object) -> None:
        if self._bar is not None:
            self._bar.stop()

    def __call__(self, at: Indexing) -> None:
        """Take note of how far it has come."""
        from everyframe.cli.console import note

        now = time.monotonic()
        if now - self._told < (_EVERY if self._bar is None else _REFRESH):
            return
        self._told = now
        line = f"{at.doing} {at.name} ({at.done:,} of {at.total:,}; {at.moments:,} new moments)"
        if self._bar is None:
            note(line)
        else:
            self._bar.update(self._task, description=line, completed=at.done, total=at.total or None)

    def fault(self, text: str) -> None:
        """Say what could not be used, as long as somebody may read it."""
        from everyframe.cli.console import complain
        from everyframe.errors import EveryframeError

        self.faults += 1
        if self.faults <= _LINES:
            complain(EveryframeError(text))


def _say(done: Indexed, as_json: bool) -> None:
    import json
    from dataclasses import asdict

    if as_json:
        sys.stdout.write(json.dumps(asdict(done), ensure_ascii=False) + "\n")
        return
    from everyframe.cli.console import out

    said = [
        f"{done.moments:,} new {'moment' if done.moments == 1 else 'moments'}",
        f"{done.new_footage:,} of {done.footage:,} videos new" if done.footage else "",
        f"{done.new_tables:,} of {done.tables:,} tables with something new" if done.tables else "",
        f"{done.pictures:,} looked at" if done.pictures else "",
        f"{done.left_out:,} rows left out" if done.left_out else "",
    ]
    out().print(", ".join(part for part in said if part), soft_wrap=True, markup=False, highlight=False)
