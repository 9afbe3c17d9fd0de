"""What the machine has left, and what runs on it."""

from __future__ import annotations

import os
import platform
import shutil
from importlib.metadata import version
from typing import Any

from everyframe._version import __version__
from everyframe.server.house import House
from everyframe.store import browsing, migrations

LIBRARIES = (
    "av",
    "opencv-contrib-python-headless",
    "numpy",
    "scikit-learn",
    "sqlalchemy",
    "fastapi",
    "nicegui",
)


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
        "store_bytes": sum(path.stat().st_size for path in house.folder.rglob("*") if path.is_file()),
        "database": step or "none",
        "events": browsing.browse(house.store, limit=0).total,
    }
