"""Looking at moments: a strip of pictures for people, and numbers that say what looks alike."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from threading import Event as Stop

from sqlalchemy import func, select

from everyframe.errors import SourceError
from everyframe.files import atomic_write
from everyframe.highlights.looks import MAKER, Look, look
from everyframe.sources.files import FileSource
from everyframe.store import Store
from everyframe.store.archive.nearness import Nearness
from everyframe.store.archive_models import FootageRow, MomentRow
from everyframe.store.pictures import jpeg

FOLDER = "archive"
_AT_A_TIME = 20
_PER_FOLDER = 1_000
_QUALITY = 78


def draw(
    store: Store,
    fault: Callable[[str], None],
    progress: Callable[[str, int, int], None],
    stop: Stop | None,
) -> int:
    """Look at every moment whose footage is here and that nobody has looked at; return how many.

    Args:
        store: Where they are.
        fault: Called with a line where one cannot be seen.
        progress: Called with the name of the footage, how many were looked at, and of how many.
        stop: Set by whoever wants it to stop.

    Raises:
        StorageError: A picture cannot be written.
    """
    unseen = MomentRow.strip.is_(None) & FootageRow.path.is_not(None)
    of = MomentRow.footage_id == FootageRow.id
    with store.reading() as session:
        total = session.scalar(select(func.count(MomentRow.id)).join(FootageRow, of).where(unseen)) or 0
        query = select(FootageRow.id, FootageRow.path).join(MomentRow, of).where(unseen).distinct()
        footage = session.execute(query.order_by(FootageRow.id)).all()
    done = 0
    for number, place in footage:
        path = Path(str(place))
        if not path.is_file():
            continue  # moved away: what is said of it can be found all the same
        with store.reading() as session:
            spans = select(MomentRow.id, MomentRow.start_time, MomentRow.end_time)
            spans = spans.where(MomentRow.footage_id == number, MomentRow.strip.is_(None))
            moments = session.execute(spans.order_by(MomentRow.start_time)).all()
        try:
            opened = FileSource(str(path))
        except SourceError as error:  # it was footage once
            fault(str(error))
            continue
        with closing(opened) as source:
            for start in range(0, len(moments), _AT_A_TIME):
                if stop is not None and stop.is_set():
                    return done
                looks: dict[int, Look] = {}
                for moment, begins, ends in moments[start : start + _AT_A_TIME]:
                    try:
                        looks[moment] = look(source, begins, ends)
                    except SourceError as error:
                        fault(str(error))
                _keep(store, looks)
                done += len(looks)
                progress(path.name, done, total)
    return done


def _keep(store: Store, looks: dict[int, Look]) -> None:
    strips: dict[int, str] = {}
    for number, seen in looks.items():
        strip = Path(FOLDER) / f"{number // _PER_FOLDER:04d}" / f"{number}.jpg"
        (store.folder / strip).parent.mkdir(parents=True, exist_ok=True)
        atomic_write(store.folder / strip, jpeg(seen.strip, _QUALITY))
        strips[number] = strip.as_posix()
    Nearness(store).keep({number: seen.vector for number, seen in looks.items()}, MAKER, strips)
