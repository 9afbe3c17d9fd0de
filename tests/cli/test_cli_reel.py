"""``everyframe reel`` as a person runs it: what it says, what it leaves when killed, what a browser plays."""

from __future__ import annotations

import base64
import json
import shutil
import signal
import subprocess
import time
import wave
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright
from tests.highlights.films import moments, shown, write_film
from typer.testing import CliRunner

import everyframe as ef
from everyframe.cli.app import app
from everyframe.errors import EveryframeError

Run = Callable[..., subprocess.CompletedProcess[str]]
Start = Callable[..., subprocess.Popen[str]]
CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")


@pytest.fixture
def game(tmp_path: Path) -> Path:
    return write_film(tmp_path / "game.mp4", 250, sound="aac", flashes=[2.0, 6.0])


def labelled(folder: Path, *rows: str) -> Path:
    path = folder / "events.csv"
    path.write_text("\n".join(["start,end,label,confidence", *rows]) + "\n")
    return path


def refused(done: subprocess.CompletedProcess[str], *words: str) -> None:
    assert done.returncode == 2, done.stderr
    assert done.stdout == ""
    lines = [line for line in done.stderr.splitlines() if not line.startswith("cutting ")]
    assert len(lines) == 1, done.stderr
    for word in words:
        assert word in lines[0]


def test_one_line_for_each_cut(game: Path, everyframe: Run, tmp_path: Path) -> None:
    labelled(tmp_path, "1.5,2.5,smash,0.9", "5.5,6.5,drop,0.4")
    arguments = ("game.mp4", "--labels", "events.csv", "-o", "out.mp4", "--before", "0.5", "--after", "0.5")
    done = everyframe("reel", *arguments, "--snap", "0", "--beside", "edl,json")
    assert done.returncode == 0, done.stderr
    assert done.stdout == "0:00  smash  game.mp4 0:01–0:03\n0:02  drop  game.mp4 0:05–0:07\n"
    assert "The reel: out.mp4, 4 s, 2 cuts;" in done.stderr
    assert "Beside it: out.edl" in done.stderr
    assert len(shown(tmp_path / "out.mp4")) == 100
    told = json.loads((tmp_path / "out.json").read_text())
    assert [cut["label"] for cut in told["cuts"]] == ["smash", "drop"]


def test_json_for_programs(game: Path, everyframe: Run, tmp_path: Path) -> None:
    """Without labels, too: what stands out is shown."""
    done = everyframe("reel", "game.mp4", "--max", "5s", "-o", "reel.mp4", "--json")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["film"] == "reel.mp4"
    assert sum(cut["pictures"] for cut in told["cuts"]) == len(shown(tmp_path / "reel.mp4"))
    assert 1 <= told["seconds"] <= 5


def bad_files(folder: Path) -> None:
    """Write footage and labels of which no reel can be cut."""
    labelled(folder, "1,5,smash,1")
    (folder / "empty.csv").write_text("start,end,label\n")
    (folder / "outside.csv").write_text("start,end,label\n100,101,smash\n")
    (folder / "text.mp4").write_text("this is no video")
    one = write_film(folder / "one.ts", 75).read_bytes()
    (folder / "leaps.ts").write_bytes(one + one)
    write_film(folder / "raw.h264", 50)
    with wave.open(str(folder / "sound.wav"), "wb") as sound:
        sound.setparams((1, 2, 8000, 0, "NONE", ""))
        sound.writeframes(b"\0" * 16_000)


