"""Where the store of an archive lies, and what of a person's files belongs together."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from everyframe import settings
from everyframe.errors import SourceNotFound
from everyframe.highlights.forms import Form, known_form, read_form
from everyframe.highlights.tables import SUFFIXES

FOOTAGE = frozenset(
    (
        *(".mp4", ".m4v", ".mov", ".mkv", ".webm", ".avi", ".mpg", ".mpeg"),
        *(".ts", ".mts", ".m2ts", ".wmv", ".flv", ".ogv", ".3gp", ".mxf"),
    )
)
"""How files are called that are taken for footage."""

CLOCK = ".clock"
"""What stands before the ending of a file with readings of a game's clock: ``final.clock.csv``."""

FORM = "form.json"
"""A form of this name is about the folder that it lies in."""

_KNOWN_BY = {"shuttleset": "match.csv"}  # a form that comes with Everyframe, and the file that it is known by
_SAMPLE, _SAMPLES = 2**20, 16  # bytes


@dataclass(slots=True)
class Files:
    """What is to be indexed.

    Attributes:
        footage: Video files.
        tables: Files that say what happens, each with its form and the folder that the form is about.
    """

    footage: list[Path] = field(default_factory=list)
    tables: list[tuple[Path, Form | None, Path]] = field(default_factory=list)


def store_place(place: str | None) -> str:
    """Return where events are kept: what was told, the setting, or the user's data folder."""
    import platformdirs

    return settings.read({"store": place}).store or str(platformdirs.user_data_path("everyframe"))


def collect(paths: Sequence[str | os.PathLike[str]], form: Form | None) -> Files:
    """Find what is to be indexed, in a stable order.

    Raises:
        SourceNotFound: One of the paths is not there, or there is nothing in it to index.
        SettingError: A form cannot be used.
    """
    files = Files()
    for spec in paths:
        path = Path(spec).expanduser()
        before = len(files.footage) + len(files.tables)
        if path.is_dir():
            _folder(path, form, files)
        elif path.is_file():
            _file(path, form, files)
        else:
            raise SourceNotFound(f"{spec}: there is no such file or folder; check the name")
        if len(files.footage) + len(files.tables) == before:
            what = "there is neither footage nor a table in it"
            raise SourceNotFound(f"{spec}: {what} ({', '.join(SUFFIXES)}, or video); name another one")
    files.footage = list(dict.fromkeys(files.footage))
    files.tables = list({table[0]: table for table in files.tables}.values())
    return files


def beside(footage: Path) -> Iterator[Path]:
    """Yield the tables that lie beside footage under its name: ``final.csv``, ``final.plays.json``."""
    for path in sorted(footage.parent.iterdir()):
        if is_table(path) and path.name.startswith(f"{footage.stem}."):
            yield path


def is_table(path: Path) -> bool:
    """Say whether a file is read as a table; readings of a clock are read with their footage."""
    return path.suffix.lower() in SUFFIXES and not path.stem.endswith(CLOCK) and path.name != FORM


def clock_file(footage: Path) -> Path:
    """Return where the readings of a game's clock lie."""
    return footage.with_name(f"{footage.stem}{CLOCK}.csv")


def digest_of(path: Path) -> str:
    """Return what is the same for the same content: of large files, sixteen samples and their size."""
    size = path.stat().st_size
    found = hashlib.blake2b(str(size).encode(), digest_size=32)
    with path.open("rb") as file:
        for place in range(_SAMPLES):
            if size > _SAMPLE * _SAMPLES:
                file.seek((size - _SAMPLE) * place // (_SAMPLES - 1))
            found.update(file.read(_SAMPLE))
    return found.hexdigest()


def _folder(folder: Path, form: Form | None, files: Files) -> None:
    if form is None:
        if (folder / FORM).is_file():
            form = read_form(folder / FORM)
        else:
            known = [(name, root) for name, file in _KNOWN_BY.items() if (root := _root(folder, name, file))]
            if known:
                form, folder = known_form(known[0][0]), known[0][1]
    if form is not None and form.rows:
        files.tables += [(path, form, folder) for path in sorted(folder.glob(form.rows)) if path.is_file()]
        return
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.name.startswith("."):
            _file(path, form, files)


def _root(folder: Path, name: str, file: str) -> Path | None:
    """Return the folder in which rows lie as a form expects them."""
    form = known_form(name)
    for root in (folder, *sorted(path for path in folder.iterdir() if path.is_dir())):
        if (root / file).is_file() and next(root.glob(form.rows), None) is not None:
            return root
    return None


def _file(path: Path, form: Form | None, files: Files) -> None:
    if path.suffix.lower() in FOOTAGE:
        files.footage.append(path)
        files.tables += [(table, None, table.parent) for table in beside(path)]
    elif is_table(path):
        files.tables.append((path, form, path.parent))
