"""``everyframe segment export``: a network ready to run, from a checkpoint, or with 8-bit integers."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from everyframe.cli.options import example

_MOST = 48  # pictures that say which values there are


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(
        epilog=example("everyframe segment export streets.onnx --int8 --pictures seen -o small.onnx")
    )(export)


def export(
    source: Annotated[Path, typer.Argument(help="A checkpoint of `segment train`, or a network (.onnx).")],
    output: Annotated[Path, typer.Option("--output", "-o", help="Where the network goes (.onnx).")],
    int8: Annotated[
        bool, typer.Option("--int8/--fp32", help="Compute with 8-bit integers: smaller and faster.")
    ] = False,
    pictures: Annotated[
        Path | None,
        typer.Option(
            help="Folder of pictures like those it will see, for --int8; some tens.", show_default=False
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Make a network ready to run, held against PyTorch; or let one compute with 8-bit integers."""
    from everyframe.cli.console import out
    from everyframe.cli.opening import check_output
    from everyframe.errors import SettingError
    from everyframe.files import atomic_write
    from everyframe.vision.dense.segmenter import Segmenter
    from everyframe.vision.needing import need_torch

    if output.suffix.lower() != ".onnx":
        raise SettingError(f"{output} should end in .onnx")
    if int8 != (pictures is not None):
        raise SettingError("--int8 and --pictures belong together: give both or none")
    check_output(output, [str(source)])
    need_torch()
    from everyframe.vision.dense.export import describe, difference, to_onnx
    from everyframe.vision.dense.quantising import quantised

    told: dict[str, Any] = {"model": str(output)}
    if source.suffix.lower() == ".onnx":
        Segmenter(source)  # says in one line what is wrong with it
        model = source.read_bytes()
    else:
        from everyframe.vision.dense.kept import read_checkpoint

        kept = read_checkpoint(source)
        about = describe(kept.design, kept.classes, kept.network, kept.size, kept.notes, kept.side)
        model = to_onnx(kept.network, about)
        told["difference"] = difference(kept.network, model)
    if pictures is not None:
        model = quantised(model, _seen(pictures))
    atomic_write(output, model)
    told["bytes"] = len(model)
    if as_json:
        sys.stdout.write(json.dumps(told) + "\n")
        return
    apart = f", {told['difference']:.1e} from PyTorch at most" if "difference" in told else ""
    out().print(f"{output}: {len(model) / 1e6:.1f} MB{apart}", soft_wrap=True, markup=False, highlight=False)


def _seen(folder: Path) -> list[Any]:
    from everyframe.cli.segment.naming import jobs
    from everyframe.errors import SettingError
    from everyframe.vision.pictures import read_picture

    if not folder.is_dir():
        raise SettingError(f"{folder} is no folder; name one with pictures")
    files = [Path(job.spec) for job in jobs([str(folder)])]
    return [read_picture(file) for file in files[:: max(1, len(files) // _MOST)][:_MOST]]
