"""What exists is in the documentation, what the documentation shows works, and its links lead somewhere."""

from __future__ import annotations

import inspect
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
from benchmarks.boards import Game, Style
from tests.highlights.movers import movers, write_mover
from tests.vision.classify.drawn import folder as draw_pictures
from tests.vision.dense.small_sets import mask, pairs, picture, save

from everyframe import errors, settings
from everyframe.anomaly.registry import kinds_of, names
from everyframe.cli.app import app
from everyframe.health import HealthKind
from everyframe.sources.scene import ANOMALIES, FAULTS, ParkScene, write_dataset
from everyframe.store import write_clip
from everyframe.types import Event, Frame, GapReason

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = sorted([*ROOT.glob("*.md"), *DOCS.glob("*.md"), *(ROOT / "benchmarks").glob("*.md")])
KINDS = {
    **dict.fromkeys(("teach", "spot", "scoreboard", "index", "search", "feed", "reel"), "finding"),
    "bench": "measuring",
    "segment": "seeing",
    "classify": "seeing",
    "architecture": "seeing",
}
"""What a command in the pages is for, where it is not watching."""

MADE_BY_THE_SHELL = {"--install-completion", "--show-completion"}


def page(name: str) -> str:
    return (DOCS / name).read_text()


def commands(group: Any = None, name: str = "everyframe") -> Iterator[tuple[str, Any]]:
    """Yield each command's full name and the command."""
    group = group if group is not None else typer.main.get_command(app)
    for word, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from commands(command, f"{name} {word}")
        else:
            yield f"{name} {word}", command


def blocks(path: Path, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", path.read_text(), re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize(("name", "command"), list(commands()), ids=[name for name, _ in commands()])
def test_every_command_and_option_is_on_its_page(name: str, command: Any) -> None:
    text = page("commands.md")
    assert f"## {name}\n" in text
    section = text.split(f"## {name}\n")[1].split("\n## ")[0]
    for option in command.params:
        for word in (*option.opts, *option.secondary_opts):
            if option.param_type_name == "option" and word not in ("--help", "-h"):
                assert f"`{word}`" in section, f"{name} has {word}; say so in docs/commands.md"


def test_the_page_of_commands_has_no_command_or_option_that_is_gone() -> None:
    known = {"--version", "--help", *MADE_BY_THE_SHELL}
    names = {name for name, _ in commands()}
    for _, command in commands():
        for option in command.params:
            known.update((*option.opts, *option.secondary_opts))
    text = page("commands.md")
    assert set(re.findall(r"--[a-z][a-z0-9-]+", text)) <= known
    assert set(re.findall(r"^## (everyframe .*)$", text, re.MULTILINE)) == names


def test_the_options_of_everyframe_itself_are_there() -> None:
    for option in ("--version", "--help", "-h", *MADE_BY_THE_SHELL):
        assert option in page("commands.md")


@pytest.mark.parametrize("row", settings.table(), ids=lambda row: row.name)
def test_every_setting_is_on_its_page_as_it_is(row: settings.Tunable) -> None:
    default, allowed = row.shown or "–", row.allowed or "–"
    line = f"| `{row.option}` | `{row.variable}` | {default} | {allowed} | {row.help} |"
    assert line in page("settings.md"), f"docs/settings.md should have: {line}"


def test_the_page_of_settings_has_none_that_is_gone() -> None:
    known = {row.variable for row in settings.table()} | settings.OTHERS
    assert set(re.findall(r"EVERYFRAME_[A-Z_]+", page("settings.md"))) == known


@pytest.mark.parametrize("reason", list(GapReason))
def test_every_gap_reason_is_on_its_page(reason: GapReason) -> None:
    assert f"\n| `{reason.value}` |" in page("sources.md")


@pytest.mark.parametrize("kind", list(HealthKind))
def test_every_kind_of_fault_is_on_its_page(kind: HealthKind) -> None:
    assert f"\n| `{kind.value}` |" in page("health.md")


@pytest.mark.parametrize("kind", ANOMALIES + FAULTS)
def test_every_kind_of_the_drawn_scene_is_on_its_page(kind: str) -> None:
    assert f"`{kind}`" in page("sources.md")


@pytest.mark.parametrize("name", names())
def test_every_detector_and_attribute_is_on_its_page(name: str) -> None:
    (row,) = re.findall(rf"^\| `{name}` \|.*$", page("detectors.md"), re.MULTILINE)
    for kind in kinds_of(name):
        for attribute in kind.attributes:
            assert f"`{attribute.name}`" in row


def test_every_error_is_on_its_page() -> None:
    known = {name for name, kind in inspect.getmembers(errors, inspect.isclass)}
    text = page("python.md")
    assert {name for name in known if f"\n| `{name}` |" in text} == known


def test_every_field_of_an_event_is_on_its_page() -> None:
    section = page("python.md").split("## An event")[1].split("\n## ")[0]
    for field in Event.__dataclass_fields__:
        assert f"`{field}`" in section


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_links_within_the_project_lead_somewhere(path: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)[^)]*\)", path.read_text()):
        if not target.startswith(("http://", "https://")):
            assert (path.parent / target).exists(), f"{path.name} links to {target}"


