"""Runs the real command line, in processes of its own, on clips of the drawn scene."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.shared import made_once

from everyframe.sources.scene import ParkScene
from everyframe.store import write_clip
from everyframe.types import Frame

Run = Callable[..., subprocess.CompletedProcess[str]]
SIZE = (240, 136)


def environment(store: Path, **others: str) -> dict[str, str]:
    """Return an environment in which nothing of the person's own is read or written."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("EVERYFRAME_")}
    return kept | {"EVERYFRAME_STORE": str(store), "COLUMNS": "200", "TZ": "UTC", "NO_COLOR": "1"} | others


def command(*arguments: str | Path) -> list[str]:
    return [sys.executable, "-m", "everyframe", *map(str, arguments)]


def draw(path: Path, **arguments: object) -> Path:
    """Write a clip of the drawn scene."""
    scene = ParkScene(size=SIZE, **arguments)  # type: ignore[arg-type]
    grey = (Frame(item.index, item.time, item.luma) for item in scene if isinstance(item, Frame))
    return write_clip(grey, path, fps=10)


@pytest.fixture(scope="session")
def park(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with ``park-monday.mp4`` (normal), ``park-tuesday.mp4`` (a cyclist), and a baseline."""
    return made_once(tmp_path_factory, "park", _draw_park)


def _draw_park(folder: Path) -> None:
    draw(folder / "park-monday.mp4", seed=1, duration=60.0)
    draw(folder / "park-tuesday.mp4", seed=2, script="cyclist")
    done = subprocess.run(
        command("learn", "park-monday.mp4", "-o", "park.baseline"),
        cwd=folder,
        env=environment(folder / "store"),
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr


@pytest.fixture
def everyframe(tmp_path: Path) -> Run:
    """Run ``everyframe`` with arguments; ``limit`` is how many bytes a file may have."""

    def run(*arguments: str | Path, limit: int | None = None, **env: str) -> subprocess.CompletedProcess[str]:
        def small_files() -> None:
            import resource

            assert limit is not None
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

        return subprocess.run(
            command(*arguments),
            cwd=tmp_path,
            env=environment(tmp_path / "store", **env),
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
            preexec_fn=None if limit is None else small_files,
        )

    return run


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Start ``everyframe`` and return its process."""
    started: list[subprocess.Popen[str]] = []

    def begin(*arguments: str | Path, **env: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            command(*arguments),
            cwd=tmp_path,
            env=environment(tmp_path / "store", **env),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        return process

    yield begin
    for process in started:
        process.kill()
        process.wait()
        for pipe in (process.stdout, process.stderr):
            if pipe is not None:
                pipe.close()
