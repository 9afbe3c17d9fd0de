"""``everyframe segment predict``: the class of every pixel, of pictures, footage and cameras."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from functools import partial
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from everyframe.cli.console import complain, note
from everyframe.cli.options import example, setting

if TYPE_CHECKING:
    from everyframe.cli.progress import Done as Reached
    from everyframe.cli.progress import Meter
    from everyframe.cli.segment.naming import Job
    from everyframe.cli.segment.writing import Kept
    from everyframe.cli.stopping import Stop


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(epilog=example("everyframe segment predict street.jpg -o seen"))(predict)


def predict(
    sources: Annotated[
        list[str],
        typer.Argument(
            help="Pictures, folders of them, video files, URLs, devices or synthetic:park.",
            metavar="SOURCE...",
        ),
    ],
    model: Annotated[
        str, typer.Option("--model", "-m", help="A network that ships (street), or a file of `export`.")
    ] = "street",
    output: Annotated[
        Path, typer.Option("--output", "-o", help="Folder for what is written.", metavar="DIR")
    ] = Path("segmented"),
    masks: Annotated[
        bool | None,
        typer.Option(
            "--masks/--no-masks",
            help="Write classes as indexed PNG files (default: of pictures, not of footage).",
            show_default=False,
        ),
    ] = None,
    overlay: Annotated[
        bool, typer.Option("--overlay/--no-overlay", help="Write the classes' colours over the picture.")
    ] = True,
    legend: Annotated[
        bool, typer.Option("--legend/--no-legend", help="Say below overlays what the colours mean.")
    ] = True,
    opacity: Annotated[float, typer.Option(help="How much the colours cover.", min=0.0, max=1.0)] = 0.5,
    side: Annotated[
        int | None,
        typer.Option(
            help="Longer side, in pixels, at which pictures are seen; 0: as they are, by tiles where they are"
            " large (default: the model's own).",
            min=0,
            metavar="PIXELS",
            show_default=False,
        ),
    ] = None,
    smooth: Annotated[
        float, typer.Option(help="Seconds that footage is averaged over; 0: not.", min=0.0, max=10.0)
    ] = 0.4,
    every: Annotated[
        float, typer.Option(help="Seconds between two pictures of footage; 0: each.", min=0.0)
    ] = 0.0,
    duration: Annotated[
        float | None,
        typer.Option(
            "--for", help="Seconds of footage to look at.", min=0.1, metavar="SECONDS", show_default=False
        ),
    ] = None,
    threads: Annotated[
        int, typer.Option(help="Cores that work on a picture (default: all).", min=1, show_default=False)
    ] = os.cpu_count() or 1,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print each picture's shares as one line of JSON.")
    ] = False,
    timeout: Annotated[str | None, setting("timeout")] = None,
) -> None:
    """Tell what each pixel shows, and how much of the picture each class takes.

    Of a picture: NAME.mask.png and NAME.overlay.jpg, and a row in areas.csv. Of footage: NAME.overlay.mp4 and
    NAME.areas.csv. Ctrl-C ends early: what was done until then is kept.
    """
    from everyframe import settings
    from everyframe.cli.segment.naming import jobs, make_folder
    from everyframe.cli.segment.writing import Kept
    from everyframe.cli.stopping import stoppable
    from everyframe.vision.dense.segmenter import Segmenter

    tuned = settings.read({"timeout": timeout})
    todo = jobs(sources)
    network = Segmenter(model, threads=threads, side=side)
    make_folder(output)
    with stoppable() as stop:
        kept = Kept(
            output,
            network,
            masks=masks,
            overlay=overlay,
            legend=legend,
            opacity=opacity,
            stop=stop.event.is_set,
        )
        footage = partial(kept.footage, every=every, smooth=smooth, longest=duration, timeout=tuned.timeout)
        failed = _work(todo, kept, footage, stop, as_json=as_json)
        kept.finish()
    if kept.written:
        note(f"Written to {output}: {kept.written} {'file' if kept.written == 1 else 'files'}")
    if stop:
        note("Stopped early; what was done until then is kept.")
        raise typer.Exit(stop.code)
    if failed:
        note(f"{failed} of {len(todo)} could not be read.")
        raise typer.Exit(1)


def _work(todo: list[Job], kept: Kept, footage: Callable[..., bool], stop: Stop, *, as_json: bool) -> int:
    """Do one after the other; return how many could not be read."""
    from everyframe.cli.progress import Meter
    from everyframe.cli.segment.writing import Done
    from everyframe.errors import EveryframeError

    failed = done = 0
    pictures = sum(job.picture for job in todo)
    for single, some in groupby(todo, key=lambda job: job.picture):
        with Meter("segmenting", reached=_counted if single else None) as meter:
            for job in some:
                if stop:
                    return failed
                try:
                    if single:
                        row = kept.picture(job)
                        done += 1
                        meter.say(json.dumps(row) if as_json else kept.said(job))
                        if pictures > 1:
                            meter(Done(done, pictures, job.spec))
                    elif footage(job, row=partial(_tell, meter, as_json, job), tell=meter) and not as_json:
                        meter.say(kept.said(job))
                except EveryframeError as error:
                    if len(todo) == 1:
                        raise
                    failed += 1
                    complain(error)
    return failed


def _tell(meter: Meter, as_json: bool, job: Job, row: dict[str, object]) -> None:
    if as_json:
        from everyframe.sources import masked

        meter.say(json.dumps({"source": masked(job.spec), **row}))


def _counted(done: Reached) -> str:
    return f"{done.seconds:.0f} of {done.total:.0f} pictures"
