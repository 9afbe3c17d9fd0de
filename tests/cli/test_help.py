"""Every command's help ends with an example, and every example works."""

from __future__ import annotations

import shlex
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

Run = Callable[..., subprocess.CompletedProcess[str]]

PAGE = (Path(__file__).parents[2] / "docs" / "commands.md").read_text(encoding="utf-8")
COMMANDS = (
    "",
    "probe",
    "learn",
    "watch",
    "verdict",
    "scoreboard",
    "reel",
    "show",
    "report",
    "bench",
    "bench anomaly",
    "bench speed",
    "classify",
    "classify train",
    "classify predict",
    "demo",
)


def example(everyframe: Run, command: str) -> list[str]:
    """Return the arguments of the example at the end of a command's help."""
    done = everyframe(*command.split(), "--help")
    assert done.returncode == 0
    last = [line.strip() for line in done.stdout.splitlines() if line.strip()][-1]
    assert last.startswith("Example: everyframe "), last
    return shlex.split(last.removeprefix("Example: everyframe "))


@pytest.mark.parametrize("command", COMMANDS)
def test_help_ends_with_an_example_of_the_command(everyframe: Run, command: str) -> None:
    assert " ".join(example(everyframe, command)).startswith(command)


@pytest.mark.parametrize("command", [name for name in COMMANDS if name not in ("", "bench", "classify")])
def test_the_examples_are_those_of_the_page_whose_commands_are_run(everyframe: Run, command: str) -> None:
    """They work one after the other: tests/docs/test_docs.py runs every line of the page."""
    assert f"\neveryframe {shlex.join(example(everyframe, command))}\n" in PAGE


@pytest.mark.parametrize("command", ["", "bench"])
def test_a_command_alone_helps(everyframe: Run, command: str) -> None:
    done = everyframe(*command.split())
    assert "Usage:" in done.stdout + done.stderr
