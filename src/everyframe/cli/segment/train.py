"""``everyframe segment train``: from pictures and their masks to a network that segments."""

from __future__ import annotations

import csv
import io
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from everyframe.cli.options import example
from everyframe.cli.training import Curves, FromScratch, Seed, Weights, check_places, size_of

if TYPE_CHECKING:
    from everyframe.vision.dense.learning import Model
    from everyframe.vision.dense.training import Learned


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(epilog=example("everyframe segment train streets -o streets.onnx"))(train)


def train(
    data: Annotated[Path, typer.Argument(help="Pictures and their masks; see the layouts on its page.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="Where the network goes (.onnx).")],
    model: Annotated[
        str, typer.Option(help="fcn32s, fcn16s, fcn8s, fcn4s, atrous16s, atrous8s, AtrousFCN_Resnet50_16s...")
    ] = "fcn8s",
    backbone: Annotated[
        str | None,
        typer.Option(
            help="small, one of torchvision's (resnet18, vgg16, ...), or timm/<model> (default: small).",
            show_default=False,
        ),
    ] = None,
    weights: Weights = None,
    from_scratch: FromScratch = False,
    layout: Annotated[str, typer.Option(help="Of the data: auto, voc, camvid, folders or coco.")] = "auto",
    upsample: Annotated[str, typer.Option(help="Way up: bilinear, learned or resize.")] = "bilinear",
    skips: Annotated[
        bool, typer.Option("--skips/--no-skips", help="Whether what finer strides see is fused.")
    ] = True,
    width: Annotated[
        int, typer.Option(help="Channels of fused features; 0 fuses scores, as the paper does.", min=0)
    ] = 0,
    epochs: Annotated[int, typer.Option(help="Times each picture is seen.", min=1)] = 100,
    batch: Annotated[int, typer.Option(help="Pictures at once.", min=1)] = 8,
    accumulate: Annotated[int, typer.Option(help="Batches to a step.", min=1)] = 1,
    rate: Annotated[
        float | None,
        typer.Option(
            help="Greatest learning rate (default: 0.004, and 0.001 with weights).", show_default=False
        ),
    ] = None,
    size: Annotated[
        str | None,
        typer.Option(help="Crops, such as 360x480 (default: as the first picture).", show_default=False),
    ] = None,
    loss: Annotated[str, typer.Option(help="cross-entropy; or lovasz or dice, half beside it.")] = (
        "cross-entropy"
    ),
    scale: Annotated[float, typer.Option(help="Greatest enlargement, and its inverse, of pictures.")] = 2.0,
    colour: Annotated[float, typer.Option(help="Share by which colours vary.")] = 0.3,
    flip: Annotated[
        bool, typer.Option("--flip/--sides", help="Whether left and right mean the same.")
    ] = True,
    precision: Annotated[str, typer.Option(help="auto, fp32 or bf16.")] = "auto",
    compiled: Annotated[
        bool, typer.Option("--compile", help="Let PyTorch compile it: pays on GPUs.")
    ] = False,
    device: Annotated[
        str | None, typer.Option(help="cpu or cuda (default: what is there).", show_default=False)
    ] = None,
    int8: Annotated[
        bool, typer.Option("--int8/--fp32", help="Compute with 8-bit integers: smaller and faster.")
    ] = False,
    seed: Seed = 0,
    checkpoint: Annotated[
        Path | None,
        typer.Option(help="File that keeps the state now and then, to go on from later.", show_default=False),
    ] = None,
    every: Annotated[int, typer.Option(help="Epochs between two looks at what is held out.", min=1)] = 5,
    curves: Curves = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Learn to tell what each pixel shows, from pictures and masks.

    All pairs are looked at before anything is learned. Ctrl-C ends early: what was learned is kept.
    """
    from everyframe.cli.console import note
    from everyframe.cli.epochs import Epochs
    from everyframe.cli.stopping import stoppable
    from everyframe.vision.dense import design
    from everyframe.vision.needing import need_torch

    need_torch()
    from everyframe.vision.dense.changing import Change
    from everyframe.vision.dense.learning import learn
    from everyframe.vision.dense.training import Schedule

    made = design(model, backbone, upsample, skips, width)
    known = weights is not None or not (from_scratch or made.backbone.startswith("small"))
    schedule = Schedule(
        epochs=epochs,
        rate=rate if rate is not None else 0.001 if known else 0.004,
        count=batch,
        accumulate=accumulate,
        size=size_of(size),
        loss=loss,
        every=every,
        precision=precision,
        compiled=compiled,
        seed=seed,
    )
    change = Change(scale=scale, colour=colour, flip=flip)
    check_places(output, checkpoint, curves, weights)
    with stoppable() as stop, Epochs() as bar:

        def reached(now: Learned) -> None:
            held = "" if now.mean_iou is None else f"; mean IoU {now.mean_iou:.3f} on what is held out"
            bar.say(f"epoch {now.epoch} of {now.epochs}, loss {now.loss:.3f}{held}", now.epoch / now.epochs)

        found = learn(
            data,
            made,
            schedule,
            change,
            layout=layout,
            weights=weights,
            from_scratch=from_scratch,
            int8=int8,
            device=device,
            output=output,
            checkpoint=checkpoint,
            checking=bar.opening,
            progress=reached,
            stop=stop.event.is_set,
            told=note,
        )
        found.save(output)
        if curves is not None:
            _write_curves(found, curves)
    _say(found, output, as_json)
    if stop:
        note(f"Stopped early; what was learned until then: {output}")
        raise typer.Exit(stop.code)


def _write_curves(found: Model, path: Path) -> None:
    from everyframe.files import atomic_write
    from everyframe.vision.dense.curves import Epoch, draw_curves

    rows = [Epoch(row.epoch, row.loss, row.rate, val_mean_iou=row.mean_iou) for row in found.rows]
    atomic_write(path, draw_curves(rows))
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(["epoch", "loss", "rate", "val_mean_iou", "seconds"])
    for row in found.rows:
        table.writerow([row.epoch, f"{row.loss:.6f}", f"{row.rate:.8f}", row.mean_iou, f"{row.seconds:.2f}"])
    atomic_write(path.with_suffix(".csv"), text.getvalue().encode())


def _say(found: Model, output: Path, as_json: bool) -> None:
    from everyframe.cli.console import out

    told = {
        "model": str(output),
        "epochs": len(found.rows),
        "loss": found.rows[-1].loss if found.rows else None,
        "mean_iou": found.mean_iou,
        "bytes": len(found.onnx),
    }
    if as_json:
        sys.stdout.write(json.dumps(told, ensure_ascii=False) + "\n")
        return
    held = "" if found.mean_iou is None else f"; mean IoU {found.mean_iou:.3f} on what was held out"
    line = f"{output}: {len(found.onnx) / 1e6:.1f} MB after {len(found.rows)} epochs{held}"
    out().print(line, soft_wrap=True, markup=False, highlight=False)
