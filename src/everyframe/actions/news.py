"""News of cameras: what becomes a message, and for whom."""

from __future__ import annotations

import json
import time as clock
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any

from sqlalchemy.orm import Session

from everyframe.actions.destinations import Hearer
from everyframe.actions.messages import Message, MessageKind
from everyframe.actions.outbox import Outbox
from everyframe.errors import SettingError
from everyframe.store.sinks import json_line
from everyframe.types import Event

_LATEST = (MessageKind.HEALTH, MessageKind.STATE)


class News:
    """Puts what happens into the outbox, once for every destination that wants to hear of it.

    Args:
        outbox: Where messages wait.
        destinations: Who there is.
        wake: Called when something was put in.
        now: The clock, POSIX seconds.
    """

    def __init__(
        self,
        outbox: Outbox,
        destinations: Iterable[Hearer],
        *,
        wake: Callable[[], None] = lambda: None,
        now: Callable[[], float] = clock.time,
    ) -> None:
        self._outbox = outbox
        self._destinations = {each.name: each for each in destinations}
        self._wake = wake
        self._now = now

    def alert(
        self, camera: str, event: Event, number: int | None = None, *, session: Session | None = None
    ) -> list[str]:
        """Tell of an event.

        Args:
            camera: Which saw it.
            event: What deviated.
            number: Of the event in the store.
            session: The transaction that keeps the event, so that both are kept or neither.

        Returns:
            The ids of the messages.
        """
        told: dict[str, Any] = json.loads(json_line(event, {"event": number}))
        # The track of a long event is long, and who wants it reads the store.
        told.pop("track", None)
        return self._tell(MessageKind.ALERT, camera, f"{camera}: alert", event.reason, told, session)

    def also(self, camera: str) -> Callable[[Session, Event, int], None]:
        """Return what ``StoreSink(also=…)`` wants: alerts are put in together with their events."""

        def tell(session: Session, event: Event, number: int) -> None:
            self.alert(camera, event, number, session=session)

        return tell

    def health(
        self, camera: str, faults: Collection[str], text: str, *, session: Session | None = None
    ) -> list[str]:
        """Tell which faults a camera has now; none of them is news, too.

        Args:
            camera: Which.
            faults: Their kinds.
            text: The same for a person.
            session: A transaction that it belongs to.
        """
        title = f"{camera}: {', '.join(sorted(faults))}" if faults else f"{camera}: all is well"
        return self._tell(MessageKind.HEALTH, camera, title, text, {"faults": sorted(faults)}, session)

    def also_health(self, camera: str, faults: Collection[str], text: str) -> Callable[[Session], None]:
        """Return what ``Store.note_health(also=…)`` wants: it is told together with what is kept."""

        def tell(session: Session) -> None:
            self.health(camera, faults, text, session=session)

        return tell

    def state(
        self,
        camera: str,
        state: str,
        more: Mapping[str, Any] | None = None,
        *,
        session: Session | None = None,
    ) -> list[str]:
        """Tell what Everyframe does with a camera, such as ``watching`` or ``stopped``."""
        told = {**(more or {}), "state": state}
        return self._tell(MessageKind.STATE, camera, f"{camera}: {state}", "", told, session)

    def test(self, destination: str) -> str:
        """Send a message to try a destination; return its id.

        Raises:
            SettingError: If there is no such destination.
        """
        if destination not in self._destinations:
            known = ", ".join(sorted(self._destinations)) or "none"
            raise SettingError(f"There is no destination {destination}; there are {known}.")
        title, text = "Everyframe: test", "If you read this, messages come through."
        message = Message(destination, MessageKind.TEST, title, self._now(), text)
        self._outbox.add(message)
        self._wake()
        return message.uid

    def _tell(
        self,
        kind: MessageKind,
        camera: str,
        title: str,
        text: str,
        data: Mapping[str, Any],
        session: Session | None,
    ) -> list[str]:
        now = self._now()
        uids = []
        for destination in self._destinations.values():
            if not destination.wants(kind, camera):
                continue
            latest = destination.latest_only and kind in _LATEST
            message = Message(
                destination=destination.name,
                kind=kind,
                camera=camera,
                title=title,
                text=text,
                data=data,
                slot=f"{camera}/{kind.value}" if latest else None,
                created_utc=now,
            )
            self._outbox.add(message, destination.due(kind, now), session=session)
            uids.append(message.uid)
        if session is None:  # else it is not on the disk yet; the courier looks by itself
            self._wake()
        return uids
