"""``everyframe probe``: what a source is, or why it cannot be read."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from everyframe.cli.console import out
from everyframe.cli.options import example, setting

if TYPE_CHECKING:
    from everyframe.sources import Probe


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(epilog=example("everyframe probe park-monday.mp4"))(probe)


def probe(
    source: Annotated[str, typer.Argument(help="A file, folder, URL, device or synthetic:park.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
    timeout: Annotated[str | None, setting("timeout")] = None,
) -> None:
    """Say what a source is: codec, size, rate, duration, motion vectors; or why it cannot be read."""
    from everyframe import settings
    from everyframe.sources import probe as look

    found = look(source, timeout=settings.read({"timeout": timeout}).timeout)
    if as_json:
        fields = asdict(found) | {"fps": float(found.fps) if found.fps else None}
        typer.echo(json.dumps(fields, ensure_ascii=False))
        return
    from rich.table import Table

    table = Table(title=found.name, title_justify="left", show_header=False, box=None)
    for name, value in _rows(found):
        table.add_row(name, value)
    out().print(table)


def _rows(found: Probe) -> list[tuple[str, str]]:
    from everyframe.store import words

    rate = "unknown" if found.fps is None else f"{float(found.fps):.4g} frames/s"
    if found.measured_fps is not None:
        rate += f", measured {found.measured_fps:.4g}"
    if found.variable:
        rate += ", variable"
    length = "live: it goes on" if found.live else "unknown"
    if found.duration is not None:
        length = words.duration(found.duration)
    if found.frames is not None:
        length += f", {found.frames:,} frames"
    return [
        ("codec", found.codec or "none: pictures"),
        ("pixels", found.pixel_format or "grey or RGB"),
        ("size", f"{found.width} x {found.height}"),
        ("rate", rate),
        ("length", length),
        ("motion vectors", "yes: --motion codec works" if found.vectors else "no: use --motion flow"),
    ]
