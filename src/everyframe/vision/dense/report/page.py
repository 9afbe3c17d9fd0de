"""One HTML page with the figures of a network, class by class, and pictures to look at."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined

from everyframe.files import atomic_write
from everyframe.types import Colour
from everyframe.vision.dense.classes import Classes
from everyframe.vision.dense.measures import Confusion
from everyframe.vision.dense.report import matrix
from everyframe.vision.dense.report.pictures import UNCOUNTED, WRONG, Sample, choose, show

SHOWN = 3
"""Pictures of each kind: told worst, in the middle, best."""

_KINDS = {
    "worst": "Told worst",
    "median": "In the middle",
    "best": "Told best",
}


@dataclass(frozen=True, slots=True)
class _Row:
    """One class."""

    name: str
    colour: str
    iou: float | None
    accuracy: str
    boundary: str
    share: str


def write_report(
    out: Path | str,
    counts: Confusion,
    samples: Sequence[Sample],
    classes: Classes,
    *,
    title: str = "How well it segments",
    about: Sequence[str] = (),
) -> Path:
    """Write a page about a network: no network connection, no script, light and dark, phone and desktop.

    Args:
        out: Where the page goes; it is there whole or not at all.
        counts: Of all pictures.
        samples: The pictures in the order in which they were counted. Only those that are shown are asked
            for, so it may make them when it is asked.
        classes: What the pixels are told apart as.
        title: The page's heading.
        about: Lines below it: the network, the data.

    Returns:
        ``out``.

    Raises:
        StorageError: It cannot be written.
        ValueError: There are not as many samples as were counted.
    """
    ious = counts.picture_ious
    if len(ious) != len(samples):
        raise ValueError(f"{len(ious)} pictures were counted, but {len(samples)} are given")
    chosen = {
        _KINDS[kind]: [show(samples[place], ious[place], classes) for place in places]
        for kind, places in choose(ious, SHOWN).items()
        if places
    }
    environment = Environment(
        loader=PackageLoader("everyframe.vision.dense.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    page = environment.get_template("segmentation.html").render(
        title=title,
        about=about,
        pictures=len(samples),
        facts=_facts(counts),
        means=_means(counts),
        rows=_rows(counts, classes),
        boundaries=not math.isnan(counts.mean_boundary_f),
        matrix=matrix.draw(counts.matrix, classes),
        mistakes=[
            (classes.names[each.truth], classes.names[each.told], matrix.percent(each.share))
            for each in matrix.mistakes(counts.matrix)
        ],
        chosen=chosen,
        legend=[(name, _hex(colour)) for name, colour in zip(classes.names, classes.colours, strict=True)],
        wrong=_hex(WRONG),
        uncounted=_hex(UNCOUNTED),
    )
    atomic_write(out, page.encode())
    return Path(out)


def _facts(counts: Confusion) -> tuple[tuple[str, str, str], ...]:
    return (
        ("Mean IoU", _figure(counts.mean_iou), "of all pictures together"),
        ("Pixel accuracy", _figure(counts.pixel_accuracy), "share of pixels told rightly"),
        ("Mean accuracy", _figure(counts.mean_accuracy), "each class counts alike"),
    )


def _means(counts: Confusion) -> tuple[tuple[str, str, str], ...]:
    """Return the other figures, each with what it is."""
    found = [
        (
            "Frequency-weighted IoU",
            _figure(counts.frequency_weighted_iou),
            "mean IoU, each class by its share of the true pixels",
        ),
        (
            "Mean IoU per picture",
            _figure(counts.mean_iou_per_picture),
            "mean over the classes of each picture, then over the pictures",
        ),
        (
            "Mean IoU per class and picture",
            _figure(counts.mean_iou_per_class_and_picture),
            "mean over the pictures that have a class, then over the classes",
        ),
    ]
    if not math.isnan(counts.mean_boundary_f):
        found.append(
            (
                "Boundary F",
                _figure(counts.mean_boundary_f),
                "how well edges lie on the true ones, within 0.75 % of the diagonal",
            )
        )
    return tuple(found)


def _rows(counts: Confusion, classes: Classes) -> list[_Row]:
    """Return the classes, best first; those that do not occur last."""
    pixels = counts.matrix.sum(axis=1)
    total = max(1, int(pixels.sum()))
    columns = zip(
        classes.names,
        classes.colours,
        counts.iou.tolist(),
        counts.accuracy.tolist(),
        counts.boundary_f.tolist(),
        pixels.tolist(),
        strict=True,
    )
    rows = [
        _Row(
            name,
            _hex(colour),
            None if math.isnan(iou) else iou,
            _figure(accuracy),
            _figure(boundary),
            matrix.percent(count / total) if count else "–",
        )
        for name, colour, iou, accuracy, boundary, count in columns
    ]
    return sorted(rows, key=lambda row: -1.0 if row.iou is None else row.iou, reverse=True)


def _figure(value: float) -> str:
    return "–" if math.isnan(value) else f"{value:.3f}"


def _hex(colour: Colour) -> str:
    return "#{:02x}{:02x}{:02x}".format(*colour)
