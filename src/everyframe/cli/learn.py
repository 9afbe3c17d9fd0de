"""``everyframe learn``: from footage to a baseline."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from everyframe.cli.console import note
from everyframe.cli.options import example, masking, setting


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(epilog=example("everyframe learn park-monday.mp4 -o park.baseline"))(learn)


def learn(
    sources: Annotated[
        list[str], typer.Argument(help="Normal footage of one camera, in order of time.", metavar="SOURCE...")
    ],
    output: Annotated[Path, typer.Option("--output", "-o", help="Where the baseline goes.")],
    starts: Annotated[
        datetime | None,
        typer.Option(
            help="When the first frame was taken (local time), for what is normal by time of day.",
            formats=["%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M"],
            metavar="TIME",
        ),
    ] = None,
    fps: Annotated[
        float | None,
        typer.Option(help="Frames per second where a source does not say, such as folders.", min=0.1),
    ] = None,
    motion: Annotated[str | None, setting("motion")] = None,
    detector: Annotated[str | None, setting("detector")] = None,
    mask: Annotated[list[str] | None, masking()] = None,
    ground: Annotated[str | None, setting("ground")] = None,
    timeout: Annotated[str | None, setting("timeout")] = None,
    stall_after: Annotated[str | None, setting("stall_after")] = None,
    freeze_after: Annotated[str | None, setting("freeze_after")] = None,
) -> None:
    """Learn the normal motion of one camera from its footage.

    Ctrl-C ends early: what was learned until then is kept.
    """
    from everyframe import settings
    from everyframe.cli.opening import check_output, masks_of, opened
    from everyframe.cli.progress import Meter
    from everyframe.cli.stopping import stoppable

    tuned = settings.read(
        {
            "motion": motion,
            "detector": detector,
            "ground": ground,
            "timeout": timeout,
            "stall_after": stall_after,
            "freeze_after": freeze_after,
        }
    )
    check_output(output, sources)
    masks = masks_of(mask)
    with (
        stoppable() as stop,
        opened(sources, tuned, starts=starts, fps=fps, vectors=tuned.motion == "codec") as footage,
    ):
        # This loads much: a source that cannot be opened is told of before.
        from everyframe.watching import learn as learn_normal

        with Meter("learning") as meter:
            baseline = learn_normal(
                footage,
                motion=tuned.motion,
                detector=tuned.detector,
                masks=masks,
                ground=tuned.ground,
                progress=meter,
                stop=stop.event,
            )
        baseline.save(output)
    if stop:
        note(f"Stopped early; what was learned until then: {output}")
        raise typer.Exit(stop.code)
    note(f"Learned: {output}")
