"""One file that holds a store: the database, what was learned, clips and pictures, and the key."""

from __future__ import annotations

import hashlib
import io
import json
import os
import shutil
import sqlite3
import tarfile
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO, Any

from everyframe._version import __version__
from everyframe.errors import StorageError
from everyframe.files import storage_error, writing
from everyframe.server.house import baselines_of
from everyframe.server.libraries import SUFFIX
from everyframe.server.vault import KEY_NAME
from everyframe.server.works import libraries_in
from everyframe.store import Store
from everyframe.store.store import DATABASE_NAME

FORMAT = 1
"""Version of the file's form."""

_MANIFEST = "manifest.json"
_PIECE = 1 << 20


@dataclass(frozen=True, slots=True)
class Kept:
    """What a backup holds.

    Attributes:
        files: How many.
        size: Bytes of them.
        left_out: Clips and pictures that lie outside the store's folder, or are gone from the disk.
    """

    files: int
    size: int
    left_out: int


def back_up(store: Store, out: Path) -> Kept:
    """Write a backup; cameras may go on being watched meanwhile.

    The database is copied as it is at one moment. Clips, pictures and baselines are written whole or not at
    all and never changed after, so those that the copy speaks of are as they were, too.

    Args:
        store: What to keep.
        out: The file; only its owner may read it, for it holds the key of the cameras' passwords.

    Raises:
        StorageError: The database is not SQLite, or the file cannot be written.
    """
    with tempfile.TemporaryDirectory(prefix="everyframe-") as folder:
        copy = Path(folder) / DATABASE_NAME
        _copy_database(store, copy)
        mentioned = _mentioned(copy)
        sums: dict[str, str] = {}
        left_out = size = 0
        with writing(out) as temporary:
            temporary.chmod(0o600)
            with tarfile.open(temporary, "w") as archive:
                for name, path in _members(store, copy, mentioned):
                    added = _add(archive, name, path)
                    if added is None:
                        left_out += 1
                    else:
                        sums[name], size = added[0], size + added[1]
                _add_manifest(archive, sums)
    return Kept(len(sums), size, left_out + _outside(mentioned))


def restore(file: Path, folder: Path) -> Kept:
    """Make a store of a backup.

    Args:
        file: What ``back_up`` wrote.
        folder: Where the store shall be; there must be none yet. It is there whole or not at all.

    Raises:
        StorageError: The file is damaged or no backup, or there is a store already.
    """
    if (folder / DATABASE_NAME).exists() or (folder.is_dir() and any(folder.iterdir())):
        raise StorageError(
            f"There is something at {folder} already; move it away, or choose another --store."
        )
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".everyframe-", dir=folder.parent) as temporary:
            made = Path(temporary) / "store"
            made.mkdir()
            kept = _unpack(file, made)
            _check_database(made / DATABASE_NAME, file)
            if folder.is_dir():
                folder.rmdir()
            made.replace(folder)
    except OSError as error:
        raise storage_error(error, folder) from error
    return kept


def _copy_database(store: Store, copy: Path) -> None:
    with store.reading() as session:
        raw: Any = session.connection().connection.driver_connection
        if not isinstance(raw, sqlite3.Connection):
            raise StorageError(
                "Only SQLite is backed up by this; use pg_dump, and copy the folder beside it."
            )
        with closing(sqlite3.connect(copy)) as target:
            raw.backup(target)
            # The copy is one file: whoever restores it needs no companions.
            target.execute("PRAGMA journal_mode = DELETE")


def _mentioned(copy: Path) -> list[str]:
    """Return the paths of clips and pictures that a database speaks of."""
    with closing(sqlite3.connect(copy)) as database:
        rows = database.execute("SELECT clip, thumbnail, why FROM event").fetchall()
        rows += database.execute("SELECT strip FROM moment").fetchall()
    return [path for row in rows for path in row if path]


def _outside(mentioned: list[str]) -> int:
    return sum(not _is_inside(path) for path in mentioned)


def _is_inside(path: str) -> bool:
    pure = PurePosixPath(path)
    return not pure.is_absolute() and ".." not in pure.parts


