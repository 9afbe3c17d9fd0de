"""Reading what others say of footage, from where it was left."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from everyframe.archive.footage import FootageKeeper
from everyframe.archive.places import FOOTAGE, clock_file, digest_of
from everyframe.highlights.feeds import Joined, Place, Said, beside, segments
from everyframe.highlights.forms import Form, guessed
from everyframe.highlights.tables import read_table
from everyframe.store.archive import Keeper, Kept


@dataclass(slots=True)
class Read:
    """A table that is being read.

    Attributes:
        kept: How much of it is kept.
        rows: What is left of it.
        own: The number of the footage that it lies beside, by the name that its segments give it.
    """

    kept: Kept
    rows: Iterator[Said]
    own: Mapping[str, int] = field(default_factory=dict)
    done: int = 0
    left_out: int = 0


class Reader:
    """Reads tables and keeps what they say.

    Args:
        keeper: Keeps it.
        footage: Knows footage.
        columns: Which column says what, where that was told.
        said_by: Who says it.
    """

    def __init__(
        self, keeper: Keeper, footage: FootageKeeper, columns: Mapping[str, str], said_by: str
    ) -> None:
        self._keeper, self._footage = keeper, footage
        self._columns, self._said_by = columns, said_by
        self._beside: dict[tuple[Path, str], dict[tuple[str, ...], Mapping[str, str]]] = {}

    def read(self, path: Path, form: Form | None, folder: Path) -> Read:
        """Begin a table, or go on with it.

        Args:
            path: Of the table.
            form: Which column says what; guessed where there is none.
            folder: That the form is about.

        Raises:
            SettingError: It cannot be read, or it does not say what happens and when.
        """
        own = _footage_of(path)
        kept = self._keeper.begin(str(path.resolve()), self._digest(path, form, folder, own))
        read = Read(kept, iter(()), done=kept.rows, left_out=kept.left_out)
        if kept.done:
            return read
        table = read_table(path)
        if not table.columns:  # it has no rows: a sidecar that is about the footage as a whole
            return read
        form = guessed(path, table.columns, self._columns, form)
        joined = Joined(
            table, form, self._joins(folder, form), {"folder": path.parent.name, "file": path.stem}
        )
        default = Place() if own is None else Place(own.stem)
        here = None if own is None else self._footage.at(own)
        if here is not None:
            number, default = here
            read.own = {default.source: number}
        rows = segments(joined, _Places(self._footage), default)
        read.rows = islice(rows, kept.rows, None)
        return read

    def keep(self, read: Read, said: Sequence[Said]) -> int:
        """Keep some rows, all or none of them; return how many moments are new."""
        found = [one.segment for one in said if one.segment is not None]
        done, left_out = read.done + len(said), read.left_out + len(said) - len(found)
        fresh = self._keeper.keep(read.kept, found, self._said_by, rows=done, left_out=left_out, own=read.own)
        read.done, read.left_out = done, left_out
        return fresh

    def finish(self, read: Read) -> None:
        """Say that all of a table is kept."""
        if not read.kept.done:
            self._keeper.finish(read.kept)

    def _joins(self, folder: Path, form: Form) -> dict[tuple[str, ...], Mapping[str, str]]:
        key = (folder, str(form.beside))
        if key not in self._beside:
            self._beside[key] = beside(folder, form)
        return self._beside[key]

    def _digest(self, path: Path, form: Form | None, folder: Path, own: Path | None) -> str:
        """Return what changes whenever the table would be read otherwise."""
        parts = [digest_of(path), repr(form), repr(sorted(self._columns.items())), self._said_by]
        if form is not None and form.beside:
            parts += [path.parent.name, path.stem, digest_of(folder / form.beside["file"])]
        if own is not None:
            parts.append(digest_of(own))
            clock = clock_file(own)
            parts.append(digest_of(clock) if clock.is_file() else "")
        return hashlib.blake2b("\n".join(parts).encode(), digest_size=32).hexdigest()


class _Places(dict[str, Place]):
    """What is known of footage, looked up when it is first asked for."""

    def __init__(self, footage: FootageKeeper) -> None:
        super().__init__()
        self._footage = footage

    def __missing__(self, name: str) -> Place:
        return self._footage.place(name)


def _footage_of(table: Path) -> Path | None:
    """Return the footage beside which a table lies under its name, the longest such name."""
    found = [
        path
        for path in table.parent.iterdir()
        if path.suffix.lower() in FOOTAGE and table.name.startswith(f"{path.stem}.")
    ]
    return max(found, key=lambda path: len(path.stem), default=None)
