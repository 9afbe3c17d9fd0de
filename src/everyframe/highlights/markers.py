"""Markers that an editor set on a timeline, as rows of labels."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlparse

from everyframe.errors import LabelError


def from_timeline(path: str | os.PathLike[str]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield where each marker of an OpenTimelineIO file stands and its row: file, start, end, label.

    A marker's name is its label and its marked range its time, on the clock of the clip's own footage. Plain
    text among its metadata goes along.

    Raises:
        LabelError: It is no such file, or a marker lies on something that has no footage.
    """
    import opentimelineio as otio

    place = Path(path)
    try:
        timeline = otio.adapters.read_from_file(str(place))
    except Exception as error:  # its readers raise whatever the file provokes
        raise LabelError(f"{place} is no OpenTimelineIO file: {error}") from error
    clips = timeline.find_clips() if hasattr(timeline, "find_clips") else []
    for clip in clips:
        reference = clip.media_reference
        for number, marker in enumerate(clip.markers, 1):
            where = f"{place}, marker {number} of {clip.name or 'a clip'}"
            if not isinstance(reference, otio.schema.ExternalReference) or not reference.target_url:
                raise LabelError(f"{where}: the clip names no file; link its footage and save again")
            range_ = marker.marked_range
            origin = reference.available_range.start_time if reference.available_range else None
            start = range_.start_time - origin if origin is not None else range_.start_time
            about = {key: str(value) for key, value in marker.metadata.items() if isinstance(value, str)}
            yield (
                where,
                {
                    **about,
                    "file": _file(reference.target_url),
                    "start": start.to_seconds(),
                    "end": (start + range_.duration).to_seconds(),
                    "label": marker.name,
                },
            )


def _file(url: str) -> str:
    parsed = urlparse(url)
    return unquote(parsed.path) if parsed.scheme == "file" else unquote(url)