def _members(store: Store, copy: Path, mentioned: list[str]) -> Iterator[tuple[str, Path]]:
    yield DATABASE_NAME, copy
    if (store.folder / KEY_NAME).is_file():
        yield KEY_NAME, store.folder / KEY_NAME
    baselines = baselines_of(store)
    for path in sorted([*baselines.glob("*.baseline"), *baselines.glob("*.health")]):
        yield f"{baselines.name}/{path.name}", path
    libraries = libraries_in(store.folder)
    for path in sorted(libraries.glob(f"*{SUFFIX}")):
        yield f"{libraries.name}/{path.name}", path
    for name in dict.fromkeys(path for path in mentioned if _is_inside(path)):
        yield name, store.folder / name


def _add(archive: tarfile.TarFile, name: str, path: Path) -> tuple[str, int] | None:
    """Add a file; return its digest and size, or ``None`` where it is gone."""
    try:
        file = path.open("rb")
    except FileNotFoundError:
        return None
    with file:
        entry = tarfile.TarInfo(name)
        # Of the open file: one that is replaced meanwhile is kept as it was.
        about = os.fstat(file.fileno())
        entry.size, entry.mtime, entry.mode = about.st_size, about.st_mtime, 0o600
        summed = _Summed(file)
        archive.addfile(entry, summed)
        return summed.sum.hexdigest(), entry.size


class _Summed:
    """Reads a file and takes its digest on the way."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file, self.sum = file, hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        data = self._file.read(size)
        self.sum.update(data)
        return data


def _add_manifest(archive: tarfile.TarFile, sums: dict[str, str]) -> None:
    about = {"format": FORMAT, "version": __version__, "created_utc": time.time(), "sha256": sums}
    data = json.dumps(about, indent=1).encode()
    entry = tarfile.TarInfo(_MANIFEST)
    entry.size, entry.mode, entry.mtime = len(data), 0o600, time.time()
    archive.addfile(entry, io.BytesIO(data))


def _unpack(file: Path, folder: Path) -> Kept:
    """Unpack what the manifest lists and nothing else; each file must be as it was."""
    try:
        with tarfile.open(file, "r:") as archive:
            sums = _manifest(archive, file)
            size = sum(_extract(archive, name, digest, folder, file) for name, digest in sums.items())
    except FileNotFoundError as error:
        if error.filename is not None and Path(error.filename) == file:
            raise StorageError(f"There is no file {file}; check its name.") from None
        raise
    except tarfile.TarError:
        raise _damaged(file) from None
    return Kept(len(sums), size, 0)


def _manifest(archive: tarfile.TarFile, file: Path) -> dict[str, str]:
    try:
        entry = archive.extractfile(_MANIFEST)
        about = json.loads(entry.read()) if entry is not None else {}
        form, sums = about["format"], dict(about["sha256"])
    except (KeyError, ValueError, TypeError, AttributeError):
        raise _damaged(file) from None
    if form != FORMAT:
        raise StorageError(f"{file} was made by a later version of Everyframe; update Everyframe.")
    if DATABASE_NAME not in sums:
        raise _damaged(file)
    return sums


def _extract(archive: tarfile.TarFile, name: str, digest: str, folder: Path, file: Path) -> int:
    if not _is_inside(name):
        raise _damaged(file)
    try:
        entry = archive.extractfile(name)
    except KeyError:
        entry = None
    if entry is None:
        raise _damaged(file)
    place = folder / name
    place.parent.mkdir(parents=True, exist_ok=True)
    with place.open("xb") as target:
        place.chmod(0o600 if name == KEY_NAME else 0o644)
        summed = _Summed(entry)
        shutil.copyfileobj(summed, target, _PIECE)
        size = target.tell()
    if summed.sum.hexdigest() != digest:
        raise _damaged(file)
    return size


def _check_database(database: Path, file: Path) -> None:
    try:
        with closing(sqlite3.connect(database)) as opened:
            (word,) = opened.execute("PRAGMA integrity_check").fetchone()
    except sqlite3.DatabaseError:
        word = "damaged"
    if word != "ok":
        raise _damaged(file)


def _damaged(file: Path) -> StorageError:
    return StorageError(f"{file} is damaged, or no backup of Everyframe; take another one.")
