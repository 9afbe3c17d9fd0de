"""The demo as a newcomer runs it: `make demo`, without the browser."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from everyframe.anomaly.baseline import Baseline
from everyframe.sources.scene import ANOMALIES
from everyframe.store import RunState, Store


@pytest.mark.xdist_group("demo")  # it takes long, so it begins early
def test_the_demo_finds_every_kind_and_alerts_on_nothing_normal(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "everyframe", "demo", "--no-browser"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=280,
    )
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    for kind in ANOMALIES:
        (row,) = [
            line for line in done.stdout.splitlines() if line.startswith(f"│ {kind.replace('_', ' ')} ")
        ]
        assert " yes " in row
    assert "of normal footage: 0" in done.stdout
    assert "everyframe learn" in done.stdout
    folder = tmp_path / "everyframe-demo"
    assert [path.name for path in tmp_path.iterdir()] == [folder.name]
    assert Baseline.load(folder / "park.baseline").about.seconds > 60
    with Store(folder) as store:
        (run,) = store.runs()
        events = store.events()
    assert run.state is RunState.FINISHED
    page = (folder / "report.html").read_text()
    assert "What was scripted" in page
    for kept in events:
        assert kept.clip is not None
        assert kept.thumbnail is not None
        assert kept.clip.is_file()
        assert kept.thumbnail.is_file()
