"""Every command's help ends with an example, and every example works."""

from __future__ import annotations

import shlex
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from everyframe.sources.scene import write_dataset

Run = Callable[..., subprocess.CompletedProcess[str]]

COMMANDS = (
    "",
    "probe",
    "learn",
    "watch",
    "verdict",
    "show",
    "report",
    "bench",
    "bench anomaly",
    "bench speed",
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


def test_the_examples_work_one_after_the_other(tmp_path: Path, park: Path, everyframe: Run) -> None:
    for name in ("park-monday.mp4", "park-tuesday.mp4"):
        shutil.copy(park / name, tmp_path)
    write_dataset(tmp_path / "walkway", train_minutes=1.0, script="cyclist", size=(160, 90))
    for command in COMMANDS[1:]:
        if command not in ("demo", "bench"):  # the demo has a test of its own
            done = everyframe(*example(everyframe, command))
            assert done.returncode == 0, f"{command}: {done.stderr}"
    for made in ("park.baseline", "normal.png", "tuesday.html"):
        assert (tmp_path / made).stat().st_size > 1000


@pytest.mark.parametrize("command", ["", "bench"])
def test_a_command_alone_helps(everyframe: Run, command: str) -> None:
    done = everyframe(*command.split())
    assert "Usage:" in done.stdout + done.stderr
