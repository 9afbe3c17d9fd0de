"""``everyframe segment scene``: zones and masks for a camera, from what its picture shows."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from everyframe.cli.console import note
from everyframe.cli.options import example, setting

if TYPE_CHECKING:
    from everyframe.vision.dense.regions import Proposal


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(epilog=example("everyframe segment scene park-monday.mp4 --picture scene.png"))(scene)


def scene(
    source: Annotated[str, typer.Argument(help="A camera's URL or device, a file, or synthetic:park.")],
    model: Annotated[
        str, typer.Option("--model", "-m", help="A network that ships (street), or a file of `export`.")
    ] = "street",
    output: Annotated[
        Path | None,
        typer.Option(
            "--output", "-o", help="Where the TOML goes (default: it is printed).", show_default=False
        ),
    ] = None,
    camera: Annotated[
        str | None,
        typer.Option(help="The camera's name (default: the source's).", metavar="NAME", show_default=False),
    ] = None,
    picture: Annotated[
        Path | None,
        typer.Option(help="Where a picture of the scene and its classes goes, a PNG.", show_default=False),
    ] = None,
    seconds: Annotated[
        float, typer.Option(help="How long a live camera is looked at.", min=0.5, max=3600.0)
    ] = 15.0,
    least: Annotated[
        float, typer.Option(help="Share of the picture that a zone or mask has at least.", min=0.001, max=1.0)
    ] = 0.01,
    side: Annotated[
        int | None,
        typer.Option(
            help="Longer side, in pixels, at which the scene is seen (default: the model's own).",
            min=0,
            metavar="PIXELS",
            show_default=False,
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object instead of TOML.")] = False,
    timeout: Annotated[str | None, setting("timeout")] = None,
) -> None:
    """Propose zones and masks for a camera: zones of what things move on, masks of trees and sky.

    Passers-by vanish from what is looked at. What is printed can be put into the settings file of the server;
    on its page, Edit a camera proposes the same. It exits with 1 where there is nothing to propose.
    """
    from everyframe import settings
    from everyframe.cli.lines import camera_name
    from everyframe.cli.opening import check_output
    from everyframe.files import atomic_write
    from everyframe.sources import masked, open_source
    from everyframe.vision.dense.areas import in_words
    from everyframe.vision.dense.drawing import overlay, shares, with_legend
    from everyframe.vision.dense.regions import propose
    from everyframe.vision.dense.scene import scene_classes, scene_picture
    from everyframe.vision.dense.segmenter import Segmenter
    from everyframe.vision.png import write_png

    tuned = settings.read({"timeout": timeout})
    for path in (output, picture):
        if path is not None:
            check_output(path, [source])
    network = Segmenter(model, threads=os.cpu_count() or 1, side=side)
    opened = open_source(source, timeout=tuned.timeout)
    name = camera or camera_name(opened.info)
    seen = scene_picture(opened, seconds=seconds)
    told = scene_classes(seen, network)
    found = propose(told, network.classes, least)
    note(f"{masked(source)}: {in_words(shares(told, network.classes), network.classes)}")
    if picture is not None:
        drawn = overlay(seen, told, network.classes)
        write_png(picture, with_legend(drawn, told, network.classes))
    text = _json(found) if as_json else toml(found, name, masked(source))
    if output is not None:
        atomic_write(output, text.encode())
    else:
        typer.echo(text, nl=False)
    if not found.zones and not found.masks:
        note("There is nothing to propose: no ground, trees or sky that are large enough.")
        raise typer.Exit(1)


def toml(found: Proposal, camera: str, source: str) -> str:
    """Return a proposal as a part of the server's settings file.

    Args:
        found: What is proposed.
        camera: Its name.
        source: How it is written, without secrets.
    """
    lines = [f"[cameras.{_text(camera)}]", f"source = {_text(source)}"]
    if found.masks:
        lines.append("masks = [")
        lines += [
            f"  {_points(one.polygon)},  # {one.name}, {100 * one.share:.0f} % of the picture"
            for one in found.masks
        ]
        lines.append("]")
    for one in found.zones:
        lines += [
            "",
            f"[[zone]]  # {100 * one.share:.0f} % of the picture",
            f"camera = {_text(camera)}",
            f"name = {_text(one.name)}",
            f"polygon = {_points(one.polygon)}",
        ]
    return "\n".join(lines) + "\n"


def _text(value: str) -> str:
    return json.dumps(value, ensure_ascii=False)


def _points(polygon: tuple[tuple[float, float], ...]) -> str:
    return "[" + ", ".join(f"[{x:g}, {y:g}]" for x, y in polygon) + "]"


def _json(found: Proposal) -> str:
    told = {
        "zones": [
            {"name": one.name, "polygon": one.polygon, "share": round(one.share, 4)} for one in found.zones
        ],
        "masks": [
            {"name": one.name, "polygon": one.polygon, "share": round(one.share, 4)} for one in found.masks
        ],
    }
    return json.dumps(told) + "\n"
