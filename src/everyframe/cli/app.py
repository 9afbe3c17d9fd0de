"""The commands under one name, and what happens when one fails or is told to stop."""

from __future__ import annotations

import signal
import sys
from types import FrameType
from typing import Annotated

import typer

from everyframe._version import __version__
from everyframe.cli import (
    architecture,
    backup,
    bench,
    classify,
    demo,
    doctor,
    feed,
    index,
    learn,
    probe,
    reel,
    report,
    scoreboard,
    search,
    segment,
    serve,
    show,
    spot,
    teach,
    verdict,
    watch,
)
from everyframe.cli.console import complain
from everyframe.errors import EveryframeError
from everyframe.files import storage_error

FAULT = 2
"""Exit code where a person has to mend something."""

app = typer.Typer(
    name="everyframe",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Example: everyframe demo",
)
app.add_typer(bench.app, name="bench")
app.add_typer(segment.app, name="segment")
app.add_typer(classify.app, name="classify")
_WATCHING = (demo, probe, learn, watch, show, report, verdict)
_FINDING = (teach, spot, scoreboard, index, search, feed, reel)
for module in (*_WATCHING, *_FINDING, architecture, serve, doctor, backup):
    module.register(app)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(__version__)
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_print_version, is_eager=True, help="Say the version and exit."),
    ] = False,
) -> None:
    """Know what is normal. See what is not.

    Everyframe learns the normal motion of one camera from its footage, and alerts on what deviates.
    """


def main() -> None:
    """Run the command line and exit: 0 done, 1 not as it should be, 2 something to mend, 130/143 stopped."""
    # As SystemExit, so that whatever is half-written is tidied up on the way out.
    signal.signal(signal.SIGTERM, _leave)
    try:
        app(prog_name="everyframe")
    except EveryframeError as error:
        complain(error)
        sys.exit(FAULT)
    except OSError as error:
        # What no room below has put into words, such as a terminal's or a temporary folder's trouble.
        complain(storage_error(error, error.filename or "a file"))
        sys.exit(FAULT)


def _leave(number: int, frame: FrameType | None) -> None:  # noqa: ARG001 - the signature of a handler
    raise SystemExit(128 + number)
