"""The store: one database and one folder of clips and pictures."""

from __future__ import annotations

import time as clock
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType

import platformdirs
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from everyframe.anomaly.verdicts import Standing
from everyframe.errors import StorageError
from everyframe.files import storage_error, sweep
from everyframe.health import HealthEvent
from everyframe.store import healths
from everyframe.store import verdicts as judged
from everyframe.store.database import (
    WRITES,
    database_url,
    made_busy,
    masked,
    open_engine,
    place_name,
    remove_sqlite,
    said_plainly,
)
from everyframe.store.healths import StoredHealth
from everyframe.store.models import CameraRow, EventRow, GapRow, RunRow, ScoreRow
from everyframe.store.records import (
    RunKind,
    RunState,
    Score,
    StoredEvent,
    StoredRun,
    event_of,
    gap_of,
    run_of,
)
from everyframe.store.run import Run
from everyframe.store.verdicts import Verdict
from everyframe.types import Gap, StreamInfo, VerdictKind

DATABASE_NAME = "everyframe.db"
_DATABASE_SUFFIXES = {".db", ".sqlite", ".sqlite3"}


class Store:
    """Keeps runs, events, gaps and scores; a context manager.

    Args:
        place: A folder (the database is ``everyframe.db`` in it; made where it is missing), a file that ends
            in ``.db``, ``.sqlite`` or ``.sqlite3``, or a URL (``sqlite:///…``, ``postgresql://…``).
        folder: Where clips and pictures go; by default beside a file, else in the user's data folder.
        patience: Seconds to wait for another program that is writing.
        create: Whether to make the file and folder where they are missing.

    Attributes:
        place: Where it is, as it was told.
        folder: Where clips and pictures lie.

    Raises:
        StorageError: If it cannot be opened or made; then nothing new is left behind.
    """

    def __init__(
        self,
        place: str | Path,
        *,
        folder: str | Path | None = None,
        patience: float = 10.0,
        create: bool = True,
    ) -> None:
        self.place = str(place)
        file: Path | None = None
        if isinstance(place, str) and "://" in place:
            url = database_url(place)
            if url.get_backend_name() == "sqlite" and url.database not in (None, "", ":memory:"):
                file = Path(str(url.database))
        else:
            path = Path(place).expanduser()
            named = path.suffix.lower() in _DATABASE_SUFFIXES and not (_is_there(path) and path.is_dir())
            file = path if named else path / DATABASE_NAME
            url = database_url("sqlite://").set(database=str(file))
        beside = file.parent if file is not None else platformdirs.user_data_path("everyframe")
        self.folder = Path(folder).expanduser() if folder is not None else beside
        self._name = place_name(url)
        folders = (self.folder, file.parent) if file is not None else (self.folder,)
        made = [path for each in folders for path in _missing(each)]
        fresh = file is not None and not _is_there(file)
        if fresh and not create:
            raise StorageError(f"There is no store at {place}; check the name, or watch something first.")
        try:
            for path in folders:
                _make_folder(path)
            self._engine = open_engine(url, patience)
        except BaseException as error:
            # Where another program has it, that program made it at the same time: it is not ours to remove.
            if file is not None and fresh and not made_busy(error):
                remove_sqlite(file)
            for path in made:
                _remove_empty(path)
            raise
        sweep(self.folder)

    def __repr__(self) -> str:
        return f"Store({self._name!r})"

    def __enter__(self) -> Store:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the database; safe to call twice. Runs that still go on have to be finished before."""
        self._engine.dispose()

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """Lend a session of the database that only reads; what fails is said in one line.

        Raises:
            StorageError: If it cannot be read.
        """
        with said_plainly(self._name), Session(self._engine) as session:
            yield session

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """Lend a session that holds the write lock; what was done is kept where the body raises nothing.

        Raises:
            StorageError: If it cannot be written.
        """
        engine = self._engine.execution_options(**WRITES)
        with said_plainly(self._name), Session(engine, expire_on_commit=False) as session, session.begin():
            yield session

    def begin(
        self,
        camera: str,
        info: StreamInfo,
        kind: RunKind | str,
        *,
        budget: str | None = None,
        baseline: str | None = None,
        alert_p: float | None = None,
    ) -> Run:
        """Begin a run.

        Args:
            camera: The camera's name; a new one is made, a known one gets the source's name and size.
            info: What is known of the source.
            kind: ``learn`` or ``watch``.
            budget: The alert budget as the person wrote it.
            baseline: What normal was learned from, in words.
            alert_p: The p-value at or below which it alerts, where that is known yet.

        Raises:
            StorageError: If it cannot be written.
        """
        with self._writing() as session:
            row = session.scalar(select(CameraRow).where(CameraRow.name == camera))
            if row is None:
                row = CameraRow(name=camera)
                session.add(row)
            row.source, row.width, row.height = masked(info.name), info.width, info.height
            run = RunRow(
                camera=row,
                kind=RunKind(kind).value,
                state=RunState.RUNNING.value,
                started_utc=clock.time(),
                baseline=baseline,
                budget=budget,
                alert_p=None if alert_p is None else float(alert_p),
                frames=0,
                seconds=0.0,
            )
            session.add(run)
            session.commit()
            return Run(self._engine, self._name, self.folder, run.id)

    def runs(self) -> list[StoredRun]:
        """Return all runs, oldest first."""
        with said_plainly(self._name), Session(self._engine) as session:
            return [run_of(row) for row in session.scalars(select(RunRow).order_by(RunRow.id))]

    def events(
        self,
        camera: str | None = None,
        run: int | None = None,
        since: float | None = None,
        until: float | None = None,
    ) -> list[StoredEvent]:
        """Return events in the order in which they were stored.

        Args:
            camera: Only of the camera of this name.
            run: Only of the run of this number.
            since: Only those that began at this time or later, POSIX seconds. Where the source has no clock,
                the time counts at which the event was stored.
            until: Only those that began before this time, POSIX seconds.
        """
        query = select(EventRow).order_by(EventRow.id)
        began = func.coalesce(EventRow.start_utc, EventRow.noticed_utc)
        if camera is not None:
            query = query.where(EventRow.run.has(RunRow.camera.has(CameraRow.name == camera)))
        if run is not None:
            query = query.where(EventRow.run_id == run)
        if since is not None:
            query = query.where(began >= since)
        if until is not None:
            query = query.where(began < until)
        with said_plainly(self._name), Session(self._engine) as session:
            return [event_of(row, self.folder) for row in session.scalars(query)]

    def give_verdict(self, event_id: int, kind: VerdictKind | str, who: str, name: str = "") -> int:
        """Say what an event was; a verdict that stood on it is undone by this one.

        Args:
            event_id: The event's number.
            kind: ``real``, ``normal``, ``false`` or ``later``.
            who: Who says so.
            name: What the like is called, where it is real.

        Returns:
            The verdict's number.

        Raises:
            SettingError: If there is no such event or kind, or something that is not real is named.
            StorageError: If it cannot be written.
        """
        with self._writing() as session:
            return judged.give(session, event_id, judged.kind_of(kind), who, name)

    def undo_verdict(self, verdict_id: int, who: str) -> None:
        """Take a verdict back: it is kept, with who undid it and when, and counts no more.

        Raises:
            SettingError: If there is no such verdict.
            StorageError: If it cannot be written.
        """
        with self._writing() as session:
            judged.undo(session, verdict_id, who)

    def verdicts(self, camera: str | None = None, standing: bool = True) -> list[Verdict]:
        """Return verdicts in the order in which they were given.

        Args:
            camera: Only on events of the camera of this name.
            standing: Only those that were not undone.
        """
        with said_plainly(self._name), Session(self._engine) as session:
            return judged.verdicts(session, camera, standing)

    def standing(self, camera: str) -> list[Standing]:
        """Return a camera's verdicts that stand as ``watch`` takes them: each with what it is about."""
        with said_plainly(self._name), Session(self._engine) as session:
            return judged.standing_verdicts(session, camera)

    def note_health(
        self, camera: str, event: HealthEvent, *, also: Callable[[Session], None] | None = None
    ) -> None:
        """Keep a fault of a camera as it begins, or say that it is over.

        Args:
            camera: Its name.
            event: The fault.
            also: Called with the session in the transaction that keeps it.

        Raises:
            StorageError: If it cannot be written.
        """
        with self.writing() as session:
            healths.note(session, camera, event)
            if also is not None:
                also(session)

    def close_health(self, camera: str) -> None:
        """Say that faults are over of which nobody said so: whoever watched was killed.

        Raises:
            StorageError: If it cannot be written.
        """
        with self.writing() as session:
            healths.close_open(session, camera, clock.time())

    def health(
        self, camera: str | None = None, since: float | None = None, until: float | None = None
    ) -> list[StoredHealth]:
        """Return the faults of cameras that lasted into a stretch of time (POSIX seconds)."""
        with self.reading() as session:
            return healths.between(session, camera, since, until)

    def gaps(self, run: int) -> list[Gap]:
        """Return a run's gaps in order of time."""
        query = select(GapRow).where(GapRow.run_id == run).order_by(GapRow.start_time, GapRow.id)
        with said_plainly(self._name), Session(self._engine) as session:
            return [gap_of(row) for row in session.scalars(query)]

    def scores(self, run: int) -> list[Score]:
        """Return a run's highest score of each second of footage, in order of time."""
        query = select(ScoreRow.time, ScoreRow.score, ScoreRow.p_value).where(ScoreRow.run_id == run)
        with said_plainly(self._name), Session(self._engine) as session:
            return [Score(*row) for row in session.execute(query.order_by(ScoreRow.second))]

    @contextmanager
    def _writing(self) -> Iterator[Session]:
        """Lend a session that holds the write lock from its start."""
        writing = self._engine.execution_options(**WRITES)
        with said_plainly(self._name), Session(writing, expire_on_commit=False) as session:
            yield session


def _make_folder(path: Path) -> None:
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise storage_error(error, path) from error


def _missing(path: Path) -> list[Path]:
    """Return what of a path is not there, the deepest first."""
    return [part for part in (path, *path.parents) if not _is_there(part)]


def _is_there(path: Path) -> bool:
    """Say whether a path exists; one that cannot even be asked about (too long) does not."""
    try:
        return path.exists()
    except OSError:
        return False


def _remove_empty(path: Path) -> None:
    with suppress(OSError):  # not empty, or never made
        path.rmdir()
