"""The commands as a person uses them, on clips of the drawn scene."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import cv2
import pytest

from everyframe._version import __version__
from everyframe.store import RunState, Store

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def here(tmp_path: Path, park: Path) -> Path:
    for name in ("park.baseline", "park-tuesday.mp4", "park-monday.mp4"):
        shutil.copy(park / name, tmp_path)
    return tmp_path


def fine(done: subprocess.CompletedProcess[str]) -> subprocess.CompletedProcess[str]:
    assert done.returncode == 0, done.stderr
    return done


def test_version(everyframe: Run) -> None:
    assert fine(everyframe("--version")).stdout.strip() == __version__


def test_probe_says_what_a_source_is(here: Path, everyframe: Run) -> None:
    said = fine(everyframe("probe", "park-monday.mp4")).stdout
    for words in ("h264", "240 x 136", "10 frames/s", "1 min, 600 frames", "--motion codec works"):
        assert words in said


def test_probe_in_json(here: Path, everyframe: Run) -> None:
    found = json.loads(fine(everyframe("probe", "park-monday.mp4", "--json")).stdout)
    assert (found["codec"], found["width"], found["fps"], found["vectors"]) == ("h264", 240, 10.0, True)


def test_what_is_masked_is_neither_learned_nor_told(here: Path, everyframe: Run) -> None:
    whole = "0,0 1,0 1,0.7 0.9,1 0,1"
    ride = ("park-tuesday.mp4", "--budget", "60/hour")
    assert fine(everyframe("watch", *ride, "-b", "park.baseline", "--mask", whole)).stdout == ""
    fine(everyframe("learn", "park-monday.mp4", "-o", "left.baseline", "--mask", whole))
    said = fine(everyframe("watch", *ride, "-b", "left.baseline", "--mask", "0,0 0.1,0 0.1,0.1")).stdout
    assert said != ""  # there nobody was ever seen


def test_watch_finds_the_cyclist_and_the_report_shows_it(here: Path, everyframe: Run) -> None:
    done = fine(everyframe("watch", "park-tuesday.mp4", "-b", "park.baseline", "--budget", "60/hour"))
    lines = done.stdout.splitlines()
    assert lines
    assert all("(p = " in line and "clip: " in line for line in lines)
    with Store(here / "store") as store:
        (run,) = store.runs()
        events = store.events()
    assert (run.camera, run.state, run.budget) == ("park-tuesday", RunState.FINISHED, "60/hour")
    assert len(events) == len(lines)
    for event in events:
        assert event.clip is not None
        assert event.clip.stat().st_size > 1000
    page = fine(everyframe("report", "-o", "page.html", "--no-browser")).stdout.strip()
    assert events[0].event.reason[1:] in (here / page).read_text()


def test_a_verdict_changes_what_the_next_watch_alerts_on(here: Path, everyframe: Run) -> None:
    watch = ("watch", "park-tuesday.mp4", "-b", "park.baseline", "--budget", "20/day")
    assert fine(everyframe(*watch)).stdout
    with Store(here / "store") as store:
        numbers = [str(event.id) for event in store.events()]
    said = [fine(everyframe("verdict", number, "normal", "--who", "ada")).stdout for number in numbers]
    assert said == [f"event {number}: normal\n" for number in numbers]
    assert fine(everyframe(*watch)).stdout == ""
    for number in numbers:
        assert fine(everyframe("verdict", number, "--undo")).stdout == f"event {number}: normal is undone\n"
    fine(everyframe("verdict", numbers[0], "real", "--name", "cyclist"))
    assert "ooks like cyclist" in fine(everyframe(*watch)).stdout


def test_a_verdict_that_makes_no_sense_says_what_to_do(here: Path, everyframe: Run) -> None:
    Store(here / "store").close()
    for arguments, says in (
        (("7", "real"), "There is no event 7"),
        (("7",), "Say real, normal, false or later; or --undo alone"),
        (("7", "real", "--undo"), "Say real, normal, false or later; or --undo alone"),
        (("7", "--undo"), "No verdict stands on event 7"),
        (("7", "perhaps"), "There is no verdict 'perhaps'"),
    ):
        done = everyframe("verdict", *arguments)
        assert done.returncode == 2
        assert says in done.stderr
        assert len(done.stderr.splitlines()) == 1


def test_watch_in_json_says_nothing_else_on_standard_output(here: Path, everyframe: Run) -> None:
    arguments = ("-b", "park.baseline", "--budget", "60/hour", "--clips", "cut", "--camera", "door", "--json")
    done = fine(everyframe("watch", "park-tuesday.mp4", *arguments))
    events = [json.loads(line) for line in done.stdout.splitlines()]
    assert events
    for event in events:
        assert event["camera"] == "door"
        assert (here / event["clip"]).parent.name == "cut"
        assert (here / event["clip"]).is_file()
        assert event["start"] <= event["peak"] <= event["end"]
        assert event["reason"]


def test_watch_says_on_standard_error_that_it_is_calibrating(here: Path, everyframe: Run) -> None:
    done = fine(everyframe("watch", "park-tuesday.mp4", "-b", "park.baseline", "--budget", "1/week"))
    (line,) = [line for line in done.stderr.splitlines() if line.startswith("calibrating")]
    assert "of normal footage" in line
    assert "1/week" in line
    assert "calibrating" not in done.stdout


def test_starts_gives_events_a_clock(here: Path, everyframe: Run) -> None:
    arguments = ("-b", "park.baseline", "--budget", "60/hour", "--starts", "2026-03-02T14:00:00")
    said = fine(everyframe("watch", "park-tuesday.mp4", *arguments)).stdout
    assert said.startswith("2026-03-02 14:00:")


def test_learn_codec_motion_is_watched_with_codec_motion(here: Path, everyframe: Run) -> None:
    fine(everyframe("learn", "park-monday.mp4", "-o", "codec.baseline", "--motion", "codec"))
    assert "codec" in fine(everyframe("show", "codec.baseline")).stdout
    fine(everyframe("watch", "park-tuesday.mp4", "-b", "codec.baseline"))


def test_learn_from_several_sources_with_a_clock(here: Path, everyframe: Run) -> None:
    sources = ("park-monday.mp4", "park-monday.mp4")
    fine(everyframe("learn", *sources, "-o", "two.baseline", "--starts", "2026-03-02T13:59:00"))
    said = fine(everyframe("show", "two.baseline", "-o", "two.png")).stdout
    assert "13:00–15:00" in said
    picture = cv2.imread(str(here / "two.png"))
    assert picture is not None
    assert picture.std() > 5


def test_a_reader_that_goes_away_is_no_error(here: Path, start: Callable[..., subprocess.Popen[str]]) -> None:
    process = start("watch", "park-tuesday.mp4", "-b", "park.baseline", "--budget", "60/hour")
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()
    complained = process.stderr.read()
    process.wait(60)
    assert "Traceback" not in complained
    assert "Broken" not in complained


def test_bench_speed_prints_the_four_rates(here: Path, everyframe: Run) -> None:
    rates = json.loads(
        fine(everyframe("bench", "speed", "park-monday.mp4", "--json", "--repeats", "1")).stdout
    )
    assert set(rates) >= {"decode_fps", "watch_fps", "watch_codec_fps", "mog2_fps"}
    assert all(rate > 0 for rate in rates.values())
    assert rates["decode_fps"] > rates["watch_fps"]


def test_the_command_line_starts_without_loading_what_it_may_not_need() -> None:
    """Help has to come at once: numbers, pictures and databases are loaded inside the commands."""
    heavy = "{'numpy', 'cv2', 'av', 'sklearn', 'scipy', 'sqlalchemy', 'jinja2'}"
    code = f"import everyframe.cli, sys; print(sorted({heavy} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
