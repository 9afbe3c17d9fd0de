"""Footage: known by its content, with what lies beside it."""

from __future__ import annotations

import re
from contextlib import closing
from pathlib import Path

from sqlalchemy import select

from everyframe.archive.places import FOOTAGE, clock_file, digest_of
from everyframe.errors import SettingError
from everyframe.highlights.clocks import GameClock
from everyframe.highlights.feeds import Place, readings
from everyframe.highlights.tables import read_table
from everyframe.highlights.text import folded
from everyframe.highlights.times import day_of
from everyframe.sources.files import FileSource
from everyframe.store import Store
from everyframe.store.archive import Keeper
from everyframe.store.archive_models import FootageRow


class FootageKeeper:
    """Knows footage, and what is known of it.

    Args:
        store: Where it is kept.
        keeper: Keeps it.
    """

    def __init__(self, store: Store, keeper: Keeper) -> None:
        self._store, self._keeper = store, keeper
        self._places: dict[str, Place] = {}

    def know(self, path: Path) -> bool:
        """Note footage; say whether it is new, or has changed.

        Raises:
            SourceError: It is no video.
            StorageError: It cannot be kept.
        """
        whole = path.resolve()
        there = whole.stat()
        same = {"path": str(whole), "size": there.st_size, "changed_ns": there.st_mtime_ns}
        about, date = _about(path)
        with self._store.reading() as session:
            row = session.scalar(select(FootageRow).where(FootageRow.path == same["path"]))
            known = row is not None and (row.size, row.changed_ns) == (same["size"], same["changed_ns"])
            if known and row is not None and (row.about, row.date) == (about, date):
                return False
            if known and row is not None and row.digest is not None:
                same["digest"] = row.digest
        with closing(FileSource(str(whole))) as source:
            info = source.info
        told = {
            "digest": digest_of(whole),
            **same,
            "name": path.stem,
            "seconds": info.duration,
            "fps": None if info.fps is None else float(info.fps),
            "width": info.width,
            "height": info.height,
            "date": date,
            "about": about,
        }
        return self._keeper.know(told) and not known

    def place(self, name: str) -> Place:
        """Return what is known of footage by the name that somebody gives it: a path, or a file's name."""
        if name not in self._places:
            self._places[name] = self._look(name)
        return self._places[name]

    def at(self, path: Path) -> tuple[int, Place] | None:
        """Return the number of a file of footage and what is known of it; ``None`` where it is not kept.

        Unlike a name, a path is of one file: two cameras may both have a ``0001.mp4``.
        """
        with self._store.reading() as session:
            row = session.scalar(select(FootageRow).where(FootageRow.path == str(path.resolve())))
            if row is None:  # a copy of what lies elsewhere
                row = session.scalar(select(FootageRow).where(FootageRow.digest == digest_of(path)))
            return None if row is None else (row.id, Place(row.name, row.seconds, _clock(path)))

    def _look(self, name: str) -> Place:
        called = Path(name.replace("\\", "/")).name
        stem = called.rsplit(".", 1)[0] if Path(called).suffix.lower() in FOOTAGE else called
        with self._store.reading() as session:
            query = select(FootageRow).where(FootageRow.folded == folded(stem))
            row = session.scalar(query.order_by(FootageRow.digest.is_(None), FootageRow.id))
            if row is None:
                return Place(stem)
            path = None if row.path is None else Path(row.path)
            return Place(row.name, row.seconds, None if path is None else _clock(path))


def _about(path: Path) -> tuple[dict[str, str], str | None]:
    """Return what a sidecar says of footage as a whole, and its day: told there, or in the file's name."""
    sidecar = path.with_suffix(".json")
    about = dict(read_table(sidecar).about) if sidecar.is_file() else {}
    date = about.pop("date", "")
    if date and day_of(date) is None:
        raise SettingError(f"{sidecar}: {date} is no day; write it as 2026-03-02.")
    return about, day_of(date) or _day_in(path.stem)


def _day_in(name: str) -> str | None:
    """Return the day in a name such as ``final 2026-03-02``."""
    found = re.search(r"(?<!\d)(\d{4})-(\d{2})-(\d{2})(?!\d)", name)
    return None if found is None else day_of(found.group())


def _clock(footage: Path) -> GameClock | None:
    path = clock_file(footage)
    return GameClock(readings(read_table(path))) if path.is_file() else None
