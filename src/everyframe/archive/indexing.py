"""Indexing: footage and what others say of it, once, in pieces that are whole whenever it is stopped."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from threading import Event as Stop

from everyframe.archive.footage import FootageKeeper
from everyframe.archive.pictures import draw
from everyframe.archive.places import Files, collect, store_place
from everyframe.archive.reading import Read, Reader
from everyframe.archive.spotted import SpottedKeeper, by_footage, sources
from everyframe.errors import EveryframeError, SettingError, StorageError
from everyframe.highlights import Segment
from everyframe.highlights.forms import FIELDS, Form, known_form, read_form
from everyframe.store import Store
from everyframe.store.archive import Keeper
from everyframe.store.archive.nearness import Nearness

SAYERS = ("feed", "person", "recogniser")
"""Who may have said that something happens."""

BATCH = 2_000
"""Rows that are kept at a time."""

_MOST_FAULTS = 1_000  # lines that are kept of what could not be used


@dataclass(frozen=True, slots=True)
class Indexing:
    """How far it has come.

    Attributes:
        doing: ``reading`` files or ``looking at`` moments.
        name: Of the file at hand.
        done: Files, or moments.
        total: Of those.
        moments: New ones so far.
    """

    doing: str
    name: str
    done: int
    total: int
    moments: int


@dataclass(slots=True)
class Indexed:
    """What was indexed.

    Attributes:
        footage: Files of footage, and how many of those are new, in ``new_footage``.
        tables: Files that say what happens, and how many of those had anything new, in ``new_tables``.
        moments: New ones.
        left_out: Rows that could not be used.
        pictures: Moments that were looked at.
        faults: What could not be used and why, a line each; the first thousand.
        stopped: Whether somebody stopped it: run it again, and it goes on.
    """

    footage: int = 0
    new_footage: int = 0
    tables: int = 0
    new_tables: int = 0
    moments: int = 0
    left_out: int = 0
    pictures: int = 0
    faults: list[str] = field(default_factory=list)
    stopped: bool = False


def index(
    paths: str | os.PathLike[str] | Sequence[str | os.PathLike[str]] = (),
    *,
    segments: Iterable[Segment] | None = None,
    recogniser: str = "",
    store: Store | str | None = None,
    columns: Mapping[str, str] | None = None,
    form: str | None = None,
    said_by: str = "feed",
    pictures: bool = True,
    progress: Callable[[Indexing], None] | None = None,
    fault: Callable[[str], None] | None = None,
    stop: Stop | None = None,
) -> Indexed:
    """Index footage, feeds and labelled segments; what is known already is left alone.

    Args:
        paths: Video files, tables (CSV, JSON), or folders with either.
        segments: What a recogniser spotted in the footage of ``paths``, and in what it names itself; of each
            of these files it replaces what the same recogniser said before. Tables are left alone then.
        recogniser: Its name, where there are segments.
        store: The store or where it is; by default the setting.
        columns: Which column of tables says what, where their names do not: ``{"player": "batter"}``.
        form: A form of feeds: ``shuttleset``, or a JSON file; see docs/archive.md.
        said_by: Who says what the tables say: ``feed``, ``person`` or ``recogniser``.
        pictures: Whether to look at footage: pictures of moments, and what looks alike.
        progress: Called now and then.
        fault: Called with each line of what could not be used, as it is found.
        stop: Set by whoever wants it to stop; what was kept until then stays, and the next run goes on.

    Raises:
        SourceNotFound: There is no such file, or nothing to index in it.
        SettingError: A column, form or sayer is unknown, or segments do not say in which footage they are.
        StorageError: The store cannot be written.
    """
    if said_by not in SAYERS:
        raise SettingError(f"Said by {said_by}: that is not known; write {', '.join(SAYERS)}.")
    for name in columns or {}:
        if name not in FIELDS:
            raise SettingError(f"There is no field {name} for a column; there are {', '.join(FIELDS)}.")
    specs = [paths] if isinstance(paths, str | os.PathLike) else list(paths)
    told = None if segments is None else list(segments)
    files = collect([*specs, *sources(told or [])], _form(form))
    spotted: dict[Path, list[Segment]] = {}
    if told is not None:
        spotted, files.tables = by_footage(told, files.footage, recogniser), []
    kept = store if isinstance(store, Store) else Store(store_place(store))
    try:
        work = _Work(kept, files, progress, fault, stop)
        work.know_footage()
        work.read_tables(columns or {}, said_by)
        work.keep_spotted(spotted, recogniser)
        if pictures:
            work.look()
        return work.done
    finally:
        if kept is not store:
            kept.close()


class _Work:
    """One run over some files."""

    def __init__(
        self,
        store: Store,
        files: Files,
        progress: Callable[[Indexing], None] | None,
        fault: Callable[[str], None] | None,
        stop: Stop | None,
    ) -> None:
        self.done = Indexed(footage=len(files.footage), tables=len(files.tables))
        self._store, self._files = store, files
        self._progress, self._fault, self._stop = progress, fault, stop
        self._keeper = Keeper(store)
        self._footage = FootageKeeper(store, self._keeper)

    def know_footage(self) -> None:
        """Note all footage."""
        for place, path in enumerate(self._files.footage):
            if self._stopped():
                return
            self._tell("reading", path.name, place, len(self._files.footage))
            try:
                self.done.new_footage += self._footage.know(path)
            except StorageError:
                raise
            except EveryframeError as error:
                self._wrong(error)

    def read_tables(self, columns: Mapping[str, str], said_by: str) -> None:
        """Keep what all tables say."""
        reader = Reader(self._keeper, self._footage, columns, said_by)
        for place, (path, form, folder) in enumerate(self._files.tables):
            if self._stopped():
                return
            self._tell("reading", path.name, place, len(self._files.tables))
            try:
                self._read(reader, path, reader.read(path, form, folder), place)
            except StorageError:
                raise
            except EveryframeError as error:
                self._wrong(error)

    def keep_spotted(self, spotted: Mapping[Path, Sequence[Segment]], recogniser: str) -> None:
        """Keep what a recogniser spotted in each file of footage."""
        keeper = SpottedKeeper(self._keeper, self._footage, recogniser)
        for place, (path, segments) in enumerate(spotted.items()):
            left_out: list[str] = []
            self._tell("reading", path.name, place, len(spotted))
            if self._stopped():
                return
            for fresh in keeper.keep(path, segments, left_out):
                self.done.moments += fresh
                if self._stopped():
                    return
            self.done.left_out += len(left_out)
            for line in left_out:
                self._wrong(f"{line}; it is left out")

    def look(self) -> None:
        """Look at all moments that nobody has looked at."""
        if not self._stopped():
            self.done.pictures = draw(
                self._store, self._wrong, lambda *told: self._tell("looking at", *told), self._stop
            )
            Nearness(self._store).refresh()

    def _read(self, reader: Reader, path: Path, read: Read, place: int) -> None:
        self.done.new_tables += not read.kept.done
        while piece := list(islice(read.rows, BATCH)):
            if self._stopped():
                return
            self.done.moments += reader.keep(read, piece)
            for one in piece:
                if one.segment is None:
                    self.done.left_out += 1
                    self._wrong(f"{path}, row {one.row}: {one.fault}; it is left out")
            self._tell("reading", path.name, place, len(self._files.tables))
        reader.finish(read)

    def _stopped(self) -> bool:
        self.done.stopped = self._stop is not None and self._stop.is_set()
        return self.done.stopped

    def _tell(self, doing: str, name: str, done: int, total: int) -> None:
        if self._progress is not None:
            self._progress(Indexing(doing, name, done, total, self.done.moments))

    def _wrong(self, what: EveryframeError | str) -> None:
        text = " ".join(str(what).split())
        if len(self.done.faults) < _MOST_FAULTS:
            self.done.faults.append(text)
        if self._fault is not None:
            self._fault(text)


def _form(told: str | None) -> Form | None:
    if told is None:
        return None
    return read_form(Path(told)) if told.endswith(".json") else known_form(told)
