from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.highlights.movers import KINDS, movers, still, write_mover
from typer.testing import CliRunner

from everyframe.cli.app import app
from everyframe.highlights import Library, read_labels

runner = CliRunner()

pytestmark = pytest.mark.xdist_group("spot")  # what they share is taught once


@pytest.fixture(scope="module")
def taught(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a library, taught by the command from a table."""
    folder = tmp_path_factory.mktemp("teach")
    lines = ["file,start,end,label"]
    for kind in KINDS:
        lines += [f"{one.source},0,{one.end},{kind}" for one in movers(folder, kind, 6)]
    (folder / "moves.csv").write_text("\n".join(lines) + "\n")
    done = runner.invoke(
        app, ["teach", str(folder / "moves.csv"), "-o", str(folder / "moves.library"), "--epochs", "0"]
    )
    assert done.exit_code == 0, done.output
    return folder / "moves.library"


def test_what_is_found_is_printed_and_written_as_a_table_of_labels(taught: Path, tmp_path: Path) -> None:
    film = write_mover(tmp_path / "film.mp4", "up", 300)
    done = runner.invoke(
        app, ["spot", str(film), "-l", str(taught), "-o", str(tmp_path / "found.csv"), "--json"]
    )
    assert done.exit_code == 0, done.output
    (line,) = [json.loads(text) for text in done.stdout.splitlines()]
    assert (line["label"], line["start"]) == ("up", 0.0)
    assert 0.5 < line["confidence"] <= 1.0
    (again,) = read_labels(tmp_path / "found.csv")
    assert (again.label, again.source) == ("up", str(film))


def test_files_are_looked_through_together_and_a_bad_one_costs_the_others_nothing(
    taught: Path, tmp_path: Path
) -> None:
    films = [write_mover(tmp_path / f"{kind}.mp4", kind, 300) for kind in ("up", "across")]
    (tmp_path / "bad.mp4").write_bytes(b"no film")
    files = [str(films[0]), str(tmp_path / "bad.mp4"), str(films[1])]
    done = runner.invoke(app, ["spot", *files, "-l", str(taught), "--workers", "2", "--json"])
    assert done.exit_code == 1
    found = {json.loads(text)["label"] for text in done.stdout.splitlines()}
    assert found == {"up", "across"}
    assert "bad.mp4" in done.stderr
    assert "1 of 3 files could not be read" in done.stderr


def test_nothing_found_says_what_to_try(taught: Path, tmp_path: Path) -> None:
    film = still(tmp_path / "film.mp4", 0, 3.0)
    done = runner.invoke(app, ["spot", str(film), "-l", str(taught)])
    assert done.exit_code == 1
    assert "Nothing found of across, up, waving" in done.stderr
    assert "--threshold" in done.stderr


def test_bad_input_is_one_line(taught: Path, tmp_path: Path) -> None:
    film = write_mover(tmp_path / "film.mp4", "up", 300)
    (tmp_path / "odd.library").write_bytes(b"no library")
    for words, told in (
        (["spot", str(film), "-l", str(tmp_path / "none.library")], "there is no library"),
        (["spot", str(film), "-l", str(tmp_path / "odd.library")], "is no library, or damaged"),
        (
            ["spot", str(film), "-l", str(taught), "-o", str(tmp_path / "found.txt")],
            "written as .csv or .json",
        ),
        (["spot", str(tmp_path / "none.mp4"), "-l", str(taught)], "none.mp4"),
    ):
        done = runner.invoke(app, words)
        assert done.exit_code != 0
        assert told in str(done.exception) + done.stderr


def test_a_class_is_added_from_the_command_line(taught: Path, tmp_path: Path) -> None:
    movers(tmp_path, "circling", 5)
    done = runner.invoke(
        app, ["teach", str(tmp_path), "-o", str(tmp_path / "more.library"), "--add-to", str(taught)]
    )
    assert done.exit_code == 0, done.output
    assert Library.load(tmp_path / "more.library").classes == [*sorted(KINDS), "circling"]
