"""Profiles: what somebody wants to see of the archive, and what they watched and skipped."""

from __future__ import annotations

import math
import time as clock
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal, get_args

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from everyframe.errors import SettingError
from everyframe.highlights.personal import LENGTH, Taste, counted, names_in
from everyframe.highlights.text import folded
from everyframe.store.archive.finding import moment
from everyframe.store.archive.records import StoredMoment
from everyframe.store.archive.rows import digest
from everyframe.store.archive_models import FeedbackRow, ProfileRow
from everyframe.store.store import Store

Feedback = Literal["watched", "skipped"]

LONGEST_NAME = 64
"""Letters of a profile's name."""

MOST_FOLLOWED = 200
"""Players, teams or kinds that one profile follows."""

LONGEST = 24 * 3600.0
"""Seconds that a feed may last at most."""

_LONGEST_WORD = 200  # letters of a player's or a team's name


@dataclass(frozen=True, slots=True)
class Profile:
    """What somebody wants to see.

    Attributes:
        name: The profile's.
        players: Whom they follow.
        teams: Likewise.
        kinds: Labels that they watch.
        seconds: How long their feed may last.

    Raises:
        SettingError: One of them is out of its range.
    """

    name: str
    players: tuple[str, ...] = ()
    teams: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    seconds: float = LENGTH

    def __post_init__(self) -> None:
        if not folded(self.name) or len(self.name) > LONGEST_NAME or not self.name.isprintable():
            raise SettingError(f"A profile needs a name of letters or digits, {LONGEST_NAME} at most.")
        if not 0.0 < self.seconds <= LONGEST or not math.isfinite(self.seconds):
            raise SettingError(f"A feed lasts up to 24 hours, not {self.seconds:g} s; write 90s or 5min.")
        for several in (self.players, self.teams, self.kinds):
            if len(several) > MOST_FOLLOWED:
                raise SettingError(f"A profile follows {MOST_FOLLOWED} of a kind at most; leave some out.")
            wrong = next((one for one in several if not folded(one) or len(one) > _LONGEST_WORD), None)
            if wrong is not None:
                raise SettingError(f"{wrong[:40]!r} is no name to follow; write a player, team or kind.")

    def told(self) -> dict[str, object]:
        """Return it as JSON says it."""
        followed = {name: list(getattr(self, name)) for name in ("players", "teams", "kinds")}
        return {"name": self.name, **followed, "seconds": self.seconds}


class Profiles:
    """Keeps profiles.

    Args:
        store: Where.
    """

    def __init__(self, store: Store) -> None:
        self._store = store

    def all(self) -> list[Profile]:
        """Return all of them, by name."""
        with self._store.reading() as session:
            return [_profile(row) for row in session.scalars(select(ProfileRow).order_by(ProfileRow.folded))]

    def get(self, name: str) -> Profile | None:
        """Return the profile of a name, ``None`` where there is none; case and accents do not matter."""
        with self._store.reading() as session:
            row = _row(session, name)
            return None if row is None else _profile(row)

    def put(self, profile: Profile) -> None:
        """Keep a profile, in place of the one of that name; what its owner watched stays."""
        with self._store.writing() as session:
            row = _row(session, profile.name)
            if row is None:
                row = ProfileRow(name=profile.name, folded=folded(profile.name))
                session.add(row)
            row.players, row.teams, row.kinds = (
                _once(one) for one in (profile.players, profile.teams, profile.kinds)
            )
            row.seconds, row.changed_utc = profile.seconds, clock.time()

    def remove(self, name: str) -> bool:
        """Forget a profile with its feedback; say whether it was there."""
        with self._store.writing() as session:
            row = _row(session, name)
            if row is None:
                return False
            session.execute(delete(FeedbackRow).where(FeedbackRow.profile_id == row.id))
            session.delete(row)
            return True

    def give(self, name: str, number: int, kind: Feedback) -> None:
        """Say that a moment was watched or skipped; what was said of it before counts no more.

        Raises:
            SettingError: There is no such profile or moment, or it was neither.
        """
        if kind not in get_args(Feedback):
            raise SettingError(f"A moment is watched or skipped, not {kind}.")
        one = moment(self._store, number)
        if one is None:
            raise SettingError(f"There is no moment {number}; take a number from the feed.")
        with self._store.writing() as session:
            row = _known(session, name)
            found = _feedback(session, row.id, _uid(one))
            if found is None:
                found = FeedbackRow(profile_id=row.id, uid=_uid(one))
                session.add(found)
            found.kind, found.names, found.given_utc = kind, names_in(one.segment), clock.time()

    def undo(self, name: str, number: int) -> bool:
        """Take back what was said of a moment: all is as if it had never been; say whether it was.

        Raises:
            SettingError: There is no such profile.
        """
        one = moment(self._store, number)
        with self._store.writing() as session:
            row = _known(session, name)
            found = None if one is None else _feedback(session, row.id, _uid(one))
            if found is not None:
                session.delete(found)
            return found is not None

    def taste(self, name: str) -> Taste:
        """Return what a profile's owner wants to see, by what they said, watched and skipped.

        Raises:
            SettingError: There is no such profile.
        """
        with self._store.reading() as session:
            row = _known(session, name)
            rows = session.execute(
                select(FeedbackRow.kind, FeedbackRow.names).where(FeedbackRow.profile_id == row.id)
            )
            counts = counted((kind == "watched", names) for kind, names in rows)
            return Taste(tuple(row.players), tuple(row.teams), tuple(row.kinds), counts)

    def said_of(self, name: str, moments: Iterable[StoredMoment]) -> Mapping[int, str]:
        """Return ``watched`` or ``skipped`` by number, of those moments of which it was said."""
        with self._store.reading() as session:
            query = select(FeedbackRow.uid, FeedbackRow.kind)
            query = query.where(FeedbackRow.profile_id == _known(session, name).id)
            said = dict(session.execute(query).all())
        uids = {one.id: _uid(one) for one in moments}
        return {number: said[uid] for number, uid in uids.items() if uid in said}


def _row(session: Session, name: str) -> ProfileRow | None:
    return session.scalar(select(ProfileRow).where(ProfileRow.folded == folded(name)))


def _known(session: Session, name: str) -> ProfileRow:
    row = _row(session, name)
    if row is None:
        names = ", ".join(session.scalars(select(ProfileRow.name).order_by(ProfileRow.folded).limit(10)))
        there = f"there is {names}" if names else "there is none yet"
        raise SettingError(f"There is no profile {name}; {there}. Make it by saying whom it follows.")
    return row


def _uid(one: StoredMoment) -> int:
    """Return what stays of a moment that is removed and kept again, or that somebody else says, too."""
    names = (one.footage, one.segment.label, one.segment.about.get("player", ""))
    return digest([*map(folded, names), one.segment.start, one.segment.end])


def _feedback(session: Session, profile: int, uid: int) -> FeedbackRow | None:
    query = select(FeedbackRow).where(FeedbackRow.profile_id == profile, FeedbackRow.uid == uid)
    return session.scalar(query)


def _profile(row: ProfileRow) -> Profile:
    return Profile(row.name, tuple(row.players), tuple(row.teams), tuple(row.kinds), row.seconds)


def _once(names: Iterable[str]) -> list[str]:
    """Return names without those that say the same again."""
    found: dict[str, str] = {}
    for name in names:
        found.setdefault(folded(name), " ".join(name.split()))
    return list(found.values())
