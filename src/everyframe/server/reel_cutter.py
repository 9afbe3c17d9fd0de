"""What the process does that cuts one reel for the server."""

from __future__ import annotations

import math
import os
import time
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from everyframe.errors import EveryframeError
from everyframe.highlights.reel import Progress, assemble
from everyframe.server.reel_jobs import FILM, LISTS, ReelJob, ReelState

_TELL_EVERY = 0.3  # seconds between two words about progress
_NICE = 10  # cameras come first


def cutting(job: ReelJob, folder: Path, sender: Connection) -> None:
    """Cut a reel, and tell how it goes; what a process of its own does."""
    os.nice(_NICE)
    notes: list[str] = []
    latest = 0.0

    def tell(progress: Progress) -> None:
        nonlocal latest
        now = time.monotonic()
        if now - latest >= _TELL_EVERY:
            latest = now
            try:
                sender.send(min(1.0, progress.seconds / progress.total) if progress.total else 0.0)
            except OSError:  # the server is gone, and begins this again when it is back
                raise SystemExit(1) from None

    outcome: dict[str, Any]
    try:
        made = assemble(
            [cut.cut() for cut in job.cuts],
            folder / FILM,
            title=job.title,
            longest=job.longest if job.longest is not None else math.inf,
            beside=LISTS,
            places=False,
            progress=tell,
            note=notes.append,
        )
        outcome = {"state": ReelState.DONE, "seconds": made.seconds}
    except EveryframeError as error:
        told = " ".join(str(error).split()).replace(f"{folder}{os.sep}", "")
        outcome = {"state": ReelState.FAILED, "fault": _named(told, job)}
    except MemoryError:
        outcome = {
            "state": ReelState.FAILED,
            "fault": "There is not enough memory to cut this; make it shorter.",
        }
    sender.send(outcome | {"notes": tuple(_named(note, job) for note in notes)})


def _named(line: str, job: ReelJob) -> str:
    """Return a line that names footage, without where it lies."""
    for source in {cut.source for cut in job.cuts}:
        line = line.replace(source, Path(source).name)
    return line
