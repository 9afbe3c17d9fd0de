"""``everyframe classify predict``: what pictures show, and why."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from everyframe.vision.classify import Told


def predict(
    model: Annotated[Path, typer.Argument(help="A classifier: a file that `classify train` wrote.")],
    pictures: Annotated[
        list[Path], typer.Argument(metavar="PICTURE...", help="Pictures, and folders with pictures.")
    ],
    explain: Annotated[
        Path | None,
        typer.Option(
            help="Folder for pictures of where each class is seen, and of the strongest filters and maps.",
            show_default=False,
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print each picture as one line of JSON.")] = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print a table.")] = False,
) -> None:
    """Tell what pictures show, and how sure that is: a line for each."""
    from everyframe.cli.console import complain, out
    from everyframe.errors import SettingError

    if as_json and as_csv:
        raise SettingError("--json and --csv exclude each other: give one of them")
    faults: list[Exception] = []

    def fault(error: Exception) -> None:
        faults.append(error)
        complain(error)

    table = csv.writer(sys.stdout, lineterminator="\n") if as_csv else None
    for number, (told, reasons) in enumerate(_told(model, pictures, explain, fault)):
        if as_json:
            line: dict[str, Any] = {"picture": str(told.path), "label": told.label}
            line |= {"confidence": told.confidence, "confidences": told.confidences}
            line |= {"reasons": str(reasons)} if reasons is not None else {}
            sys.stdout.write(json.dumps(line, ensure_ascii=False) + "\n")
        elif table is not None:
            if number == 0:
                table.writerow(["picture", "label", "confidence", *told.confidences])
            shares = [f"{value:.6f}" for value in told.confidences.values()]
            table.writerow([told.path, told.label, f"{told.confidence:.6f}", *shares])
        else:
            why = f"  {reasons}" if reasons is not None else ""
            said = f"{told.path}: {told.label} {told.confidence:.0%}{why}"
            out().print(said, soft_wrap=True, markup=False, highlight=False)
        sys.stdout.flush()
    if faults:
        raise SystemExit(1)


def _told(
    model: Path, pictures: list[Path], folder: Path | None, fault: Callable[[Exception], object]
) -> Iterator[tuple[Told, Path | None]]:
    from everyframe.vision import classify

    if folder is None:
        yield from ((told, None) for told in classify.predict(model, pictures, fault))
    else:
        found = classify.explain(model, pictures, folder, fault)
        yield from ((one.told, one.picture) for one in found)
