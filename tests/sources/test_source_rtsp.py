"""Against GStreamer's RTSP server: a camera that plays, dies, and comes back another size."""

from __future__ import annotations

import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from everyframe.errors import SourceUnreachable
from everyframe.sources import Backoff, FileSource, LiveSource, open_source, probe
from everyframe.store.recording import Recorder, recorded
from everyframe.types import Frame, Gap, GapReason

PYTHON = "/usr/bin/python3"  # the one that Debian's python3-gi is for
SCRIPT = Path(__file__).with_name("rtsp_server.py")
NEEDS = "import gi; gi.require_version('GstRtspServer', '1.0'); from gi.repository import GstRtspServer"


def _has_server() -> bool:
    if not Path(PYTHON).exists():
        return False
    return subprocess.run([PYTHON, "-c", NEEDS], capture_output=True, check=False).returncode == 0


pytestmark = [
    pytest.mark.rtsp,
    pytest.mark.skipif(
        not _has_server(), reason="GStreamer's RTSP server is not installed; see .ci/packages.txt"
    ),
]

Camera = subprocess.Popen[str]
StartCamera = Callable[..., Camera]


@pytest.fixture
def port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@pytest.fixture
def camera(port: int) -> Iterator[StartCamera]:
    """Start cameras on the test's port; ``stop(camera)`` kills one as a power cut does."""
    running: list[Camera] = []

    def start(width: int = 160, height: int = 120, *login: str) -> Camera:
        command = [PYTHON, str(SCRIPT), str(port), str(width), str(height), *login]
        running.append(subprocess.Popen(command, stdout=subprocess.PIPE, text=True))
        assert running[-1].stdout is not None
        assert running[-1].stdout.readline() == "ready\n"
        return running[-1]

    yield start
    for process in running:
        _stop(process)


def _stop(camera: Camera) -> None:
    camera.kill()
    camera.wait()
    if camera.stdout is not None:
        camera.stdout.close()


def _next(
    items: Iterator[Frame | Gap], wanted: Callable[[Frame | Gap], bool], seconds: float = 20
) -> list[Frame | Gap]:
    """Read until an item is as wanted; return all that came."""
    seen: list[Frame | Gap] = []
    end = time.monotonic() + seconds
    for item in items:
        seen.append(item)
        if wanted(item):
            return seen
        assert time.monotonic() < end, f"not within {seconds} s; last came {seen[-3:]}"
    raise AssertionError("the stream ended")


def test_it_plays_with_motion_vectors(camera: StartCamera, port: int) -> None:
    camera()
    with closing(open_source(f"rtsp://127.0.0.1:{port}/camera", vectors=True)) as source:
        assert isinstance(source, LiveSource)
        began = time.time()
        items = iter(source)
        seen = _next(items, lambda item: isinstance(item, Frame) and item.time >= 2.0)
        frames = [item for item in seen if isinstance(item, Frame)]
        known = len(frames) + sum(item.frames or 0 for item in seen if isinstance(item, Gap))
        assert known == frames[-1].index + 1, "each picture came or was counted"
        assert frames[-1].index / frames[-1].time == pytest.approx(25, abs=2)
        assert all(frame.size == (160, 120) for frame in frames)
        assert any(frame.vectors is not None for frame in frames)
        assert frames[0].index == 0
        assert frames[0].time == 0.0
        assert frames[0].utc == pytest.approx(began, abs=5.0)
        assert source.info.live
        assert source.info.codec == "h264"


def test_a_slow_reader_gets_the_latest_and_is_told_what_it_missed(camera: StartCamera, port: int) -> None:
    """The trap of lag that grows without bound."""
    camera()
    with closing(open_source(f"rtsp://127.0.0.1:{port}/camera")) as source:
        items = iter(source)
        seen: list[Frame | Gap] = []
        first = time.monotonic()
        for item in items:
            seen.append(item)
            if isinstance(item, Frame):
                time.sleep(0.2)
                if item.time > 2.0:
                    break
        took = time.monotonic() - first
        frames = [item for item in seen if isinstance(item, Frame)]
        dropped = [item for item in seen if isinstance(item, Gap) and item.reason is GapReason.DROPPED]
        assert took - frames[-1].time < 0.6, "no lag has built up"
        assert sum(gap.frames or 0 for gap in dropped) + len(frames) == frames[-1].index + 1


