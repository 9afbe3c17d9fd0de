"""Where messages go: what every destination can do, and when it wants to hear."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

from everyframe.actions.messages import NEWS, Message, MessageKind
from everyframe.actions.times import Digest, QuietHours


@runtime_checkable
class Carrier(Protocol):
    """Carries messages over one medium; each implementation passes one contract test."""

    def deliver(self, messages: Sequence[Message]) -> Sequence[str]:
        """Deliver messages that belong together; return when the other side has taken them.

        Args:
            messages: One or several (a digest), oldest first.

        Returns:
            The ids of those whose receiver says that it did what was asked, not only that it heard.

        Raises:
            DeliveryError: If the other side did not take them, in one line without credentials.
        """
        ...

    def close(self) -> None:
        """Let go of connections; safe to call twice."""
        ...


@dataclass(frozen=True, slots=True)
class Hearer:
    """Somebody with a name, and what they want to hear when.

    Attributes:
        name: What rules and messages call it.
        kinds: Of what news it wants to hear; what a rule sends there by name always goes.
        cameras: Of which cameras; all where empty.
        digest: When news is gathered to one message, ``None`` to send it at once.
        quiet: When no news is sent, ``None`` for never. What comes then is sent as one message afterwards.
        latest_only: Whether of health and state only the newest matters, as for an MQTT broker that keeps it.
    """

    name: str
    kinds: Collection[MessageKind] = NEWS
    cameras: Collection[str] = field(default_factory=tuple)
    digest: Digest | None = None
    quiet: QuietHours | None = None
    latest_only: bool = False

    def wants(self, kind: MessageKind, camera: str | None) -> bool:
        """Say whether news of this kind, of this camera, goes there."""
        return kind in self.kinds and (not self.cameras or camera is None or camera in self.cameras)

    def due(self, kind: MessageKind, utc: float) -> float:
        """Return the POSIX seconds at which a message that is made at ``utc`` may be sent."""
        if kind not in NEWS:
            return utc
        when = utc if self.digest is None else self.digest.after(utc)
        return when if self.quiet is None else self.quiet.over(when)

    def quiet_until(self, utc: float) -> float | None:
        """Return when the quiet hours end that are on at ``utc`` (POSIX seconds), ``None`` where none are."""
        over = utc if self.quiet is None else self.quiet.over(utc)
        return over if over > utc else None


@dataclass(frozen=True, slots=True)
class Destination(Hearer):
    """A hearer that messages can be brought to.

    Attributes:
        carrier: How messages get there.
    """

    carrier: Carrier = field(kw_only=True)

    @property
    def gathers(self) -> bool:
        """Whether news that is due at the same time is sent as one message."""
        return self.digest is not None or self.quiet is not None

    def batches(self, messages: Sequence[Message]) -> list[list[Message]]:
        """Part messages into those that are sent together; what rules ask for comes first."""
        news = [message for message in messages if message.kind in NEWS]
        single = [[message] for message in messages if message.kind not in NEWS]
        return [*single, news] if news and self.gathers else [*single, *([message] for message in news)]
