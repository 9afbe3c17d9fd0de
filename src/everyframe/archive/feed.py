"""A feed from the index: what somebody follows and watches, each moment with the reasons why it is there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from itertools import islice, product
from typing import Any

from everyframe.archive.places import store_place
from everyframe.highlights import Segment
from everyframe.highlights.personal import Candidate, Choice, Reason, Taste, weight
from everyframe.highlights.personal import feed as chosen
from everyframe.highlights.text import folded
from everyframe.store import Store
from everyframe.store.archive import StoredMoment, Wanted, find
from everyframe.store.archive.hints import EMPTY
from everyframe.store.archive.profiles import Feedback, Profile, Profiles

_EACH = 100  # moments that each search gives: the newest of a player, of a kind, of a player's kind, of all
_SEARCHES = 40
_OF_A_KIND = 12  # names of each kind that are searched for


@dataclass(frozen=True, slots=True)
class Shown:
    """A moment of a feed.

    Attributes:
        moment: As the archive has it.
        reasons: Why it is there, what counts most first.
        score: Their sum.
    """

    moment: StoredMoment
    reasons: tuple[Reason, ...]
    score: float

    def told(self) -> dict[str, Any]:
        """Return it as JSON says it."""
        why = [{"text": one.text, "points": round(one.points, 3)} for one in self.reasons]
        return {**self.moment.told(), "score": round(self.score, 3), "reasons": why}


@dataclass(frozen=True, slots=True)
class Feed:
    """What somebody may want to see next.

    Attributes:
        profile: Whose it is.
        shown: In order.
        hints: Where there is nothing: what to try.
    """

    profile: Profile
    shown: list[Shown]
    hints: list[str] = field(default_factory=list)

    def segments(self) -> list[Segment]:
        """Return it as segments for a reel by rank: each is surer than the next, and says why it is there."""
        count = len(self.shown)
        return [
            replace(
                one.moment.segment,
                confidence=1.0 - place / (2.0 * count),
                about={**one.moment.segment.about, "why": "; ".join(reason.text for reason in one.reasons)},
            )
            for place, one in enumerate(self.shown)
        ]


def feed(name: str, *, here: bool = False, store: Store | str | None = None) -> Feed:
    """Choose and order moments for a profile; the same profile on the same index gets the same feed.

    Args:
        name: The profile's.
        here: Only what can be cut: moments whose footage is here.
        store: The store or where it is; by default the setting.

    Raises:
        SettingError: There is no such profile.
        StorageError: There is no store, or it cannot be read.
    """
    with _opened(store) as kept:
        profiles = Profiles(kept)
        taste = profiles.taste(name)  # says that there is none
        profile = profiles.get(name)
        assert profile is not None
        moments = _candidates(kept, taste)
        if here:
            moments = [one for one in moments if one.path is not None and one.path.is_file()]
        said = profiles.said_of(name, moments)
    by_number = {one.id: one for one in moments}
    candidates = [
        Candidate(one.id, one.segment, one.utc, seen=said.get(one.id) == "watched")
        for one in moments
        if said.get(one.id) != "skipped"
    ]
    choices = chosen(taste, candidates, profile.seconds)
    shown = [_shown(by_number[one.candidate.id], one) for one in choices]
    return Feed(profile, shown, [] if shown else _hints(profile, moments, bool(candidates), here))


def follow(
    name: str,
    *,
    players: Iterable[str] = (),
    teams: Iterable[str] = (),
    kinds: Iterable[str] = (),
    drop: Iterable[str] = (),
    seconds: float | None = None,
    store: Store | str | None = None,
) -> Profile:
    """Make a profile, or add to it what it follows.

    Args:
        name: The profile's.
        players: To follow, too.
        teams: Likewise.
        kinds: Labels to watch, too.
        drop: What to follow no more: players, teams or kinds.
        seconds: How long the feed may last; as it was where it is not said.
        store: The store or where it is; made where there is none.

    Raises:
        SettingError: A name or a length is out of its range.
        StorageError: It cannot be written.
    """
    gone = {folded(one) for one in drop}

    def joined(before: Sequence[str], more: Iterable[str]) -> tuple[str, ...]:
        return tuple(one for one in (*before, *more) if folded(one) not in gone or not folded(one))

    with _opened(store, create=True) as kept:
        profiles = Profiles(kept)
        before = profiles.get(name) or Profile(" ".join(name.split()))
        profile = Profile(
            before.name,
            joined(before.players, players),
            joined(before.teams, teams),
            joined(before.kinds, kinds),
            before.seconds if seconds is None else seconds,
        )
        profiles.put(profile)
        return profiles.get(name) or profile


def give_feedback(name: str, number: int, kind: Feedback | None, *, store: Store | str | None = None) -> None:
    """Say that a moment was watched or skipped; with ``None`` take back what was said of it.

    Raises:
        SettingError: There is no such profile or moment.
        StorageError: There is no store, or it cannot be written.
    """
    with _opened(store) as kept:
        if kind is None:
            Profiles(kept).undo(name, number)
        else:
            Profiles(kept).give(name, number, kind)


@contextmanager
def _opened(store: Store | str | None, *, create: bool = False) -> Iterator[Store]:
    if isinstance(store, Store):
        yield store
        return
    with Store(store_place(store), create=create) as kept:
        yield kept


def _candidates(store: Store, taste: Taste) -> list[StoredMoment]:
    """Return the newest of whatever may be wanted, each once."""
    found: dict[int, StoredMoment] = {}
    for wanted in islice(_searches(taste), _SEARCHES):
        for one in find(store, wanted):
            found.setdefault(one.id, one)
    return list(found.values())


def _searches(taste: Taste) -> Iterator[Wanted]:
    yield Wanted(newest=True, limit=_EACH)
    followed = {"player": taste.players, "team": taste.teams, "label": taste.kinds}
    names = {kind: list(several[:_OF_A_KIND]) for kind, several in followed.items()}
    liked = [
        (weight(kind, *counts), kind, name)
        for (kind, name), counts in taste.counts.items()
        if weight(kind, *counts) > 0.0
    ]
    for _, kind, name in sorted(liked, key=lambda one: (-one[0], one[1:]))[:_OF_A_KIND]:
        if name not in map(folded, names.setdefault(kind, [])):
            names[kind].append(name)
    for kind, several in names.items():
        for name in several:
            yield Wanted(newest=True, limit=_EACH, **{kind: name})  # type: ignore[arg-type]
    for player, label in product(names["player"], names["label"]):
        yield Wanted(newest=True, limit=_EACH, player=player, label=label)


def _shown(one: StoredMoment, choice: Choice) -> Shown:
    return Shown(one, choice.reasons, choice.score)


def _hints(profile: Profile, moments: Sequence[StoredMoment], left: bool, here: bool) -> list[str]:
    if not moments:
        return ["Nothing of the archive has its footage here; index some."] if here else [EMPTY]
    if not left:
        return ["All there is was skipped; take some of that back, or index more."]
    return [f"Nothing is short enough for a feed of {profile.seconds:g} s; allow it more time."]
