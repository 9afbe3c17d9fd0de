"""What holds whatever comes: events alternate, times are in order, and what was kept is checked."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.health.wall import SIZE, Camera, between, play, wall

from everyframe.errors import BaselineCorrupt, SettingError
from everyframe.health import HealthEvent, HealthKind, HealthSettings, HealthWatcher
from everyframe.health.picture import PictureJudge
from everyframe.health.verdicts import Verdict
from everyframe.types import Frame, Gap, GapReason, Luma, StreamInfo

PICTURES = [wall(), wall(seed=2), np.full_like(wall(), 2), np.full_like(wall(), 255), wall() // 2]

STEPS = st.lists(
    st.tuples(
        st.sampled_from(["frames", "lost", "found", *GapReason]),
        st.floats(-30.0, 120.0),
        st.integers(0, len(PICTURES) - 1),
        st.sampled_from([None, 0.0, 3600.0]),
    ),
    max_size=25,
)


def run(watcher: HealthWatcher, steps: list[tuple[str, float, int, float | None]]) -> list[HealthEvent]:
    """Play steps: each moves time on, or back."""
    told: list[HealthEvent] = []
    time = 0.0
    for what, seconds, picture, offset in steps:
        end = time + seconds
        if what == "frames":
            for number in range(8):
                at = time + number * seconds / 8
                utc = None if offset is None else 1e9 + at + offset
                told += watcher.step(Frame(number, at, PICTURES[picture], utc))
        elif what == "lost":
            told += watcher.lost(end, None, "gone")
        elif what == "found":
            told += watcher.found(end, None)
        else:
            told += watcher.step(Gap(time, end, GapReason(what)))
        time = end
    return told + watcher.flush(time)


@given(STEPS)
@settings(max_examples=60, deadline=None)
def test_events_of_a_kind_alternate_and_their_times_are_in_order(
    steps: list[tuple[str, float, int, float | None]],
) -> None:
    watcher = HealthWatcher(StreamInfo("wall", *SIZE))
    open_: dict[HealthKind, HealthEvent] = {}
    last: dict[HealthKind, float] = {}
    seen: set[tuple[HealthKind, float]] = set()
    for event in run(watcher, steps):
        assert event.text
        if event.kind is HealthKind.ONLINE:
            assert event.start == event.end
            continue
        if event.end is None:
            assert event.kind not in open_
            assert event.start >= last.get(event.kind, float("-inf"))
            assert (event.kind, event.start) not in seen
            seen.add((event.kind, event.start))
            open_[event.kind] = event
        else:
            assert open_.pop(event.kind).start == event.start <= event.end
            last[event.kind] = event.end
    assert not open_
    assert watcher.state == frozenset()


def test_a_look_is_doubted_before_it_is_a_fault_and_no_longer_once_it_is_well() -> None:
    watcher = HealthWatcher(StreamInfo("wall", *SIZE))
    camera = Camera(between(20.0, 23.0, lambda luma: np.full_like(luma, 90)))
    doubted = set()
    for frame in camera.frames(40.0):
        assert watcher.step(frame) == []
        if watcher.doubts:
            assert watcher.doubts == {HealthKind.COVERED}
            assert watcher.looked is not None
            doubted.add(watcher.looked)
    assert doubted == {20.0, 21.0, 22.0}
    assert watcher.state == frozenset()


def test_two_faults_that_begin_together_can_be_told_apart() -> None:
    watcher = HealthWatcher(StreamInfo("wall", *SIZE))
    steps: list[tuple[str, float, int, float | None]] = [
        ("lost", 0.0, 0, None),
        ("found", 0.0, 0, None),
        ("missing", 30.0, 0, None),
    ]
    begun = [event for event in run(watcher, steps) if event.end is None]
    assert [event.kind for event in begun] == [HealthKind.OFFLINE] * 2
    assert begun[0].start < begun[1].start < 0.01


def test_memory_is_bounded(watcher: HealthWatcher) -> None:
    play(watcher, Camera(utc=1e9).frames(700.0, 0.1))
    tracemalloc.start()
    play(watcher, Camera(start=700.0, utc=1e9).frames(1000.0, 0.1))
    kept, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert kept < 200_000


def test_looks_are_a_second_apart(watcher: HealthWatcher, monkeypatch: pytest.MonkeyPatch) -> None:
    looks: list[float | None] = []
    step = PictureJudge.step

    def counted(
        judge: PictureJudge, luma: Luma, utc: float | None, seconds: float
    ) -> dict[HealthKind, Verdict]:
        looks.append(utc)
        return step(judge, luma, utc, seconds)

    monkeypatch.setattr(PictureJudge, "step", counted)
    play(watcher, Camera().frames(20.0, 25.0))
    assert len(looks) == 20


def test_what_was_kept_by_something_else_is_refused(watcher: HealthWatcher) -> None:
    kept = watcher.save()
    for damaged in ({}, {**kept, "views": np.zeros(3)}, {**kept, "usual": np.zeros(2)}):
        with pytest.raises(BaselineCorrupt, match="remove it to begin anew"):
            watcher.restore(damaged)
    watcher.restore(kept)


def test_a_time_of_nothing_is_refused() -> None:
    with pytest.raises(SettingError, match="dark_after"):
        HealthSettings(dark_after=0.0)
