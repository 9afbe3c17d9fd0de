"""Measurements, kept as they were printed: one file each, so that one can be made anew without the others."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from everyframe.errors import EveryframeError

FOLDER = Path(__file__).parent / "results"


@dataclass(frozen=True, slots=True)
class Measurement:
    """What a command printed.

    Attributes:
        command: As a person would type it.
        made: The day, UTC.
        commit: Of the project, with a plus where files were changed.
        found: The JSON object that it printed.
    """

    command: str
    made: str
    commit: str
    found: dict[str, Any]


def everyframe(*words: str) -> dict[str, Any]:
    """Run one of the project's own commands with ``--json`` and return what it printed."""
    print("  everyframe", *words, "--json", flush=True)
    command = [sys.executable, "-m", "everyframe", *words, "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise EveryframeError(f"everyframe {' '.join(words)} failed: {done.stderr.strip().splitlines()[-1:]}")
    found: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return found


def measure(name: str, *words: str, folder: Path = FOLDER) -> Measurement:
    """Run a command and keep what it printed under a name.

    Args:
        name: Of the file, without ending.
        words: Of the command, after ``everyframe``; the first path in it is told by its last part.
        folder: Where to keep it.
    """
    found = everyframe(*words)
    found.pop("per_clip", None)
    told = " ".join(Path(word).name if "/" in word and Path(word).exists() else word for word in words)
    one = Measurement(f"everyframe {told} --json", today(), commit(), found)
    write(name, one, folder)
    return one


def write(name: str, one: Measurement, folder: Path = FOLDER) -> None:
    """Keep a measurement."""
    folder.mkdir(exist_ok=True)
    kept = {"command": one.command, "made": one.made, "commit": one.commit, "found": one.found}
    (folder / f"{slug(name)}.json").write_text(json.dumps(kept, indent=1) + "\n")


def read(folder: Path = FOLDER) -> dict[str, Measurement]:
    """Return all that is kept, by name."""
    return {path.stem: Measurement(**json.loads(path.read_text())) for path in sorted(folder.glob("*.json"))}


def slug(name: str) -> str:
    """Return a name that is a file's everywhere."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")


def today() -> str:
    """Return the day, UTC."""
    return f"{datetime.now(UTC):%Y-%m-%d}"


def commit() -> str:
    """Return the commit that is measured."""
    here = Path(__file__).parent

    def git(*words: str) -> str:
        return subprocess.run(
            ["git", *words], cwd=here, capture_output=True, text=True, check=False
        ).stdout.strip()

    changed = git("status", "--porcelain", "--untracked-files=no", "--", "../src")
    return git("rev-parse", "--short", "HEAD") + ("+" if changed else "")
