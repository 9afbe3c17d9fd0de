"""What people get wrong: one line that says what is wrong and what to do, and nothing left behind."""

from __future__ import annotations

import shutil
import socket
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import av
import cv2
import numpy as np
import pytest

from everyframe.store import RunState, Store

pytestmark = pytest.mark.xdist_group("bad input")  # what they share is made once

Run = Callable[..., subprocess.CompletedProcess[str]]
STATUS = ("learning ", "watching ", "calibrating: ")  # what the lines begin with that are no complaint
COMMANDS = {
    "probe": ("probe",),
    "learn": ("learn", "-o", "new.baseline"),
    "watch": ("watch", "-b", "park.baseline"),
}


@pytest.fixture
def here(tmp_path: Path, park: Path) -> Path:
    """Return a folder with the baseline and Tuesday's clip."""
    for name in ("park.baseline", "park-tuesday.mp4"):
        shutil.copy(park / name, tmp_path)
    return tmp_path


def refused(done: subprocess.CompletedProcess[str], *words: str, silent: bool = True) -> None:
    """Hold that it exits with 2 and one line, which says all of ``words``."""
    assert done.returncode == 2, done.stderr
    assert "Traceback" not in done.stderr
    lines = [line for line in done.stderr.splitlines() if not line.startswith(STATUS)]
    assert len(lines) == 1, done.stderr
    for word in words:
        assert word in lines[0]
    assert done.stdout == "" or not silent


def listing(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*")}


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("no-such.mp4", ["no-such.mp4: there is no such file"]),
        ("text.mp4", ["text.mp4: this is not video", "check that it is whole"]),
        ("sound.wav", ["it holds no video (only audio)", "give a file or URL with a picture"]),
        ("empty", ["empty", "no pictures"]),
    ],
)
def test_a_source_that_is_no_video(
    here: Path, everyframe: Run, command: str, source: str, words: list[str]
) -> None:
    (here / "text.mp4").write_text("this is not a video\n" * 200)
    _write_sound(here / "sound.wav")
    (here / "empty").mkdir()
    before = listing(here)
    refused(everyframe(*COMMANDS[command], source), *words)
    assert listing(here) == before


@pytest.mark.parametrize("command", COMMANDS)
def test_a_url_that_refuses(here: Path, everyframe: Run, command: str) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    before = listing(here)
    done = everyframe(*COMMANDS[command], f"rtsp://me:secret@127.0.0.1:{port}/stream")
    refused(done, "refuses the connection; check host and port", "me:***@127.0.0.1")
    assert "secret" not in done.stderr
    assert listing(here) == before


@pytest.mark.parametrize("scheme", ["http", "rtsp"])
@pytest.mark.parametrize("command", COMMANDS)
def test_a_url_that_hangs(here: Path, everyframe: Run, command: str, scheme: str) -> None:
    before = listing(here)
    with _silent() as port:
        done = everyframe(*COMMANDS[command], "--timeout", "0.5", f"{scheme}://127.0.0.1:{port}/stream")
    refused(done, "does not answer in time (0.5 s)", "check the address and the network")
    assert listing(here) == before


