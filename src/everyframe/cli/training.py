"""What the commands that train share: options, places for what is written, sizes of pictures."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from everyframe.errors import SettingError

Weights = Annotated[
    Path | None,
    typer.Option(
        help="Its weights: a state dict or safetensors (default: the published ones).", show_default=False
    ),
]
FromScratch = Annotated[
    bool, typer.Option("--from-scratch", help="Begin with chance; small does so without --weights.")
]
Seed = Annotated[int, typer.Option(help="Of what is left to chance; the same gives the same.", min=0)]
Curves = Annotated[
    Path | None,
    typer.Option(help="Picture of how it went (.png), and a table beside it (.csv).", show_default=False),
]


def check_places(output: Path, checkpoint: Path | None, curves: Path | None, weights: Path | None) -> None:
    """Make sure that what a training writes can be written, before anything is learned.

    Raises:
        SettingError: Something has another's name, or another ending than it needs.
        StorageError: A folder does not exist.
    """
    from everyframe.cli.opening import check_output

    if output.suffix.lower() != ".onnx":
        raise SettingError(f"{output} should end in .onnx")
    if curves is not None and curves.suffix.lower() != ".png":
        raise SettingError(f"{curves} should end in .png; the table goes beside it")
    places = [place for place in (output, checkpoint, curves) if place is not None]
    if len({place.absolute() for place in places}) < len(places):
        raise SettingError("the network, the checkpoint and the curves need names of their own")
    for place in places:
        check_output(place, [str(weights)] if weights is not None else [])


def size_of(told: str | None) -> tuple[int, int] | None:
    """Return the height and width that somebody wrote as ``360x480``.

    Raises:
        SettingError: It is no such size.
    """
    if told is None:
        return None
    parts = told.lower().split("x")
    if len(parts) != 2 or not all(part.isdecimal() and 1 <= int(part) <= 16_384 for part in parts):
        raise SettingError(f"the size is {told!r}; give height x width in pixels, such as 360x480")
    return int(parts[0]), int(parts[1])
