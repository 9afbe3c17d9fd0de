"""A feed of one's own: every moment's score is a sum of reasons that a person can read, and nothing else.

What is followed was said by the person. What was watched and skipped is counted by name (a label, a player, a
team, a competition), and a count weighs at most what ``LEARNED`` says, however often it is repeated. Nothing
is random, and nothing asks the time: the same profile on the same moments gives the same feed.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from everyframe.errors import SettingError
from everyframe.highlights.segments import Segment
from everyframe.highlights.text import folded, stemmed

LENGTH = 90.0
"""Seconds of a feed, where nobody says how long it may be."""

AROUND = 4.0
"""Seconds that a reel shows before and after an event, together."""

FOLLOWED = MappingProxyType({"player": 1.0, "team": 0.8, "label": 0.6, "opponent": 0.4})
"""Points for what a person follows, by where in a moment it stands."""

LEARNED = MappingProxyType({"label": 1.0, "player": 0.8, "team": 0.4, "competition": 0.3})
"""Points that feedback on the like may give or take at most."""

NEW = 0.4
"""Points of the newest moment; of one that is a month older, half of them."""

UNLIKE = 0.25
"""Points for being unlike what comes just before."""

SEEN = -3.0
"""Points of what was watched already: more than all others give."""

UNSURE = -0.5
"""Points of what a recogniser is not sure of at all; in between in proportion."""

_STEADY = 4.0  # counts that it takes until feedback has half of its weight
_MONTH = 30 * 86_400.0
_LEAST = 0.05  # points: newness that is less is no reason
_SAME = 0.5  # overlap from which two moments are one

Counts = Mapping[tuple[str, str], tuple[int, int]]
"""How often what has a name was watched and skipped, by field and folded name."""


@dataclass(frozen=True, slots=True)
class Taste:
    """What somebody wants to see.

    Attributes:
        players: Whom they follow; any word of a name will do, written anyhow.
        teams: Likewise.
        kinds: Labels they watch.
        counts: What feedback says.
    """

    players: tuple[str, ...] = ()
    teams: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    counts: Counts = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class Candidate:
    """A moment that may come into a feed.

    Attributes:
        id: Its number; of two that are as good the newer one comes first, then the greater number.
        segment: What happens, and who does it.
        utc: POSIX seconds, ``None`` where its day is not known.
        seen: Whether it was watched already.
    """

    id: int
    segment: Segment
    utc: float | None = None
    seen: bool = False


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a moment is where it is.

    Attributes:
        text: For a person: ``you follow Viktor Axelsen``.
        points: What it adds to the score; below 0 it counts against it.
    """

    text: str
    points: float


@dataclass(frozen=True, slots=True)
class Choice:
    """A moment of a feed.

    Attributes:
        candidate: The moment.
        reasons: Why it is there, what counts most first.
    """

    candidate: Candidate
    reasons: tuple[Reason, ...]

    @property
    def score(self) -> float:
        """The sum of all reasons."""
        return math.fsum(reason.points for reason in self.reasons)


def counted(feedback: Iterable[tuple[bool, Mapping[str, str]]]) -> Counts:
    """Count feedback by name: each whether it was watched (or skipped), and the names in it by field."""
    counts: dict[tuple[str, str], tuple[int, int]] = {}
    for watched, names in feedback:
        for kind in LEARNED:
            if found := folded(names.get(kind, "")):
                yes, no = counts.get((kind, found), (0, 0))
                counts[kind, found] = (yes + watched, no + (not watched))
    return counts


def names_in(segment: Segment) -> dict[str, str]:
    """Return what feedback on a segment is counted by."""
    told = {**segment.about, "label": segment.label}
    return {kind: name for kind in LEARNED if (name := told.get(kind, ""))}


def weight(kind: str, watched: int, skipped: int) -> float:
    """Return the points of what was watched and skipped so often: within ``LEARNED[kind]`` of 0."""
    return LEARNED[kind] * (watched - skipped) / (watched + skipped + _STEADY)


