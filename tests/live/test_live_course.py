"""What a camera goes through, without processes or clocks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path

import cv2
import numpy as np
import pytest

from everyframe.actions import Timetable
from everyframe.anomaly import Baseline
from everyframe.anomaly.scoring import Scored
from everyframe.anomaly.verdicts import Standing
from everyframe.live.course import Course
from everyframe.live.spec import CameraSpec, CameraState
from everyframe.sources.scene import ParkScene
from everyframe.types import Event, Frame, Gap, GapReason, VerdictKind

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


# -- masks and timetables -----------------------------------------------------------------------------

ALL_BUT_A_CORNER = ((0.0, 0.0), (1.0, 0.0), (1.0, 0.8), (0.9, 1.0), (0.0, 1.0))
NOON = 1_772_366_400.0  # a Sunday, 2026-03-01 12:00 UTC


def told_of(taken: Course, ride: Iterator[Frame]) -> list[Event]:
    found = [one for frame in ride for one in taken.step(frame)]
    return [one.event for one in [*found, *taken.flush()]]


def test_who_is_masked_raises_no_alert_and_leaves_no_rows(learned: Baseline) -> None:
    seen, _ = course(learned)
    assert told_of(seen, frames(30.0, seed=6, script="cyclist"))
    spec = replace(SPEC, masks=(ALL_BUT_A_CORNER,))
    masked = Course(
        spec, ParkScene(3, 10.0, 5, SIZE).info, learned, learn_until=86_400.0, keep=lambda one: None
    )
    assert told_of(masked, frames(30.0, seed=6, script="cyclist")) == []
    assert masked.state is CameraState.WATCHING
    assert seen.watcher is not None
    assert masked.watcher is not None
    assert any(rows_of(one) for one in seen.watcher.scores)
    assert not any(rows_of(one) for one in masked.watcher.scores)


def test_a_mask_that_is_drawn_later_raises_no_alert_by_itself_and_hides_nobody_else(
    learned: Baseline,
) -> None:
    trees = ((0.0, 0.0), (0.5, 0.0), (0.4, 0.3), (0.0, 0.3))
    spec = replace(SPEC, masks=(trees,))
    for script, alerts in (("normal", False), ("cyclist", True)):
        taken = Course(
            spec, ParkScene(3, 10.0, 5, SIZE).info, learned, learn_until=86_400.0, keep=lambda one: None
        )
        told = told_of(taken, frames(45.0, seed=3 if script == "normal" else 6, script=script))
        assert bool(told) == alerts
        assert taken.state is CameraState.WATCHING


def rows_of(scored: Scored) -> int:
    """Return how many places have something that moves or stays."""
    (moving, *_) = scored.seen.rows
    return 0 if moving is None else len(moving)


def test_what_is_masked_is_not_learned() -> None:
    spec = replace(SPEC, masks=(ALL_BUT_A_CORNER,))
    kept: list[Baseline] = []
    taken = Course(spec, ParkScene(3, 10.0, 5, SIZE).info, None, learn_until=86_400.0, keep=kept.append)
    for frame in frames(25.0):
        taken.step(frame)
    (blind,) = kept
    plain, known = course()
    for frame in frames(25.0):
        plain.step(frame)
    assert blind.ensemble.maps.state()["visits"].sum() < 0.02 * known[0].ensemble.maps.state()["visits"].sum()


def at(utc: float, ride: Iterator[Frame]) -> Iterator[Frame]:
    return (replace(frame, utc=utc + frame.time) for frame in ride)


def by_day(baseline: Baseline | None) -> Course:
    spec = replace(SPEC, schedule=Timetable(days=("sun",), hours=("08:00-18:00",), zone="UTC"))
    return Course(
        spec, ParkScene(3, 10.0, 5, SIZE).info, baseline, learn_until=86_400.0, keep=lambda one: None
    )


def test_at_other_times_nothing_is_alerted_on(learned: Baseline) -> None:
    night = by_day(learned)
    assert told_of(night, at(NOON + 8 * 3600.0, frames(30.0, seed=6, script="cyclist"))) == []
    assert night.state is CameraState.RESTING
    assert night.watcher is not None
    assert not night.watcher.scores
    day = by_day(learned)
    assert told_of(day, at(NOON, frames(30.0, seed=6, script="cyclist")))


def test_at_other_times_nothing_is_learned() -> None:
    taken = by_day(None)
    for frame in at(NOON, frames(10.0)):
        taken.step(frame)
    before = taken.learned
    for frame in at(NOON + 8 * 3600.0, frames(15.0, start=10.2)):
        taken.step(frame)
    assert taken.state is CameraState.RESTING
    assert taken.learned == before
    for frame in at(NOON + 7 * 86_400.0, frames(20.0, start=30.0)):
        taken.step(frame)
    assert str(taken.state) == "watching"


def test_what_goes_on_when_the_day_ends_is_over_and_the_next_day_begins_afresh(learned: Baseline) -> None:
    whole, _ = course(learned)
    (first, *_) = told_of(whole, frames(30.0, seed=6, script="cyclist"))
    taken = by_day(learned)
    shift = NOON + 6 * 3600.0 - first.start - 2.0  # it rests two seconds after the event began
    found = [one for frame in at(shift, frames(30.0, seed=6, script="cyclist")) for one in taken.step(frame)]
    assert [one.over for one in found] == [False, True]
    assert taken.state is CameraState.RESTING
    again = told_of(taken, at(NOON + 7 * 86_400.0, frames(30.0, seed=6, script="cyclist", start=40.0)))
    assert again
    assert min(event.start for event in again) > 40.0


def test_the_ground_is_looked_at_while_it_learns(tmp_path: Path) -> None:
    from tests.vision.dense.small_segmenters import by_colour

    from everyframe.vision.dense.classes import Classes

    colours = Classes(("path", "lawn", "tree"), ((158, 145, 121), (75, 108, 52), (45, 58, 25)))
    (tmp_path / "park.onnx").write_bytes(by_colour(colours))
    kept: list[Baseline] = []
    spec = replace(SPEC, ground=str(tmp_path / "park.onnx"))
    taken = Course(spec, ParkScene(3, 10.0, 5, SIZE).info, None, learn_until=60.0, keep=kept.append)
    for frame in frames(25.0):
        taken.step(frame)
    assert kept
    assert kept[0].grounds is not None
    assert kept[0].grounds.names == ("path",)
