"""``everyframe segment evaluate``: how well a network segments a data set."""

from __future__ import annotations

import json
import math
import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from everyframe.cli.console import note, out
from everyframe.cli.options import example

if TYPE_CHECKING:
    from everyframe.vision.dense.classes import Classes
    from everyframe.vision.dense.layouts import Dataset
    from everyframe.vision.dense.measures import Confusion


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(epilog=example("everyframe segment evaluate street streets --report street.html"))(evaluate)


def evaluate(
    model: Annotated[str, typer.Argument(help="A network that ships (street), or a file of `export`.")],
    folder: Annotated[Path, typer.Argument(help="Folder of pictures and masks.")],
    split: Annotated[
        str | None,
        typer.Option(
            help="Which pictures: test, val or train (default: test, where there is one, else val).",
            show_default=False,
        ),
    ] = None,
    layout: Annotated[
        str, typer.Option(help="How the data lie: voc, camvid, folders, coco, or auto to find out.")
    ] = "auto",
    report: Annotated[
        Path | None, typer.Option(help="Where a page with pictures to look at goes.", show_default=False)
    ] = None,
    side: Annotated[
        int | None,
        typer.Option(
            help="Longer side, in pixels, at which pictures are seen; 0: their own (default: the model's).",
            min=0,
            metavar="PIXELS",
            show_default=False,
        ),
    ] = None,
    threads: Annotated[
        int, typer.Option(help="Cores that work on a picture (default: all).", min=1, show_default=False)
    ] = os.cpu_count() or 1,
    as_json: Annotated[bool, typer.Option("--json", help="Print all figures as one JSON object.")] = False,
) -> None:
    """Measure how well a network segments: IoU, accuracy and boundary F of each class, and their means."""
    from everyframe.cli.epochs import Epochs
    from everyframe.cli.opening import check_output
    from everyframe.vision.dense import evaluating
    from everyframe.vision.dense.layouts import check, read_dataset
    from everyframe.vision.dense.report import write_report
    from everyframe.vision.dense.segmenter import Segmenter

    if report is not None:
        check_output(report, [])
    network = Segmenter(model, threads=threads, side=side)
    dataset = read_dataset(folder, layout, network.classes)
    chosen = split or _usual(dataset)
    pairs = dataset.split(chosen)
    samples = evaluating.Samples(network, dataset, pairs)
    with Epochs() as bar:
        check(dataset, bar.opening, pairs)
        counts = evaluating.evaluate(
            samples,
            len(network.classes),
            progress=lambda done, of: bar.say(f"segmenting: {done:,} of {of:,}", done / of),
        )
    if as_json:
        told = {"model": model, "data": str(folder), "split": chosen}
        typer.echo(json.dumps(told | counts.as_json(network.classes.names), ensure_ascii=False))
    else:
        _say(counts, network.classes)
    if report is not None:
        form = " on ".join(part for part in (network.about.name, network.about.backbone) if part)
        about = [f"{model}: {form}" if form else model, f"{folder}, {chosen}: {_pictures(len(pairs))}"]
        title = f"How well {Path(model).stem} segments"
        write_report(report, counts, samples, network.classes, title=title, about=about)
        note(f"The page: {report}")


def _usual(dataset: Dataset) -> str:
    return "test" if dataset.test else "val"


def _pictures(count: int) -> str:
    return "1 picture" if count == 1 else f"{count:,} pictures"


def _say(counts: Confusion, classes: Classes) -> None:
    columns = ("class", "IoU", "accuracy", "boundary F", "pixels")
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for number, name in enumerate(columns):
        table.add_column(name, justify="right" if number else "left")
    pixels = counts.matrix.sum(axis=1)
    total = max(1, int(pixels.sum()))
    for name, iou, accuracy, f, count in zip(
        classes.names, counts.iou, counts.accuracy, counts.boundary_f, pixels, strict=True
    ):
        table.add_row(name, _figure(iou), _figure(accuracy), _figure(f), f"{count / total:.1%}")
    out().print(table)
    facts = Table.grid(padding=(0, 2, 0, 0))
    for name, value in (
        ("mean IoU", counts.mean_iou),
        ("pixel accuracy", counts.pixel_accuracy),
        ("mean accuracy", counts.mean_accuracy),
        ("frequency-weighted IoU", counts.frequency_weighted_iou),
        ("mean IoU per picture", counts.mean_iou_per_picture),
        ("mean IoU per class and picture", counts.mean_iou_per_class_and_picture),
        ("mean boundary F", counts.mean_boundary_f),
    ):
        facts.add_row(name, _figure(value))
    out().print()
    out().print(facts)


def _figure(value: float) -> str:
    return "–" if math.isnan(value) else f"{value:.3f}"