def test_every_page_of_the_documentation_is_linked_from_the_readme() -> None:
    text = (ROOT / "README.md").read_text()
    for path in DOCS.glob("*.md"):
        assert f"(docs/{path.name})" in text


# -- the code in the pages ------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def footage(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the files that the pages speak of, drawn."""
    folder = tmp_path_factory.mktemp("footage")
    for name, script, seconds in (("park-monday.mp4", "normal", 60.0), ("park-tuesday.mp4", "cyclist", None)):
        scene = ParkScene(3, seconds, 10, (240, 136), script)
        grey = (Frame(item.index, item.time, item.luma) for item in scene if isinstance(item, Frame))
        write_clip(grey, folder / name, fps=10)
    Game(Style("line", "line"), 12.0, 1, fps=8).write(folder / "final.mp4")
    (folder / "events.csv").write_text("\n".join(blocks(DOCS / "reel.md", "csv")))
    kinds = {"up": "smash", "across": "drop"}
    strokes = [one for kind in kinds for one in movers(folder / "strokes", kind, 5)]
    rows = [f"{Path(one.source).relative_to(folder)},{kinds[one.label]}" for one in strokes]
    (folder / "strokes.csv").write_text("\n".join(["file,label", *rows]) + "\n")
    write_mover(folder / "match.mp4", "up", 99)
    for split, count in (("train", 6), ("val", 2), ("test", 3)):
        names = [f"0016E5_{number:05d}" for number in range(count)]
        pairs(folder / "streets", f"{split}/images", f"{split}/masks", names, size=(96, 128))
    save(picture(mask(9, size=(96, 128))), folder / "street.jpg")
    draw_pictures(folder / "insects", 3)
    draw_pictures(folder / "new", 1, seed=1)
    write_dataset(folder / "walkway", train_minutes=1.0, script="cyclist", size=(160, 90))
    return folder


def run(arguments: list[str] | str, cwd: Path) -> None:
    import os

    kept = {name: value for name, value in os.environ.items() if not name.startswith("EVERYFRAME_")}
    folder = Path(sys.executable).parent
    done = subprocess.run(
        arguments,
        cwd=cwd,
        env=kept | {"EVERYFRAME_STORE": str(cwd / "store"), "PATH": f"{folder}{os.pathsep}{kept['PATH']}"},
        shell=isinstance(arguments, str),
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )
    assert done.returncode == 0, f"{arguments}\n{done.stdout}\n{done.stderr}"


@pytest.mark.xdist_group("docs")  # what they share is drawn once
def test_the_python_in_the_pages_runs(footage: Path, tmp_path: Path) -> None:
    for file in (*footage.glob("*.mp4"), footage / "street.jpg"):
        shutil.copy(file, tmp_path)
    shutil.copytree(footage / "strokes", tmp_path / "strokes")
    shutil.copytree(footage / "streets", tmp_path / "streets")
    for name in ("strokes.csv", "street.jpg"):
        shutil.copy(footage / name, tmp_path)
    found = [(path.name, code) for path in PAGES for code in blocks(path, "python")]
    assert len(found) >= 4
    for _, code in found:
        run([sys.executable, "-W", "error", "-c", code], tmp_path)


@pytest.mark.xdist_group("docs")
@pytest.mark.parametrize("kind", ["watching", "finding", "measuring", "seeing"])
def test_the_commands_in_the_pages_run(footage: Path, tmp_path: Path, kind: str) -> None:
    """Each line once; `demo`, `serve` and what `make` does have tests of their own."""
    shutil.copytree(footage, tmp_path, dirs_exist_ok=True)
    lines = [
        line
        for path in sorted(PAGES, key=lambda path: path.name != "README.md")
        for block in blocks(path, "console")
        for line in block.splitlines()
        if line.startswith("everyframe ") and not line.startswith(("everyframe demo", "everyframe serve"))
    ]
    mine = [line for line in dict.fromkeys(lines) if KINDS.get(line.split()[1], "watching") == kind]
    assert len(mine) >= 3
    for line in mine:
        run(line, tmp_path)


def test_every_console_block_is_one_of_ours() -> None:
    """So that no command in the pages goes unseen by the test above."""
    known = ("everyframe ", "make ", ".venv/bin/pytest ", "EVERYFRAME_DATA=")
    for path in PAGES:
        for block in blocks(path, "console"):
            for line in block.splitlines():
                assert line.startswith(known), f"{path.name}: {line}"
                if line.startswith("make "):
                    assert re.search(rf"^{line.split()[1]}:", (ROOT / "Makefile").read_text(), re.MULTILINE)
