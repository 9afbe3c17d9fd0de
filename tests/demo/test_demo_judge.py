"""Alerts against the truth: only what overlaps in time and place is right."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from everyframe.demo import judge
from everyframe.sources.scene import ParkScene
from everyframe.types import Box, Event


@pytest.fixture(scope="module")
def scene() -> ParkScene:
    return ParkScene(3, None, 10, (240, 136), "cyclist,wrong_way")


@pytest.fixture(scope="module")
def alert(scene: ParkScene) -> Callable[..., Event]:
    def make(kind: str, *, later: float = 0.0, aside: int = 0, track: bool = True) -> Event:
        """Return an alert on the middle of something scripted, moved in time and place."""
        (scripted,) = [thing for thing in scene.truth if thing.kind == kind]
        middle = round((scripted.start + scripted.end) / 2 * 10)
        (actor,) = [actor for actor in scene.truth_at(middle) if actor.kind == kind]
        box = Box(actor.box.x + aside, actor.box.y, actor.box.width, actor.box.height)
        time = scene.time(middle) + later
        seen = ((time, box),) if track else ()
        return Event(time - 0.5, time + 0.5, time, box, 9.0, 1e-4, "moves oddly", track=seen)

    return make


def test_an_alert_in_the_right_place_at_the_right_time_is_right(
    scene: ParkScene, alert: Callable[..., Event]
) -> None:
    events = [alert("cyclist"), alert("wrong_way", track=False)]
    findings, false = judge(scene, events, [41, 42])
    assert [(f.scripted.kind, f.number) for f in findings] == [("cyclist", 41), ("wrong_way", 42)]
    assert false == []
    for finding in findings:
        assert finding.event is not None
        assert finding.after == pytest.approx(finding.event.start - finding.scripted.start)


def test_an_alert_beside_it_or_long_after_it_is_false(scene: ParkScene, alert: Callable[..., Event]) -> None:
    beside, after = alert("cyclist", aside=-200), alert("cyclist", later=20.0)
    findings, false = judge(scene, [beside, after], [1, 2])
    assert [finding.event for finding in findings] == [None, None]
    assert [finding.after for finding in findings] == [None, None]
    assert false == [beside, after]


def test_the_first_of_several_alerts_counts_and_none_of_them_is_false(
    scene: ParkScene, alert: Callable[..., Event]
) -> None:
    late, early = alert("wrong_way", later=0.3), alert("wrong_way")
    findings, false = judge(scene, [late, early], [1, 2])
    assert (findings[1].event, findings[1].number) == (early, 2)
    assert false == []


def test_what_was_not_found_is_said(scene: ParkScene) -> None:
    findings, false = judge(scene, [], [])
    assert [finding.event for finding in findings] == [None, None]
    assert false == []
