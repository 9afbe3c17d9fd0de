"""``everyframe teach``: from labelled segments to a library of events."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import typer

from everyframe.cli.console import note
from everyframe.cli.options import example
from everyframe.cli.training import Seed, Weights

if TYPE_CHECKING:
    from everyframe.cli.stopping import Stop
    from everyframe.highlights import Library, Segment
    from everyframe.vision.backbones import Eyes


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(epilog=example("everyframe teach strokes.csv -o strokes.library"))(teach)


def teach(
    labels: Annotated[
        Path,
        typer.Argument(help="Labelled segments: .csv, .json, .otio, or a folder for each class."),
    ],
    output: Annotated[Path, typer.Option("--output", "-o", help="Where the library goes.")],
    footage: Annotated[
        Path | None, typer.Option(help="Folder that the labels' files lie in; by default, the labels' own.")
    ] = None,
    nothing: Annotated[
        list[Path] | None,
        typer.Option(
            help="Other footage in which nothing of that happens; several times for several.",
            show_default=False,
        ),
    ] = None,
    add_to: Annotated[
        Path | None,
        typer.Option(help="Library to add the classes to, which stay as they are; no training, no PyTorch."),
    ] = None,
    streams: Annotated[str, typer.Option(help="What is seen: both, frames or flow.")] = "both",
    fusion: Annotated[str, typer.Option(help="How two streams are joined: late or early.")] = "late",
    recurrent: Annotated[str, typer.Option(help="What remembers over time: gru, lstm or none.")] = "gru",
    backbone: Annotated[
        str | None,
        typer.Option(
            help="Published network that looks, too, where that helps: resnet18, vgg16, timm/...",
            show_default=False,
        ),
    ] = None,
    weights: Weights = None,
    mirror: Annotated[
        bool,
        typer.Option("--mirror/--sides", help="Whether left and right mean the same, or tell classes apart."),
    ] = True,
    epochs: Annotated[
        int, typer.Option(help="Train a network, too, that sees every example so often, such as 24.", min=0)
    ] = 0,
    seed: Seed = 0,
    checkpoint: Annotated[
        Path | None, typer.Option(help="File that keeps the state after every epoch, to go on from later.")
    ] = None,
) -> None:
    """Learn events from labelled segments, or add classes to a library from five examples each.

    Ctrl-C ends training early: what was learned until then is kept.
    """
    from everyframe.cli.opening import check_output
    from everyframe.cli.stopping import stoppable
    from everyframe.errors import SettingError
    from everyframe.highlights import Library, read_labels
    from everyframe.highlights.library import NOTHING
    from everyframe.vision.backbones import folder as cache
    from everyframe.vision.design import Design

    seen = ("frames", "flow") if streams == "both" else (streams,)
    design = Design(streams=seen, fusion=fusion, recurrent=recurrent)
    check_output(output, [str(labels)])
    known = Library.load(add_to) if add_to is not None else None
    if known is not None and (backbone or weights):
        raise SettingError(
            "a library keeps the backbone that it was taught with: leave --backbone and --weights out"
        )
    segments = read_labels(labels, footage)
    with stoppable() as stop:
        if known is not None:
            library = _add(known, segments)
        else:
            eyes = _eyes(segments, backbone, weights)
            library = _train(segments, nothing or [], design, eyes, stop, mirror, epochs, seed, checkpoint)
        library.save(output)
    if stop:
        note(f"Stopped early; what was learned until then: {output}")
        raise typer.Exit(stop.code)
    note(f"{output} knows {', '.join(library.events)}")
    if backbone is not None and library.backbone is None:
        note(f"{backbone} does not tell examples better that were left out: the library does without it")
    elif library.backbone is not None and known is None:
        note(f"{backbone} joins in; to spot elsewhere, copy {library.backbone.model} there, too: {cache()}")
    accuracy = library.about.get("accuracy")
    if accuracy is not None and known is None:
        note(f"of examples that were left out it tells a share of {accuracy:.2f} right")
    if NOTHING not in library.classes:
        note("it knows no example of nothing: label whole films, or give --nothing, before you spot with it")


def _eyes(segments: list[Segment], backbone: str | None, weights: Path | None) -> Eyes | None:
    """Return the backbone, ready to run, once it is sure that there is enough to learn from."""
    from everyframe.errors import SettingError
    from everyframe.highlights.recogniser import check_counts
    from everyframe.vision.needing import need_torch

    check_counts(segments)
    if backbone is None:
        if weights is not None:
            raise SettingError("--weights are those of a backbone: name it with --backbone")
        return None
    need_torch()
    from everyframe.vision.backbones.making import prepare

    return prepare(backbone, weights, told=note)


def _train(
    segments: list[Segment],
    nothing: list[Path],
    design: object,
    eyes: Eyes | None,
    stop: Stop,
    mirror: bool,
    epochs: int,
    seed: int,
    checkpoint: Path | None,
) -> Library:
    from everyframe.highlights import teach as learn
    from everyframe.vision.design import Design

    return learn(
        segments,
        nothing=nothing,
        design=cast(Design, design),
        backbone=eyes,
        mirror=mirror,
        epochs=epochs,
        seed=seed,
        checkpoint=checkpoint,
        seeing=lambda done, of: note(f"seeing {done} of {of} segments") if done in (1, of) else None,
        progress=lambda told: note(f"epoch {told.epoch} of {told.epochs}: loss {told.loss:.3f}"),
        stop=stop.event.is_set,
    )


def _add(library: Library, segments: list[Segment]) -> Library:
    from everyframe.highlights import add_classes

    add_classes(library, segments)
    return library
