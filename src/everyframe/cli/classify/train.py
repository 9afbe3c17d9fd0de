"""``everyframe classify train``: from a folder of pictures for each class to a classifier."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from everyframe.cli.training import Curves, FromScratch, Seed, Weights, check_places


def train(
    folder: Annotated[
        Path,
        typer.Argument(help="A folder for each class, or train and val (or test) with one for each."),
    ],
    output: Annotated[Path, typer.Option("--output", "-o", help="Where the classifier goes (.onnx).")],
    backbone: Annotated[
        str, typer.Option(help="small, one of torchvision's (resnet18, vgg16, ...), or timm/<model>.")
    ] = "small",
    weights: Weights = None,
    from_scratch: FromScratch = False,
    pretrain: Annotated[
        int, typer.Option(help="Learn to see first: times each picture is seen without its label.", min=0)
    ] = 0,
    epochs: Annotated[
        int | None,
        typer.Option(
            help="Times each picture is seen at most; 0 leaves it at a linear probe"
            " (default: 20 with weights, 100 from scratch).",
            min=0,
            show_default=False,
        ),
    ] = None,
    side: Annotated[int, typer.Option(help="Pixels of the squares that are learned from.")] = 128,
    batch: Annotated[int, typer.Option(help="Pictures at once.", min=2)] = 32,
    rate: Annotated[
        float | None,
        typer.Option(help="Greatest learning rate (default: what suits the start).", show_default=False),
    ] = None,
    hold_out: Annotated[
        float, typer.Option(help="Share of each class that is held out, to stop and to calibrate by.")
    ] = 0.2,
    folds: Annotated[
        int, typer.Option(help="Hold out each of so many parts once instead, then learn from all.", min=0)
    ] = 0,
    patience: Annotated[
        int, typer.Option(help="Epochs without a gain on what is held out before the end.", min=1)
    ] = 15,
    mirror: Annotated[
        bool,
        typer.Option("--mirror/--sides", help="Whether left and right mean the same, or tell classes apart."),
    ] = True,
    turn: Annotated[
        bool, typer.Option("--turn", help="Up and down mean the same, too: seen from above, for example.")
    ] = False,
    seed: Seed = 0,
    threads: Annotated[
        int | None,
        typer.Option(help="Of the processor (default: what PyTorch chooses).", min=1, show_default=False),
    ] = None,
    checkpoint: Annotated[
        Path | None, typer.Option(help="File that keeps the state after every epoch, to go on from later.")
    ] = None,
    curves: Curves = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Learn to tell what pictures show: a linear probe first, then all layers.

    What lies in val or test is neither learned from nor chosen by. Ctrl-C ends early: what was learned until
    then is kept.
    """
    from everyframe.cli.classify.bar import Bar
    from everyframe.cli.console import note
    from everyframe.cli.stopping import stoppable
    from everyframe.vision import classify
    from everyframe.vision.classify.curves import write_curves

    plan = classify.Plan(
        backbone=backbone,
        weights=weights,
        from_scratch=from_scratch,
        pretrain=pretrain,
        epochs=epochs,
        side=side,
        batch=batch,
        rate=rate,
        hold_out=hold_out,
        folds=folds,
        patience=patience,
        mirror=mirror,
        turn=turn,
        seed=seed,
        threads=threads,
    )
    check_places(output, checkpoint, curves, weights)
    with stoppable() as stop, Bar() as bar:
        found = classify.train(
            folder,
            plan,
            output=output,
            checkpoint=checkpoint,
            progress=bar,
            opening=bar.opening,
            stop=stop.event.is_set,
            told=note,
        )
        found.save(output)
        if curves is not None:
            write_curves(curves, found.curves)
    _say(found.about, output, as_json)
    if stop:
        note(f"Stopped early; what was learned until then: {output}")
        raise typer.Exit(stop.code)


def _say(about: dict[str, Any], output: Path, as_json: bool) -> None:
    if as_json:
        sys.stdout.write(json.dumps(about, ensure_ascii=False) + "\n")
        return
    from everyframe.cli.console import out

    counts = ", ".join(f"{name} ({count})" for name, count in about["pictures"].items())
    out().print(f"{output} tells {counts}", soft_wrap=True, markup=False, highlight=False)
    names = {
        "held out": "held out, to stop and to calibrate by",
        "cross-validated": "each held out once",
        "measured": "neither learned from nor chosen by",
    }
    for name, told in about["figures"].items():
        line = (
            f"{told['pictures']} pictures, {names[name]}: {told['accuracy']:.1%} right;"
            f" confidence is off by {told['ece']:.3f} (ECE; {told['ece before']:.3f} uncalibrated)"
        )
        out().print(line, soft_wrap=True, markup=False, highlight=False)
