"""Scoreboards in drawn films: found, read, told as segments and as a clock."""

from __future__ import annotations

import json
import re
import socket
import sys
import tomllib
from importlib.metadata import distributions, requires
from pathlib import Path

import cv2
import numpy as np
import pytest
from benchmarks.boards import Game, Style
from benchmarks.scoreboard import matched
from typer.testing import CliRunner

from everyframe import read_scoreboard
from everyframe.cli.app import app
from everyframe.errors import SettingError, SourceNotFound, SourceUnreadable
from everyframe.highlights.feeds import Joined, Place, readings, segments
from everyframe.highlights.forms.form import guessed
from everyframe.highlights.labels import read_labels
from everyframe.highlights.scoreboard import Scoreboard
from everyframe.highlights.scoreboard.engine import Engine
from everyframe.highlights.scoreboard.reading import changed
from everyframe.highlights.tables import read_table
from everyframe.types import Box

pytestmark = pytest.mark.xdist_group("scoreboard")  # one process draws and reads


@pytest.fixture(scope="module")
def game() -> Game:
    """Return a game with two score changes, a replay, and in it a new period."""
    return Game(Style("line", "line"), 24.0, 1, fps=10)


@pytest.fixture(scope="module")
def film(game: Game, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return game.write(tmp_path_factory.mktemp("game") / "final.mp4")


@pytest.fixture(scope="module")
def made(film: Path) -> Scoreboard:
    return read_scoreboard(film)


def test_every_score_change_is_a_segment_and_nothing_else(game: Game, made: Scoreboard) -> None:
    assert len(game.changes) == 2
    assert matched(game, made) == (2, 2)
    first, second = made.segments
    assert first.label == "score change"
    assert first.about == {"score": "15-22 -> 21-22", "period": "Q1", "clock": first.about["clock"]}
    assert second.about["period"] == "Q2"
    for segment, (time, _, _) in zip(made.segments, game.changes, strict=True):
        assert segment.start - 0.1 <= time <= segment.end + 0.1
        assert segment.confidence > 0.5


def test_score_period_and_clock_are_right_at_every_second(game: Game, made: Scoreboard) -> None:
    for second in range(24):
        time = second + 0.7
        truth = game.at(time)
        if not truth.shown:
            continue
        shown = made.clock_at(time)
        assert shown is not None
        assert truth.clock is not None
        assert abs(shown - truth.clock) <= 1.5, time
        if all(abs(time - change) > 1.0 for change, _, _ in game.changes):
            assert made.score_at(time) == f"{truth.score[0][0]}-{truth.score[1][0]}"
        assert made.period_at(time) == truth.period
    assert made.score_at(-1.0) == ""


def test_the_board_is_found_and_said_to_be_away_in_a_replay(game: Game, made: Scoreboard) -> None:
    assert made.board.overlap(Box(18, 18, 300, 23)) > 0.4
    for second in range(2, 47):
        time = second / 2
        steady = all(game.at(time + off).shown == game.at(time).shown for off in (-0.6, 0.6))
        if steady:
            assert any(start <= time <= end for start, end in made.shown) == game.at(time).shown


def test_a_feed_is_joined_by_the_clock_that_was_read(game: Game, made: Scoreboard) -> None:
    clock = made.game_clock()
    for time in (3.0, 9.0, 20.0):
        truth = game.at(time)
        assert truth.clock is not None
        assert clock.time_of(truth.period.lower(), truth.clock) == pytest.approx(time, abs=2.5)


def test_what_the_command_writes_is_read_by_reel_and_index(game: Game, film: Path, tmp_path: Path) -> None:
    labels, clock = film.parent / "final.scores.csv", film.parent / "final.clock.csv"
    box = "8,12,400,36"  # with room around it
    options = ["-o", str(labels), "--clock", str(clock), "--board", box, "--rate", "1", "--json"]
    done = CliRunner().invoke(app, ["scoreboard", str(film), *options])
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)
    assert [one["score"] for one in told["scores"]] == ["15-22", "21-22", "23-22"]
    assert told["board"] == {"x": 8, "y": 12, "width": 400, "height": 36}

    found = read_labels(labels)
    assert [Path(one.source).resolve() for one in found] == [film.resolve()] * 2
    assert [one.about["score"] for one in found] == ["15-22 -> 21-22", "21-22 -> 23-22"]

    table = read_table(labels)
    place = Place("final", 24.0)
    said = list(segments(Joined(table, guessed(labels, table.columns, {})), {"final.mp4": place}, place))
    assert [(one.fault, one.segment is not None and one.segment.label) for one in said] == [
        ("", "score change")
    ] * 2
    times = [reading.time for reading in readings(read_table(clock))]
    assert times == sorted(times)
    assert len(times) >= 4


def test_tennis_is_read_in_columns(tmp_path: Path) -> None:
    game = Game(Style("tennis", "tennis", corner="bl", period=""), 9.0, 3, fps=8)
    made = read_scoreboard(game.write(tmp_path / "tennis.mp4"), board=(0, 286, 240, 70))
    assert matched(game, made) == (len(game.changes), len(game.changes))
    assert made.scores[0].score == "6-3 3-0 0-0"
    assert made.readings == []


