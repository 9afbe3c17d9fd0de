"""Which segments belong to which of the sources that a person named."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from everyframe.errors import SettingError
from everyframe.highlights.segments import Segment


def sourced(segments: Iterable[Segment], sources: Sequence[str]) -> tuple[list[Segment], list[str]]:
    """Bring segments and sources together.

    Args:
        segments: Their ``source`` may be empty, where there is one source only.
        sources: What a person named; empty to take the segments' own.

    Returns:
        The segments, each with one of the sources, and the sources in order.

    Raises:
        SettingError: Something cannot be told apart, or belongs to none of the sources.
    """
    told = list(segments)
    if not sources:
        if any(not one.source for one in told):
            raise SettingError("the segments do not say of which file they are; name the file, too")
        return told, list(dict.fromkeys(one.source for one in told))
    by_name: dict[str, list[str]] = {}
    by_place = {os.path.realpath(one): one for one in sources}
    for one in sources:
        by_name.setdefault(Path(one).name, []).append(one)
    found = []
    for segment in told:
        if not segment.source:
            if len(sources) > 1:
                raise SettingError(
                    f"{segment.label} at {segment.start:g} s does not say of which of the files it is"
                )
            found.append(replace(segment, source=sources[0]))
            continue
        alike = by_name.get(Path(segment.source).name, [])
        mine = by_place.get(os.path.realpath(segment.source)) or (alike[0] if len(alike) == 1 else None)
        if mine is not None:
            found.append(replace(segment, source=mine))
    if told and not found:
        raise SettingError(
            f"none of the segments is of {', '.join(sources)}; the first is of {told[0].source}"
        )
    return found, list(dict.fromkeys(sources))
