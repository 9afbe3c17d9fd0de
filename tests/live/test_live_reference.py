"""What a camera usually looks like is kept now and then, given back, and learned anew where it is damaged."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.health.wall import SIZE, Camera, play

from everyframe.health import HealthWatcher
from everyframe.live.reference import Reference, reference_path
from everyframe.types import StreamInfo


def watcher(seconds: float = 0.0) -> HealthWatcher:
    made = HealthWatcher(StreamInfo("wall", *SIZE))
    play(made, Camera().frames(seconds))
    return made


def test_it_is_kept_once_there_is_enough_and_then_once_a_minute(tmp_path: Path) -> None:
    clock = [0.0]
    path = reference_path(tmp_path / "baselines", "gate")
    reference = Reference(tmp_path / "baselines", "gate", now=lambda: clock[0])
    reference.take(watcher(5.0), at_once=True)
    assert not path.exists()  # a look or two would pass for all that is usual
    learned = watcher(20.0)
    reference.take(learned)
    assert path.exists()
    path.unlink()
    clock[0] = 59.0
    reference.take(learned)
    assert not path.exists()
    clock[0] = 60.0
    reference.take(learned)
    assert path.exists()
    path.unlink()
    reference.take(learned, at_once=True)
    assert path.exists()


def test_what_was_learned_is_judged_by_at_once(tmp_path: Path) -> None:
    reference = Reference(tmp_path, "gate")
    reference.take(watcher(20.0))
    fresh = watcher()
    assert not fresh.learned
    reference.give(fresh)
    assert fresh.learned


def test_what_is_damaged_is_told_and_learned_anew(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    reference = Reference(tmp_path, "gate")
    reference.give(watcher())  # there is none yet, which is nothing to tell
    assert caplog.messages == []
    reference_path(tmp_path, "gate").write_bytes(b"damaged")
    fresh = watcher()
    reference.give(fresh)
    assert not fresh.learned
    assert "the camera's health is learned anew" in caplog.text


def test_a_place_that_takes_nothing_stops_nobody(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "file").write_bytes(b"")
    Reference(tmp_path / "file", "gate").take(watcher(20.0))
    assert "kept in memory only" in caplog.text
