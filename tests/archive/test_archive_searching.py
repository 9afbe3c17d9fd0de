"""Searching from Python and from the command line, and what people get wrong."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

import everyframe as ef
from everyframe.errors import SettingError, StorageError

Run = Callable[..., subprocess.CompletedProcess[str]]


def test_days_are_written_or_dates(cup: Path, tmp_path: Path) -> None:
    place = str(tmp_path / "store")
    ef.index(cup, store=place, pictures=False)
    assert len(ef.search(since="2026-03-02", until=date(2026, 3, 2), store=place)) == 3
    assert len(ef.search(until="2025-12-31", store=place)) == 1
    with pytest.raises(SettingError, match="yesterday is no day; write it as 2026-03-02"):
        ef.search(since="yesterday", store=place)


def test_without_a_store_there_is_nothing_to_search(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="There is no store"):
        ef.search("smash", store=str(tmp_path / "none"))
    assert not (tmp_path / "none").exists()


def test_index_and_search_from_the_command_line(cup: Path, everyframe: Run) -> None:
    done = everyframe("index", "cup", "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["moments"] == 4
    lines = everyframe("search", "smash", "--player", "Lindqvist", "--last", "10").stdout.splitlines()
    assert len(lines) == 2
    assert "2026-03-02  smash  Ada Lindqvist v Bo Chen  Park Cup 2026, final; match point" in lines[0]
    assert "0:09 – 0:11" in lines[0]
    told = everyframe("search", "not", "smash", "--from", "2026-03-01", "--json").stdout.splitlines()
    (one,) = map(json.loads, told)
    assert (one["label"], one["player"], one["start"]) == ("net shot", "Bo Chen", 6.0)
    likes = everyframe("search", "--like", str(one["id"]), "--json").stdout.splitlines()
    assert len(likes) == 2
    nothing = everyframe("search", "smash", "--player", "Lindkvist")
    assert (nothing.returncode, nothing.stdout) == (1, "")
    assert "did you mean Ada Lindqvist?" in nothing.stderr


@pytest.mark.parametrize(
    ("words", "code", "why"),
    [
        (("index", "none.mp4"), 2, "none.mp4: there is no such file or folder; check the name"),
        (("index", "cup", "--column", "player"), 2, "--column player: write FIELD=COLUMN"),
        (("index", "cup/elsewhere.csv", "--column", "player=batter"), 1, "has no column batter for player"),
        (("index", "bad.csv"), 1, "bad.csv, row 2: x is no start; write seconds, or h:mm:ss; it is left out"),
        (("search", "smash"), 2, "There is no store"),
    ],
)
def test_what_people_get_wrong_is_one_line(
    cup: Path, everyframe: Run, words: tuple[str, ...], code: int, why: str
) -> None:
    (cup.parent / "bad.csv").write_text("start,end,label\nx,2,smash\n", encoding="utf-8")
    done = everyframe(*words)
    assert done.returncode == code
    assert "Traceback" not in done.stderr
    lines = [line for line in done.stderr.splitlines() if not line.startswith("reading ")]
    assert len(lines) == 1
    assert why in lines[0]
