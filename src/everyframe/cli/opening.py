"""Opening what the person named, all of it before any long work begins."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from everyframe.errors import SettingError, StorageError

if TYPE_CHECKING:
    from everyframe.motion import Polygon
    from everyframe.settings import Settings
    from everyframe.types import Source


@contextmanager
def opened(
    specs: Sequence[str],
    settings: Settings,
    *,
    starts: datetime | None = None,
    fps: float | None = None,
    vectors: bool = False,
) -> Iterator[list[Source]]:
    """Open sources in order and close them at the end.

    Args:
        specs: Files, folders, URLs, devices, ``synthetic:park``.
        settings: How long to wait, and what a stall and a freeze are.
        starts: When the first frame of the first source was taken; each other one goes on where the one
            before it ended.
        fps: Frames per second where a source does not say.
        vectors: Whether frames carry the codec's motion vectors.

    Raises:
        SettingError: ``starts`` was told, but a source before the last has no length.
        SourceError: One of them cannot be opened.
    """
    from everyframe.sources import open_source

    sources: list[Source] = []
    try:
        for spec in specs:
            source = open_source(
                spec,
                starts=starts,
                fps=fps,
                vectors=vectors,
                timeout=settings.timeout,
                stall_after=settings.stall_after,
                freeze_after=settings.freeze_after,
            )
            sources.append(source)
            if starts is not None and len(sources) < len(specs):
                starts = _following(starts, source)
        yield sources
    finally:
        for source in sources:
            source.close()


def check_output(path: Path, sources: Sequence[str]) -> None:
    """Refuse an output that could not be written, before any work and not after it.

    Raises:
        SettingError: It is one of the sources.
        StorageError: Its folder does not exist, or it is a folder.
    """
    from everyframe.sources.names import is_there

    for spec in sources:
        if is_there(spec) and is_there(str(path)) and path.samefile(spec):
            raise SettingError(f"{path} is one of the sources; choose another name for the output.")
    if not path.absolute().parent.is_dir():
        raise StorageError(f"Cannot write {path}: its folder does not exist; create it, or choose another.")
    try:
        is_folder = path.is_dir()
    except OSError as error:  # its name is too long, for example
        raise StorageError(f"Cannot write {path}: {error.strerror}; choose another name.") from None
    if is_folder:
        raise StorageError(f"Cannot write {path}: there is a folder of that name; choose another name.")


def masks_of(told: Sequence[str] | None) -> tuple[Polygon, ...]:
    """Read what ``--mask`` said.

    Raises:
        SettingError: One of them is no mask.
    """
    if not told:
        return ()  # what reads them loads much
    from everyframe.motion import parse_mask, read_masks

    return read_masks([parse_mask(text) for text in told], "--mask")


def _following(starts: datetime, source: Source) -> datetime:
    if source.info.duration is None:
        raise SettingError(
            f"--starts cannot tell when what follows {source.info.name} began: it has no length; "
            "learn from recordings, or leave --starts out."
        )
    return starts + timedelta(seconds=source.info.duration)
