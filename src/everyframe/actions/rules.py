"""Rules: when which condition holds, ask for what, and what keeps that in bounds."""

from __future__ import annotations

from collections.abc import Collection
from enum import StrEnum
from functools import cached_property
from typing import Annotated, Literal

from pydantic import Field, field_validator, model_validator

from everyframe.actions.tables import Table, as_value_error
from everyframe.actions.templates import check_template
from everyframe.actions.timetables import Timetable
from everyframe.actions.topics import check_topic
from everyframe.errors import SettingError

Seconds = Annotated[float, Field(ge=0.0, allow_inf_nan=False)]
Name = Annotated[str, Field(min_length=1, max_length=100, pattern=r"^[A-Za-z0-9][A-Za-z0-9 ._-]*$")]

FAULTS = ("offline", "stalled", "frozen", "covered", "dark", "blinded", "defocused", "moved")
"""Kinds of camera health in which a picture cannot be acted on, unless a rule says otherwise."""


class Mode(StrEnum):
    """What a rule may do on its own."""

    DRY_RUN = "dry-run"  # nothing: it only says what it would have done
    APPROVE = "approve"  # ask for something once a person has approved it
    AUTO = "auto"  # ask for something at once


class Condition(Table):
    """One condition: over a measured quantity, alerts, or the camera's health.

    Attributes:
        quantity: What is measured (see ``measures``), with ``zone`` and ``above`` or ``below`` or both.
        zone: Where.
        above: Holds while the quantity is above this.
        below: Holds while it is below this.
        alert: ``any``, or the attribute that has to deviate (``speed``), with ``within``.
        p_below: Only alerts whose p-value is below this.
        within: Seconds for which an alert counts after it came.
        health: Kind of a fault that the camera has.
    """

    quantity: Literal["speed", "pace", "occupancy", "queue", "count"] | None = None
    zone: str | None = None
    above: float | None = Field(None, allow_inf_nan=False)
    below: float | None = Field(None, allow_inf_nan=False)
    alert: str | None = None
    p_below: float | None = Field(None, gt=0.0, le=1.0)
    within: Seconds = 10.0
    health: str | None = None

    @model_validator(mode="after")
    def _is_one(self) -> Condition:
        said = [name for name in ("quantity", "alert", "health") if getattr(self, name) is not None]
        if len(said) != 1:
            raise ValueError("a condition is over quantity, alert or health; write one of them")
        if self.quantity is not None:
            if self.zone is None or (self.above is None and self.below is None):
                raise ValueError("a quantity wants its zone, and above or below")
        elif self.zone is not None or self.above is not None or self.below is not None:
            raise ValueError("zone, above and below are for a quantity")
        if self.alert is None and self.p_below is not None:
            raise ValueError("p_below is for an alert")
        return self

    @property
    def measure(self) -> str | None:
        """Name of the quantity among the measures: ``north.queue``."""
        return None if self.quantity is None else f"{self.zone}.{self.quantity}"


class Request(Table):
    """What is asked for, and of whom.

    Attributes:
        destination: Name of the destination.
        topic: MQTT topic; by default that of the camera's requests.
        payload: Template of what is sent; by default the usual form.
        retain: Whether the MQTT broker keeps it.
        valid_for: Seconds after which it is too late to deliver it; by default 60 for what a rule asks for,
            and no limit for fallbacks and safe states.
    """

    destination: str
    topic: str | None = None
    payload: str | None = None
    retain: bool = False
    valid_for: Annotated[float, Field(gt=0.0, allow_inf_nan=False)] | None = None

    @field_validator("topic")
    @classmethod
    def _is_topic(cls, topic: str | None) -> str | None:
        return topic if topic is None else as_value_error(check_topic, topic)


class Rule(Timetable):
    """A condition, a request, and the guards between them; its timetable says when it may ask.

    Attributes:
        name: What it is called; what it remembers is kept under this name.
        cameras: Which cameras it is over; all where empty. The guards are for all of them together.
        when: Its conditions.
        match: Whether ``all`` of them have to hold, or ``any``.
        hold: (``for``) Seconds that they have to hold without a break.
        mode: What it may do on its own.
        approve_within: Seconds in which a person has to approve.
        ask: Destinations that are told that a person is asked.
        cooldown: Seconds from one request to the next at least.
        per_hour: Requests within an hour at most.
        request: What it asks for.
        ack_within: Seconds in which the receiver has to acknowledge; ``None`` where it need not.
        fallback: What is asked for where it does not.
        safe: What is asked for when Everyframe stops or the camera cannot be trusted.
        faults: Kinds of health in which the camera cannot be trusted.
        silent_after: Seconds without a step after which the camera counts as offline.
    """

    name: Name
    cameras: tuple[str, ...] = ()
    when: tuple[Condition, ...] = Field(min_length=1)
    match: Literal["all", "any"] = "all"
    hold: Seconds = Field(0.0, alias="for")
    mode: Mode = Mode.DRY_RUN
    approve_within: Annotated[float, Field(gt=0.0, allow_inf_nan=False)] = 300.0
    ask: tuple[str, ...] = ()
    cooldown: Seconds = 60.0
    per_hour: int = Field(10, ge=1, le=3600)
    request: Request
    ack_within: Annotated[float, Field(gt=0.0, allow_inf_nan=False)] | None = None
    fallback: Request | None = None
    safe: Request | None = None
    faults: tuple[str, ...] = FAULTS
    silent_after: Annotated[float, Field(gt=0.0, allow_inf_nan=False)] = 10.0

    @model_validator(mode="after")
    def _fits_together(self) -> Rule:
        if (self.ack_within is None) != (self.fallback is None):
            raise ValueError("ack_within and fallback belong together; write both or neither")
        _check_payload("request", self.request, self.measures)
        # These are sent when nothing is measured any more, so that they cannot speak of it.
        _check_payload("fallback", self.fallback, ())
        _check_payload("safe", self.safe, ())
        return self

    @property
    def measures(self) -> tuple[str, ...]:
        """Names of the measures that it looks at."""
        return tuple(dict.fromkeys(each.measure for each in self.when if each.measure is not None))

    @cached_property
    def distrusts(self) -> frozenset[str]:
        """Kinds of health in which it does not act: its faults, but for those that it is itself about."""
        return frozenset(self.faults) - {each.health for each in self.when if each.health is not None}

    def over(self, camera: str) -> bool:
        """Say whether it is over a camera."""
        return not self.cameras or camera in self.cameras

    @property
    def destinations(self) -> set[str]:
        """The names of all destinations that it speaks of."""
        requests = (self.request, self.fallback, self.safe)
        return {each.destination for each in requests if each is not None} | set(self.ask)


def _check_payload(called: str, request: Request | None, measures: Collection[str]) -> None:
    if request is None or request.payload is None:
        return
    try:
        check_template(request.payload, measures)
    except SettingError as error:
        raise ValueError(f"{called}.payload: {error}") from None
