"""Picking what a reel shows: what a search finds, or what a camera alerted on, as segments of files."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from math import isfinite
from pathlib import Path
from typing import Any

from everyframe.archive.places import store_place
from everyframe.archive.searching import search
from everyframe.errors import SettingError
from everyframe.highlights import Segment
from everyframe.highlights.times import day_of
from everyframe.store import Store
from everyframe.store.archive import StoredMoment
from everyframe.store.clips import LONGEST
from everyframe.store.records import StoredEvent
from everyframe.types import VerdictKind

MOST = 100
"""Moments that a reel is cut from, where nobody says how many."""

_DISMISSED = {VerdictKind.NORMAL, VerdictKind.FALSE}


@dataclass(frozen=True, slots=True)
class Picked:
    """What a reel is to show.

    Attributes:
        segments: In order of time; ``source`` of each is the path of a file that is here.
        absent: How many more there are whose file is not here.
        hints: Where there is nothing to show: why, and what to try, a sentence each.
    """

    segments: list[Segment]
    absent: int = 0
    hints: list[str] = field(default_factory=list)


def pick(text: str = "", *, limit: int = MOST, store: Store | str | None = None, **wanted: Any) -> Picked:
    """Pick what a search finds, for ``reel(labels=pick("smash", player="Chen", last=10).segments)``.

    Args:
        text: As for ``search``.
        limit: How many moments at most, where ``last`` does not say so.
        store: The store or where it is; by default the setting.
        wanted: What else ``search`` takes: ``player``, ``since``, ``last`` and so on.

    Raises:
        SettingError: A day cannot be read, or a number is out of its range.
        StorageError: There is no store, or it cannot be read.
    """
    found = search(text, limit=limit, store=store, **wanted)
    return picked(found.moments, found.hints)


def picked(moments: Iterable[StoredMoment], hints: Iterable[str] = ()) -> Picked:
    """Pick those moments whose footage is here, in order of time; what has no date comes last."""
    told = sorted(moments, key=lambda one: (one.utc is None, one.utc or 0.0, one.footage, one.segment.start))
    here = [one for one in told if one.path is not None and one.path.is_file()]
    said = list(hints)
    if told and not here:
        names = ", ".join(dict.fromkeys(one.footage or "unnamed footage" for one in told))
        said = [
            f"The footage of what was found is not here ({_short(names)}): index it with everyframe index."
        ]
    return Picked([one.segment for one in here], len(told) - len(here), said)


def pick_alerts(
    camera: str | None = None,
    *,
    since: str | date | None = None,
    until: str | date | None = None,
    store: Store | str | None = None,
) -> Picked:
    """Pick the clips of alerts: what a camera saw in a day, without what somebody dismissed.

    Args:
        camera: Its name; all cameras without.
        since: The first day, ``2026-03-02``, by the clock of this machine.
        until: The last day; that day, too.
        store: The store or where it is; by default the setting.

    Raises:
        SettingError: A day cannot be read.
        StorageError: There is no store, or it cannot be read.
    """
    first = None if since is None else _begins(since)
    last = None if until is None else _begins(until, 1)
    if not isinstance(store, Store):
        with Store(store_place(store), create=False) as kept:
            return pick_alerts(camera, since=since, until=until, store=kept)
    dismissed = {one.event_id for one in store.verdicts(camera) if one.kind in _DISMISSED}
    found = [one for one in store.events(camera, since=first, until=last) if one.id not in dismissed]
    if not found:
        return Picked([], 0, [_no_alerts(store, camera)])
    found.sort(key=lambda one: (_began(one), one.id))
    here = [_segment(one, one.clip) for one in found if one.clip is not None and one.clip.is_file()]
    hints = [] if here else ["The clips of these alerts are not here any more; choose another day."]
    return Picked(here, len(found) - len(here), hints)


def _segment(one: StoredEvent, clip: Path) -> Segment:
    """Return all of a clip: it was cut around its event already."""
    event = one.event
    sure = 1.0 - event.p_value if isfinite(event.p_value) else 0.5
    when = datetime.fromtimestamp(_began(one)).astimezone()
    about = {"camera": one.camera, "date": f"{when:%Y-%m-%d}", "event": str(one.id)}
    label = f"{one.camera} {when:%H:%M:%S} {event.name or event.reason}"  # what a chapter is called
    return Segment(0.0, LONGEST, label, min(max(sure, 0.0), 1.0), str(clip), about)


def _began(one: StoredEvent) -> float:
    return one.noticed_utc if one.event.utc is None else one.event.utc


def _no_alerts(store: Store, camera: str | None) -> str:
    known = sorted({one.camera for one in store.runs()})
    if camera is not None and camera not in known:
        return f"There is no camera {camera} in the store; there is {_short(', '.join(known)) or 'none yet'}."
    return "There is no alert in these days that nobody dismissed; choose other days."


def _begins(told: str | date, later: int = 0) -> float:
    """Return POSIX seconds of the beginning of a day here, or of a later one."""
    found = told.isoformat()[:10] if isinstance(told, date) else day_of(told)
    if found is None:
        raise SettingError(f"{told} is no day; write it as 2026-03-02.")
    day = date.fromisoformat(found) + timedelta(days=later)
    return datetime(day.year, day.month, day.day).astimezone().timestamp()


def _short(names: str) -> str:
    return names if len(names) <= 120 else f"{names[:119]}…"
