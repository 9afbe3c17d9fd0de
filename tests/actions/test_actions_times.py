"""Schedules, quiet hours and digests by the clock on the wall."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from everyframe.actions import Digest, Hours, QuietHours, Schedule
from everyframe.actions.times import read_time, read_zone
from everyframe.errors import SettingError

BERLIN = ZoneInfo("Europe/Berlin")


def at(text: str, zone: ZoneInfo = BERLIN) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=zone).timestamp()


@pytest.mark.parametrize(
    ("hours", "inside", "outside"),
    [
        ("07:00-19:00", ["07:00", "18:59"], ["06:59", "19:00"]),
        ("22:00-07:00", ["22:00", "23:59", "00:00", "06:59"], ["07:00", "21:59"]),
        ("00:00-24:00", ["00:00", "23:59"], []),
        ("18:00-24:00", ["18:00", "23:59"], ["00:00", "17:59"]),
    ],
)
def test_hours_hold_from_their_beginning_to_before_their_end(
    hours: str, inside: list[str], outside: list[str]
) -> None:
    read = Hours.parse(hours)
    assert all(read.hold(read_time(text)) for text in inside)
    assert not any(read.hold(read_time(text)) for text in outside)


@pytest.mark.parametrize("text", ["", "7-9", "25:00-26:00", "07:00", "07:60-08:00", "a-b"])
def test_what_are_no_hours_is_said(text: str) -> None:
    with pytest.raises(SettingError, match=r"write (them|one)"):
        Hours.parse(text)


def test_hours_over_midnight_belong_to_the_day_on_which_they_began() -> None:
    schedule = Schedule(("fri",), (Hours.parse("22:00-06:00"),), BERLIN)
    assert schedule.holds(at("2026-11-27 22:00"))  # a Friday
    assert schedule.holds(at("2026-11-28 05:59"))
    assert not schedule.holds(at("2026-11-27 05:59"))
    assert not schedule.holds(at("2026-11-28 22:00"))


def test_without_hours_a_schedule_is_days_and_without_days_it_is_always() -> None:
    assert Schedule(("fri",), (), BERLIN).holds(at("2026-11-27 00:00"))
    assert not Schedule(("fri",), (), BERLIN).holds(at("2026-11-28 00:00"))
    assert Schedule().holds(at("2026-11-28 00:00"))


def test_what_comes_in_quiet_hours_is_sent_at_their_end() -> None:
    quiet = QuietHours(Hours.parse("22:00-07:00"), BERLIN)
    assert quiet.over(at("2026-11-27 21:59")) == at("2026-11-27 21:59")
    assert quiet.over(at("2026-11-27 23:00")) == at("2026-11-28 07:00")
    assert quiet.over(at("2026-11-28 03:00")) == at("2026-11-28 07:00")


def test_the_end_of_quiet_hours_is_by_the_wall_also_when_clocks_are_changed() -> None:
    quiet = QuietHours(Hours.parse("22:00-07:00"), BERLIN)
    forward, back = at("2026-03-28 23:00"), at("2026-10-24 23:00")
    assert quiet.over(forward) - forward == 7 * 3600
    assert quiet.over(back) - back == 9 * 3600


def test_a_digest_is_sent_every_so_many_minutes_or_once_a_day() -> None:
    assert Digest(every=600.0).after(1_200.0) == 1_800.0
    assert Digest(every=600.0).after(1_799.0) == 1_800.0
    daily = Digest(at=read_time("18:00"), zone=BERLIN)
    assert daily.after(at("2026-11-27 17:59")) == at("2026-11-27 18:00")
    assert daily.after(at("2026-11-27 18:00")) == at("2026-11-28 18:00")


@pytest.mark.parametrize("fields", [{}, {"every": 0.0}, {"every": 60.0, "at": read_time("18:00")}])
def test_a_digest_that_is_none_is_refused(fields: dict[str, float]) -> None:
    with pytest.raises(SettingError, match="A digest is sent every so many minutes"):
        Digest(**fields)  # type: ignore[arg-type]


@given(st.floats(1.6e9, 2.0e9), st.times(), st.times())
def test_quiet_hours_end_within_a_day_and_outside_of_themselves(
    utc: float, start: object, end: object
) -> None:
    from datetime import time

    assert isinstance(start, time)
    assert isinstance(end, time)
    if start == end:
        return  # quiet all day has no end
    quiet = QuietHours(Hours(start.replace(microsecond=0), end.replace(microsecond=0)), BERLIN)
    over = quiet.over(utc)
    assert 0.0 <= over - utc <= 25.1 * 3600


def test_zones_are_known_by_name() -> None:
    assert read_zone(None) is None
    zone = read_zone("UTC")
    assert datetime.fromtimestamp(0, zone).utcoffset() == datetime.fromtimestamp(0, UTC).utcoffset()
    with pytest.raises(SettingError, match="There is no time zone Berlin/Europe"):
        read_zone("Berlin/Europe")
