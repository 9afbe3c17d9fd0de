"""Times of the day: schedules of rules, quiet hours and digests."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, time, timedelta, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from everyframe.errors import SettingError

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_HOURS = re.compile(r"^(\d{1,2}):(\d{2})\s*-\s*(\d{1,2}):(\d{2})$")
_TIME = re.compile(r"^(\d{1,2}):(\d{2})$")


def read_zone(name: str | None) -> tzinfo | None:
    """Return a time zone by its name (``Europe/Berlin``), ``None`` for the machine's own.

    Raises:
        SettingError: There is none of that name.
    """
    if name is None:
        return None
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise SettingError(f"There is no time zone {name}; write one such as Europe/Berlin.") from None


def read_time(text: str) -> time:
    """Read ``18:30``.

    Raises:
        SettingError: It is no time of the day.
    """
    found = _TIME.match(text.strip())
    if found is None or int(found[1]) > 23 or int(found[2]) > 59:
        raise SettingError(f"{text} is no time of the day; write one such as 18:30.")
    return time(int(found[1]), int(found[2]))


@dataclass(frozen=True, slots=True)
class Hours:
    """A stretch of the day, ``22:00-07:00``; it may go over midnight, and the same time twice is all day."""

    start: time
    end: time

    @classmethod
    def parse(cls, text: str) -> Hours:
        """Read ``22:00-07:00``; ``24:00`` is midnight.

        Raises:
            SettingError: It cannot be read.
        """
        found = _HOURS.match(text.strip())
        if found is None:
            raise SettingError(f"{text} are no hours; write them like 22:00-07:00.")
        end = "00:00" if (found[3], found[4]) == ("24", "00") else f"{found[3]}:{found[4]}"
        return cls(read_time(f"{found[1]}:{found[2]}"), read_time(end))

    def hold(self, when: time) -> bool:
        """Say whether a time of the day lies within."""
        if self.start < self.end:
            return self.start <= when < self.end
        return when >= self.start or when < self.end


@dataclass(frozen=True, slots=True)
class Schedule:
    """Weekdays and hours.

    Attributes:
        days: From ``mon`` to ``sun``; all where empty. Hours over midnight belong to the day they began on.
        hours: Stretches of the day; the whole day where empty.
        zone: Time zone, ``None`` for the machine's own.
    """

    days: Collection[str] = ()
    hours: Collection[Hours] = ()
    zone: tzinfo | None = None

    def holds(self, utc: float) -> bool:
        """Say whether a time (POSIX seconds) is in the schedule."""
        local = datetime.fromtimestamp(utc, self.zone)
        if not self.hours:
            return self._on(local)
        for hours in self.hours:
            began = local
            if hours.start >= hours.end and local.time() < hours.end:
                began = local - timedelta(days=1)
            if hours.hold(local.time()) and self._on(began):
                return True
        return False

    def _on(self, day: datetime) -> bool:
        return not self.days or DAYS[day.weekday()] in self.days


@dataclass(frozen=True, slots=True)
class QuietHours:
    """Hours in which nobody wants to be told anything."""

    hours: Hours
    zone: tzinfo | None = None

    def over(self, utc: float) -> float:
        """Return ``utc`` itself, or the end of the quiet hours that it lies in (POSIX seconds)."""
        local = datetime.fromtimestamp(utc, self.zone)
        if not self.hours.hold(local.time()):
            return utc
        return max(utc, _next(local, self.hours.end, self.zone))


@dataclass(frozen=True, slots=True)
class Digest:
    """Gather to one message: every so many minutes, or once a day.

    Attributes:
        every: Seconds, counted from midnight UTC; ``None`` for once a day.
        at: Time of the day, where it is once a day.
        zone: Its time zone, ``None`` for the machine's own.
    """

    every: float | None = None
    at: time | None = None
    zone: tzinfo | None = None

    def __post_init__(self) -> None:
        if (self.every is None) == (self.at is None):
            raise SettingError("A digest is sent every so many minutes or at a time of the day; write one.")
        if self.every is not None and not self.every > 0:
            raise SettingError("A digest is sent every so many minutes; write a number above 0.")

    def after(self, utc: float) -> float:
        """Return the next time after ``utc`` at which one is sent, POSIX seconds."""
        if self.every is not None:
            return (utc // self.every + 1) * self.every
        assert self.at is not None
        return _next(datetime.fromtimestamp(utc, self.zone), self.at, self.zone)


def _next(local: datetime, at: time, zone: tzinfo | None) -> float:
    """Return the next time after ``local`` at which clocks on the wall show ``at``, POSIX seconds."""
    utc = local.timestamp()
    for days in range(3):
        # By the clock on the wall, so that a day with 23 or 25 hours does not move it.
        found = datetime.combine(local.date() + timedelta(days=days), at, zone).timestamp()
        if found > utc:
            return found
    raise AssertionError("every day has every time")
