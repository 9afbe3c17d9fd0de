"""How training went, as a picture and as a table."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from pathlib import Path

from everyframe.files import atomic_write
from everyframe.vision.curves import SECOND, Line, Panel, draw_panels, points_of


def write_curves(path: Path, curves: Mapping[str, Sequence[float]]) -> None:
    """Write ``path`` as a PNG, and a CSV of the same name beside it.

    Args:
        path: Ends in ``.png``.
        curves: ``loss``, and ``held_out`` and ``accuracy`` where something was held out; a value each epoch.

    Raises:
        StorageError: They cannot be written.
    """
    atomic_write(path, drawn(curves))
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    names = [name for name, values in curves.items() if values]
    table.writerow(["epoch", *names])
    for epoch, row in enumerate(zip(*(curves[name] for name in names), strict=True), start=1):
        table.writerow([epoch, *(f"{value:.6f}" for value in row)])
    atomic_write(path.with_suffix(".csv"), text.getvalue().encode())


def drawn(curves: Mapping[str, Sequence[float]]) -> bytes:
    """Return the curves as a PNG: losses above, accuracy below."""
    last = max((len(values) for values in curves.values()), default=0)

    def points(name: str) -> tuple[tuple[float, float], ...]:
        values = curves.get(name, ())
        return points_of(range(1, len(values) + 1), values)

    loss = Line("learned from", points("loss")), Line("held out", points("held_out"), SECOND)
    accuracy = Line("held out", points("accuracy"), SECOND)
    panels = [Panel("Loss", loss), Panel("Share told right", (accuracy,), best=True)]
    return draw_panels(panels, (1, max(last, 1)), "Training" if last else "Training: no epochs")
