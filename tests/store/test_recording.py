"""Recordings are what the camera sent, survive what breaks, and make room."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import av
import numpy as np
import pytest

from everyframe.store.recording import Recorder, Recording, Room, make_room, recorded

FPS = 10


class Clock:
    """The time of the packet that is written."""

    def __init__(self) -> None:
        self.utc = 1_700_000_000.0

    def __call__(self) -> float:
        return self.utc


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return twelve seconds with a key frame each second."""
    path = tmp_path_factory.mktemp("film") / "film.mp4"
    noise = np.random.default_rng(0)
    with av.open(str(path), "w") as container:
        stream = container.add_stream(
            "libx264", rate=FPS, options={"g": "10", "bf": "2", "sc_threshold": "0"}
        )
        stream.width, stream.height, stream.pix_fmt = 96, 64, "yuv420p"
        for number in range(12 * FPS):
            picture = noise.integers(0, 40, (64, 96), dtype=np.uint8) + number
            container.mux(
                stream.encode(av.VideoFrame.from_ndarray(picture, format="gray").reformat(format="yuv420p"))
            )
        container.mux(stream.encode())
    return path


def play(film: Path, recorder: Recorder, clock: Clock, *, until: float = 1e9) -> None:
    """Send a film as a camera would: its packets, at their times."""
    begun = clock.utc
    with av.open(str(film)) as container:
        stream = container.streams.video[0]
        recorder.begin(stream)
        for packet in container.demux(stream):
            if packet.dts is not None:
                at = float(packet.dts * packet.time_base)
                if at > until:
                    break
                clock.utc = begun + max(0.0, at)
            before = packet.pts, packet.dts
            recorder.take(packet)
            assert (packet.pts, packet.dts) == before
            if packet.size:
                packet.decode()  # the watching goes on with the very packet


def pictures(path: Path) -> Iterator[np.ndarray[tuple[int, ...], np.dtype[np.uint8]]]:
    with av.open(str(path)) as container:
        for frame in container.decode(video=0):
            yield np.asarray(frame.to_ndarray(format="gray"), np.uint8)


def test_nothing_is_encoded_again_and_nothing_is_lost(film: Path, tmp_path: Path) -> None:
    clock = Clock()
    recorder = Recorder(tmp_path / "gate", length=5.0, now=clock)
    play(film, recorder, clock)
    recorder.end()
    recorder.end()
    files = recorded(tmp_path / "gate")
    assert len(files) == 3
    kept = [picture for one in files for picture in pictures(one.path)]
    for was, now in zip(pictures(film), kept, strict=True):
        np.testing.assert_array_equal(was, now)


def test_a_file_begins_with_a_key_frame_wherever_the_connection_does(film: Path, tmp_path: Path) -> None:
    clock = Clock()
    recorder = Recorder(tmp_path, now=clock)
    with av.open(str(film)) as container:
        stream = container.streams.video[0]
        recorder.begin(stream)
        for number, packet in enumerate(container.demux(stream)):
            if number >= 3:
                recorder.take(packet)
    recorder.end()
    (one,) = recorded(tmp_path)
    assert len(list(pictures(one.path))) == 11 * FPS


KILLED = """
import os, signal, sys
import av
from everyframe.store.recording import Recorder

recorder = Recorder(__import__("pathlib").Path(sys.argv[2]))
with av.open(sys.argv[1]) as container:
    stream = container.streams.video[0]
    recorder.begin(stream)
    for packet in container.demux(stream):
        recorder.take(packet)
        if packet.pts is not None and packet.pts * packet.time_base > 8:
            os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_process_that_is_killed_costs_a_second_and_not_the_file(film: Path, tmp_path: Path) -> None:
    done = subprocess.run([sys.executable, "-c", KILLED, str(film), str(tmp_path)], check=False)
    assert done.returncode == -9
    (one,) = recorded(tmp_path)
    assert len(list(pictures(one.path))) >= 7 * FPS


def test_a_full_disk_stops_recording_for_a_while_and_nothing_else(
    film: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    clock = Clock()
    recorder = Recorder(tmp_path / "gate", length=2.0, now=clock)
    real = av.open

    def full(file: str, *words: object, **others: object) -> object:
        if words[:1] == ("w",) and clock.utc < 1_700_000_004.0:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return real(file, *words, **others)  # type: ignore[call-overload]

    monkeypatch.setattr("everyframe.store.recording.av.open", full)
    play(film, recorder, clock)
    assert recorded(tmp_path / "gate") == []
    assert [record.message for record in caplog.records if "No space left" in record.message]
    clock.utc += 60.0
    play(film, recorder, clock, until=3.0)
    recorder.end()
    assert recorded(tmp_path / "gate")


def kept(folder: Path, camera: str, start: float, size: int = 1000) -> Path:
    path = folder / camera / f"{round(start * 1000)}.mp4"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(bytes(size))
    os.utime(path, (start + 60.0, start + 60.0))
    return path


NOW = 1_700_000_000.0
ENDLESS = Room(1e12, 1e12, 0.0)


def left(folder: Path) -> list[int]:
    return sorted(int(NOW - int(path.stem) / 1000) for path in folder.glob("*/*.mp4"))


def test_old_ones_go_and_of_the_rest_the_oldest_of_all_cameras_first(tmp_path: Path) -> None:
    for camera, ages in (("gate", (1000, 3000)), ("yard", (2000, 4000))):
        for age in ages:
            kept(tmp_path, camera, NOW - age)
    assert make_room(tmp_path, ENDLESS, NOW) == 0
    assert make_room(tmp_path, Room(3500.0, 1e12, 0.0), NOW) == 1
    assert left(tmp_path) == [1000, 2000, 3000]
    assert make_room(tmp_path, Room(1e12, 2500.0, 0.0), NOW) == 1
    assert left(tmp_path) == [1000, 2000]


def test_what_is_being_written_stays_however_full_the_disk_is(tmp_path: Path) -> None:
    kept(tmp_path, "gate", NOW - 1000)
    kept(tmp_path, "gate", NOW - 90)
    assert make_room(tmp_path, Room(1e12, 1e12, 1e18), NOW) == 1
    assert left(tmp_path) == [90]


def test_strangers_in_the_folder_are_left_alone(tmp_path: Path) -> None:
    kept(tmp_path, "gate", NOW - 1000)
    stranger = tmp_path / "gate" / "holiday.mp4"
    stranger.write_bytes(b"x")
    assert make_room(tmp_path, Room(0.0, 0.0, 1e18), NOW) == 1
    assert stranger.exists()
    assert recorded(tmp_path / "gate") == []
    assert make_room(tmp_path / "nowhere", ENDLESS) == 0


def test_a_stretch_of_time_has_the_files_that_touch_it(tmp_path: Path) -> None:
    paths = [kept(tmp_path, "gate", NOW + start) for start in (0.0, 60.0, 120.0)]
    found = recorded(tmp_path / "gate", NOW + 70.0, NOW + 100.0)
    assert [one.path for one in found] == paths[1:2]
    assert found[0] == Recording(paths[1], NOW + 60.0, NOW + 120.0, 1000)
