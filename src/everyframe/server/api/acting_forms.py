"""What the API gives of rules, requests, decisions and messages."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, Field

from everyframe.actions import MessageState
from everyframe.server.api.forms import Number


class RuleOut(BaseModel):
    """A rule."""

    name: str
    fixed: bool = Field(description="Whether it stands in the settings file")
    rule: dict[str, Any] | None = Field(default=None, description="Its table as in the settings file")
    broken: str | None = Field(default=None, description="Why it cannot be used now, where it cannot")


class RequestOut(BaseModel):
    """Something a rule wants to ask for, once a person has approved it."""

    id: str
    rule: str
    camera: str
    why: str
    measures: dict[str, Number]
    asked_utc: float
    until_utc: float


class DecisionOut(BaseModel):
    """What a rule decided; decisions about one request have one id."""

    id: str
    utc: float
    rule: str
    camera: str
    outcome: str
    why: str
    measures: dict[str, Number]
    sent: bool = Field(description="Whether a request went out")
    destination: str | None


class DestinationOut(BaseModel):
    """Who is told; never its address, which may hold a secret."""

    name: str
    kind: str
    hears: list[str]
    cameras: list[str]
    messages: dict[str, int] = Field(description="How many have come how far")
    digest: str | None = Field(description="When news is gathered to one message, in words")
    quiet: str | None = Field(description="Hours without news")
    quiet_until_utc: float | None = Field(description="When the quiet hours end that are on now")
    next_utc: float = Field(description="When news that came now would be sent")
    gathered: int = Field(description="How much news waits for its digest, or for quiet hours to end")


class Digested(BaseModel):
    """What of a digest is sent now."""

    messages: int = Field(description="How much news it gathers")


class Sent(BaseModel):
    """The id of a message on its way."""

    id: str


class MessageOut(BaseModel):
    """A message of the outbox."""

    id: str
    destination: str
    kind: str
    camera: str | None
    title: str
    created_utc: float
    state: MessageState
    attempts: int
    error: str | None
    ended_utc: float | None
