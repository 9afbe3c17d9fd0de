"""Writing files whole or not at all.

A file appears under its name only when all of it is on the disk: it is written under a temporary name in
the same folder, flushed to the device, and renamed. Whatever goes wrong, the temporary file is removed and
what was there before stays as it was.
"""

from __future__ import annotations

import errno
import os
import re
import secrets
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from everyframe.errors import StorageError

_TEMPORARY = re.compile(r"^\..*\.[0-9a-f]{12}\.part(\.[^.]*)?$")
_ADVICE = {
    errno.ENOSPC: "the disk is full; free some space or choose a place on another disk",
    errno.EDQUOT: "your disk quota is used up; free some space or choose a place on another disk",
    errno.EFBIG: "the file would grow larger than the system allows; choose a place with a higher limit",
    errno.EACCES: "permission is denied; choose a place that you may write to",
    errno.EPERM: "permission is denied; choose a place that you may write to",
    errno.EROFS: "the disk is read-only; choose a place that you may write to",
    errno.ENOENT: "its folder does not exist; create it, or choose one that does",
    errno.ENOTDIR: "a part of its path is a file, not a folder; choose another place",
    errno.EISDIR: "there is a folder of that name; choose another name",
    errno.EEXIST: "a file of that name is in the way; choose another name",
    errno.ENAMETOOLONG: "the name is too long; choose a shorter one",
    errno.EIO: "the disk reports an error; check it, or choose a place on another disk",
}


def file_name(name: str) -> str:
    """Return a name that any disk takes as a file's: other signs than letters, digits, - and _ become -."""
    return "".join(letter if letter.isalnum() or letter in "-_" else "-" for letter in name)


def storage_error(error: OSError, path: Path | str) -> StorageError:
    """Say in one line why ``path`` cannot be written, and what to do.

    Args:
        error: What the system raised.
        path: The file or folder that was to be written, as the person named it.

    Returns:
        The error to raise instead.
    """
    advice = _ADVICE.get(error.errno or 0)
    if advice is None:
        advice = f"{error.strerror or type(error).__name__}; choose another place"
    return StorageError(f"Cannot write {path}: {advice}.")


@contextmanager
def writing(path: Path | str) -> Iterator[Path]:
    """Lend a temporary path beside ``path``; what is written to it takes the name ``path`` at the end.

    The temporary file exists already, is empty, and has the same suffix, so that libraries that guess a
    format from the name guess right. If the body raises anything, the file is removed and ``path`` is as
    it was.

    Args:
        path: Where the file shall be; a symbolic link is followed. Its folder must exist.

    Yields:
        The temporary path to write to.

    Raises:
        StorageError: If the disk is full, the place is not writable, or ``path`` is a folder or a device;
            also where the body raises an ``OSError``.
    """
    target = Path(os.path.realpath(path))
    temporary = target.with_name(f".{target.stem[:80]}.{secrets.token_hex(6)}.part{target.suffix}")
    try:
        if target.is_dir():
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
        if target.exists() and not target.is_file():
            # Renaming over a device such as /dev/null would replace the device itself.
            raise StorageError(f"Cannot write {path}: it is not an ordinary file; choose another name.")
        # Not tempfile.mkstemp: its files are for the owner only, and would stay so.
        os.close(os.open(temporary, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666))
        yield temporary
        _flush(temporary)
        temporary.replace(target)
        _flush_folder(target.parent)
    except OSError as error:
        raise storage_error(error, path) from error
    finally:
        with suppress(OSError):  # the body's own error is the one to report
            temporary.unlink(missing_ok=True)


def atomic_write(path: Path | str, data: bytes | Iterable[bytes]) -> None:
    """Write a file whole or not at all.

    Args:
        path: Where; its folder must exist. A file that is there is replaced.
        data: The bytes, or pieces of them in order.

    Raises:
        StorageError: If the disk is full, the place is not writable, or ``path`` is a folder or a device.
    """
    with writing(path) as temporary, temporary.open("wb") as file:
        for piece in (data,) if isinstance(data, bytes) else data:
            file.write(piece)


def sweep(folder: Path | str, older_than: float = 3600.0) -> None:
    """Remove temporary files that programs which were killed left in ``folder``.

    Args:
        folder: Where to look, not below it.
        older_than: Seconds since the last write; younger ones may be somebody's work.
    """
    with suppress(OSError):  # tidying up is never a reason to fail
        for path in Path(folder).glob(".*.part*"):
            if _TEMPORARY.search(path.name) and path.stat().st_mtime < time.time() - older_than:
                path.unlink(missing_ok=True)


def _flush(path: Path) -> None:
    """Force a file's content to the device, so that a rename never outruns it."""
    descriptor = os.open(path, os.O_RDWR)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _flush_folder(folder: Path) -> None:
    """Force a folder's entries to the device, where the system can do that."""
    if os.name != "posix":
        return
    try:
        descriptor = os.open(folder, os.O_RDONLY)
    except PermissionError:
        return  # a folder one may write to but not list: the rename has happened all the same
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOTSUP):  # some network file systems cannot
            raise
    finally:
        os.close(descriptor)
