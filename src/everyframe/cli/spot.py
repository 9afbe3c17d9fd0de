"""``everyframe spot``: where in footage what was taught happens."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from everyframe.cli.console import note
from everyframe.cli.options import example

if TYPE_CHECKING:
    from everyframe.highlights import Segment

COLUMNS = ("file", "start", "end", "label", "confidence")


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(epilog=example("everyframe spot match.mp4 --library strokes.library -o found.csv"))(spot)


def spot(
    sources: Annotated[list[str], typer.Argument(help="Video files, of any length.", metavar="SOURCE...")],
    library: Annotated[
        Path, typer.Option("--library", "-l", help="What was taught: a file that `teach` wrote.")
    ],
    output: Annotated[
        Path | None,
        typer.Option(
            "--output", "-o", help="Table (.csv, .json) for `index` and `reel`.", show_default=False
        ),
    ] = None,
    threshold: Annotated[
        float | None,
        typer.Option(
            help="Confidence from which an event is told (default: the library's own).",
            min=0.0,
            max=1.0,
            show_default=False,
        ),
    ] = None,
    each: Annotated[bool, typer.Option("--each", help="Let events of different classes overlap.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print each event as one line of JSON.")] = False,
) -> None:
    """Find where in footage what was taught happens: a line for each event.

    Ctrl-C ends early: what was found until then is kept. It exits with 1 where nothing is found.
    """
    from everyframe.cli.opening import check_output
    from everyframe.cli.progress import Meter
    from everyframe.cli.stopping import stoppable
    from everyframe.files import atomic_write
    from everyframe.highlights import Library
    from everyframe.highlights.spotting import spot as find

    if output is not None:
        check_output(output, sources)
        check_kind(output)
    known = Library.load(library)
    found: list[Segment] = []
    with stoppable() as stop:
        for source in sources:
            with Meter("looking through") as meter:
                for event in find(
                    source,
                    known,
                    threshold=threshold,
                    each=each,
                    progress=meter,
                    stop=stop.event.is_set,
                ):
                    found.append(event)
                    meter.say(line(event, as_json=as_json, several=len(sources) > 1))
        if output is not None:
            atomic_write(output, table(found, output.suffix.lower()).encode())
    if stop:
        note("Stopped early; what was found until then is above.")
        raise typer.Exit(stop.code)
    if not found:
        note(f"Nothing found of {', '.join(known.events)}. A lower --threshold tells more.")
        raise typer.Exit(1)


def check_kind(output: Path) -> None:
    """Make sure that a table can be written there.

    Raises:
        SettingError: Its ending is that of no table.
    """
    from everyframe.errors import SettingError

    if output.suffix.lower() not in {".csv", ".json"}:
        raise SettingError(f"{output}: a table is written as .csv or .json")


def line(event: Segment, *, as_json: bool, several: bool) -> str:
    """Return an event as a line for people, or of JSON."""
    if as_json:
        return json.dumps(row(event))
    from everyframe.store import words

    where = f"{event.source}  " if several else ""
    when = f"{words.moment(event.start)} - {words.moment(event.end)}"
    return f"{where}{when}  {event.label}  {event.confidence:.2f}"


def row(event: Segment) -> dict[str, object]:
    """Return an event as a row of a table."""
    return {
        "file": event.source,
        "start": round(event.start, 3),
        "end": round(event.end, 3),
        "label": event.label,
        "confidence": round(event.confidence, 4),
    }


def table(events: list[Segment], suffix: str) -> str:
    """Return events as a table that labels are read from, with absolute paths."""
    rows = [{**row(event), "file": str(Path(event.source).resolve())} for event in events]
    if suffix == ".json":
        return json.dumps(rows, indent=1) + "\n"
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()
