"""What work that somebody asked for is, and how it is kept: one file each."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Any

from everyframe.errors import StorageError
from everyframe.files import atomic_write


class JobState(StrEnum):
    """How far work has come."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    STOPPED = "stopped"
    FAILED = "failed"
    INTERRUPTED = "interrupted"

    @property
    def over(self) -> bool:
        """Whether nothing will happen any more unless somebody asks again."""
        return self not in (JobState.WAITING, JobState.RUNNING)


@dataclass(frozen=True, slots=True)
class Job:
    """Work that somebody asked for.

    Attributes:
        id: Its number.
        kind: What does it.
        title: What to call it.
        who: Asked for it.
        made_utc: POSIX seconds.
        task: What is to be done, as its kind understands it.
        state: How far it has come.
        fault: Why it failed, in one line.
        outcome: What came of it, in one line.
        notes: What went otherwise than one may think, a line each.
        curve: What it measured of itself, one number after another.
    """

    id: int
    kind: str
    title: str
    who: str
    made_utc: float
    task: Mapping[str, Any]
    state: JobState = JobState.WAITING
    fault: str = ""
    outcome: str = ""
    notes: tuple[str, ...] = ()
    curve: tuple[float, ...] = ()


def keep(place: Path, job: Job) -> Job:
    """Write a job: whole or not at all.

    Raises:
        StorageError: It cannot be written.
    """
    told = json.dumps(asdict(job), ensure_ascii=False, indent=1)
    atomic_write(_file(place, job.id), told.encode("utf-8", "backslashreplace"))
    return job


def read_all(place: Path) -> dict[int, Job]:
    """Read all jobs, by number; those that cannot be read are left out.

    What was being done when the server ended is told as interrupted.
    """
    found = {}
    for path in place.glob("*.json") if place.is_dir() else ():
        try:
            told = json.loads(path.read_text(encoding="utf-8"))
            state, notes, curve = (
                JobState(told.pop("state")),
                tuple(told.pop("notes")),
                tuple(told.pop("curve")),
            )
            job = Job(state=state, notes=notes, curve=curve, **told)
        except (OSError, ValueError, TypeError, KeyError, AttributeError):
            continue
        found[job.id] = interrupted(job) if job.state is JobState.RUNNING else job
    return found


def interrupted(job: Job) -> Job:
    """Return a job as one during which the server ended."""
    return replace(
        job,
        state=JobState.INTERRUPTED,
        fault="The server ended while this was being done. What is done is whole; start it again to go on.",
    )


def forget(place: Path, number: int) -> None:
    """Remove a job.

    Raises:
        StorageError: It cannot be removed.
    """
    try:
        _file(place, number).unlink(missing_ok=True)
    except OSError as error:
        raise StorageError(f"Cannot remove {_file(place, number)}: {error.strerror}.") from error


def _file(place: Path, number: int) -> Path:
    return place / f"{number}.json"
