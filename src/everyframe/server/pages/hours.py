"""When destinations are told: quiet hours, digests, and what waits in them, in words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, tzinfo

from everyframe.actions import MessageKind, hearers, read_zone
from everyframe.server.api.actions import digest_in_words
from everyframe.server.reactions import Reactions

_SHOWN = 10  # titles


@dataclass(frozen=True, slots=True)
class When:
    """When a destination is told, and what waits until then.

    Attributes:
        lines: Its quiet hours and its digest.
        waits: How much news waits.
        summary: How much, and when it is sent.
        titles: What it is, oldest first; the last says how much more there is.
    """

    lines: tuple[str, ...]
    waits: int
    summary: str
    titles: tuple[str, ...]


def told_when(reactions: Reactions, name: str, now: float) -> When:
    """Return when a destination is told.

    Args:
        reactions: Whose.
        name: Of the destination.
        now: POSIX seconds.
    """
    configuration = reactions.configuration
    table = configuration.destinations[name]
    hearer = next(each for each in hearers(configuration) if each.name == name)
    zone = read_zone(table.zone)
    lines = []
    if table.quiet is not None:
        until = hearer.quiet_until(now)
        on = "not now" if until is None else f"now, until {_clock(until, now, zone)}"
        lines.append(f"Quiet {table.quiet}{_in(table.zone)}: {on}")
    digest = digest_in_words(table)
    if digest is not None:
        place = _in(table.zone) if table.digest_at is not None else ""
        then = _clock(hearer.due(MessageKind.ALERT, now), now, zone)
        lines.append(f"A digest {digest}{place}: the next at {then}")
    gathered = reactions.actions.outbox.gathered(name, now)
    titles = [each.message.title for each in gathered[:_SHOWN]]
    if len(gathered) > _SHOWN:
        titles.append(f"and {len(gathered) - _SHOWN:,} more")
    due = min((each.due_utc for each in gathered), default=now)
    what = "1 message waits" if len(gathered) == 1 else f"{len(gathered):,} messages wait"
    summary = f"{what} to be sent at {_clock(due, now, zone)}"
    return When(tuple(lines), len(gathered), summary, tuple(titles))


def _in(zone: str | None) -> str:
    return "" if zone is None else f" ({zone})"


def _clock(utc: float, now: float, zone: tzinfo | None) -> str:
    """Say a time of the day, and the day where it is another one."""
    at, today = datetime.fromtimestamp(utc, zone), datetime.fromtimestamp(now, zone)
    return f"{at:%H:%M}" if at.date() == today.date() else f"{at:%H:%M} on {at:%A}"
