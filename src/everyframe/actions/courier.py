"""The courier: takes messages from the outbox and sees to it that they arrive."""

from __future__ import annotations

import logging
import threading
import time as clock
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from types import TracebackType

from everyframe.actions.destinations import Destination
from everyframe.actions.messages import MessageState, StoredMessage
from everyframe.actions.outbox import Outbox
from everyframe.errors import DeliveryError, EveryframeError
from everyframe.sources import Backoff

_log = logging.getLogger(__name__)

_GATHERED = 200  # messages in one digest at most

Acknowledge = Callable[[str, float], None]
"""Hears the id of a message whose receiver did what was asked, and when (POSIX seconds)."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to try.

    Attributes:
        attempts: After so many failed ones a message is given up.
        age: Seconds after which it is given up.
        backoff: When to try again.
        lease: Seconds that an attempt may take; if the process dies meanwhile, it is tried again after that.
    """

    attempts: int = 100
    age: float = 86_400.0
    backoff: Backoff = field(default_factory=lambda: Backoff(1.0, 900.0))
    lease: float = 60.0


class Courier:
    """Delivers what is in the outbox, at least once, to destinations that come and go.

    In a program, ``start`` gives every destination a thread, so that one that hangs delays no other. In a
    test, ``step`` does what is due, once, in the calling thread.

    Args:
        outbox: Where messages wait.
        destinations: Where they go; a message to any other name is given up once it is too old.
        patience: How long to try.
        acknowledged: Hears of receivers that did what a request asked for.
        now: The clock, POSIX seconds.
        poll: Seconds between looks into the outbox while nobody calls ``wake``.
    """

    def __init__(
        self,
        outbox: Outbox,
        destinations: Iterable[Destination],
        *,
        patience: Patience | None = None,
        acknowledged: Acknowledge | None = None,
        now: Callable[[], float] = clock.time,
        poll: float = 1.0,
    ) -> None:
        self._outbox = outbox
        self._destinations = {each.name: each for each in destinations}
        self._patience = patience or Patience()
        self._acknowledged = acknowledged
        self._now = now
        self._poll = poll
        self._failures = dict.fromkeys(self._destinations, 0)
        self._blocked = dict.fromkeys(self._destinations, float("-inf"))
        self._busy: set[str] = set()
        self._threads: list[threading.Thread] = []
        self._bells: dict[str, threading.Event] = {}
        self._closing = threading.Event()

    def __enter__(self) -> Courier:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def start(self) -> None:
        """Deliver from now on, in the background."""
        if self._threads:
            return
        self._closing.clear()
        for name in [*self._destinations, ""]:
            self._bells[name] = threading.Event()
            thread = threading.Thread(
                target=self._work, args=(name,), name=f"courier {name}".strip(), daemon=True
            )
            self._threads.append(thread)
            thread.start()

    def wake(self) -> None:
        """Look into the outbox now: something was put in."""
        for bell in self._bells.values():
            bell.set()

    def close(self, patience: float = 10.0) -> None:
        """Stop: attempts under way are waited for, what is left stays in the outbox; safe to call twice.

        Args:
            patience: Seconds to wait for attempts under way.
        """
        self._closing.set()
        self.wake()
        for thread in self._threads:
            thread.join(patience)
        self._threads.clear()
        for destination in self._destinations.values():
            destination.carrier.close()

    def step(self) -> int:
        """Do all that is due now, once; return how many messages arrived.

        Raises:
            StorageError: If the database does not answer.
        """
        return sum(self._deliver(name) for name in self._destinations) + self._tidy()

    def drain(self, patience: float) -> bool:
        """Wait until nothing is due any more, for ``patience`` seconds at most; return whether that is so."""
        end = clock.monotonic() + patience
        while self._busy or any(self._outbox.due(name, self._now()) for name in self._destinations):
            if clock.monotonic() > end:
                return False
            self.wake()
            clock.sleep(0.02)
        return True

    def _work(self, name: str) -> None:
        bell = self._bells[name]
        while not self._closing.is_set():
            try:
                arrived = self._deliver(name) if name else self._tidy()
            except EveryframeError as error:
                # A locked or full disk: the rows are still there, and the next look may find it mended.
                _log.warning("%s", error)
                arrived = 0
            except Exception:
                # A thread that dies unseen would keep every later message; say it, and go on.
                _log.exception("The courier to %s stumbled and goes on", name)
                arrived = 0
            if not arrived:
                bell.wait(self._poll)
            bell.clear()

    def _deliver(self, name: str) -> int:
        """Try what is due for one destination; return how many messages arrived."""
        arrived = 0
        while not self._closing.is_set():
            self._busy.add(name)
            try:
                batches = self._claim(name)
                arrived += sum(self._attempt(self._destinations[name], batch) for batch in batches)
            finally:
                self._busy.discard(name)
            if not batches:
                break
        return arrived

    def _claim(self, name: str) -> list[list[StoredMessage]]:
        """Take what is due, give up what is over, and return the rest as it is to be sent."""
        now = self._now()
        # Where a destination does not answer, news waits for it to come back; what a rule asks for has no
        # time for that and is tried on its own.
        urgent = now < self._blocked[name]
        destination = self._destinations[name]
        if not self._outbox.due(name, now, urgent=urgent):
            return []
        most = _GATHERED if destination.gathers else 1
        claimed = self._outbox.claim(name, now, self._patience.lease, most, urgent=urgent)
        entries = {entry.message.uid: entry for entry in claimed if not self._give_up(entry, now)}
        parts = destination.batches([entry.message for entry in entries.values()])
        return [[entries[message.uid] for message in part] for part in parts] or [[]]

    def _attempt(self, destination: Destination, entries: Sequence[StoredMessage]) -> int:
        """Deliver messages that are sent together; return how many arrived."""
        if not entries:
            return 0
        messages = [entry.message for entry in entries]
        try:
            done = destination.carrier.deliver(messages)
        except DeliveryError as error:
            self._failed(destination.name, entries, error)
            return 0
        except Exception as error:
            _log.exception("Delivering to %s failed in an unforeseen way", destination.name)
            self._failed(destination.name, entries, DeliveryError(f"{type(error).__name__}; see the log."))
            return 0
        now = self._now()
        self._failures[destination.name] = 0
        self._blocked[destination.name] = float("-inf")
        self._outbox.delivered([message.uid for message in messages], now)
        if self._acknowledged is not None:
            for uid in done:
                self._acknowledged(uid, now)
        return len(messages)

    def _failed(self, name: str, entries: Sequence[StoredMessage], error: DeliveryError) -> None:
        now = self._now()
        if not error.final:
            self._failures[name] += 1
            self._blocked[name] = now + self._patience.backoff.wait(self._failures[name])
        for entry in entries:
            if error.final or entry.attempts >= self._patience.attempts:
                self._outbox.give_up([entry.message.uid], now, str(error))
            else:
                due = now + self._patience.backoff.wait(entry.attempts)
                self._outbox.put_off(entry.message.uid, due, str(error))

    def _give_up(self, entry: StoredMessage, now: float) -> bool:
        """Give up a message that is over (the process may have died on every attempt); say whether it was."""
        reason = self._over(entry, now)
        if reason is not None:
            self._outbox.give_up([entry.message.uid], now, reason)
        return reason is not None

    def _over(self, entry: StoredMessage, now: float) -> str | None:
        last = f" ({entry.error})" if entry.error else ""
        if entry.message.expires_utc is not None and now >= entry.message.expires_utc:
            return f"too late for what it asks{last}"
        if now - entry.from_utc > self._patience.age:
            return f"older than {self._patience.age / 3600:g} hours{last}"
        if entry.attempts > self._patience.attempts:
            return f"tried {self._patience.attempts} times{last}"
        return None

    def _tidy(self) -> int:
        """Give up what has waited too long for a destination that there is not."""
        now = self._now()
        for name in self._outbox.waiting_for() - set(self._destinations):
            for entry in self._outbox.messages(MessageState.WAITING, name):
                reason = self._over(entry, now)
                if reason is not None:
                    self._outbox.give_up(
                        [entry.message.uid], now, f"there is no destination {name}; it is {reason}"
                    )
        return 0