def test_a_dead_camera_stalls_and_comes_back_in_another_size(camera: StartCamera, port: int) -> None:
    """The traps of a reconnect, and of a frame size that changes with it."""
    first = camera()
    source = LiveSource(
        f"rtsp://127.0.0.1:{port}/camera", stall_after=0.5, timeout=4.0, backoff=Backoff(0.2, 0.5)
    )
    with closing(source):
        items = iter(source)
        _next(items, lambda item: isinstance(item, Frame) and item.index > 10)
        _stop(first)
        seen = _next(items, lambda item: isinstance(item, Gap) and item.reason is GapReason.STALL)
        seen += _next(items, lambda item: isinstance(item, Gap) and item.reason is GapReason.STALL)
        camera(192, 144)
        seen += _next(items, lambda item: isinstance(item, Frame))
        back = seen[-1]
        assert isinstance(back, Frame)
        seen += _next(items, lambda item: isinstance(item, Frame) and item.index > back.index + 10)
        frames = [item for item in seen if isinstance(item, Frame)]
        assert frames[-1].size == (192, 144)
        assert source.info.width == 192
        stalls = [item for item in seen if isinstance(item, Gap) and item.reason is GapReason.STALL]
        assert len(stalls) >= 2
        assert all(gap.end - gap.start < 1.5 for gap in stalls), "told while it lasts"
        times = [item.time if isinstance(item, Frame) else item.end for item in seen]
        assert times == sorted(times)
        new = next(number for number, item in enumerate(seen) if getattr(item, "size", None) == (192, 144))
        assert isinstance(seen[new - 1], Gap), "nothing may be compared across a reconnect"


def test_a_wrong_password_is_refused_and_not_shown(camera: StartCamera, port: int) -> None:
    camera(160, 120, "keeper", "s3cret")
    with pytest.raises(SourceUnreachable, match="401") as caught:
        open_source(f"rtsp://keeper:wr0ng@127.0.0.1:{port}/camera")
    assert "wr0ng" not in str(caught.value)
    with closing(open_source(f"rtsp://keeper:s3cret@127.0.0.1:{port}/camera")) as source:
        assert "s3cret" not in source.info.name
        assert "s3cret" not in repr(source)
        assert isinstance(next(iter(source)), Frame)


def test_an_unknown_path_is_refused(camera: StartCamera, port: int) -> None:
    camera()
    with pytest.raises(SourceUnreachable, match="404"):
        open_source(f"rtsp://127.0.0.1:{port}/nothing")


def test_probe_says_what_it_is(camera: StartCamera, port: int) -> None:
    camera()
    found = probe(f"rtsp://127.0.0.1:{port}/camera")
    assert (found.codec, found.width, found.height, found.live) == ("h264", 160, 120, True)
    assert found.vectors
    assert found.measured_fps == pytest.approx(25, abs=3)


def test_what_it_sends_is_recorded_as_it_is_and_again_after_a_power_cut(
    camera: StartCamera, port: int, tmp_path: Path
) -> None:
    first = camera()
    recorder = Recorder(tmp_path)
    url = f"rtsp://127.0.0.1:{port}/camera"
    with closing(LiveSource(url, stall_after=0.5, backoff=Backoff(0.2, 0.5), tap=recorder)) as source:
        items = iter(source)
        _next(items, lambda item: isinstance(item, Frame) and item.time > 3.0)
        _stop(first)
        _next(items, lambda item: isinstance(item, Gap))
        camera()
        _next(items, lambda item: isinstance(item, Frame))
        seen = time.monotonic()
        _next(items, lambda item: isinstance(item, Frame) and time.monotonic() - seen > 3.0)
    before, after = recorded(tmp_path)
    for one in (before, after):
        # What was cut off in the middle of a picture is recorded, too, and cannot be decoded.
        with closing(FileSource(one.path)) as recording:
            frames = [item for item in recording if isinstance(item, Frame)]
        assert len(frames) >= 40
        assert frames[0].size == (160, 120)
    assert before.end_utc <= after.start_utc
