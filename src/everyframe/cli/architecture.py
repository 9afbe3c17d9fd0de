"""``everyframe architecture``: a network from the inside."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from everyframe.cli.console import note, out
from everyframe.cli.options import example
from everyframe.cli.training import size_of

if TYPE_CHECKING:
    from rich.table import Table

    from everyframe.vision.inside import Architecture


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(epilog=example("everyframe architecture resnet50 --svg resnet50.svg"))(architecture)


def architecture(
    model: Annotated[
        str, typer.Argument(help="An ONNX file, or a name: resnet50, vgg16, timm/<model>, fcn8s, street...")
    ],
    backbone: Annotated[
        str | None, typer.Option(help="What fcn8s and its like see with.", show_default=False)
    ] = None,
    size: Annotated[
        str | None,
        typer.Option(
            help="Of the picture, such as 360x480 (default: the network's own).", show_default=False
        ),
    ] = None,
    depth: Annotated[
        int | None,
        typer.Option(
            help="How far parts within parts are opened (default: as a page takes).",
            min=1,
            show_default=False,
        ),
    ] = None,
    json: Annotated[
        Path | None,
        typer.Option(help="Where the whole tree goes (.json, or - to print it).", show_default=False),
    ] = None,
    svg: Annotated[Path | None, typer.Option(help="Where the graph goes (.svg).", show_default=False)] = None,
    png: Annotated[Path | None, typer.Option(help="Where the graph goes (.png).", show_default=False)] = None,
) -> None:
    """Say what the layers of a network give, see and cost: as a table, a tree or a graph."""
    from everyframe.cli.opening import check_output
    from everyframe.files import atomic_write
    from everyframe.vision import inside

    printed = json is not None and str(json) == "-"
    for place in (None if printed else json, svg, png):
        if place is not None:
            check_output(place, [model])
    found = inside.architecture(model, backbone=backbone, size=size_of(size), depth=depth)
    if printed:
        typer.echo(found.json(), nl=False)
    elif json is not None:
        atomic_write(json, found.json().encode())
        note(f"The tree: {json}")
    if svg is not None:
        atomic_write(svg, found.svg().encode())
        note(f"The graph: {svg}")
    if png is not None:
        atomic_write(png, found.png())
        note(f"The graph: {png}")
    if json is None and svg is None and png is None:
        out().print(_table(found))


def _table(found: Architecture) -> Table:
    from rich.table import Table

    from everyframe.vision.inside import words

    rows, cols = found.graph.size
    table = Table(box=None, title_justify="left", title_style="bold", caption_justify="left")
    table.title = f"{found.name}, {rows} x {cols} pixels" if rows else found.name
    for name in ("layer", "what it is", "output", "sees", "stride", "parameters", "multiply-adds"):
        right = name not in ("layer", "what it is")
        table.add_column(name, justify="right" if right else "left", overflow="fold", no_wrap=right)
    for box in found.boxes:
        kind = f"{box.count} x {box.kind}" if box.count > 1 else box.kind
        repeated = "".join(f" (each of {found.repeats[frame][0]})" for frame in box.frames[-1:])
        table.add_row(
            box.name + repeated,
            f"{kind}  {box.detail}".strip(),
            words.shape(box.last),
            words.sees(box.last),
            words.stride(box.last),
            words.amount(box.parameters),
            words.amount(box.multiply_adds),
        )
    table.caption = (
        f"{words.amount(found.parameters) or 'no'} parameters, "
        f"{words.amount(found.multiply_adds) or 'no'} multiply-adds"
    )
    return table
