"""``everyframe serve``: the web page and the API."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from everyframe.cli.console import note
from everyframe.cli.options import example, setting


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(epilog=example("everyframe serve --port 8300"))(serve)


def serve(
    config: Annotated[
        Path | None,
        typer.Option("--config", "-c", help="Settings file (TOML); none is needed.", metavar="FILE"),
    ] = None,
    host: Annotated[
        str | None, typer.Option(help="Address to listen on (default 127.0.0.1).", show_default=False)
    ] = None,
    port: Annotated[
        int | None,
        typer.Option(help="Port to listen on (default 8300).", show_default=False, min=0, max=65535),
    ] = None,
    store: Annotated[str | None, setting("store")] = None,
) -> None:
    """Watch cameras all day, and show what they find on a web page.

    Ctrl-C ends.
    """
    from everyframe.cli.report import store_place
    from everyframe.server import settings
    from everyframe.server.serving import serve as serving

    tuned, cameras, actions = settings.read(config, {"host": host, "port": port, "store": store})
    serving(store_place(tuned.watch.store), tuned, cameras, actions, note)
