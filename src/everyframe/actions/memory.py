"""What rules remember between two steps, and over a restart."""

from __future__ import annotations

from pydantic import BaseModel, Field

HOUR = 3600.0


class Pending(BaseModel):
    """A request that waits for a person."""

    uid: str
    camera: str
    why: str
    measures: dict[str, float]
    asked: float
    deadline: float


class Awaited(BaseModel):
    """A request that was sent and has to be acknowledged."""

    uid: str
    camera: str
    deadline: float


class CameraMemory(BaseModel):
    """What a rule knows of one camera.

    Attributes:
        seen: POSIX seconds of the last step.
        since: POSIX seconds since which the condition holds, ``None`` where it does not.
        spent: Whether it was acted on since then.
        told: The outcome that was told last since then, so that each is told once.
        fault: Why the camera cannot be trusted, ``None`` where it can.
        alerts: For each condition the POSIX seconds of the last alert that counts for it.
    """

    seen: float
    since: float | None = None
    spent: bool = False
    told: str | None = None
    fault: str | None = None
    alerts: dict[int, float] = Field(default_factory=dict)

    def start_over(self) -> None:
        """Forget the condition: it has to hold anew before anything is done."""
        self.since, self.spent, self.told = None, False, None
        self.alerts.clear()


class RuleMemory(BaseModel):
    """What a rule remembers.

    Attributes:
        number: Of requests so far, so that each has its own id.
        asked: POSIX seconds of its requests within the last hour (those that it would have made as well).
        last: Of the very last one.
        cameras: By name.
        pending: What waits for a person.
        awaited: What waits to be acknowledged.
    """

    number: int = 0
    asked: list[float] = Field(default_factory=list)
    last: float | None = None
    cameras: dict[str, CameraMemory] = Field(default_factory=dict)
    pending: list[Pending] = Field(default_factory=list)
    awaited: list[Awaited] = Field(default_factory=list)

    def ask(self, utc: float) -> None:
        """Remember that a request was made."""
        self.last = utc if self.last is None else max(self.last, utc)
        self.asked = [time for time in self.asked if utc - time <= HOUR] + [utc]

    def asked_later(self, asked: float, utc: float) -> None:
        """Move a request to the time at which a person approved it: it was made then."""
        if asked in self.asked:
            self.asked.remove(asked)
        self.ask(utc)

    def too_soon(self, utc: float, cooldown: float) -> bool:
        """Say whether the last request is less than ``cooldown`` seconds ago.

        A clock that was set back makes the wait longer and never shorter.
        """
        return self.last is not None and utc - self.last < cooldown

    def too_many(self, utc: float, per_hour: int) -> bool:
        """Say whether one more would be more than ``per_hour`` within any hour."""
        return sum(utc - time <= HOUR for time in self.asked) >= per_hour
