"""Libraries of events that were taught on the page: files in one folder."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from everyframe.errors import StorageError

SUFFIX = ".library"
NAME = r"[A-Za-z0-9][A-Za-z0-9 ._-]{0,63}"
"""What a library may be called."""

_LARGEST_HEADER = 1 << 20  # bytes


@dataclass(frozen=True, slots=True)
class Shown:
    """A library, as far as its file's first bytes say.

    Attributes:
        name: What it is called.
        changed_utc: POSIX seconds.
        size: Bytes.
        classes: What it knows.
        about: How it was taught.
        design: What its network is made of.
        fault: Why it cannot be used; empty where it can.
    """

    name: str
    changed_utc: float
    size: int
    classes: tuple[str, ...] = ()
    about: Mapping[str, Any] = field(default_factory=dict)
    design: Mapping[str, Any] = field(default_factory=dict)
    fault: str = ""

    @property
    def accuracy(self) -> float | None:
        """Share of examples that are told right when what comes from the same place is left out."""
        told = self.about.get("accuracy")
        return float(told) if isinstance(told, int | float) and 0.0 <= told <= 1.0 else None


def file_of(folder: Path, name: str) -> Path | None:
    """Return where a library lies, or would; ``None`` where nothing may be called so."""
    return folder / f"{name}{SUFFIX}" if re.fullmatch(NAME, name) else None


def libraries(folder: Path) -> list[Shown]:
    """Return all libraries, by name; nothing but their headers is read."""
    if not folder.is_dir():
        return []
    return [_shown(path) for path in sorted(folder.glob(f"*{SUFFIX}")) if not path.name.startswith(".")]


def remove(folder: Path, name: str) -> bool:
    """Remove a library; say whether there was one.

    Raises:
        StorageError: It cannot be removed.
    """
    path = file_of(folder, name)
    if path is None or not path.is_file():
        return False
    try:
        path.unlink()
    except OSError as error:
        raise StorageError(
            f"Cannot remove {path.name}: {error.strerror}; check the folder's rights."
        ) from error
    return True


def _shown(path: Path) -> Shown:
    there = path.stat()
    plain = Shown(path.name.removesuffix(SUFFIX), there.st_mtime, there.st_size)
    try:
        with path.open("rb") as file:
            length = min(int.from_bytes(file.read(8), "little"), _LARGEST_HEADER)
            header = json.loads(json.loads(file.read(length))["__metadata__"]["everyframe library"])
        return Shown(
            plain.name,
            plain.changed_utc,
            plain.size,
            tuple(str(one) for one in header["classes"]),
            dict(header["about"]),
            dict(header["design"]),
        )
    except (OSError, ValueError, KeyError, TypeError):
        return Shown(plain.name, plain.changed_utc, plain.size, fault="It is damaged; teach it again.")
