"""Lists of what belongs to a split: a line per picture."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

from everyframe.errors import DatasetError


def read_list(path: Path) -> list[str]:
    """Return the lines of a list that are not empty.

    Raises:
        DatasetError: It cannot be read, is empty, or has a line twice.
    """
    try:
        lines = [line.strip() for line in path.read_text("utf-8-sig").splitlines()]
    except (OSError, UnicodeDecodeError) as error:
        raise DatasetError(f"{path} cannot be read as a list; write a picture on each line") from error
    lines = [line for line in lines if line]
    if not lines:
        raise DatasetError(f"{path} is empty; write a picture on each line, or remove the list")
    seen: set[str] = set()
    for line in lines:
        if line in seen:
            raise DatasetError(f"{path} has {line} twice; keep one of the lines")
        seen.add(line)
    return lines


def locate(told: str, folder: Path, named_by: Path) -> Path:
    """Find a file that a list names by a path, which may be of the machine that the list was made on.

    Args:
        told: The path as the list has it.
        folder: Where the data lie.
        named_by: The list, for the message.

    Raises:
        DatasetError: There is no such file below ``folder``.
    """
    parts = PurePosixPath(told.replace("\\", "/")).parts
    for first in range(len(parts)):
        here = folder.joinpath(*parts[first:])
        if parts[first] != "/" and ".." not in parts[first:] and here.is_file():
            return here
    raise DatasetError(f"{named_by} names {told}, which is not below {folder}; put it there or drop the line")
