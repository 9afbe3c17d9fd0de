"""What rules decide, and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from everyframe.actions.rules import Request


class Outcome(StrEnum):
    """What became of a rule whose condition holds, or of what it asked for before."""

    FIRED = "fired"  # the request is sent
    DRY_RUN = "dry-run"  # it would have been
    WAITING = "waiting"  # a person is asked
    REFUSED = "refused"  # the person said no
    UNANSWERED = "unanswered"  # the person said nothing in time
    WITHDRAWN = "withdrawn"  # the person need not answer any more
    COOLDOWN = "held: cool-down"  # too soon after the last one
    RATE = "held: rate"  # too many in this hour
    SCHEDULE = "held: schedule"  # not at this time
    FAULT = "held: camera fault"  # the picture cannot be trusted
    ACKNOWLEDGED = "acknowledged"  # the receiver did what was asked
    FALLBACK = "fallback"  # it did not, and the fallback is sent
    SAFE = "safe"  # the safe state is asked for


@dataclass(frozen=True, slots=True)
class Decision:
    """One decision of a rule: a row of the audit.

    Attributes:
        uid: Id of the request that it is about; decisions about the same request have the same.
        utc: POSIX seconds.
        rule: The rule's name.
        camera: The camera's name.
        outcome: What was decided.
        why: In words.
        request: What is sent now, ``None`` where nothing is.
        proposed: What would have been sent, where it was not.
        measures: The quantities that the rule looks at, as they were.
        until: POSIX seconds at which the request is too late, where that matters.
    """

    uid: str
    utc: float
    rule: str
    camera: str
    outcome: Outcome
    why: str
    request: Request | None = None
    proposed: Request | None = None
    measures: Mapping[str, float] = field(default_factory=dict)
    until: float | None = None
