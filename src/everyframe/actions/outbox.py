"""The outbox: every message is a row before anybody tries to deliver it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Select, delete, func, select, update
from sqlalchemy.orm import Session

from everyframe.actions.messages import NEWS, Message, MessageKind, MessageState, StoredMessage
from everyframe.errors import SettingError
from everyframe.store import Store
from everyframe.store.action_models import MessageRow


class Outbox:
    """Messages that wait, that were delivered, and that were given up.

    A message that is added inside the transaction of what causes it is kept exactly when that is. Who
    delivers *claims* messages first: a claim counts as an attempt and puts the message off for the length of
    the lease, so that one whose courier is killed is tried again, by whoever comes first, and so that one
    that kills its courier is not tried for ever.

    Args:
        store: Where the rows are.
    """

    def __init__(self, store: Store) -> None:
        self._store = store

    def add(self, message: Message, due_utc: float | None = None, *, session: Session | None = None) -> None:
        """Put a message in.

        Args:
            message: What is to be said.
            due_utc: POSIX seconds before which it is not delivered; at once by default.
            session: The transaction that it belongs to; one of its own by default.

        Raises:
            StorageError: If it cannot be written.
        """
        if session is None:
            with self._store.writing() as own:
                self.add(message, due_utc, session=own)
            return
        if message.slot is not None:
            _supersede(session, message)
        session.add(_row(message, message.created_utc if due_utc is None else due_utc))
        session.flush()  # a fault shows here, where it was made

    def due(self, destination: str, now: float, *, urgent: bool = False) -> bool:
        """Say whether anything is due for an attempt; cheaper than claiming it."""
        with self._store.reading() as session:
            return session.scalar(_due(select(MessageRow.id), destination, now, urgent).limit(1)) is not None

    def claim(
        self, destination: str, now: float, lease: float, most: int = 1, *, urgent: bool = False
    ) -> list[StoredMessage]:
        """Take the messages that are due for an attempt, those tried least first, then the oldest.

        Args:
            destination: Whose.
            now: POSIX seconds.
            lease: Seconds in which the attempt will be over; after that anybody may claim them again.
            most: How many at most.
            urgent: Only what rules ask for.

        Raises:
            StorageError: If the database does not take it.
        """
        query = _due(select(MessageRow), destination, now, urgent)
        # Those tried least first: one that is refused again and again must not keep back the others.
        query = query.order_by(MessageRow.attempts, MessageRow.id).limit(most)
        with self._store.writing() as session:
            # To skip what others hold is for PostgreSQL; SQLite's lock is on the whole file anyway.
            rows = list(session.scalars(query.with_for_update(skip_locked=True)))
            for row in rows:
                row.attempts += 1
                row.due_utc = now + lease
            return [_stored(row) for row in sorted(rows, key=lambda row: row.id)]

    def delivered(self, uids: Sequence[str], now: float) -> None:
        """Say that messages have arrived."""
        self._end(uids, now, MessageState.DELIVERED, None)

    def give_up(self, uids: Sequence[str], now: float, error: str) -> None:
        """Say that messages will never arrive, and why."""
        self._end(uids, now, MessageState.DEAD, error)

    def put_off(self, uid: str, due_utc: float, error: str) -> None:
        """Say when a message is tried again (POSIX seconds), and what the attempt failed of."""
        with self._store.writing() as session:
            session.execute(_waiting(update(MessageRow), [uid]).values(due_utc=due_utc, error=error))

    def revive(self, uid: str, now: float) -> None:
        """Try a message again that was given up, as if it were new.

        Raises:
            SettingError: If there is no such message among those given up.
        """
        with self._store.writing() as session:
            row = session.scalar(
                select(MessageRow).where(MessageRow.uid == uid, MessageRow.state == MessageState.DEAD.value)
            )
            if row is None:
                raise SettingError(f"No message {uid} was given up; list those that were and copy an id.")
            if row.expires_utc is not None and row.expires_utc <= now:
                raise SettingError(f"Message {uid} has expired; what it asked for is not wanted any more.")
            row.state, row.ended_utc = MessageState.WAITING.value, None
            row.attempts, row.from_utc, row.due_utc = 0, now, now

    def gathered(self, destination: str, now: float) -> list[StoredMessage]:
        """Return the news that waits for its digest, or for quiet hours to end, oldest first."""
        query = _gathered(select(MessageRow), destination, now).order_by(MessageRow.id)
        with self._store.reading() as session:
            return [_stored(row) for row in session.scalars(query)]

    def send_gathered(self, destination: str, now: float) -> int:
        """Have the news sent now that waits for its digest, or for quiet hours to end; return how many.

        Raises:
            StorageError: If it cannot be written.
        """
        query = _gathered(update(MessageRow), destination, now).values(due_utc=now, from_utc=now)
        with self._store.writing() as session:
            return int(session.execute(query).rowcount)  # type: ignore[attr-defined]

    def messages(
        self, state: MessageState | None = None, destination: str | None = None, most: int = 1000
    ) -> list[StoredMessage]:
        """Return messages, newest first.

        Args:
            state: Only those.
            destination: Only to there.
            most: How many at most.
        """
        query = select(MessageRow).order_by(MessageRow.id.desc()).limit(most)
        if state is not None:
            query = query.where(MessageRow.state == state.value)
        if destination is not None:
            query = query.where(MessageRow.destination == destination)
        with self._store.reading() as session:
            return [_stored(row) for row in session.scalars(query)]

    def counts(self) -> dict[tuple[str, MessageState], int]:
        """Return how many messages there are, by destination and state."""
        query = select(MessageRow.destination, MessageRow.state, func.count()).group_by(
            MessageRow.destination, MessageRow.state
        )
        with self._store.reading() as session:
            return {(name, MessageState(state)): number for name, state, number in session.execute(query)}

    def waiting_for(self) -> set[str]:
        """Return the names of the destinations that messages wait for."""
        query = select(MessageRow.destination).where(MessageRow.state == MessageState.WAITING.value)
        with self._store.reading() as session:
            return set(session.scalars(query.distinct()))

    def prune(self, before: float) -> int:
        """Forget messages that arrived or were superseded before ``before`` (POSIX seconds).

        Those given up stay until somebody has seen them.

        Returns:
            How many.
        """
        over = (MessageState.DELIVERED.value, MessageState.SUPERSEDED.value)
        query = delete(MessageRow).where(MessageRow.state.in_(over), MessageRow.ended_utc < before)
        with self._store.writing() as session:
            return int(session.execute(query).rowcount)  # type: ignore[attr-defined]

    def _end(self, uids: Sequence[str], now: float, state: MessageState, error: str | None) -> None:
        values: dict[str, Any] = {"state": state.value, "ended_utc": now, "error": error}
        with self._store.writing() as session:
            session.execute(_waiting(update(MessageRow), uids).values(values))


def _due(query: Select[Any], destination: str, now: float, urgent: bool) -> Select[Any]:
    query = query.where(
        MessageRow.state == MessageState.WAITING.value,
        MessageRow.destination == destination,
        MessageRow.due_utc <= now,
    )
    return query.where(MessageRow.kind == MessageKind.REQUEST.value) if urgent else query


def _gathered(query: Any, destination: str, now: float) -> Any:
    """Leave out what was tried before: it waits for the destination, and not for its time."""
    return query.where(
        MessageRow.state == MessageState.WAITING.value,
        MessageRow.destination == destination,
        MessageRow.kind.in_([kind.value for kind in NEWS]),
        MessageRow.attempts == 0,
        MessageRow.due_utc > now,
    )


def _waiting(query: Any, uids: Sequence[str]) -> Any:
    return query.where(MessageRow.uid.in_(list(uids)), MessageRow.state == MessageState.WAITING.value)


def _supersede(session: Session, message: Message) -> None:
    older = (
        update(MessageRow)
        .where(
            MessageRow.slot == message.slot,
            MessageRow.destination == message.destination,
            MessageRow.state == MessageState.WAITING.value,
        )
        .values(state=MessageState.SUPERSEDED.value, ended_utc=message.created_utc)
    )
    session.execute(older)


def _row(message: Message, due_utc: float) -> MessageRow:
    return MessageRow(
        uid=message.uid,
        destination=message.destination,
        kind=message.kind.value,
        camera=message.camera,
        title=message.title,
        text=message.text,
        data=plain(message.data),
        topic=message.topic,
        payload=message.payload,
        retain=message.retain,
        slot=message.slot,
        state=MessageState.WAITING.value,
        created_utc=float(message.created_utc),
        from_utc=float(due_utc),
        due_utc=float(due_utc),
        expires_utc=None if message.expires_utc is None else float(message.expires_utc),
        attempts=0,
    )


def _stored(row: MessageRow) -> StoredMessage:
    message = Message(
        destination=row.destination,
        kind=MessageKind(row.kind),
        title=row.title,
        text=row.text,
        data=row.data,
        camera=row.camera,
        topic=row.topic,
        payload=row.payload,
        retain=row.retain,
        slot=row.slot,
        created_utc=row.created_utc,
        expires_utc=row.expires_utc,
        uid=row.uid,
    )
    return StoredMessage(
        message=message,
        state=MessageState(row.state),
        attempts=row.attempts,
        from_utc=row.from_utc,
        due_utc=row.due_utc,
        error=row.error,
        ended_utc=row.ended_utc,
    )


def plain(value: Any) -> Any:
    """Make values that JSON knows: NumPy's numbers become Python's, numbers that are none become ``None``."""
    if isinstance(value, Mapping):
        return {str(key): plain(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [plain(entry) for entry in value]
    if hasattr(value, "item"):
        value = value.item()
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return value