def test_footage_without_a_board_is_told_so(tmp_path: Path) -> None:
    game = Game(Style("line", "line"), 6.0, 1, size=(320, 180), fps=8)
    game._states = [type(one)(one.score, one.period, one.clock, False) for one in game._states]
    film = game.write(tmp_path / "none.mp4")
    with pytest.raises(SettingError, match=r"no scoreboard was found .* --board LEFT,TOP,WIDTH,HEIGHT"):
        read_scoreboard(film)
    with pytest.raises(SettingError, match="neither a clock nor a score was read at 0,0,100,40"):
        read_scoreboard(film, board=(0, 0, 100, 40))
    with pytest.raises(SettingError, match="outside of the picture, which is 320 by 180 pixels"):
        read_scoreboard(film, board=(300, 0, 100, 40))
    with pytest.raises(SettingError, match="too small to read"):
        read_scoreboard(film, board=(0, 0, 4, 4))
    with pytest.raises(SettingError, match=r"say 0\.1 to 30"):
        read_scoreboard(film, rate=0.0)


def test_what_is_no_video_is_told_so(tmp_path: Path) -> None:
    (tmp_path / "notes.mp4").write_text("no video")
    with pytest.raises(SourceUnreadable):
        read_scoreboard(tmp_path / "notes.mp4")
    with pytest.raises(SourceNotFound):
        read_scoreboard(tmp_path / "gone.mp4")


def test_the_option_board_wants_four_numbers() -> None:
    done = CliRunner().invoke(app, ["scoreboard", "final.mp4", "--board", "1,2,3"])
    assert isinstance(done.exception, SettingError)
    assert "such as 20,18,240,44" in str(done.exception)


def test_without_rapidocr_it_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "rapidocr", None)  # as where it is not installed
    with pytest.raises(SettingError, match="pip install --no-deps rapidocr"):
        Engine()


def test_it_reads_with_no_network_and_the_one_opencv(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*arguments: object, **options: object) -> None:
        raise OSError("there is no network")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    picture = np.full((40, 120, 3), 20, np.uint8)
    cv2.putText(picture, "07:21", (12, 30), (250, 250, 250), cv2.FontFace("sans"), 26, 600)
    engine = Engine()
    assert engine.read(picture)[0] == "07:21"
    for size in ((6, 4), (16, 16), (16, 60), (31, 15), (48, 8)):  # as small as a part of a board may be
        assert engine.read(np.full((*size, 3), 20, np.uint8))[0] == ""
    known = {name for one in distributions() if (name := str(one.name).lower()).startswith("opencv")}
    assert known == {"opencv-contrib-python-headless"}
    assert hasattr(cv2, "ximgproc")


def test_the_install_never_asks_for_another_opencv() -> None:
    root = Path(__file__).parents[2]
    extras = tomllib.loads((root / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    asked = {re.split(r"[\[>=;]", one)[0].lower() for extra in extras.values() for one in extra}
    assert not {"rapidocr", "opencv-python", "opencv-python-headless"} & asked
    pinned = {line.split("==")[0].lower() for line in (root / "constraints.txt").read_text().splitlines()}
    known = {re.sub(r"[^a-z]+", "-", str(need).lower()) for need in requires("rapidocr") or ()}
    assert pinned >= {"rapidocr", *(one.split(">=")[0] for one in extras["scoreboard"])}
    for need in known:  # all that RapidOCR asks for is in the extra, but OpenCV and what the core has
        name = next(part for part in need.split("-") if part)
        assert name in {*(one.split(">=")[0] for one in extras["scoreboard"]), "opencv", "numpy", "python"}
    assert "--no-deps rapidocr" in (root / "Makefile").read_text()


def test_a_board_that_moves_by_some_pixels_is_the_same_and_another_view_is_none() -> None:
    from everyframe.highlights.scoreboard.finding import Board, cut, detail

    rng = np.random.default_rng(1)
    picture = rng.integers(0, 255, (90, 160), np.uint8)
    box = Box(20, 12, 60, 20)
    board = Board(box, (), detail(cut(picture, box)), np.ones((20, 60), bool))
    assert [board.shift(np.roll(picture, by, axis=1)) for by in (0, 4, -7, 10)] == [0, 4, -7, 10]
    assert board.shift(np.roll(picture, 30, axis=1)) is None
    assert board.shift(np.full((90, 160), 60, np.uint8)) is None
    corner = Board(Box(0, 0, 60, 20), (), detail(picture[:20, :60]), np.ones((20, 60), bool))
    assert corner.shift(picture) == 0


def test_a_digit_of_four_is_a_change_and_noise_is_none() -> None:
    from everyframe.highlights.scoreboard.finding import detail

    def drawn(text: str, seed: int) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
        picture = np.full((24, 66, 3), 40, np.uint8)
        cv2.putText(picture, text, (5, 18), (235, 235, 235), cv2.FontFace("sans"), 16, 600)
        noise = np.random.default_rng(seed).normal(0, 5, picture.shape[:2])
        return detail(np.clip(picture[..., 0] + noise, 0, 255).astype(np.uint8))

    assert not changed(drawn("07:21", 1), drawn("07:21", 2))
    for other in ("07:22", "07:27", "01:21", "07:20"):
        assert changed(drawn(other, 1), drawn("07:21", 2))
