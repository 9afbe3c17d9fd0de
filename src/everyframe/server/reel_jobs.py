"""What a reel that somebody asked for is, and how it is kept: a folder with a file that tells of it."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from pathlib import Path

from everyframe.errors import StorageError
from everyframe.files import atomic_write
from everyframe.highlights import Segment
from everyframe.highlights.reel import Cut

FILM = "reel.mp4"
LISTS = ("vtt", "json", "edl", "fcpxml", "otio")
"""What is written beside each film."""
_TOLD = "job.json"


class ReelState(StrEnum):
    """How far a reel has come."""

    WAITING = "waiting"
    CUTTING = "cutting"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class ChosenCut:
    """A moment in a reel, trimmed.

    Attributes:
        moment: Its number in the archive.
        source: Path of its footage.
        start: Seconds on the footage's clock.
        end: Likewise.
        label: What happens.
        confidence: From 0 to 1.
        about: Who, where and when.
    """

    moment: int
    source: str
    start: float
    end: float
    label: str
    confidence: float
    about: dict[str, str]

    def cut(self) -> Cut:
        """Return it as reels have it."""
        event = Segment(self.start, self.end, self.label, self.confidence, self.source, self.about)
        return Cut(self.source, self.start, self.end, (event,))


@dataclass(frozen=True, slots=True)
class ReelJob:
    """A reel that somebody asked for.

    Attributes:
        id: Its number.
        title: What it is called.
        who: Asked for it.
        made_utc: When, POSIX seconds.
        cuts: In order.
        longest: Seconds that it may last; ``None`` for as long as it takes.
        state: How far it has come.
        fault: Why it failed, in one line.
        notes: What went otherwise than one may think, a line each.
        seconds: How long the film lasts, once it is there.
        tries: How often the cutting began.
    """

    id: int
    title: str
    who: str
    made_utc: float
    cuts: tuple[ChosenCut, ...]
    longest: float | None = None
    state: ReelState = ReelState.WAITING
    fault: str = ""
    notes: tuple[str, ...] = ()
    seconds: float = 0.0
    tries: int = 0


def folder_of(place: Path, number: int) -> Path:
    """Return where a reel lies."""
    return place / str(number)


def numbers(place: Path) -> list[int]:
    """Return the numbers that are taken, in order."""
    if not place.is_dir():
        return []
    return sorted(int(one.name) for one in place.iterdir() if one.name.isascii() and one.name.isdigit())


def keep(place: Path, job: ReelJob) -> None:
    """Write what is told of a reel: whole or not at all.

    Raises:
        StorageError: It cannot be written.
    """
    told = json.dumps(asdict(job), indent=1)
    atomic_write(folder_of(place, job.id) / _TOLD, told.encode())


def read(place: Path, number: int) -> ReelJob:
    """Read what is told of a reel.

    Raises:
        StorageError: It cannot be read.
    """
    path = folder_of(place, number) / _TOLD
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
        cuts = tuple(ChosenCut(**cut) for cut in told.pop("cuts"))
        state, notes = ReelState(told.pop("state")), tuple(told.pop("notes"))
        return ReelJob(cuts=cuts, state=state, notes=notes, **told)
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise StorageError(f"What is told of reel {number} cannot be read: remove {path.parent}.") from error


def found_again(job: ReelJob, most_tries: int) -> ReelJob:
    """Return a reel as it is when the server begins: what was being cut is cut again, but not for ever."""
    if job.state is not ReelState.CUTTING:
        return job
    if job.tries < most_tries:
        return replace(job, state=ReelState.WAITING)
    why = f"The server ended {job.tries} times while this was being cut; leave out cuts and try again."
    return replace(job, state=ReelState.FAILED, fault=why)
