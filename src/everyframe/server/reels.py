"""Reels that people ask for on the page: cut one after another, each in a process of its own."""

from __future__ import annotations

import logging
import shutil
import time
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import replace
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Any

from everyframe.errors import SettingError, StorageError
from everyframe.files import atomic_write, storage_error
from everyframe.server.reel_cutter import cutting
from everyframe.server.reel_jobs import (
    FILM,
    LISTS,
    ChosenCut,
    ReelJob,
    ReelState,
    folder_of,
    found_again,
    keep,
    numbers,
    read,
)
from everyframe.server.turns import Turns, reap

_log = logging.getLogger(__name__)

MOST_CUTS = 200
"""Cuts of a reel."""
_LATEST = "latest"  # the file that has the number that was given last
_MOST_WAITING = 20  # reels
_MOST_TRIES = 2  # of a reel while which the server ended


class Reels(Turns[ReelJob]):
    """All reels of a store: those that are there, and those that are being made.

    Nothing is cut before ``start``. What was waiting or being cut when the server ended goes on then.

    Args:
        place: The folder that they lie in.
    """

    def __init__(self, place: Path) -> None:
        super().__init__("reels")
        self._place = place
        self._jobs: dict[int, ReelJob] = {}
        for number in numbers(place):
            try:
                self._jobs[number] = found_again(read(place, number), _MOST_TRIES)
            except StorageError as error:
                _log.warning("%s", error)
        self._shares: dict[int, float] = {}
        self._process: tuple[int, ForkServerProcess] | None = None

    def all(self) -> list[ReelJob]:
        """Return all reels, the newest first; waits for nobody, as pages ask for it all the time."""
        return sorted(self._jobs.copy().values(), key=lambda job: -job.id)

    def one(self, number: int) -> ReelJob | None:
        """Return the reel of a number, or ``None``."""
        return self._jobs.get(number)

    def share(self, number: int) -> float:
        """Return how much of a reel is done, from 0 to 1."""
        job = self.one(number)
        return 1.0 if job is not None and job.state is ReelState.DONE else self._shares.get(number, 0.0)

    def file(self, number: int, name: str = FILM) -> Path | None:
        """Return where a finished reel's film lies, or a list beside it; ``None`` where there is none."""
        job = self.one(number)
        path = folder_of(self._place, number) / name
        return path if job is not None and job.state is ReelState.DONE and path.is_file() else None

    def lists(self, number: int) -> Sequence[str]:
        """Return which lists lie beside a finished film."""
        return [kind for kind in LISTS if self.file(number, f"reel.{kind}") is not None]

    def add(self, title: str, cuts: Iterable[ChosenCut], who: str, longest: float | None = None) -> ReelJob:
        """Ask for a reel.

        Raises:
            SettingError: It has no cut, or too many, one of them is upside down, or too many reels wait.
            StorageError: It cannot be kept.
        """
        told = tuple(cuts)
        if not 0 < len(told) <= MOST_CUTS:
            raise SettingError(f"A reel has 1 to {MOST_CUTS} cuts; this one would have {len(told)}.")
        for number, cut in enumerate(told, 1):
            if not cut.end > cut.start >= 0.0:
                raise SettingError(
                    f"Cut {number}, {cut.label}, is from {cut.start:g} to {cut.end:g} s; let it end later."
                )
        with self._changed:
            if sum(job.state is ReelState.WAITING for job in self._jobs.values()) >= _MOST_WAITING:
                raise SettingError(f"{_MOST_WAITING} reels wait already; wait for one, or remove some.")
            job = ReelJob(self._made(), title, who, time.time(), told, longest)
            try:
                self._note(job)
            except StorageError:
                self.remove(job.id)
                raise
            self._changed.notify_all()
        return job

    def remove(self, number: int) -> None:
        """Remove a reel with all its files; one that is being cut is ended first.

        Raises:
            StorageError: It cannot be removed.
        """
        with self._changed:
            if self._process is not None and self._process[0] == number:
                self._end_process()
            folder = folder_of(self._place, number)
            try:
                # Out of the way at once: half a folder is never taken for a reel.
                aside = folder.with_name(f".{number}.gone")
                if folder.exists():
                    folder.rename(aside)
                shutil.rmtree(aside, ignore_errors=True)
            except OSError as error:
                raise storage_error(error, folder) from error
            self._jobs.pop(number, None)

    def _made(self) -> int:
        """Make a folder, and return the number that it has; none is given twice, as browsers keep films."""
        latest = self._place / _LATEST
        try:
            self._place.mkdir(parents=True, exist_ok=True)
            given = int(latest.read_text()) if latest.is_file() else 0
            number = max([given, *numbers(self._place)]) + 1
            atomic_write(latest, f"{number}\n".encode())
            folder_of(self._place, number).mkdir()
        except ValueError as error:
            raise StorageError(f"{latest} should hold a number; remove it.") from error
        except OSError as error:
            raise storage_error(error, self._place) from error
        return number

    def _next(self) -> ReelJob | None:
        waiting = (number for number, job in self._jobs.items() if job.state is ReelState.WAITING)
        number = min(waiting, default=None)
        return None if number is None else self._jobs[number]

    def _fail(self, piece: ReelJob, why: str) -> None:
        if piece.id in self._jobs:
            self._jobs[piece.id] = replace(piece, state=ReelState.FAILED, fault=why)

    def _do(self, piece: ReelJob) -> None:
        """Have a reel cut by a process: what breaks that does not break the server."""
        with self._changed:
            if self._ends() or piece.id not in self._jobs:
                return
            job = self._note(replace(piece, state=ReelState.CUTTING, tries=piece.tries + 1))
            folder = folder_of(self._place, job.id).absolute()
            for left in folder.glob(".*.part*"):  # of a process that was killed
                left.unlink(missing_ok=True)
        receiver, sender = self._context.Pipe(duplex=False)
        process = self._context.Process(target=cutting, args=(job, folder, sender), daemon=True)
        process.start()  # takes a moment, in which others need not wait
        with self._changed:
            self._process = (job.id, process)
            if self._ends() or job.id not in self._jobs:
                self._end_process()
        sender.close()
        outcome: dict[str, Any] = {}
        with receiver, suppress(EOFError, OSError):
            while True:
                told = receiver.recv()
                if isinstance(told, float):
                    self._shares[job.id] = told
                else:
                    outcome = told
        reap(process)
        with self._changed:
            self._process = None
            self._shares.pop(job.id, None)
            if job.id not in self._jobs:  # somebody removed it
                return
            if outcome:
                self._note(replace(job, **outcome))
            elif self._ends():
                self._note(replace(job, state=ReelState.WAITING, tries=job.tries - 1))
            else:
                why = f"The cutting ended by itself ({process.exitcode}); its footage may be damaged."
                self._note(replace(job, state=ReelState.FAILED, fault=why))

    def _note(self, job: ReelJob) -> ReelJob:
        self._jobs[job.id] = job
        keep(self._place, job)
        return job

    def _end_process(self) -> None:
        if self._process is not None:
            self._process[1].terminate()
