from __future__ import annotations

import io
import sys
from dataclasses import dataclass

import pytest
from rich.console import Console

from everyframe.cli import progress
from everyframe.cli.progress import EVERY, Meter


@dataclass
class Reached:
    seconds: float
    total: float | None = 100.0
    source: str = "park.mp4"


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_without_a_terminal_a_line_comes_at_once_and_then_every_ten_seconds(
    capsys: pytest.CaptureFixture[str],
) -> None:
    clock = Clock()
    with Meter("learning", clock) as meter:
        for second in range(40):
            clock.now = second * EVERY / 10
            meter(Reached(second * 2.0))
    said = capsys.readouterr()
    lines = said.err.splitlines()
    assert len(lines) == 4
    assert lines[0] == "learning park.mp4: 0% (0:00 of 1:40)"
    assert lines[2] == "learning park.mp4: 40% (0:40 of 1:40), about 30 s left"
    assert said.out == ""


def test_a_live_source_has_no_share_and_no_end(capsys: pytest.CaptureFixture[str]) -> None:
    with Meter("watching", Clock()) as meter:
        meter(Reached(61.0, None, "camera"))
    assert capsys.readouterr().err.splitlines() == ["watching camera: 1:01"]


def test_a_new_stage_is_estimated_from_its_own_beginning(capsys: pytest.CaptureFixture[str]) -> None:
    clock = Clock()
    with Meter("learning", clock) as meter:
        meter.stage("learning", Reached(0.0))
        clock.now = 60.0
        meter.stage("watching", Reached(0.0))
        clock.now = 80.0
        meter.stage("watching", Reached(50.0))
    assert (
        capsys.readouterr()
        .err.splitlines()[-1]
        .endswith("watching park.mp4: 50% (0:50 of 1:40), about 20 s left")
    )


def test_on_a_terminal_there_is_a_bar_and_results_stand_above_it(monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    screen, clock = Terminal(), Clock()
    console = Console(file=screen, force_terminal=True, width=100)
    monkeypatch.setattr(progress, "err", lambda: console)
    monkeypatch.setattr(sys, "stdout", screen)
    with Meter("watching", clock) as meter:
        clock.now = 1.0
        meter(Reached(42.0))
        meter.say("0:42  moves too fast")
        meter.note("calibrating")
    said = screen.getvalue()
    for words in ("watching park.mp4", "42%", "0:42 of 1:40", "0:42  moves too fast", "calibrating"):
        assert words in said


def test_results_go_to_standard_output_where_that_is_no_terminal(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    screen = io.StringIO()
    monkeypatch.setattr(progress, "err", lambda: Console(file=screen, force_terminal=True, width=40))
    with Meter("watching", Clock()) as meter:
        meter.say("[0] " + "long " * 30)
    assert capsys.readouterr().out == "[0] " + "long " * 30 + "\n"
    assert "long" not in screen.getvalue()
