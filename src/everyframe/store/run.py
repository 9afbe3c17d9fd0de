"""One run while it goes on: what it finds is written down."""

from __future__ import annotations

import math
import threading
import time as clock
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType

from sqlalchemy import Engine, insert, select, update
from sqlalchemy.orm import Session

from everyframe.errors import StorageError
from everyframe.store.database import WRITES, said_plainly
from everyframe.store.models import EventRow, GapRow, RunRow, ScoreRow
from everyframe.store.records import EVENT_COLUMNS, RunState, Score, event_row
from everyframe.types import Event, Gap

Also = Callable[[Session, int], None]
"""What is done in the transaction that keeps an event, given its number."""

FLUSH_SECONDS = 5.0
"""Scores, gaps and totals are on the disk at most this long after they came."""


class Run:
    """A run that is going on; made by ``Store.begin``.

    Events are on the disk when ``add_event`` returns. Scores, gaps and totals are gathered and written
    together, at most five seconds later, also when nothing more comes. Safe to use from several threads.

    As a context manager it ends as finished, or as interrupted where the body raises.

    Attributes:
        id: Its number in the store.
        folder: Where the store's clips and pictures lie.
    """

    def __init__(self, engine: Engine, place: str, folder: Path, run_id: int) -> None:
        self.id = run_id
        self.folder = folder
        self._engine = engine
        self._place = place
        self._lock = threading.RLock()
        self._gaps: list[Gap] = []
        self._scores: dict[int, Score] = {}
        self._totals: tuple[int, float] | None = None
        self._timer: threading.Timer | None = None
        self._failure: StorageError | None = None
        self._ended = False

    def __repr__(self) -> str:
        return f"Run({self.id})"

    def __enter__(self) -> Run:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.finish(RunState.FINISHED if kind is None else RunState.INTERRUPTED)

    def add_event(
        self,
        event: Event,
        clip: Path | str | None = None,
        thumbnail: Path | str | None = None,
        *,
        also: Also | None = None,
    ) -> int:
        """Keep an event; it is on the disk when this returns.

        Args:
            event: What deviated.
            clip: Its video, in the store's folder or anywhere else.
            thumbnail: Its picture, likewise.
            also: Called with the session and the event's number before both are on the disk, for what is to
                be kept together with the event or not at all.

        Returns:
            The event's number.

        Raises:
            StorageError: If it cannot be written.
        """
        row = event_row(event, self.id, clock.time())
        row.clip, row.thumbnail = self._relative(clip), self._relative(thumbnail)
        with self._lock, self._writing() as session:
            self._write_gathered(session)
            session.add(row)
            if also is not None:
                session.flush()  # gives the row its number
                also(session, row.id)
            session.commit()
            self._forget_gathered()
            return row.id

    def revise(self, event_id: int, event: Event) -> None:
        """Say what became of an event; its clip, pictures and the time at which it was noticed stay.

        Raises:
            StorageError: If it cannot be written.
        """
        row = event_row(event, self.id, 0.0)
        values = {name: getattr(row, name) for name in EVENT_COLUMNS}
        with self._lock, self._writing() as session:
            session.execute(update(EventRow).where(EventRow.id == event_id).values(values))
            session.commit()

    def attach(
        self,
        event_id: int,
        clip: Path | str | None = None,
        thumbnail: Path | str | None = None,
        why: Path | str | None = None,
    ) -> None:
        """Say where the clip or the pictures of an event lie; what is ``None`` stays as it was.

        Raises:
            StorageError: If it cannot be written.
        """
        paths = {
            "clip": self._relative(clip),
            "thumbnail": self._relative(thumbnail),
            "why": self._relative(why),
        }
        known = {name: path for name, path in paths.items() if path is not None}
        if known:
            with self._lock, self._writing() as session:
                session.execute(update(EventRow).where(EventRow.id == event_id).values(known))
                session.commit()

    def add_gap(self, gap: Gap) -> None:
        """Keep a stretch without pictures.

        Raises:
            StorageError: If an earlier write in the background failed.
        """
        with self._lock:
            self._gaps.append(gap)
            self._flush_soon()

    def add_score(self, time: float, score: float, p_value: float | None) -> None:
        """Keep a score; of each second of footage the highest stays.

        Args:
            time: Presentation time in seconds.
            score: Anomaly score; not-a-number says that there is none and is left out.
            p_value: Its p-value, ``None`` or not-a-number while calibrating.

        Raises:
            StorageError: If an earlier write in the background failed.
        """
        if math.isnan(score):
            return
        known = None if p_value is None or math.isnan(p_value) else float(p_value)
        second = math.floor(time)
        with self._lock:
            before = self._scores.get(second)
            if before is None or score > before.score:
                self._scores[second] = Score(float(time), float(score), known)
            self._flush_soon()

    def watched(self, frames: int, seconds: float) -> None:
        """Say how much footage was looked at so far.

        Args:
            frames: Pictures, since the run began.
            seconds: Footage, since the run began.

        Raises:
            StorageError: If an earlier write in the background failed.
        """
        with self._lock:
            self._totals = (int(frames), float(seconds))
            self._flush_soon()

    def alert_at(self, p_value: float) -> None:
        """Say the p-value at or below which it alerts now; the report draws it as a line.

        Raises:
            StorageError: If it cannot be written.
        """
        with self._lock, self._writing() as session:
            session.execute(update(RunRow).where(RunRow.id == self.id).values(alert_p=float(p_value)))
            session.commit()

    def flush(self) -> None:
        """Write what was gathered now.

        Raises:
            StorageError: If it cannot be written; it stays gathered for the next time.
        """
        with self._lock:
            if self._gaps or self._scores or self._totals:
                with self._writing() as session:
                    self._write_gathered(session)
                    session.commit()
            self._forget_gathered()

    def finish(self, state: RunState | str = RunState.FINISHED) -> None:
        """End the run; a second call changes nothing.

        Raises:
            StorageError: If it cannot be written.
        """
        with self._lock:
            if self._ended:
                return
            values = {"state": RunState(state).value, "ended_utc": clock.time()}
            with self._writing() as session:
                self._write_gathered(session)
                session.execute(update(RunRow).where(RunRow.id == self.id).values(values))
                session.commit()
            self._forget_gathered()
            self._ended = True

    def _flush_soon(self) -> None:
        """Start the clock for the next flush; raise what the last one in the background failed of."""
        if self._failure is not None:
            failure, self._failure = self._failure, None
            raise failure
        if self._timer is None:
            self._timer = threading.Timer(FLUSH_SECONDS, self._flush_in_background)
            self._timer.daemon = True
            self._timer.start()

    def _flush_in_background(self) -> None:
        with self._lock:
            if self._timer is not threading.current_thread():
                return  # somebody flushed while this waited for the lock
            self._timer = None
            try:
                self.flush()
            except StorageError as error:
                self._failure = error  # nobody would see it here; the next call raises it

    @contextmanager
    def _writing(self) -> Iterator[Session]:
        """Lend a session that holds the write lock from its start and speaks plainly when it fails."""
        engine = self._engine.execution_options(**WRITES)
        with said_plainly(self._place), Session(engine, expire_on_commit=False) as session:
            yield session

    def _write_gathered(self, session: Session) -> None:
        session.add_all(_gap_rows(self.id, self._gaps))
        if self._scores:
            self._write_scores(session)
        if self._totals is not None:
            frames, seconds = self._totals
            session.execute(update(RunRow).where(RunRow.id == self.id).values(frames=frames, seconds=seconds))

    def _write_scores(self, session: Session) -> None:
        """Write the gathered scores; of a second that was written already the higher score stays."""
        # By range, not by a list of seconds: databases limit how many values a statement may hold.
        within = ScoreRow.second.between(min(self._scores), max(self._scores))
        query = select(ScoreRow.second, ScoreRow.score).where(ScoreRow.run_id == self.id, within)
        kept = {row.second: row.score for row in session.execute(query)}
        new, higher = [], []
        for second, score in self._scores.items():
            values = {"run_id": self.id, "second": second, **score._asdict()}
            if second not in kept:
                new.append(values)
            elif score.score > kept[second]:
                higher.append(values)
        if new:
            session.execute(insert(ScoreRow), new)
        if higher:
            session.execute(update(ScoreRow), higher)

    def _forget_gathered(self) -> None:
        self._gaps.clear()
        self._scores.clear()
        self._totals = None
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _relative(self, path: Path | str | None) -> str | None:
        if path is None:
            return None
        whole, folder = Path(path).resolve(), self.folder.resolve()
        return (whole.relative_to(folder) if whole.is_relative_to(folder) else whole).as_posix()


def _gap_rows(run: int, gaps: Sequence[Gap]) -> list[GapRow]:
    return [
        GapRow(
            run_id=run,
            start_time=float(gap.start),
            end_time=float(gap.end),
            reason=str(gap.reason),
            frames=None if gap.frames is None else int(gap.frames),
        )
        for gap in gaps
    ]
