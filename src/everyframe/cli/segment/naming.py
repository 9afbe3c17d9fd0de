"""What is to be segmented, and what the files are called that it is written to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from everyframe.errors import SourceUnreadable, StorageError
from everyframe.files import file_name, storage_error


@dataclass(frozen=True, slots=True)
class Job:
    """One thing to segment.

    Attributes:
        spec: As the person wrote it, or the path of a picture in a folder.
        name: What its files begin with; no two jobs share one.
        picture: Whether it is a single picture, not footage.
    """

    spec: str
    name: str
    picture: bool


def jobs(specs: Sequence[str]) -> list[Job]:
    """Return what there is to do, in order: each picture of a folder is one of its own.

    Raises:
        SourceUnreadable: A folder holds no pictures, or cannot be read.
    """
    from everyframe.vision.pictures import ENDINGS

    found: list[tuple[str, str, bool]] = []
    for spec in specs:
        path = Path(spec)
        if _is_folder(path):
            inside = _pictures(path, ENDINGS)
            found += [(str(one), one.stem, True) for one in inside]
        elif "://" not in spec and path.suffix.lower() in ENDINGS:
            found.append((spec, path.stem, True))
        else:
            found.append((spec, _stem(spec), False))
    taken: set[str] = set()
    named = []
    for spec, stem, picture in found:
        name, number = file_name(stem) or "picture", 2
        base = name
        while name in taken:
            name, number = f"{base}-{number}", number + 1
        taken.add(name)
        named.append(Job(spec, name, picture))
    return named


def make_folder(folder: Path) -> None:
    """Make sure that there is a folder to write into.

    Raises:
        StorageError: It cannot be made.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except FileExistsError:
        raise StorageError(f"Cannot write into {folder}: it is a file; choose another folder.") from None
    except OSError as error:
        raise storage_error(error, folder) from error


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except OSError:  # a URL that is too long for a name
        return False


def _pictures(folder: Path, endings: frozenset[str]) -> list[Path]:
    try:
        inside = sorted(one for one in folder.iterdir() if one.suffix.lower() in endings)
    except OSError as error:
        raise SourceUnreadable(f"{folder}: the folder cannot be read ({error.strerror})") from None
    inside = [one for one in inside if not one.name.startswith(".")]
    if not inside:
        kinds = ", ".join(sorted(ending[1:] for ending in endings))
        raise SourceUnreadable(f"{folder}: no pictures in this folder; they should end in {kinds}")
    return inside


def _stem(spec: str) -> str:
    """Return what to call footage: the last part of its path or address, without login and query."""
    from everyframe.sources import masked

    plain = masked(spec).partition("?")[0].rstrip("/")
    return Path(plain.rpartition("://")[2].rpartition("@")[2]).stem or "footage"
