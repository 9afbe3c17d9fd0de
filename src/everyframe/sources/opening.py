"""From what a person writes to the source that reads it."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import datetime
from importlib.metadata import entry_points
from pathlib import Path
from typing import cast
from urllib.parse import unquote

from everyframe.errors import SourceError, SourceNotFound
from everyframe.sources.containers import is_network
from everyframe.sources.files import FileSource
from everyframe.sources.folders import FolderSource
from everyframe.sources.gaps import FREEZE_AFTER
from everyframe.sources.live import LiveSource, is_live
from everyframe.sources.names import is_there, masked, scheme_of
from everyframe.sources.tap import Tap
from everyframe.types import Source

GROUP = "everyframe.sources"
"""Entry points of this group are called as ``open_source`` is; their names are URL schemes."""


def open_source(
    spec: str | os.PathLike[str] | Source,
    *,
    starts: datetime | None = None,
    fps: float | None = None,
    vectors: bool = False,
    timeout: float = 10.0,
    stall_after: float = 2.0,
    freeze_after: float = FREEZE_AFTER,
    tap: Tap | None = None,
) -> Source:
    """Open whatever ``spec`` names.

    Args:
        spec: A video file, a folder of numbered pictures, an ``rtsp://`` or ``http(s)://`` URL (a file, HLS,
            MJPEG), a device (``/dev/video0``), ``synthetic:park?seed=3&minutes=2``, or a source, which is
            returned as it is.
        starts: When the first frame was taken; without a time zone, in this machine's local time.
        fps: Frames per second where the source does not say, such as for pictures (25).
        vectors: Whether frames carry the codec's motion vectors.
        timeout: Seconds to wait for a URL or a device.
        stall_after: Seconds without a picture that are a stall of a live source.
        freeze_after: Seconds of equal pictures after which they count as a freeze.
        tap: Who takes the packets of a live source, too, as they come.

    Raises:
        SourceNotFound: There is no such file, folder or device.
        SourceUnreadable: It is there, but it is not video.
        SourceUnreachable: The URL refuses, or does not answer in time.
        SourceError: Nothing here reads such URLs.
    """
    if isinstance(spec, Source):
        return spec
    where = os.fspath(spec)
    if not where.strip():
        raise SourceNotFound("no source was named; give a file, a folder, a URL or a device")

    def live() -> LiveSource:
        return LiveSource(
            where,
            fps=fps,
            vectors=vectors,
            timeout=timeout,
            stall_after=stall_after,
            freeze_after=freeze_after,
            tap=tap,
        )

    def file() -> FileSource:
        return FileSource(
            where, starts=starts, fps=fps, vectors=vectors, timeout=timeout, freeze_after=freeze_after
        )

    path = Path(where)
    there = is_there(where)
    if there and path.is_dir():
        return FolderSource(path, starts=starts, fps=fps, freeze_after=freeze_after)
    if where.startswith("/dev/"):
        return live()
    scheme = "" if there else scheme_of(where)
    if scheme == "file":
        where, scheme = unquote(where.removeprefix("file://").removeprefix("file:")), ""
    if not scheme:
        return file()
    if scheme == "synthetic":
        from everyframe.sources.scene import open_scene  # draws: few need it

        return open_scene(_scene(where, starts, fps))
    for plugin in entry_points(group=GROUP, name=scheme):
        opener = cast(Callable[..., Source], plugin.load())
        return opener(where, starts=starts, fps=fps, vectors=vectors, timeout=timeout)
    if not is_network(where):
        raise SourceError(f"{masked(where)}: nothing here reads {scheme}: URLs; is a plug-in missing?")
    if is_live(where, timeout=timeout):
        return live()
    return file()


def _scene(spec: str, starts: datetime | None, fps: float | None) -> str:
    """Add to a scene's address what the caller wants and the address leaves open."""
    base, _, query = spec.partition("?")
    settings = [setting for setting in query.split("&") if setting]
    told = {setting.partition("=")[0] for setting in settings}
    if starts is not None and "starts" not in told:
        settings.append(f"starts={starts.isoformat()}")
    if fps is not None and "fps" not in told:
        settings.append(f"fps={fps:g}")
    return f"{base}?{'&'.join(settings)}" if settings else base
