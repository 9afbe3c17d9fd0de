"""A message to somebody outside, whatever carries it."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

SCHEMA = "everyframe/1"
"""Name and version of the form in which messages are told to programs."""


class MessageKind(StrEnum):
    """What a message is about."""

    ALERT = "alert"  # something deviated from a camera's normal
    HEALTH = "health"  # what is wrong with a camera, or that nothing is any longer
    STATE = "state"  # what Everyframe does with a camera
    REQUEST = "request"  # a rule asks for something to be done
    APPROVAL = "approval"  # a rule asks a person whether it may
    TEST = "test"  # somebody tries whether messages come through


NEWS = (MessageKind.ALERT, MessageKind.HEALTH)
"""What digests gather and quiet hours hold back."""


class MessageState(StrEnum):
    """How far a message has come."""

    WAITING = "waiting"
    DELIVERED = "delivered"
    DEAD = "dead"  # given up: too often, too late, or never possible; the error says why
    SUPERSEDED = "superseded"  # a newer one said what matters now


def new_uid() -> str:
    """Return an id that no other message has."""
    return str(uuid.uuid4())


@dataclass(frozen=True, slots=True)
class Message:
    """What is to be said, and to whom.

    Attributes:
        destination: Name of the destination.
        kind: What it is about.
        title: One line for a person.
        text: The rest for a person; may be empty.
        data: The same for a program: plain values that JSON knows.
        camera: Whose it is, ``None`` where it is about no camera.
        topic: MQTT topic, where it is not the usual one of its kind.
        payload: What exactly to send to a program instead of the usual form.
        retain: Whether an MQTT broker keeps it for who subscribes later.
        slot: Only the newest message of a slot matters: one that still waits gives way to it.
        created_utc: POSIX seconds.
        expires_utc: POSIX seconds from which on it must not be delivered any more.
        uid: Its id, which the receiver sees; the same on every attempt.
    """

    destination: str
    kind: MessageKind
    title: str
    created_utc: float
    text: str = ""
    data: Mapping[str, Any] = field(default_factory=dict)
    camera: str | None = None
    topic: str | None = None
    payload: str | None = None
    retain: bool = False
    slot: str | None = None
    expires_utc: float | None = None
    uid: str = field(default_factory=new_uid)

    def told(self) -> dict[str, Any]:
        """Return the form in which a program reads it."""
        return {
            "schema": SCHEMA,
            "id": self.uid,
            "kind": self.kind.value,
            "camera": self.camera,
            "created": self.created_utc,
            "title": self.title,
            "text": self.text,
            "data": dict(self.data),
        }


@dataclass(frozen=True, slots=True)
class StoredMessage:
    """A message in the outbox.

    Attributes:
        message: What is said.
        state: How far it has come.
        attempts: How often it was tried.
        from_utc: POSIX seconds at which it was wanted.
        due_utc: POSIX seconds of the next attempt.
        error: What the last attempt failed of.
        ended_utc: POSIX seconds at which it was delivered or given up.
    """

    message: Message
    state: MessageState
    attempts: int
    from_utc: float
    due_utc: float
    error: str | None
    ended_utc: float | None
