"""When no new picture comes."""

from __future__ import annotations

import pytest
from tests.health.wall import Camera, play, told_once

from everyframe.health import HealthEvent, HealthKind, HealthWatcher
from everyframe.types import Frame, Gap, GapReason


def pieces(start: float, end: float, reason: GapReason, each: float = 2.0) -> list[Gap]:
    """Return a stretch as a live source tells it: piece by piece, while it lasts."""
    count = round((end - start) / each)
    return [Gap(start + number * each, start + (number + 1) * each, reason) for number in range(count)]


def silence(seconds: float, reason: GapReason = GapReason.STALL) -> list[Frame | Gap]:
    """Return 20 s of pictures, some seconds without, and 20 s of pictures."""
    gone = pieces(19.0, 19.0 + seconds, reason)
    return [*Camera().frames(20.0, 1.0), *gone, *Camera(start=19.0 + seconds).frames(20.0, 1.0)]


@pytest.mark.parametrize("reason", [GapReason.STALL, GapReason.UNDECODABLE, GapReason.MISSING])
def test_seconds_without_a_picture_are_a_stall(watcher: HealthWatcher, reason: GapReason) -> None:
    told_once(play(watcher, silence(8.0, reason)), HealthKind.STALLED, 19.0, 27.0)


def test_a_hiccup_is_no_stall(watcher: HealthWatcher) -> None:
    assert play(watcher, silence(2.0)) == []


def test_a_stall_that_lasts_is_offline_and_then_online_again(watcher: HealthWatcher) -> None:
    told = play(watcher, silence(60.0))
    assert [(event.kind, event.start, event.end) for event in told] == [
        (HealthKind.STALLED, 19.0, None),
        (HealthKind.STALLED, 19.0, 49.0),
        (HealthKind.OFFLINE, 19.0, None),
        (HealthKind.OFFLINE, 19.0, 79.0),
        (HealthKind.ONLINE, 79.0, 79.0),
    ]
    assert told[-1].text == "online again after 60 s"
    assert watcher.state == frozenset()


def test_a_connection_that_comes_and_goes_is_one_stall(watcher: HealthWatcher) -> None:
    items: list[Frame | Gap] = [*Camera().frames(20.0, 1.0)]
    for start in (19.0, 29.0, 39.0):
        items += [*pieces(start, start + 8.0, GapReason.STALL), *Camera(start=start + 8.0).frames(2.0, 1.0)]
    items += Camera(start=49.0).frames(20.0, 1.0)
    told_once(play(watcher, items), HealthKind.STALLED, 19.0, 47.0)


def test_a_lost_connection_is_offline_at_once_and_says_why(watcher: HealthWatcher) -> None:
    play(watcher, Camera().frames(20.0, 1.0))
    (lost,) = watcher.lost(20.0, 1000.0, "the camera refuses the connection")
    assert (lost.kind, lost.start, lost.end, lost.utc) == (HealthKind.OFFLINE, 20.0, None, 1000.0)
    assert "refuses" in lost.text
    assert watcher.lost(25.0, 1005.0, "the same again") == []
    assert watcher.state == {HealthKind.OFFLINE}
    over, online = watcher.found(50.0, 1030.0)
    assert (over.kind, over.start, over.end, over.end_utc) == (HealthKind.OFFLINE, 20.0, 50.0, 1030.0)
    assert (online.kind, online.start, online.text) == (HealthKind.ONLINE, 50.0, "online again after 30 s")
    assert watcher.found(51.0, 1031.0) == []


def test_pictures_bring_a_lost_camera_back_too(watcher: HealthWatcher) -> None:
    watcher.lost(0.0, None, "no route")
    told = play(watcher, Camera(start=10.0).frames(10.0, 1.0))
    assert [(event.kind, event.end) for event in told] == [
        (HealthKind.OFFLINE, 10.0),
        (HealthKind.ONLINE, 10.0),
    ]


def freeze(seconds: float, before: float = 0.0) -> list[Frame | Gap]:
    """Return pictures, a still one for ``before`` s, pictures, and a freeze of so many seconds."""
    items: list[Frame | Gap] = [*Camera().frames(20.0, 1.0)]
    items += pieces(19.0, 19.0 + before, GapReason.DUPLICATE, 1.0)
    items += Camera(start=19.0 + before).frames(20.0, 1.0)
    start = 38.0 + before
    items += pieces(start, start + 10.0, GapReason.DUPLICATE, 1.0)
    items += pieces(start + 10.0, start + seconds, GapReason.FREEZE, 1.0)
    return [*items, *Camera(start=start + seconds).frames(20.0, 1.0)]


def test_a_frozen_camera_is_told_from_its_last_new_picture_on(watcher: HealthWatcher) -> None:
    told = play(watcher, freeze(30.0))
    told_once(told, HealthKind.FROZEN, 38.0, 68.0, within=0.0)
    assert told[1].text == "the very same picture for 30 s"


def test_a_camera_whose_picture_often_repeats_must_freeze_for_longer(watcher: HealthWatcher) -> None:
    assert play(watcher, freeze(14.0, before=9.0)) == []
    watcher = HealthWatcher(Camera().info)
    told_once(play(watcher, freeze(30.0, before=9.0)), HealthKind.FROZEN, 47.0, 77.0, within=0.0)


@pytest.mark.parametrize("reason", [GapReason.DUPLICATE, GapReason.DROPPED])
def test_repeats_and_dropped_frames_are_nothing(watcher: HealthWatcher, reason: GapReason) -> None:
    assert play(watcher, silence(40.0, reason)) == []


def test_short_losses_are_nothing(watcher: HealthWatcher) -> None:
    items: list[Frame | Gap] = []
    for number in range(30):
        items += [*Camera(start=2.0 * number).frames(1.0, 2.0)]
        items.append(Gap(2.0 * number + 0.5, 2.0 * number + 2.0, GapReason.MISSING, 3))
    assert play(watcher, items) == []


def test_what_is_wrong_when_nothing_more_comes_is_told_as_over(watcher: HealthWatcher) -> None:
    began = play(watcher, silence(8.0)[:24])
    (over,) = watcher.flush(30.0)
    assert over == HealthEvent(HealthKind.STALLED, began[0].start, 30.0, None, None, over.text)
    assert watcher.flush(31.0) == []
