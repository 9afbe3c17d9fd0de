"""What the machine has left, and what runs on it."""

from __future__ import annotations

import os
import platform
import shutil
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path
from typing import Any

from everyframe._version import __version__
from everyframe.errors import EveryframeError
from everyframe.server.house import House
from everyframe.store import browsing, migrations
from everyframe.store.recording import FOLDER

LIBRARIES = (
    "av",
    "opencv-contrib-python-headless",
    "numpy",
    "scikit-learn",
    "sqlalchemy",
    "fastapi",
    "nicegui",
)


FULL = 100_000_000
"""Bytes of free disk below which the server is not ready: no clip could be kept."""


def libraries() -> dict[str, str]:
    """Return the versions of the libraries that matter most."""
    return {name: version(name) for name in LIBRARIES}


def look(house: House) -> dict[str, Any]:
    """Return load, disk, versions and the size of the store.

    Raises:
        StorageError: The store cannot be read.
    """
    disk = shutil.disk_usage(house.folder)
    with house.store.reading() as session:
        step = migrations.current(session.connection())
    return {
        "version": __version__,
        "python": platform.python_version(),
        "libraries": libraries(),
        "started_utc": house.started_utc,
        "load": os.getloadavg()[0] if hasattr(os, "getloadavg") else None,
        "cores": os.cpu_count() or 1,
        "disk_free": disk.free,
        "disk_total": disk.total,
        "store_bytes": _size(house.folder, but=FOLDER),
        "recordings_bytes": _size(house.folder / FOLDER),
        "database": step or "none",
        "events": browsing.browse(house.store, limit=0).total,
    }


def not_ready(house: House) -> str | None:
    """Say in a line why requests cannot be answered as they should; ``None`` where they can."""
    try:
        browsing.browse(house.store, limit=0)
        free = shutil.disk_usage(house.folder).free
    except EveryframeError as error:
        return str(error)
    except OSError:
        return "The data folder is not there; mount it, or choose another."
    if free < FULL:
        return "The disk is full; free some space."
    return None


def _size(folder: Path, but: str = "") -> int:
    """Return the bytes of all files in a folder, without one of its folders."""
    total = 0
    for path in folder.rglob("*"):
        if but and path.relative_to(folder).parts[0] == but:
            continue
        with suppress(OSError):  # it may have made room meanwhile
            total += path.stat().st_size if path.is_file() else 0
    return total
