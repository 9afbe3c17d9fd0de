"""Searching an archive."""

from __future__ import annotations

from datetime import date

from everyframe.archive.places import store_place
from everyframe.errors import SettingError
from everyframe.highlights.times import day_of
from everyframe.store import Store
from everyframe.store.archive import Found, Wanted, find
from everyframe.store.archive.records import midnight


def search(
    text: str = "",
    *,
    player: str | None = None,
    team: str | None = None,
    opponent: str | None = None,
    competition: str | None = None,
    label: str | None = None,
    since: str | date | None = None,
    until: str | date | None = None,
    last: int | None = None,
    like: int | None = None,
    limit: int = 20,
    offset: int = 0,
    store: Store | str | None = None,
) -> Found:
    """Search the archive; with ``last`` the newest come first, else the best match.

    Args:
        text: Words that all are wanted; ``or``, ``not``, brackets, "a phrase", and a star for any ending.
        player: Who; any word of the name will do, written anyhow.
        team: Whose.
        opponent: Against whom.
        competition: Where.
        label: What happens.
        since: The first day, ``2026-03-02``.
        until: The last day; that day, too.
        last: How many at most, the newest first.
        like: The number of a moment: what is most like it comes first.
        limit: How many at most, where ``last`` does not say so.
        offset: How many of the first to leave out.
        store: The store or where it is; by default the setting.

    Returns:
        The moments; where there are none, hints at what to try.

    Raises:
        SettingError: A day cannot be read, or a number is out of its range.
        StorageError: There is no store, or it cannot be read.
    """
    wanted = Wanted(
        text=text,
        label=label,
        player=player,
        team=team,
        opponent=opponent,
        competition=competition,
        since=None if since is None else _midnight(since),
        until=None if until is None else _midnight(until) + 86_400.0,
        newest=last is not None,
        like=like,
        limit=limit if last is None else last,
        offset=offset,
    )
    if isinstance(store, Store):
        return find(store, wanted)
    with Store(store_place(store), create=False) as kept:
        return find(kept, wanted)


def _midnight(told: str | date) -> float:
    day = told.isoformat()[:10] if isinstance(told, date) else day_of(told)
    if day is None:
        raise SettingError(f"{told} is no day; write it as 2026-03-02.")
    return midnight(day)
