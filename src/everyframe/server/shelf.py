"""Which footage of this machine the page may index: what lies in one folder, and nothing else."""

from __future__ import annotations

from pathlib import Path
from shlex import quote

from everyframe.archive.places import FOOTAGE, Files, collect
from everyframe.errors import SettingError, SourceNotFound

_DEEP = 3  # folders within folders that are offered
_OFFERED = 200

_MP4 = ("h264", "av1", "vp9")
CODECS = {".mp4": _MP4, ".m4v": _MP4, ".mov": _MP4, ".webm": ("vp8", "vp9", "av1")}
"""What browsers play: endings of files and the codecs in them, as FFmpeg names them."""


def inside(folder: str, told: str) -> Path:
    """Return where something in the folder of footage is.

    Args:
        folder: That the server's settings name; empty where they name none.
        told: What somebody wrote: a path, within the folder unless it is whole.

    Raises:
        SettingError: No folder is named, or it lies outside.
        SourceNotFound: There is no such thing.
    """
    if not folder:
        raise SettingError(
            'No folder of footage is named: write footage = "/where/it/lies" into the settings file.'
        )
    root = Path(folder).expanduser().resolve()
    try:
        path = (root / told).resolve()
        there = path.is_relative_to(root) and path.exists()
    except (OSError, ValueError, RuntimeError):
        raise SettingError(f"{told[:100]} is no path; name a file or folder.") from None
    if not path.is_relative_to(root):
        raise SettingError(f"{told} is outside the folder of footage; move it there, or name another one.")
    if not there:
        raise SourceNotFound(f"{told}: there is no such file or folder of footage; check the name.")
    return path


def check_links(folder: str, path: Path) -> Files:
    """Return what would be indexed, and refuse what links lead out of the folder.

    Raises:
        SettingError: Something in it lies elsewhere.
        SourceNotFound: There is nothing to index.
    """
    root = Path(folder).expanduser().resolve()
    files = collect([path], None)
    for one in (*files.footage, *(table[0] for table in files.tables)):
        if not one.resolve().is_relative_to(root):
            raise SettingError(f"{shown(folder, one)} is a link out of the folder of footage; leave it out.")
    return files


def offered(folder: str) -> list[str]:
    """Return folders and footage in the folder of footage, as they may be written: the first of them."""
    if not folder:
        return []
    root = Path(folder).expanduser().resolve()
    found: list[str] = []
    todo = [root]
    while todo and len(found) < _OFFERED:
        try:
            entries = sorted(one for one in todo.pop(0).iterdir() if not one.name.startswith("."))
        except OSError:
            continue
        for one in entries:
            deep = len(one.relative_to(root).parts)
            if one.is_dir():
                found.append(f"{one.relative_to(root)}/")
                todo += [one] if deep < _DEEP else []
            elif one.suffix.lower() in FOOTAGE:
                found.append(str(one.relative_to(root)))
    return found[:_OFFERED]


def shown(folder: str, path: Path) -> str:
    """Return how footage is called: within the folder of footage, or by its name alone."""
    if folder and path.is_relative_to(root := Path(folder).expanduser().resolve()):
        return str(path.relative_to(root))
    return path.name


def unplayable(path: Path | None, codec: str | None) -> str:
    """Say in one line why a browser will not play footage; empty where it will.

    Args:
        path: Where it lies, ``None`` where it is not here.
        codec: FFmpeg's name of it, ``None`` where nobody knows.
    """
    if path is None or not path.is_file():
        return "The footage is not here any more; put it back, or index it where it is now."
    files = quote(path.name), quote(f"{path.stem}.h264.mp4")
    copy = f"make a copy with: ffmpeg -i {files[0]} -c:v libx264 -pix_fmt yuv420p {files[1]}"
    codecs = CODECS.get(path.suffix.lower())
    if codecs is None:
        return f"Browsers do not play {path.suffix.lower() or 'files without an ending'}; {copy}"
    if codec is not None and codec not in codecs:
        return f"Browsers do not play {codec} in {path.suffix.lower()}; {copy}"
    return ""
