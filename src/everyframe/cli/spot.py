"""``everyframe spot``: where in footage what was taught happens."""

from __future__ import annotations

import csv
import io
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from everyframe.cli.console import complain, note, out
from everyframe.cli.options import example

if TYPE_CHECKING:
    from everyframe.cli.stopping import Stop
    from everyframe.errors import EveryframeError
    from everyframe.highlights import Library, Segment

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
    workers: Annotated[
        int,
        typer.Option(
            help="Files looked through at a time (default: one for each core).", min=1, show_default=False
        ),
    ] = os.cpu_count() or 1,
    as_json: Annotated[bool, typer.Option("--json", help="Print each event as one line of JSON.")] = False,
) -> None:
    """Find where in footage what was taught happens: a line for each event.

    Ctrl-C ends early: what was found until then is kept. It exits with 1 where nothing is found.
    """
    from everyframe.cli.opening import check_output
    from everyframe.cli.stopping import stoppable
    from everyframe.errors import EveryframeError
    from everyframe.files import atomic_write
    from everyframe.highlights import Library

    if output is not None:
        check_output(output, sources)
        check_kind(output)
    known = Library.load(library)
    found: list[Segment] = []
    failed = 0
    with stoppable() as stop:
        several = min(workers, len(sources))
        if several > 1:
            ended = _together(sources, known, threshold, each, several, stop)
        else:
            ended = _in_turn(sources, known, threshold, each, stop)
        for told in ended:
            if isinstance(told, EveryframeError):
                if len(sources) == 1:
                    raise told
                failed += 1
                complain(told)
                continue
            found.append(told)
            out().print(line(told, as_json=as_json, several=len(sources) > 1), markup=False, soft_wrap=True)
        if output is not None:
            atomic_write(output, table(found, output.suffix.lower()).encode())
    if stop:
        note("Stopped early; what was found until then is above.")
        raise typer.Exit(stop.code)
    if failed:
        note(f"{failed} of {len(sources)} files could not be read.")
        raise typer.Exit(1)
    if not found:
        note(f"Nothing found of {', '.join(known.events)}. A lower --threshold tells more.")
        raise typer.Exit(1)


def _in_turn(
    sources: list[str], library: Library, threshold: float | None, each: bool, stop: Stop
) -> Iterator[Segment | EveryframeError]:
    """Yield events as they are found, with a bar of the file at hand."""
    from everyframe.cli.progress import Meter
    from everyframe.errors import EveryframeError
    from everyframe.highlights.spotting import spot as find

    for source in sources:
        try:
            with Meter("looking through") as meter:
                yield from find(
                    source, library, threshold=threshold, each=each, progress=meter, stop=stop.event.is_set
                )
        except EveryframeError as error:
            yield error
        if stop:
            return


def _together(
    sources: list[str], library: Library, threshold: float | None, each: bool, workers: int, stop: Stop
) -> Iterator[Segment | EveryframeError]:
    """Yield the events of each file once it is done, several files at a time."""
    from everyframe.errors import EveryframeError
    from everyframe.highlights.spotting import spot_several

    ended = spot_several(
        sources, library, threshold=threshold, each=each, workers=workers, stop=stop.event.is_set
    )
    for done, (source, told) in enumerate(ended, 1):
        note(f"{done} of {len(sources)}: {source}")
        if isinstance(told, EveryframeError):
            yield told
        else:
            yield from told


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
