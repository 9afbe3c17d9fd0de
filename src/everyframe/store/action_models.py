"""The tables of what is sent and why: messages, decisions of rules, and what rules remember."""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from everyframe.store.models import Base


class MessageRow(Base):
    """A message that is to be delivered, or was; ``destination`` is a name, so that no secret is kept here.

    ``from_utc`` is the time at which it is wanted, ``due_utc`` that of the next attempt, and ``slot`` names
    what only the newest message matters of.
    """

    __tablename__ = "message"

    id: Mapped[int] = mapped_column(primary_key=True)
    uid: Mapped[str] = mapped_column(String(36), unique=True)
    destination: Mapped[str] = mapped_column(String(100), index=True)
    kind: Mapped[str] = mapped_column(String(16))
    camera: Mapped[str | None] = mapped_column(String(200))
    title: Mapped[str] = mapped_column(Text)
    text: Mapped[str] = mapped_column(Text)
    data: Mapped[dict[str, Any]] = mapped_column(JSON)
    topic: Mapped[str | None] = mapped_column(Text)
    payload: Mapped[str | None] = mapped_column(Text)
    retain: Mapped[bool]
    slot: Mapped[str | None] = mapped_column(String(320), index=True)
    state: Mapped[str] = mapped_column(String(16), index=True)
    created_utc: Mapped[float]
    from_utc: Mapped[float]
    due_utc: Mapped[float] = mapped_column(index=True)
    expires_utc: Mapped[float | None]
    attempts: Mapped[int]
    error: Mapped[str | None] = mapped_column(Text)
    ended_utc: Mapped[float | None]


class DecisionRow(Base):
    """What a rule decided, and why; rows are added and never changed."""

    __tablename__ = "decision"

    id: Mapped[int] = mapped_column(primary_key=True)
    uid: Mapped[str] = mapped_column(String(36), index=True)
    utc: Mapped[float] = mapped_column(index=True)
    rule: Mapped[str] = mapped_column(String(100), index=True)
    camera: Mapped[str] = mapped_column(String(200))
    outcome: Mapped[str] = mapped_column(String(24))
    why: Mapped[str] = mapped_column(Text)
    measures: Mapped[dict[str, Any]] = mapped_column(JSON)
    request: Mapped[dict[str, Any] | None] = mapped_column(JSON)


class RuleStateRow(Base):
    """What a rule has to remember over a restart: when it fired, and what it waits for."""

    __tablename__ = "rule_state"

    rule: Mapped[str] = mapped_column(String(100), primary_key=True)
    state: Mapped[dict[str, Any]] = mapped_column(JSON)
    saved_utc: Mapped[float]
