"""The known traps of cameras and of those who watch them; each test is named after its trap.

Two more are tested where they are prevented: lag that grows without bound, and an exception in the reader
that stays silent, in ``tests/sources/test_source_live.py``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
import pytest

from everyframe.anomaly import Baseline
from everyframe.anomaly.windows import SPEED
from everyframe.errors import BaselineMismatch
from everyframe.sources import Dropping, mark_gaps
from everyframe.sources.scene import ParkScene
from everyframe.types import Event, Gap, GapReason, Source
from everyframe.watcher import Watcher
from everyframe.watching import learn, watch

pytestmark = pytest.mark.xdist_group("watching")  # what they share is drawn once

if TYPE_CHECKING:
    from tests.watching.conftest import Tape


def alerts(source: Source, baseline: Baseline, **how: Any) -> list[Event]:
    return list(watch(source, baseline, **how))


def gap_of(reason: GapReason) -> Callable[[float, float], Gap]:
    return lambda start, end: Gap(start, end, reason)


@pytest.mark.parametrize("reason", [GapReason.STALL, GapReason.JUMP])
@pytest.mark.parametrize("pause", [0.2, 30.0])
def test_a_reconnect_causes_no_false_alarm(
    park_baseline: Baseline, quiet: Tape, reason: GapReason, pause: float
) -> None:
    # Everybody is somewhere else when the picture comes back, again and again.
    parts = [quiet.part(start, start + 7.0) for start in (0.0, 40.0, 12.0, 52.0, 25.0, 5.0, 47.0)]
    tape = quiet.joined(*parts, gap=gap_of(reason), pause=pause)
    assert alerts(tape, park_baseline) == []


def test_the_frame_size_changes_after_a_reconnect(park_baseline: Baseline, quiet: Tape) -> None:
    small = quiet.part(0.0, 10.0)
    large = quiet.of(
        replace(frame, luma=np.asarray(cv2.resize(frame.luma, (320, 180)), np.uint8))
        for frame in quiet.part(20.0, 30.0).frames
    )
    tape = quiet.joined(small, large, gap=gap_of(GapReason.STALL), pause=5.0)
    with pytest.raises(BaselineMismatch, match=r"changed its picture to 320x180.*240x136") as caught:
        alerts(tape, park_baseline)
    assert "\n" not in str(caught.value)


def test_the_frame_size_changes_while_learning(quiet: Tape) -> None:
    large = quiet.of(
        replace(frame, luma=np.asarray(cv2.resize(frame.luma, (320, 180)), np.uint8))
        for frame in quiet.part(20.0, 30.0).frames
    )
    with pytest.raises(BaselineMismatch, match="a baseline is for one size"):
        learn(quiet.joined(quiet.part(0.0, 5.0), large))


def doubled(tape: Tape) -> Tape:
    """Return a tape of twice the rate that shows each picture twice, as cheap cameras do."""
    twice = [
        replace(frame, index=2 * number + copy, time=frame.time + 0.05 * copy)
        for number, frame in enumerate(tape.frames)
        for copy in range(2)
    ]
    return tape.of(mark_gaps(twice, fps=20.0))


def frozen(tape: Tape, at: float, seconds: float) -> Tape:
    """Return a tape that hangs at a moment, and goes on from there afterwards."""
    before = [frame for frame in tape.frames if frame.time <= at]
    hung = [replace(before[-1], time=before[-1].time + 0.1 * (k + 1)) for k in range(round(10 * seconds))]
    after = [replace(frame, time=frame.time + seconds) for frame in tape.frames if frame.time > at]
    numbered = [replace(frame, index=number) for number, frame in enumerate([*before, *hung, *after])]
    return tape.of(mark_gaps(numbered, fps=10.0))


def test_duplicate_frames_are_gaps_and_not_no_motion(quiet: Tape) -> None:
    plain, twice = learn(quiet), learn(doubled(quiet))
    once, again = plain.detector, twice.detector
    assert again.exposure_.sum() == pytest.approx(once.exposure_.sum(), rel=0.02)
    assert again.visits_.sum() == pytest.approx(once.visits_.sum(), rel=0.02)
    busy = once.visits_.sum(axis=0) > 20
    ratio = again.tables()["speed"][busy] / once.tables()["speed"][busy]
    assert np.median(ratio) == pytest.approx(1.0, abs=0.02)


def test_frozen_frames_are_gaps_and_not_no_motion(park_baseline: Baseline, quiet: Tape) -> None:
    tape = frozen(quiet.part(0.0, 40.0), at=20.0, seconds=30.0)
    # A camera that hangs half of the time would otherwise teach that hardly anybody ever comes.
    plain, hung = learn(quiet.part(0.0, 40.0)), learn(tape)
    assert hung.detector.exposure_.sum() == pytest.approx(plain.detector.exposure_.sum(), abs=3)
    assert hung.about.seconds == pytest.approx(plain.about.seconds, abs=2.0)
    watcher = Watcher(park_baseline, tape.info)
    found = [event for item in tape for event in watcher.step(item)] + watcher.flush()
    assert found == []
    assert not [one.time for one in watcher.scores if 20.2 < one.time < 49.8]
    assert [one.time for one in watcher.scores if one.time > 51.0]


@pytest.mark.parametrize("budget", ["2/day", "100/day"])
def test_the_threshold_is_not_a_percentile_of_normal_footage(
    park_baseline: Baseline, quiet: Tape, budget: str
) -> None:
    # A fixed share of the frames would be alerted here, however normal they are.
    assert alerts(quiet, park_baseline, budget=budget) == []


def test_the_threshold_is_not_a_percentile_of_abnormal_footage(park_baseline: Baseline, ride: Tape) -> None:
    # Nothing but cyclists: each is alerted, the last as the first.
    (truth,) = ride.truth
    lap = ride.part(truth.start + 1.0, truth.end - 1.0)
    laps = ride.joined(*[lap] * 5, gap=gap_of(GapReason.JUMP), pause=10.0)
    length = truth.end - truth.start - 2.0 + 10.0
    found = alerts(laps, park_baseline)
    start = laps.frames[0].time
    assert {int((event.peak - start) // length) for event in found} == {0, 1, 2, 3, 4}


def thinned(tape: Tape, share: float, seed: int = 1) -> Tape:
    """Return a tape of irregular times: frames are left out, and no gap says so."""
    keep = np.random.default_rng(seed).random(len(tape.frames)) >= share
    kept = [frame for frame, stays in zip(tape.frames, keep, strict=True) if stays]
    return tape.of(replace(frame, index=number) for number, frame in enumerate(kept))


@pytest.mark.parametrize("share", [0.3, 0.5])
def test_a_variable_frame_rate_does_not_shift_event_times(
    park_baseline: Baseline, ride: Tape, share: float
) -> None:
    def strongest(tape: Tape) -> Event:
        return max(alerts(tape, park_baseline), key=lambda event: event.score)

    steady, irregular = strongest(ride), strongest(thinned(ride, share))
    # Far away the cyclist is near the threshold, so when it begins is told by where things are, and when.
    assert irregular.end == pytest.approx(steady.end, abs=0.5)
    places = [(time, box, min(irregular.track, key=lambda s: abs(s[0] - time))) for time, box in steady.track]
    apart = [
        float(np.hypot(box.x - other.x, box.y - other.y))
        for time, box, (when, other) in places
        if abs(when - time) < 0.15
    ]
    # Enough of them for a median; how much of it is an alert depends on which frames were left out.
    assert len(apart) >= 10
    assert np.median(apart) < 15.0
    assert irregular.deviations[0].attribute == steady.deviations[0].attribute == "speed"


@pytest.mark.parametrize("share", [0.3, 0.5])
def test_a_variable_frame_rate_does_not_change_speeds(
    park_baseline: Baseline, ride: Tape, share: float
) -> None:
    def pace(tape: Tape) -> tuple[list[float], list[float]]:
        watcher = Watcher(park_baseline, tape.info)
        for item in tape:
            watcher.step(item)
        seen = [one for one in watcher.scores if len(one.seen.views[0].rows)]
        return [one.time for one in seen], [float(one.seen.views[0].rows[:, SPEED].max()) for one in seen]

    (truth,) = ride.truth
    when = np.arange(truth.start + 2.0, truth.end - 0.5, 0.2)
    steady, irregular = (np.interp(when, *pace(tape)) for tape in (ride, thinned(ride, share)))
    assert np.median(irregular / steady) == pytest.approx(1.0, abs=0.15)


@pytest.mark.parametrize("burst", [1.0, 5.0])
@pytest.mark.parametrize("seed", [0, 1])
def test_lost_frames_cause_no_alert(park_baseline: Baseline, quiet: Tape, burst: float, seed: int) -> None:
    assert alerts(Dropping(quiet, 0.3, burst, seed), park_baseline) == []


@pytest.mark.parametrize("burst", [1.0, 5.0])
def test_lost_frames_hide_no_cyclist(park_baseline: Baseline, ride: Tape, burst: float) -> None:
    (truth,) = ride.truth
    found = alerts(Dropping(ride, 0.3, burst, 2), park_baseline)
    assert found
    assert all(truth.start - 1.0 <= event.start <= truth.end for event in found)


@pytest.mark.parametrize("kind", ["light", "covered", "dropout", "stutter", "freeze"])
def test_a_fault_of_the_camera_is_no_motion_alert(
    park_baseline: Baseline, record: Callable[[ParkScene], Tape], kind: str
) -> None:
    tape = record(ParkScene(seed=7, size=(240, 136), fps=5, script=kind))
    assert alerts(tape, park_baseline) == []


def test_a_knocked_camera_is_no_motion_alert(park_baseline: Baseline, knocked: Tape) -> None:
    assert alerts(knocked, park_baseline) == []


def test_a_knocked_camera_is_not_learned_from(park_baseline: Baseline, knocked: Tape) -> None:
    watcher = Watcher(park_baseline, knocked.info)
    for item in knocked:
        watcher.step(item)
    (truth,) = knocked.truth
    there = [one.time for one in watcher.scores if truth.start <= one.time <= truth.end]
    assert there == []
    assert watcher.baseline.background.likeness() == pytest.approx(1.0, abs=0.1)


def test_a_camera_that_stays_knocked_is_an_error_after_a_minute(
    park_baseline: Baseline, knocked: Tape
) -> None:
    (truth,) = knocked.truth
    before, there = knocked.part(0.0, truth.start - 0.1), knocked.part(truth.start, truth.end)
    tape = knocked.joined(before, *[there] * 7, pause=0.2)
    watcher = Watcher(park_baseline, tape.info)
    frames = iter(tape.frames)

    def watch_on(until: float) -> None:
        for frame in frames:
            watcher.step(frame)
            if frame.time > until:
                break

    watch_on(truth.start + 58.0)
    with pytest.raises(BaselineMismatch, match=r"was moved and shows another view.*everyframe learn"):
        watch_on(truth.start + 62.0)
