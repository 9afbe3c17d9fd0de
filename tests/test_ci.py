"""The rule that nothing skips in CI, held against a small suite of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

CONFTEST = Path(__file__).with_name("conftest.py")
SUITE = """
import pytest

def test_wants_a_package():
    pytest.skip("no RTSP server here")

@pytest.mark.data
def test_wants_footage():
    pytest.skip("the set ped2 is not there")

@pytest.mark.xfail(strict=True)
def test_is_known_to_fail():
    assert False
"""


def _run(folder: Path, ci: str, suite: str = SUITE) -> str:
    (folder / "conftest.py").write_text(CONFTEST.read_text())
    (folder / "test_suite.py").write_text(suite)
    (folder / "pytest.ini").write_text("[pytest]\nmarkers =\n    data: footage\n")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-rs", "-p", "no:cacheprovider", str(folder)],
        env={**os.environ, "EVERYFRAME_CI": ci},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    return done.stdout


def test_in_ci_a_skip_for_want_of_a_package_fails(tmp_path: Path) -> None:
    said = _run(tmp_path, "1")
    assert "1 failed, 1 skipped, 1 xfailed" in said
    assert "In CI this must not skip: Skipped: no RTSP server here" in said


def test_elsewhere_it_skips(tmp_path: Path) -> None:
    assert "2 skipped, 1 xfailed" in _run(tmp_path, "")


@pytest.mark.parametrize(("ci", "word"), [("1", "1 error"), ("", "1 skipped")])
def test_a_whole_module_that_skips_counts_too(tmp_path: Path, ci: str, word: str) -> None:
    suite = "import pytest\npytest.skip('no package', allow_module_level=True)\n"
    assert word in _run(tmp_path, ci, suite)