def reasons(taste: Taste, one: Candidate, newest: float | None) -> list[Reason]:
    """Return what speaks for and against a moment, wherever in a feed it stands.

    Args:
        taste: Whose feed it is.
        one: The moment.
        newest: POSIX seconds of the newest of all moments.
    """
    names = names_in(one.segment)
    found = _followed(taste, one.segment)
    for kind, name in names.items():
        watched, skipped = taste.counts.get((kind, folded(name)), (0, 0))
        if points := weight(kind, watched, skipped):
            found.append(Reason(f"you {'watched' if points > 0 else 'skipped'} the like: {name}", points))
    if one.utc is not None and newest is not None:
        points = NEW * 0.5 ** (max(0.0, newest - one.utc) / _MONTH)
        if points >= _LEAST:
            found.append(Reason("new", points))
    if one.segment.confidence < 1.0:
        sure = max(0.0, one.segment.confidence)
        found.append(Reason(f"only {sure:.0%} sure", UNSURE * (1.0 - sure)))
    if one.seen:
        found.append(Reason("you have seen it", SEEN))
    return found


def feed(
    taste: Taste, candidates: Iterable[Candidate], longest: float = LENGTH, around: float = AROUND
) -> list[Choice]:
    """Choose and order moments: the best comes first, then whatever is best after it, until it is full.

    Args:
        taste: Whose feed it is.
        candidates: In any order; of two that are the same stretch of footage the better one is shown.
        longest: Seconds that it may last.
        around: Seconds that are shown before and after each, together.

    Raises:
        SettingError: It may last no time at all.
    """
    if not 0.0 < longest < math.inf:
        raise SettingError(f"A feed of {longest:g} s shows nothing: allow it more time.")
    told = list(candidates)
    newest = max((one.utc for one in told if one.utc is not None), default=None)
    rest = [Choice(one, tuple(reasons(taste, one, newest))) for one in told]
    rest.sort(key=_order)
    chosen: list[Choice] = []
    shown: dict[str, list[Segment]] = {}
    left = longest
    while rest := _fitting(rest, left - around):
        place, choice = _next(rest, chosen[-1].candidate.segment if chosen else None)
        del rest[place]
        segment = choice.candidate.segment
        already = shown.setdefault(segment.source, [])
        if segment.source and any(segment.overlap(other) > _SAME for other in already):
            continue
        already.append(segment)
        ordered = sorted(choice.reasons, key=lambda reason: (-abs(reason.points), reason.text))
        chosen.append(Choice(choice.candidate, tuple(ordered)))
        left -= segment.seconds + around
    return chosen


def _fitting(rest: list[Choice], seconds: float) -> list[Choice]:
    if all(one.candidate.segment.seconds <= seconds for one in rest):
        return rest
    return [one for one in rest if one.candidate.segment.seconds <= seconds]


def _next(rest: Sequence[Choice], before: Segment | None) -> tuple[int, Choice]:
    """Return what is best after another, of what is in order: its place, and it with its reasons there.

    All that is unlike gets the same points for it, so only the first of those can be better than the first.
    """
    if before is None:
        return 0, rest[0]
    found = next((place for place, one in enumerate(rest) if _unlike(one.candidate.segment, before)), None)
    if found is None:
        return 0, rest[0]
    here = Choice(
        rest[found].candidate, (*rest[found].reasons, Reason("unlike what came just before", UNLIKE))
    )
    return (found, here) if found == 0 or _order(here) < _order(rest[0]) else (0, rest[0])


def _followed(taste: Taste, segment: Segment) -> list[Reason]:
    about = segment.about
    found = []
    player, opponent, team = about.get("player", ""), about.get("opponent", ""), about.get("team", "")
    if _named(taste.players, player):
        found.append(Reason(f"you follow {player}", FOLLOWED["player"]))
    if _named(taste.players, opponent):
        found.append(Reason(f"against {opponent}, whom you follow", FOLLOWED["opponent"]))
    if _named(taste.teams, team):
        found.append(Reason(f"you follow {team}", FOLLOWED["team"]))
    if _named(taste.kinds, segment.label):
        found.append(Reason(f"you watch this kind: {segment.label}", FOLLOWED["label"]))
    return found


def _named(wanted: Iterable[str], name: str) -> bool:
    """Say whether a name is one of those that are wanted: each may be some of its words."""
    if not name:
        return False
    words = set(stemmed(name))
    return any(asked and asked <= words for asked in (set(stemmed(one)) for one in wanted))


def _unlike(one: Segment, other: Segment) -> bool:
    """Say whether both what happens and who does it are others."""
    who, whom = folded(one.about.get("player", "")), folded(other.about.get("player", ""))
    return folded(one.label) != folded(other.label) and (not who or who != whom)


def _order(one: Choice) -> tuple[float, float, int]:
    utc = one.candidate.utc
    # What is added in another order differs in the last digits: that is no reason to come first.
    return -round(one.score, 9), math.inf if utc is None else -utc, -one.candidate.id
