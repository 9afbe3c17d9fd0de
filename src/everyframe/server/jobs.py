"""Work that takes long: done one after another, each in a process of its own."""

from __future__ import annotations

import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Any

from everyframe.errors import SettingError
from everyframe.files import storage_error
from everyframe.server.desk import STOP, Work, sit_down
from everyframe.server.job_files import Job, JobState, forget, interrupted, keep, read_all
from everyframe.server.turns import Turns, reap

_MOST_WAITING = 20  # jobs
_MOST_OVER = 30  # jobs that are over and still told of


@dataclass(frozen=True, slots=True)
class Step:
    """How far work has come.

    Attributes:
        doing: What is being done.
        name: With what.
        done: How much of it.
        total: Of how much; 0 where nobody knows.
        more: What there is so far, in words.
        stopping: Whether it was asked to end.
    """

    doing: str = ""
    name: str = ""
    done: float = 0.0
    total: float = 0.0
    more: str = ""
    stopping: bool = False

    @property
    def share(self) -> float:
        """How much is done, from 0 to 1."""
        return min(1.0, self.done / self.total) if self.total > 0.0 else 0.0


class Jobs(Turns[Job]):
    """All work that was asked for: what is done, what is being done, and what waits.

    Nothing is done before ``start``. What was being done when the server ended is told as interrupted.

    Args:
        place: The folder that they are kept in.
        kinds: What does each kind of work; functions that another process can import.
    """

    def __init__(self, place: Path, kinds: Mapping[str, Work]) -> None:
        super().__init__("jobs")
        self._place, self._kinds = place, kinds
        self._jobs = read_all(place)
        self._step = Step()
        self._running: tuple[int, ForkServerProcess, Connection] | None = None

    def all(self) -> list[Job]:
        """Return all jobs, the newest first."""
        with self._changed:
            return sorted(self._jobs.values(), key=lambda job: -job.id)

    def one(self, number: int) -> Job | None:
        """Return the job of a number, or ``None``."""
        with self._changed:
            return self._jobs.get(number)

    def step(self, number: int) -> Step:
        """Return how far a job has come that is being done."""
        with self._changed:
            return self._step if self._running is not None and self._running[0] == number else Step()

    def add(
        self, kind: str, title: str, who: str, task: Mapping[str, Any], curve: tuple[float, ...] = ()
    ) -> Job:
        """Ask for work.

        Args:
            kind: What does it.
            title: What to call it.
            who: Asks for it.
            task: What is to be done, as its kind understands it: what JSON can say.
            curve: What it measured of itself before.

        Raises:
            SettingError: Too much waits already.
            StorageError: It cannot be kept.
        """
        assert kind in self._kinds
        with self._changed:
            if sum(job.state is JobState.WAITING for job in self._jobs.values()) >= _MOST_WAITING:
                raise SettingError(f"{_MOST_WAITING} jobs wait already; wait for one, or take some back.")
            try:
                self._place.mkdir(parents=True, exist_ok=True)
            except OSError as error:
                raise storage_error(error, self._place) from error
            number = max(self._jobs, default=0) + 1
            job = self._note(Job(number, kind, title, who, time.time(), dict(task), curve=curve))
            over = sorted(number for number, one in self._jobs.items() if one.state.over)
            for number in over[:-_MOST_OVER]:
                self._drop(number)
            self._changed.notify_all()
        return job

    def again(self, number: int, who: str) -> Job | None:
        """Ask for the same again instead of a job that is over; return ``None`` where there is none.

        Raises:
            SettingError: It is not over yet, or too much waits already.
            StorageError: It cannot be kept.
        """
        with self._changed:
            job = self._jobs.get(number)
            if job is None:
                return None
            if not job.state.over:
                raise SettingError(f"{job.title} is not over yet; stop it first.")
            # What goes on has its curve from before, too.
            curve = job.curve if job.state is JobState.INTERRUPTED else ()
            fresh = self.add(job.kind, job.title, who, job.task, curve)
            self._drop(number)
            return fresh

    def stop(self, number: int) -> bool:
        """Have work end with what it has; one that is asked twice ends at once. Say whether there is such.

        Raises:
            StorageError: That cannot be kept.
        """
        with self._changed:
            job = self._jobs.get(number)
            if job is None:
                return False
            if job.state is JobState.WAITING:
                self._note(replace(job, state=JobState.STOPPED, outcome="Taken back before it began."))
            elif self._running is not None and self._running[0] == number:
                _, process, connection = self._running
                if self._step.stopping:
                    process.terminate()
                self._step = replace(self._step, stopping=True)
                with suppress(OSError):
                    connection.send(STOP)
            return True

    def remove(self, number: int) -> bool:
        """Tell no more of work that is over; say whether there is such.

        Raises:
            SettingError: It is not over yet.
            StorageError: It cannot be removed.
        """
        with self._changed:
            job = self._jobs.get(number)
            if job is None:
                return False
            if not job.state.over:
                raise SettingError(f"{job.title} is not over yet; stop it first.")
            self._drop(number)
            return True

    def _next(self) -> Job | None:
        waiting = [job for job in self._jobs.values() if job.state is JobState.WAITING]
        return min(waiting, key=lambda job: job.id, default=None)

    def _fail(self, piece: Job, why: str) -> None:
        self._running = None
        self._jobs[piece.id] = replace(piece, state=JobState.FAILED, fault=why)

    def _end_process(self) -> None:
        if self._running is not None:
            self._running[1].terminate()

    def _do(self, piece: Job) -> None:
        """Have a process do it: what breaks that does not break the server."""
        ours, theirs = self._context.Pipe()
        with self._changed:
            if self._ends() or self._jobs[piece.id].state is not JobState.WAITING:
                return
            job = self._note(replace(piece, state=JobState.RUNNING))
            arguments = (self._kinds[job.kind], job.task, theirs)
            process = self._context.Process(target=sit_down, args=arguments, daemon=True)
            process.start()
            self._step = Step("beginning")
            self._running = (job.id, process, ours)
        theirs.close()
        outcome = self._follow(job.id, ours)
        reap(process)
        with self._changed:
            asked, self._running = self._step.stopping, None
            ours.close()
            job = self._jobs[job.id]
            if outcome:
                self._note(replace(job, **outcome))
            elif self._ends():
                self._note(interrupted(job))
            elif asked:
                self._note(replace(job, state=JobState.STOPPED, outcome="Ended at once."))
            else:
                why = f"It ended by itself ({process.exitcode}): footage may be damaged, or memory short."
                self._note(replace(job, state=JobState.FAILED, fault=why))

    def _follow(self, number: int, connection: Connection) -> dict[str, Any]:
        """Hear how far it is until it is over; return what came of it, or nothing."""
        outcome: dict[str, Any] = {}
        with suppress(EOFError, OSError):
            while not outcome:
                told = connection.recv()
                with self._changed:
                    if isinstance(told, tuple):
                        job = self._jobs[number]
                        self._note(replace(job, curve=_with(job.curve, *told)))
                    elif "state" in told:
                        outcome = told
                    else:
                        self._step = replace(self._step, **told)
        return outcome

    def _note(self, job: Job) -> Job:
        self._jobs[job.id] = keep(self._place, job)
        return job

    def _drop(self, number: int) -> None:
        forget(self._place, number)
        self._jobs.pop(number, None)


def _with(curve: tuple[float, ...], value: float, number: int) -> tuple[float, ...]:
    """Return a curve whose last number is a value, the one of that number; one that was lost is like it."""
    before = curve[: number - 1]
    return (*before, *([value] * (number - 1 - len(before))), value)
