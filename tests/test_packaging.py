"""The unit and the container start what there is."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tomllib
from configparser import ConfigParser
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")


def unit() -> ConfigParser:
    found = ConfigParser(strict=False, interpolation=None)
    found.optionxform = str  # type: ignore[assignment,method-assign]
    found.read(ROOT / "packaging" / "everyframe.service", encoding="utf-8")
    return found


def instruction(name: str) -> str:
    (found,) = re.findall(rf"^{name} (.*)$", DOCKERFILE, re.MULTILINE)
    return str(found)


@pytest.mark.parametrize("where", ["unit", "container"])
def test_it_starts_a_command_with_options_that_there_are(where: str) -> None:
    if where == "unit":
        program, *words = unit()["Service"]["ExecStart"].split()
        assert program.endswith("/everyframe")
    else:
        assert json.loads(instruction("ENTRYPOINT")) == ["everyframe"]
        words = json.loads(instruction("CMD"))
    assert words[0] == "serve"
    command = [sys.executable, "-m", "everyframe", "serve", "--help"]
    help_page = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    options = [word for word in words if word.startswith("--")]
    assert options
    for option in options:
        assert option in help_page


def test_the_container_has_all_that_the_package_needs() -> None:
    copied = {
        word for line in re.findall(r"^COPY (.*) \S+$", DOCKERFILE, re.MULTILINE) for word in line.split()
    }
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    needed = {"pyproject.toml", "constraints.txt", "src", project["readme"]}
    assert needed <= copied
    for name in copied:
        assert (ROOT / name).exists()
    assert "postgres" in project["optional-dependencies"]
    least = re.findall(r">=(\d+\.\d+)", project["requires-python"])[0]
    (version,) = re.findall(r"^FROM python:(\d+\.\d+)", DOCKERFILE, re.MULTILINE)
    assert tuple(map(int, version.split("."))) >= tuple(map(int, least.split(".")))


def test_its_state_lies_where_the_unit_may_write() -> None:
    service = unit()["Service"]
    words = service["ExecStart"].split()
    assert words[words.index("--store") + 1] == f"/var/lib/{service['StateDirectory']}"
