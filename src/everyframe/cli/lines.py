"""How an event is said in one line."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from urllib.parse import urlsplit

from rich.text import Text

from everyframe.store import words
from everyframe.types import Event, StreamInfo


def event_line(event: Event, clip: Path | None, now: datetime | None = None) -> Text:
    """Say an event in one line: when, what and how rare, and where its clip lies.

    Args:
        event: What was found.
        clip: Its clip, if there is one.
        now: The present, for telling today from other days.
    """
    line = Text(when(event, now), style="bold")
    line.append("  ")
    line.append(event.reason, style="not bold")
    line.append(f" (p = {event.p_value:.1g})", style="not bold dim")
    if clip is not None:
        line.append(f"   clip: {clip}", style="not bold dim")
    return line


def when(event: Event, now: datetime | None = None) -> str:
    """Say when an event began: by the clock where its source has one, else from the source's beginning."""
    if event.utc is None:
        return words.moment(event.start)
    at = datetime.fromtimestamp(event.utc, UTC).astimezone(None if now is None else now.tzinfo)
    today = (now or datetime.now(UTC).astimezone()).date()
    return f"{at:%H:%M:%S}" if at.date() == today else f"{at:%Y-%m-%d %H:%M:%S}"


def camera_name(info: StreamInfo) -> str:
    """Name a camera by its source: a file by its stem, a URL by its host and path, without login or query."""
    parts = urlsplit(info.name)
    if len(parts.scheme) > 1:
        host = parts.netloc.rpartition("@")[2]
        return host + parts.path.rstrip("/") if host else parts.path.rstrip("/") or info.name
    return PurePosixPath(info.name.replace("\\", "/").rstrip("/")).stem or info.name


def calibrating(missing: float, budget: str) -> str:
    """Say that the rate of alerts cannot be promised yet, and what is missing: seconds of normal footage."""
    return (
        f"calibrating: {words.duration(missing)} more of normal footage needed to promise {budget}; "
        "until then alerts may come more often"
    )
