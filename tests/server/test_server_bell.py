"""Alerts ring on open pages; nothing else does."""

from __future__ import annotations

import time
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st
from tests.server.fakes import Still

from everyframe.live import Notice
from everyframe.server.bell import Bell
from everyframe.server.pages.ringing import arrived


def notice(number: int, kind: str = "alert") -> Notice:
    return Notice(kind, "gate", f"moves {number}", 1.0, number, 0.5)


@given(
    st.lists(st.lists(st.sampled_from(["alert", "alert over", "health", "state"]), max_size=9), max_size=9)
)
def test_who_looks_now_and_then_hears_each_alert_once(rounds: list[list[str]]) -> None:
    watching = Still()
    bell = Bell(watching)
    told: list[Notice] = []
    heard: list[Notice] = []
    rung = bell.rung
    for kinds in rounds:
        for kind in kinds:
            told.append(notice(len(told), kind))
            for listener in watching.listeners:
                listener(told[-1])
        heard += bell.since(rung)
        rung = bell.rung
    assert heard == [one for one in told if one.kind == "alert"]


def test_who_was_away_for_long_hears_of_the_latest() -> None:
    watching = Still()
    bell = Bell(watching)
    for number in range(120):
        watching.listeners[0](notice(number))
    assert bell.rung == 120
    assert [one.event_id for one in bell.since(0)] == list(range(70, 120))
    assert [one.event_id for one in bell.since(118)] == [118, 119]


def test_who_comes_hears_of_the_last_seconds() -> None:
    watching = Still()
    bell = Bell(watching)
    for ago in (60.0, 19.0, 1.0):
        watching.listeners[0](replace(notice(int(ago)), utc=time.time() - ago))
    assert [one.event_id for one in bell.lately(20.0)] == [19, 1]


def test_when_the_picture_came_is_in_the_page() -> None:
    assert arrived(notice(1)) == 'data-arrived="0.500"'
    assert arrived(Notice("alert", "gate", "moves", 1.0)) == ""
