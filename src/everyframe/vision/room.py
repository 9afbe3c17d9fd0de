"""Making sure of room on a disk before long work, not after it."""

from __future__ import annotations

import errno
import os
import secrets
import shutil
from contextlib import suppress
from pathlib import Path

from everyframe.files import storage_error


def make_sure(path: Path, size: int) -> None:
    """Reserve room for a file in its folder, and give it back at once.

    Args:
        path: Of the file that will be written.
        size: Bytes that it will have at most.

    Raises:
        StorageError: There is no such room, or the folder takes no files.
    """
    target = Path(os.path.realpath(path))
    trial = target.with_name(f".{target.stem[:80]}.{secrets.token_hex(6)}.part{target.suffix}")
    try:
        place = os.open(trial, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666)
        try:
            _reserve(place, size, target.parent)
        finally:
            os.close(place)
    except OSError as error:
        raise storage_error(error, path) from error
    finally:
        with suppress(OSError):
            trial.unlink(missing_ok=True)


def _reserve(place: int, size: int, folder: Path) -> None:
    if hasattr(os, "posix_fallocate"):
        os.posix_fallocate(place, 0, size)
    elif shutil.disk_usage(folder).free < size:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
