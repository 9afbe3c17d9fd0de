"""The inbox: events one after another, and what a person says of each."""

from __future__ import annotations

from everyframe.server.house import House
from everyframe.store import StoredEvent, Verdict, browsing
from everyframe.store.browsing import Order
from everyframe.types import VerdictKind

MOST = 200
"""Events that are looked at in one go."""


class Inbox:
    """What somebody goes through.

    Args:
        house: Where the events are.
        who: Whose inbox it is.
        camera: Only of this camera.
        order: Which events come first.
        all_of_them: Whether those are shown, too, that somebody has judged already.
        at: The event to begin with.

    Attributes:
        events: In order.
        verdicts: The verdict that stands on each, by the event's number.
        total: How many there are; more than are in ``events`` where there are very many.
    """

    def __init__(
        self,
        house: House,
        who: str,
        *,
        camera: str | None = None,
        order: Order = Order.NEWEST,
        all_of_them: bool = False,
        at: int | None = None,
    ) -> None:
        self._house, self._who = house, who
        self._camera, self._order, self._all = camera, order, all_of_them
        self._given: list[tuple[int, int]] = []  # verdict and event, oldest first
        self._place = 0
        self.events: list[StoredEvent] = []
        self.verdicts: dict[int, Verdict] = {}
        self.total = 0
        self.fetch()
        if at is not None:
            self.go_to(at)

    @property
    def current(self) -> StoredEvent | None:
        """The event that is looked at."""
        return self.events[self._place] if self.events else None

    @property
    def place(self) -> int:
        """Its place among them, from 0."""
        return self._place

    def fetch(self) -> None:
        """Look for events anew; what was judged here goes, what came since is there."""
        current = self.current
        page = browsing.browse(
            self._house.store, camera=self._camera, waiting=not self._all, order=self._order, limit=MOST
        )
        self.events, self.total = page.events, page.total
        self.verdicts = browsing.standing(self._house.store, [event.id for event in self.events])
        self._place = min(self._place, max(0, len(self.events) - 1))
        if current is not None:
            self._find(current.id)

    def renew(self) -> bool:
        """Read the current event anew while its clip is being written; return whether it is there now."""
        current = self.current
        if current is None or current.clip is not None:
            return False
        now = browsing.one(self._house.store, current.id)
        if now is None or now.clip is None:
            return False
        self.events[self._place] = now
        return True

    def go_to(self, number: int) -> None:
        """Look at an event; one that is not among them is fetched, for somebody asked for it."""
        if self._find(number):
            return
        asked = browsing.one(self._house.store, number)
        if asked is not None:
            self.events.insert(0, asked)
            self.verdicts |= browsing.standing(self._house.store, [number])
            self._place = 0

    def _find(self, number: int) -> bool:
        places = [place for place, event in enumerate(self.events) if event.id == number]
        if places:
            self._place = places[0]
        return bool(places)

    def move(self, steps: int) -> None:
        """Go on or back; the ends hold."""
        self._place = min(max(0, self._place + steps), max(0, len(self.events) - 1))

    def say(self, kind: VerdictKind, name: str = "") -> None:
        """Say what the current event was, and go on to the next.

        Raises:
            SettingError: Something that is not real was named.
            StorageError: It cannot be written.
        """
        event = self.current
        if event is None:
            return
        number = self._house.store.give_verdict(event.id, kind, self._who, name)
        self._given.append((number, event.id))
        self.verdicts |= browsing.standing(self._house.store, [event.id])
        self.move(1)

    def undo(self) -> bool:
        """Take back the latest verdict that was given here, and go back to its event.

        Returns:
            Whether there was one.

        Raises:
            StorageError: It cannot be written.
        """
        if not self._given:
            return False
        number, event = self._given.pop()
        self._house.store.undo_verdict(number, self._who)
        self.verdicts.pop(event, None)
        self.go_to(event)
        return True
