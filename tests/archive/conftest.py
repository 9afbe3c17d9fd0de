"""Footage of the drawn scene with what others say of it."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from everyframe.cli.app import main
from everyframe.sources.scene import ParkScene
from everyframe.store import write_clip
from everyframe.types import Frame

LABELS = """start,end,label,player,opponent,competition,description
2,4,smash,Ada Lindqvist,Bo Chen,Park Cup 2026,final; from the baseline
6,8,net shot,Bo Chen,Ada Lindqvist,Park Cup 2026,final
9,11,smash,Ada Lindqvist,Bo Chen,Park Cup 2026,final; match point
"""


@pytest.fixture(scope="session")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a clip of twelve seconds."""
    scene = ParkScene(seed=3, duration=12.0, size=(160, 90), fps=10)
    frames = (item for item in scene if isinstance(item, Frame))
    return write_clip(frames, tmp_path_factory.mktemp("clip") / "clip.mp4", fps=10)


@pytest.fixture
def cup(tmp_path: Path, clip: Path) -> Path:
    """Return a folder with a final, what happens in it, and a feed of a match whose footage is not there."""
    folder = tmp_path / "cup"
    folder.mkdir()
    (folder / "final 2026-03-02.mp4").write_bytes(clip.read_bytes())
    (folder / "final 2026-03-02.labels.csv").write_text(LABELS, encoding="utf-8")
    (folder / "elsewhere.csv").write_text(
        "video,date,time,label,player\ncity-open,2025-10-04,0:03,smash,Di Moreau\n", encoding="utf-8"
    )
    return folder


@pytest.fixture
def everyframe(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run the command line as typed in ``tmp_path``, but in this process: starting one takes seconds."""
    monkeypatch.chdir(tmp_path)
    for name, value in {"EVERYFRAME_STORE": "store", "COLUMNS": "200", "NO_COLOR": "1"}.items():
        monkeypatch.setenv(name, value)

    def run(*words: str) -> subprocess.CompletedProcess[str]:
        monkeypatch.setattr(sys, "argv", ["everyframe", *words])
        capsys.readouterr()
        handler, code = signal.getsignal(signal.SIGTERM), 0
        try:
            main()
        except SystemExit as left:
            code = int(left.code or 0)
        finally:
            signal.signal(signal.SIGTERM, handler)
        said = capsys.readouterr()
        return subprocess.CompletedProcess(words, code, said.out, said.err)

    return run
