"""Days and hours as tables write them: of rules, and of cameras that are not watched all day."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any, Literal

from pydantic import field_validator

from everyframe.actions.tables import Table, as_value_error, read_table
from everyframe.actions.times import Hours, Schedule, read_zone
from everyframe.errors import SettingError


class Timetable(Table):
    """Weekdays and hours.

    Attributes:
        days: Weekdays (``mon`` to ``sun``); all where empty. Hours over midnight belong to the day on which
            they began.
        hours: Stretches of the day (``22:00-07:00``); the whole day where empty.
        zone: Time zone of days and hours, ``None`` for the machine's own.
    """

    days: tuple[Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"], ...] = ()
    hours: tuple[str, ...] = ()
    zone: str | None = None

    @field_validator("hours")
    @classmethod
    def _are_hours(cls, hours: tuple[str, ...]) -> tuple[str, ...]:
        for text in hours:
            as_value_error(Hours.parse, text)
        return hours

    @field_validator("zone")
    @classmethod
    def _is_zone(cls, zone: str | None) -> str | None:
        as_value_error(read_zone, zone)
        return zone

    @cached_property
    def schedule(self) -> Schedule:
        """The times that it holds."""
        return Schedule(self.days, tuple(Hours.parse(text) for text in self.hours), read_zone(self.zone))

    @property
    def always(self) -> bool:
        """Whether it holds at all times."""
        return not self.days and not self.hours


ALWAYS = Timetable()
"""All day, every day."""


def read_timetable(told: Any, called: str = "schedule") -> Timetable:
    """Make a timetable of what was written.

    Raises:
        SettingError: It is no table, or something in it is wrong.
    """
    if not isinstance(told, Mapping):
        raise SettingError(f'{called} is a table; write {called} = {{ hours = ["07:00-19:00"] }}.')
    return read_table(Timetable, told, called)