def test_what_cannot_be_cut(game: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each of them in one line; the next test shows how a person sees that."""
    bad_files(tmp_path)
    monkeypatch.chdir(tmp_path)
    before = {path.name for path in tmp_path.iterdir()}
    for told, words in (
        ("none.mp4", "none.mp4: there is no such file"),
        ("sound.wav", "sound.wav: it holds no video"),
        ("text.mp4", "text.mp4: this is not video"),
        ("leaps.ts --labels events.csv", "leaps.ts: its timestamps leap back near"),
        ("raw.h264 --labels events.csv", "raw.h264"),
        ("game.mp4 --labels empty.csv", "empty.csv holds no segment"),
        ("game.mp4 --labels outside.csv", "no event lies within the footage"),
        ("game.mp4 --labels none.csv", "there are no labels none.csv"),
        ("game.mp4 --max soon", "'soon' is no length of time"),
        ("game.mp4 --max 200%", "200% is more than all of the footage"),
        ("game.mp4 -o nowhere/reel.mp4", "Cannot write nowhere/reel.mp4"),
        ("game.mp4 -o game.mp4", "is one of the sources"),
        ("", "no footage was named"),
    ):
        done = CliRunner().invoke(app, ["reel", *told.split()])
        assert isinstance(done.exception, EveryframeError), (told, done.exception)
        assert words in str(done.exception)
        assert "\n" not in str(done.exception)
        assert done.stdout == ""
        assert {path.name for path in tmp_path.iterdir()} == before


def test_why_is_told_in_one_line(game: Path, everyframe: Run, tmp_path: Path) -> None:
    (tmp_path / "outside.csv").write_text("start,end,label\n100,101,smash\n")
    done = everyframe("reel", "game.mp4", "--labels", "outside.csv")
    assert "game.mp4 ends at 10.0 s; smash at 100 s after that: left out" in done.stderr
    done.stderr = "\n".join(line for line in done.stderr.splitlines() if "left out" not in line)
    refused(done, "no event lies within the footage")


def test_a_full_disk_leaves_nothing(game: Path, everyframe: Run, tmp_path: Path) -> None:
    labelled(tmp_path, "1,9,smash,1")
    before = {path.name for path in tmp_path.iterdir()}
    done = everyframe("reel", "game.mp4", "--labels", "events.csv", "-o", "reel.mp4", limit=20_000)
    refused(done, "Cannot write reel.mp4")
    assert {path.name for path in tmp_path.iterdir()} == before


@pytest.fixture
def long(tmp_path: Path) -> Path:
    """Return footage that takes a second or two to cut."""
    return write_film(tmp_path / "long.mp4", 500, size=(640, 360), sound="aac", flashes=[2.0, 15.0])


def writing(folder: Path, process: subprocess.Popen[str]) -> Path:
    """Wait until a film is being written; return under which name."""
    end = time.monotonic() + 100
    while time.monotonic() < end:
        for path in folder.glob(".reel.*.part.mp4"):
            if path.stat().st_size > 0:
                return path
        assert process.poll() is None, "it ended before anybody could look"
        time.sleep(0.005)
    raise AssertionError("nothing was written in time")


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_killed_in_the_middle(
    long: Path, everyframe: Run, start: Start, tmp_path: Path, number: signal.Signals
) -> None:
    labelled(tmp_path, "1,18,smash,1")
    arguments = ("reel", "long.mp4", "--labels", "events.csv", "--encode", "--beside", "json", "--snap", "0")
    process = start(*arguments, "-o", "reel.mp4")
    part = writing(tmp_path, process)
    process.send_signal(number)
    code = process.wait(60)
    assert code == (-9 if number == signal.SIGKILL else 128 + number)
    assert not (tmp_path / "reel.mp4").exists(), "nothing is there under the name, not even a part"
    assert not (tmp_path / "reel.json").exists()
    assert part.exists() == (number == signal.SIGKILL)
    if number == signal.SIGKILL:
        assert everyframe(*arguments, "-o", "reel.mp4").returncode == 0
        seen, beeps = moments(tmp_path / "reel.mp4")
        assert seen == pytest.approx([2.0, 15.0], abs=0.01)
        assert beeps == pytest.approx(seen, abs=0.04)


def test_a_browser_plays_it(tmp_path: Path) -> None:
    """Copied and encoded pieces after one another: every picture is the right one in Chromium, too."""
    if CHROMIUM is None:
        pytest.skip("Chromium is not installed; see .ci/packages.txt")
    write_film(tmp_path / "game.mp4", 250, sound="aac", flashes=[2.0, 6.0], options={"g": "25", "bf": "2"})
    write_film(tmp_path / "other.mkv", 250, first=1000, codec="mpeg4", options={})
    rows = ["file,start,end,label", "game.mp4,0.6,1.8,smash", "game.mp4,5.2,7.2,drop", "other.mkv,1,2,serve"]
    (tmp_path / "events.csv").write_text("\n".join(rows) + "\n")
    none = {"before": 0.0, "after": 0.0, "snap": 0.0, "gap": 0.0}
    made = ef.reel((), tmp_path / "reel.mp4", labels=tmp_path / "events.csv", **none)  # type: ignore[arg-type]
    length = 4.2
    wanted = [*range(15, 45), *range(130, 180), *range(1025, 1050)]
    assert 0 < sum(piece.copied for piece in made.pieces) < len(wanted)
    assert [number for _, number in shown(tmp_path / "reel.mp4")] == wanted
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = chromium.new_page()
        page.set_default_timeout(60_000)
        page.set_content('<video id="v" muted playsinline></video>')
        page.evaluate(_LOAD, base64.b64encode((tmp_path / "reel.mp4").read_bytes()).decode())
        page.wait_for_function("v.readyState >= 3 || v.error")
        assert page.evaluate("v.error && v.error.message") is None
        assert page.evaluate("v.duration") == pytest.approx(length, abs=0.06)
        # What is shown at moments of every piece, read from the cells that tell the picture's number.
        for index in (3, 29, 31, 60, 79, 82, 104):
            seen = page.evaluate(_SEEN, (index + 0.5) / 25)
            assert seen == wanted[index]
        page.evaluate("v.currentTime = 0")
        page.evaluate("v.play()")
        page.wait_for_function("v.ended || v.error")
        assert page.evaluate("v.error && v.error.message") is None
        assert page.evaluate("v.currentTime") == pytest.approx(length, abs=0.06)
        assert page.evaluate("v.webkitAudioDecodedByteCount") > 0
        chromium.close()


_LOAD = """film => {
    const bytes = Uint8Array.from(atob(film), letter => letter.charCodeAt(0));
    v.src = URL.createObjectURL(new Blob([bytes], {type: 'video/mp4'}));
}"""

_SEEN = """async time => {
    const there = new Promise((done, fail) => {
        v.addEventListener('seeked', done, {once: true});
        setTimeout(() => fail(new Error('the seek does not end')), 60000);
    });
    v.currentTime = time;
    await there;
    const canvas = document.createElement('canvas');
    canvas.width = v.videoWidth; canvas.height = v.videoHeight;
    const context = canvas.getContext('2d');
    context.drawImage(v, 0, 0);
    let number = 0;
    for (let bit = 0; bit < 12; bit++)
        if (context.getImageData(bit * 16 + 8, 8, 1, 1).data[1] > 128) number |= 1 << bit;
    return number;
}"""