def test_a_truncated_file_is_watched_as_far_as_it_goes(here: Path, everyframe: Run) -> None:
    whole = (here / "park-tuesday.mp4").read_bytes()
    (here / "cut.mp4").write_bytes(whole[: len(whole) * 2 // 3])
    done = everyframe("watch", "cut.mp4", "-b", "park.baseline", "--store", "kept")
    assert done.returncode == 0, done.stderr
    with Store(here / "kept") as store:
        (run,) = store.runs()
        gaps = store.gaps(run.id)
    assert run.state is RunState.FINISHED
    assert run.frames > 100
    assert gaps
    assert gaps[-1].reason in ("missing", "undecodable")


@pytest.mark.parametrize("command", ["learn", "watch"])
def test_a_folder_with_pictures_of_mixed_size(here: Path, everyframe: Run, command: str) -> None:
    (here / "frames").mkdir()
    for number in range(30):
        size = (136, 240) if number < 20 else (100, 120)
        picture = np.random.default_rng(number).integers(0, 255, size, np.uint8)
        cv2.imwrite(str(here / "frames" / f"{number:03d}.png"), picture)
    before = listing(here)
    done = (
        everyframe(*COMMANDS[command], "frames", "--store", "kept")
        if command == "watch"
        else everyframe(*COMMANDS[command], "frames")
    )
    refused(done, "020.png", "120x100", "240x136")
    assert listing(here) - before <= {"kept", "kept/everyframe.db"}
    if command == "watch":
        with Store(here / "kept") as store:
            assert [run.state for run in store.runs()] == [RunState.INTERRUPTED]


def test_a_baseline_of_another_size(here: Path, everyframe: Run) -> None:
    before = listing(here)
    done = everyframe("watch", "synthetic:park?minutes=0.1&size=320x180", "-b", "park.baseline")
    refused(done, "is 320x180", "240x136", "everyframe learn")
    assert listing(here) == before


@pytest.mark.parametrize("command", ["watch", "show"])
@pytest.mark.parametrize("where", ["start", "middle", "end"])
def test_a_baseline_with_a_flipped_byte(here: Path, everyframe: Run, command: str, where: str) -> None:
    data = bytearray((here / "park.baseline").read_bytes())
    data[{"start": 0, "middle": len(data) // 2, "end": -1}[where]] ^= 1
    (here / "bad.baseline").write_bytes(data)
    before = listing(here)
    arguments = ("watch", "park-tuesday.mp4", "-b") if command == "watch" else ("show",)
    refused(everyframe(*arguments, "bad.baseline"), "bad.baseline", "learn")
    assert listing(here) == before


@pytest.mark.parametrize("arguments", [("watch", "park-tuesday.mp4", "-b"), ("show",)], ids=["watch", "show"])
def test_no_such_baseline(here: Path, everyframe: Run, arguments: tuple[str, ...]) -> None:
    before = listing(here)
    refused(everyframe(*arguments, "none.baseline"), "no baseline none.baseline", "everyframe learn")
    assert listing(here) == before


def test_a_video_is_no_baseline(here: Path, everyframe: Run) -> None:
    refused(everyframe("show", "park-tuesday.mp4"), "park-tuesday.mp4 is not a baseline")


def test_a_full_disk_while_learning(here: Path, everyframe: Run) -> None:
    before = listing(here)
    done = everyframe("learn", "park-tuesday.mp4", "-o", "new.baseline", limit=2000)
    refused(done, "Cannot write new.baseline", "choose a place")
    assert listing(here) == before


def test_a_full_disk_while_watching(here: Path, everyframe: Run) -> None:
    before = listing(here)
    done = everyframe("watch", "park-tuesday.mp4", "-b", "park.baseline", "--store", "kept", limit=8000)
    refused(done, "kept/everyframe.db", "disk is full")
    assert listing(here) == before


def with_noise(clean: Path, noisy: Path) -> None:
    random = np.random.default_rng(0)
    with av.open(str(clean)) as source, av.open(str(noisy), "w") as target:
        shown = source.streams.video[0]
        stream = target.add_stream("libx264", rate=shown.average_rate)
        stream.width, stream.height, stream.pix_fmt = shown.width, shown.height, "yuv420p"
        stream.options = {"preset": "veryfast", "crf": "20"}
        for frame in source.decode(video=0):
            luma = frame.to_ndarray(format="gray").astype(np.int16)
            luma += random.integers(-9, 10, luma.shape, dtype=np.int16)
            picture = av.VideoFrame.from_ndarray(np.clip(luma, 0, 255).astype(np.uint8), format="gray")
            picture.pts, picture.time_base = frame.pts, frame.time_base
            target.mux(stream.encode(picture.reformat(format="yuv420p")))
        target.mux(stream.encode())


def test_a_disk_that_fills_up_with_clips(here: Path, everyframe: Run) -> None:
    """The database fits, the clip does not: the event is kept, and nothing half-written lies about."""
    # Noise is hard to encode, so a long clip is larger than whatever the database writes.
    with_noise(here / "park-tuesday.mp4", here / "noisy.mp4")
    lasting = ("--clip-before", "20", "--clip-after", "20")
    options = ("-b", "park.baseline", "--store", "kept", "--clips", "clips", "--budget", "60/hour", *lasting)
    done = everyframe("watch", "noisy.mp4", *options)
    assert done.returncode == 0, done.stderr
    biggest = max(path.stat().st_size for path in (here / "clips").glob("*.mp4"))
    database = (here / "kept" / "everyframe.db").stat().st_size
    shutil.rmtree(here / "clips")
    if biggest <= database:
        pytest.fail(
            f"the clip ({biggest}) is smaller than the database ({database}): nothing is shown by this"
        )
    done = everyframe("watch", "noisy.mp4", *options, limit=biggest - 1)
    refused(done, "Cannot write clips/", "choose a place", silent=False)
    assert not list((here / "clips").glob(".*"))
    assert all(path.stat().st_size < biggest for path in (here / "clips").glob("*.mp4"))
    with Store(here / "kept") as store:
        assert store.runs()[-1].state is RunState.INTERRUPTED
        assert store.events(run=store.runs()[-1].id)[-1].clip is None


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("learn", "park-tuesday.mp4", "-o", "none/new.baseline"), ["its folder does not exist"]),
        (("learn", "park-tuesday.mp4", "-o", "park-tuesday.mp4"), ["one of the sources"]),
        (("show", "park.baseline", "-o", "park.baseline"), ["one of the sources"]),
        (("learn", "park-tuesday.mp4", "-o", "."), ["there is a folder of that name"]),
        (("watch", "park-tuesday.mp4", "-b", "park.baseline", "--budget", "2"), ["2/day"]),
        (("watch", "park-tuesday.mp4", "-b", "park.baseline", "--clip-after", "99"), ["0 to 30 s"]),
        (("learn", "park-tuesday.mp4", "-o", "x", "--motion", "flaw"), ["did you mean flow?"]),
        (("learn", "park-tuesday.mp4", "-o", "x", "--mask", "0,0 1,0"), ["--mask: mask 1 has 2 corners"]),
        (("watch", "park-tuesday.mp4", "-b", "park.baseline", "--mask", "left"), ["write corners like"]),
        (("report", "--store", "nowhere"), ["There is no store at nowhere"]),
        (("bench", "anomaly", "nowhere"), ["nowhere: no such folder"]),
        (("bench", "speed", "nowhere.mp4"), ["nowhere.mp4"]),
    ],
)
def test_a_wrong_option(here: Path, everyframe: Run, arguments: tuple[str, ...], words: list[str]) -> None:
    before = listing(here)
    refused(everyframe(*arguments), *words)
    assert listing(here) == before


def test_a_wrong_variable_in_the_environment(here: Path, everyframe: Run) -> None:
    done = everyframe("watch", "park-tuesday.mp4", "-b", "park.baseline", EVERYFRAME_BUGDET="1/day")
    refused(done, "did you mean EVERYFRAME_BUDGET?")


@pytest.mark.parametrize("arguments", [("wacth",), ("learn", "x.mp4"), ("probe", "--nosuch", "x.mp4")])
def test_a_usage_error_exits_with_two(everyframe: Run, arguments: tuple[str, ...]) -> None:
    done = everyframe(*arguments)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert "Usage:" in done.stderr


def _write_sound(path: Path) -> None:
    import wave

    with wave.open(str(path), "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(8000)
        sound.writeframes(b"\0" * 16000)


@contextmanager
def _silent() -> Iterator[int]:
    """Listen and never say a word; yield the port."""
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen(8)
        yield server.getsockname()[1]
