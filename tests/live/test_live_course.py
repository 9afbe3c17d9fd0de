"""What a camera goes through, without processes or clocks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import cache

import cv2
import numpy as np
import pytest

from everyframe.anomaly import Baseline
from everyframe.anomaly.verdicts import Standing
from everyframe.live.course import Course
from everyframe.live.spec import CameraSpec, CameraState
from everyframe.sources.scene import ParkScene
from everyframe.types import Frame, Gap, GapReason, VerdictKind

SIZE = (160, 90)
SPEC = CameraSpec("park", "synthetic:park", budget="1/hour", learn_for=20.0)


@cache
def drawn(seed: int, script: str) -> tuple[Frame, ...]:
    """Draw the park once for all tests."""
    scene = ParkScene(seed, None if script != "normal" else 50.0, 5, SIZE, script)
    return tuple(item for item in scene if isinstance(item, Frame))


def frames(seconds: float, *, seed: int = 3, script: str = "normal", start: float = 0.0) -> Iterator[Frame]:
    for frame in drawn(seed, script):
        if frame.time <= seconds:
            yield replace(frame, time=frame.time + start)


def course(baseline: Baseline | None = None, until: float = 86_400.0) -> tuple[Course, list[Baseline]]:
    kept: list[Baseline] = []
    info = ParkScene(3, 10.0, 5, SIZE).info
    return Course(SPEC, info, baseline, learn_until=until, keep=kept.append), kept


@pytest.fixture(scope="module")
def learned() -> Baseline:
    taken, kept = course()
    for frame in frames(45.0):
        taken.step(frame)
    return kept[0]


def test_it_learns_then_watches_and_learns_on_beside() -> None:
    taken, kept = course(until=40.0)
    assert taken.state is CameraState.LEARNING
    states: list[CameraState] = []
    for frame in frames(50.0):
        taken.step(frame)
        states.append(taken.state)
    assert states.index(CameraState.WATCHING) == pytest.approx(5 * 20, abs=10)
    assert [round(one.about.seconds, -1) for one in kept] == [20, 40]
    assert taken.learned == pytest.approx(40.0, abs=5.0)


def test_an_event_is_told_when_it_begins_and_when_it_is_over(learned: Baseline) -> None:
    taken, _ = course(learned)
    assert taken.state is CameraState.WATCHING
    found = [one for frame in frames(30.0, seed=6, script="cyclist") for one in taken.step(frame)]
    found += taken.flush()
    assert [one.over for one in found[:2]] == [False, True]
    assert found[0].number == found[1].number
    assert found[0].event.start == found[1].event.start
    assert found[1].event.end >= found[0].event.end


def test_what_people_said_counts_from_then_on(learned: Baseline) -> None:
    taken, _ = course(learned)
    found = [one for frame in frames(30.0, seed=6, script="cyclist") for one in taken.step(frame)]
    (event, *_) = [one.event for one in [*found, *taken.flush()] if one.over]
    again, _ = course(learned)
    again.heed([Standing(event.sightings, VerdictKind.NORMAL)])
    later = [one for frame in frames(30.0, seed=6, script="cyclist") for one in again.step(frame)]
    assert [one.event.start for one in later if one.event.start == event.start] == []


def test_another_size_is_noticed_and_watched_again_when_it_is_back(learned: Baseline) -> None:
    taken, _ = course(learned)
    for frame in frames(3.0):
        taken.step(frame)
    large = [
        replace(frame, luma=np.asarray(cv2.resize(frame.luma, (320, 180)), np.uint8))
        for frame in frames(3.0, start=5.0)
    ]
    for frame in large:
        taken.step(frame)
    assert str(taken.state) == "elsewhere"
    assert "changed its picture from 160x90 to 320x180" in taken.message
    for frame in frames(20.0, start=70.0):
        taken.step(frame)
    assert str(taken.state) == "watching"
    assert taken.message == ""


def test_another_view_is_noticed(learned: Baseline) -> None:
    taken, _ = course(learned)
    for frame in frames(20.0):
        taken.step(replace(frame, luma=np.ascontiguousarray(frame.luma[::-1, ::-1])))
    assert taken.state is CameraState.ELSEWHERE
    assert "another view" in taken.message


def test_a_size_that_changes_before_anything_is_known_begins_anew() -> None:
    taken, kept = course()
    for frame in frames(10.0):
        taken.step(replace(frame, luma=np.asarray(cv2.resize(frame.luma, (80, 46)), np.uint8)))
    assert taken.state is CameraState.LEARNING
    assert taken.learned > 5.0
    assert kept == []


def test_gaps_are_not_learned_across() -> None:
    taken, _ = course()
    for frame in frames(10.0):
        taken.step(frame)
    taken.step(Gap(10.0, 500.0, GapReason.STALL))
    for frame in frames(10.0, start=500.0):
        taken.step(frame)
    assert taken.learned == pytest.approx(20.0, abs=2.0)
