"""Ctrl-C and SIGTERM while learning and watching: what was found so far is kept and valid."""

from __future__ import annotations

import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from everyframe.anomaly.baseline import Baseline
from everyframe.store import RunState, Store

Start = Callable[..., subprocess.Popen[str]]
LONG = "synthetic:park?minutes=30&size=240x136"
SIGNALS = pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)], ids=["SIGINT", "SIGTERM"]
)


def interrupted(process: subprocess.Popen[str], number: int) -> tuple[int, str]:
    """Wait until a command has worked for a while, interrupt it; return its code and its complaints."""
    assert process.stderr is not None
    for line in process.stderr:
        if line.startswith(("learning ", "watching ")):  # the first line of progress: it works now
            break
    time.sleep(3.0)
    process.send_signal(number)
    _, complained = process.communicate(timeout=60)
    assert "Traceback" not in complained
    return process.returncode, complained


@SIGNALS
def test_learning_keeps_what_was_learned(tmp_path: Path, start: Start, number: int, code: int) -> None:
    returned, complained = interrupted(start("learn", LONG, "-o", "some.baseline"), number)
    assert returned == code
    assert "Stopped early" in complained
    assert 1.0 < Baseline.load(tmp_path / "some.baseline").about.seconds < 1800.0
    assert [path.name for path in tmp_path.iterdir()] == ["some.baseline"]


@SIGNALS
def test_watching_ends_the_run_as_interrupted(
    tmp_path: Path, park: Path, start: Start, number: int, code: int
) -> None:
    arguments = ("watch", LONG, "-b", park / "park.baseline", "--store", "kept")
    returned, _ = interrupted(start(*arguments), number)
    assert returned == code
    with Store(tmp_path / "kept") as store:
        (run,) = store.runs()
        scores = store.scores(run.id)
    assert run.state is RunState.INTERRUPTED
    assert run.ended_utc is not None
    assert 0 < run.frames < 18_000
    assert scores


def test_other_work_stops_without_a_trace(tmp_path: Path, park: Path, start: Start) -> None:
    """A command that keeps nothing ends at once, and tidies up."""
    arguments = ("bench", "speed", park / "park-monday.mp4", "--repeats", "50")
    process = start(*arguments, TMPDIR=str(tmp_path))
    time.sleep(5.0)
    assert process.poll() is None
    process.send_signal(signal.SIGTERM)
    said, complained = process.communicate(timeout=60)
    assert process.returncode == 143
    assert "Traceback" not in complained
    assert said == ""
    assert list(tmp_path.iterdir()) == []
