"""``everyframe watch``: a line for each event."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from everyframe.cli.options import example, masking, setting


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(epilog=example("everyframe watch park-tuesday.mp4 -b park.baseline --budget 2/day"))(watch)


def watch(
    source: Annotated[str, typer.Argument(help="A file, folder, URL, device or synthetic:park.")],
    baseline: Annotated[
        Path, typer.Option("--baseline", "-b", help="What is normal: a file that `learn` wrote.")
    ],
    budget: Annotated[str | None, setting("budget")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print each event as one line of JSON.")] = False,
    clips: Annotated[
        Path | None,
        typer.Option(
            help="Folder for clips and pictures (default: the store's).", metavar="DIR", show_default=False
        ),
    ] = None,
    store: Annotated[str | None, setting("store")] = None,
    camera: Annotated[
        str | None,
        typer.Option(
            help="The camera's name in the report (default: the source's).",
            metavar="NAME",
            show_default=False,
        ),
    ] = None,
    adapt: Annotated[bool | None, setting("adapt", "--adapt/--no-adapt")] = None,
    starts: Annotated[
        datetime | None,
        typer.Option(
            help="When the first frame was taken (local time).",
            formats=["%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M"],
            metavar="TIME",
        ),
    ] = None,
    fps: Annotated[
        float | None,
        typer.Option(help="Frames per second where the source does not say, such as folders.", min=0.1),
    ] = None,
    mask: Annotated[list[str] | None, masking()] = None,
    clip_before: Annotated[str | None, setting("clip_before")] = None,
    clip_after: Annotated[str | None, setting("clip_after")] = None,
    timeout: Annotated[str | None, setting("timeout")] = None,
    stall_after: Annotated[str | None, setting("stall_after")] = None,
    freeze_after: Annotated[str | None, setting("freeze_after")] = None,
) -> None:
    """Watch a camera or a recording, and say what deviates from its normal.

    Ctrl-C ends: what was found until then is kept.
    """
    from everyframe import settings
    from everyframe.anomaly.baseline import Baseline
    from everyframe.anomaly.budget import Budget
    from everyframe.cli.lines import calibrating, camera_name, event_line
    from everyframe.cli.opening import masks_of, opened
    from everyframe.cli.progress import Meter
    from everyframe.cli.report import store_place
    from everyframe.cli.stopping import stoppable
    from everyframe.store import RunKind, RunState, Store, StoreSink
    from everyframe.store.sinks import json_line
    from everyframe.watching import watch as watching

    tuned = settings.read(
        {
            "budget": budget,
            "store": store,
            "adapt": adapt,
            "clip_before": clip_before,
            "clip_after": clip_after,
            "timeout": timeout,
            "stall_after": stall_after,
            "freeze_after": freeze_after,
        }
    )
    wanted = Budget.parse(tuned.budget)
    masks = masks_of(mask)
    normal = Baseline.load(baseline)
    vectors = normal.about.motion == "codec"
    with (
        stoppable() as stop,
        opened([source], tuned, starts=starts, fps=fps, vectors=vectors) as (footage,),
        Meter("watching") as meter,
    ):
        normal.check(footage.info)
        missing = wanted.needed() - normal.calibrated_seconds
        if missing > 0:
            meter.note(calibrating(missing, tuned.budget))
        name = camera or camera_name(footage.info)
        with (
            Store(store_place(tuned.store)) as kept,
            kept.begin(
                name,
                footage.info,
                RunKind.WATCH,
                budget=tuned.budget,
                baseline=str(baseline),
                alert_p=wanted.p_value,
            ) as run,
        ):
            sink = StoreSink(run, clips, before=tuned.clip_before, after=tuned.clip_after)
            found = watching(
                footage,
                normal,
                budget=tuned.budget,
                adapt=tuned.adapt,
                verdicts=kept.standing(name),
                masks=masks,
                sinks=[sink],
                run=run,
                progress=meter,
                stop=stop.event,
            )
            for number, event in enumerate(found):
                place = sink.path_of(sink.delivered[number], ".mp4")
                clip = place if place.exists() or footage.info.live else None  # a live one follows
                if as_json:
                    meter.say(json_line(event, {"camera": name, "clip": clip}))
                else:
                    meter.say(event_line(event, clip))
            if stop:
                run.finish(RunState.INTERRUPTED)
    if stop:
        raise typer.Exit(stop.code)
