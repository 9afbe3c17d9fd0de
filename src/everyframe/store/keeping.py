"""How long clips of events are kept: by age, by size, and by what a person said of them."""

from __future__ import annotations

import math
import shutil
import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import and_, select, update

from everyframe.store.models import EventRow, VerdictRow
from everyframe.store.store import Store
from everyframe.types import VerdictKind

_GOES_FIRST = {VerdictKind.FALSE: 0, VerdictKind.NORMAL: 1, VerdictKind.REAL: 3}
_UNJUDGED = 2


@dataclass(frozen=True, slots=True)
class Clip:
    """The clip of one event.

    Attributes:
        event_id: The event's number.
        path: Where it lies.
        utc: POSIX seconds when the event was noticed.
        size: In bytes.
        verdict: What stands on the event, ``None`` where nobody judged it.
    """

    event_id: int
    path: Path
    utc: float
    size: int
    verdict: VerdictKind | None

    @property
    def rank(self) -> int:
        """Its place in the order in which clips go: false alarms, normal, unjudged, real."""
        return _UNJUDGED if self.verdict is None else _GOES_FIRST.get(self.verdict, _UNJUDGED)


@dataclass(frozen=True, slots=True)
class ClipRoom:
    """How much clips may take.

    Attributes:
        seconds: Older ones are removed.
        real_seconds: Likewise, of events that were judged real. Where it is infinite they are never removed,
            whatever else has no room.
        size: Bytes of all together.
        free: Bytes of the disk that stay free.
    """

    seconds: float
    real_seconds: float
    size: float
    free: float

    def keeps_for_ever(self, clip: Clip) -> bool:
        """Say whether nothing removes a clip."""
        return clip.verdict is VerdictKind.REAL and math.isinf(self.real_seconds)

    def outlived(self, clip: Clip, now: float) -> bool:
        """Say whether a clip is too old."""
        most = self.real_seconds if clip.verdict is VerdictKind.REAL else self.seconds
        return now - clip.utc > most


def chosen(clips: Iterable[Clip], room: ClipRoom, free: float, now: float) -> list[Clip]:
    """Return which clips go: those that are too old, then as many as there is no room for.

    Args:
        clips: All of them.
        room: How much there is.
        free: Bytes of the disk that are free.
        now: POSIX seconds.
    """
    clips = list(clips)
    going = [clip for clip in clips if room.outlived(clip, now)]
    size = float(sum(clip.size for clip in clips)) - sum(clip.size for clip in going)
    free += sum(clip.size for clip in going)
    rest = [clip for clip in clips if not room.outlived(clip, now) and not room.keeps_for_ever(clip)]
    for clip in sorted(rest, key=lambda clip: (clip.rank, clip.utc)):
        if size <= room.size and free >= room.free:
            break
        going.append(clip)
        size -= clip.size
        free += clip.size
    return going


def make_room_for_clips(store: Store, room: ClipRoom, now: float | None = None) -> int:
    """Remove clips until what is left has room; return how many.

    Events, their pictures and what people said of them stay. Nothing that lies outside of the store's folder
    is touched, nor anything in it that is not the clip of an event.

    Args:
        store: Whose.
        room: How much there is.
        now: POSIX seconds.

    Raises:
        StorageError: The database cannot be read or written.
    """
    try:
        free = shutil.disk_usage(store.folder).free
    except OSError:
        return 0
    going = chosen(clips_of(store), room, free, time.time() if now is None else now)
    gone = []
    for clip in going:
        with suppress(OSError):
            clip.path.unlink()
            gone.append(clip.event_id)
    if gone:
        with store.writing() as session:
            for number in gone:
                session.execute(update(EventRow).where(EventRow.id == number).values(clip=None))
    return len(gone)


def clips_of(store: Store) -> list[Clip]:
    """Return the clips in a store's folder, oldest first."""
    stands = and_(VerdictRow.event_id == EventRow.id, VerdictRow.undone_utc.is_(None))
    query = (
        select(EventRow.id, EventRow.clip, EventRow.noticed_utc, VerdictRow.kind)
        .outerjoin(VerdictRow, stands)
        .where(EventRow.clip.is_not(None))
        .order_by(EventRow.noticed_utc, EventRow.id)
    )
    folder = store.folder.resolve()
    found = []
    with store.reading() as session:
        rows = session.execute(query).all()
    for number, clip, utc, kind in rows:
        path = (folder / str(clip)).resolve()
        if not path.is_relative_to(folder):
            continue
        with suppress(OSError):
            size = path.stat().st_size
            found.append(Clip(number, path, utc, size, None if kind is None else VerdictKind(kind)))
    return found
