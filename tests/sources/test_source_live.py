"""Live sources over HTTP, from servers that play, refuse, hang and die."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any, Protocol

import cv2
import numpy as np
import pytest

from everyframe.errors import SourceError, SourceNotFound, SourceUnreachable, SourceUnreadable
from everyframe.sources import Backoff, FileSource, LiveSource, open_source
from everyframe.sources import reader as reader_module
from everyframe.types import Frame, Gap, GapReason

QUICK = Backoff(0.1, 0.3)


class WebServer(Protocol):
    url: str


class _Camera(BaseHTTPRequestHandler):
    """An MJPEG camera; ``script`` says what it does: numbers are seconds to wait, tuples the size to send."""

    script: tuple[Any, ...] = ()
    served = 0

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name in the base class
        pass

    def do_GET(self) -> None:
        type(self).served += 1
        self.send_response(200)
        self.send_header("Content-Type", "multipart/x-mixed-replace; boundary=picture")
        self.end_headers()
        number = 0
        try:
            for step in self.script:
                if isinstance(step, tuple):
                    width, height, count, wait = step
                    for _ in range(count):
                        self._send(width, height, number)
                        number += 1
                        time.sleep(wait)
                else:
                    time.sleep(step)
        except OSError:
            pass

    def _send(self, width: int, height: int, number: int) -> None:
        picture = np.random.default_rng(number).integers(0, 255, (height, width), dtype=np.uint8)
        data = cv2.imencode(".jpg", picture)[1].tobytes()
        head = f"--picture\r\nContent-Type: image/jpeg\r\nContent-Length: {len(data)}\r\n\r\n"
        self.wfile.write(head.encode() + data + b"\r\n")
        self.wfile.flush()


def _camera(*script: Any) -> type[_Camera]:
    return type("Camera", (_Camera,), {"script": script, "served": 0})


Serve = Callable[[type[_Camera]], WebServer]


def _read(items: Iterator[Frame | Gap], seconds: float) -> list[Frame | Gap]:
    """Read for so long; a stall gap comes at least every few tenths of a second."""
    seen, end = [], time.monotonic() + seconds
    for item in items:
        seen.append(item)
        if time.monotonic() > end:
            break
    return seen


def _frames(items: list[Frame | Gap]) -> list[Frame]:
    return [item for item in items if isinstance(item, Frame)]


def _reasons(items: list[Frame | Gap]) -> set[GapReason]:
    return {item.reason for item in items if isinstance(item, Gap)}


def test_an_mjpeg_camera_plays_at_the_pace_it_sends(serve: Serve) -> None:
    server = serve(_camera((64, 48, 200, 0.1)))
    with closing(open_source(f"{server.url}/camera")) as source:
        assert isinstance(source, LiveSource)
        assert (source.info.live, source.info.codec, source.info.width) == (True, "mjpeg", 64)
        frames = _frames(_read(iter(source), 2.0))
    rate = (frames[-1].index - frames[3].index) / (frames[-1].time - frames[3].time)
    assert rate == pytest.approx(10, abs=2), "not the 25 a second that FFmpeg makes up"
    assert frames[-1].utc == pytest.approx(time.time(), abs=2.0)


def test_a_camera_that_falls_silent_stalls_and_goes_on(serve: Serve) -> None:
    server = serve(_camera((64, 48, 10, 0.05), 1.2, (64, 48, 200, 0.05)))
    with closing(LiveSource(f"{server.url}/camera", stall_after=0.3, timeout=5.0)) as source:
        seen = _read(iter(source), 2.5)
    stalls = [item for item in seen if isinstance(item, Gap) and item.reason is GapReason.STALL]
    assert len(stalls) >= 3, "told while it lasts"
    assert sum(gap.end - gap.start for gap in stalls) == pytest.approx(1.2, abs=0.5)
    assert isinstance(seen[-1], Frame)


def test_a_connection_that_ends_is_opened_again_and_its_size_may_change(serve: Serve) -> None:
    class Changing(_camera((64, 48, 12, 0.05))):  # type: ignore[misc]
        def do_GET(self) -> None:  # noqa: N802 - the name in the base class
            if type(self).served:
                type(self).script = ((96, 64, 300, 0.05),)
            super().do_GET()

    server = serve(Changing)
    source = LiveSource(f"{server.url}/camera", stall_after=0.3, timeout=5.0, backoff=QUICK)
    with closing(source):
        seen = _read(iter(source), 3.0)
        assert source.info.width == 96
    sizes = [frame.size for frame in _frames(seen)]
    assert set(sizes) == {(64, 48), (96, 64)}
    times = [frame.time for frame in _frames(seen)]
    assert times == sorted(set(times))
    first = next(number for number, item in enumerate(seen) if getattr(item, "size", None) == (96, 64))
    assert isinstance(seen[first - 1], Gap), "nothing may be compared across a reconnect"


def test_what_a_slow_reader_misses_is_counted(serve: Serve) -> None:
    server = serve(_camera((64, 48, 400, 0.02)))
    with closing(LiveSource(f"{server.url}/camera")) as source:
        seen: list[Frame | Gap] = []
        for item in source:
            seen.append(item)
            if isinstance(item, Frame):
                time.sleep(0.15)
            if len(seen) > 20:
                break
    frames = _frames(seen)
    counted = sum(item.frames or 0 for item in seen if isinstance(item, Gap))
    assert GapReason.DROPPED in _reasons(seen)
    assert frames[-1].index + 1 == len(frames) + counted - (
        seen[-1].frames or 0 if isinstance(seen[-1], Gap) else 0
    )


def test_an_exception_in_the_reader_reaches_whoever_reads(
    serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The trap of one exception that kills the reader thread silently."""
    server = serve(_camera((64, 48, 400, 0.02)))
    with closing(LiveSource(f"{server.url}/camera")) as source:
        items = iter(source)
        next(items)

        def fails(*_: object) -> None:
            raise ZeroDivisionError("a bug")

        monkeypatch.setattr(reader_module.Reader, "_show", fails)
        with pytest.raises(ZeroDivisionError, match="a bug"):
            _read(items, 5.0)


def test_a_port_that_refuses() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    for scheme in ("http", "rtsp"):
        with pytest.raises(SourceUnreachable, match="refuses") as caught:
            open_source(f"{scheme}://user:s3cret@127.0.0.1:{port}/camera", timeout=3.0)
        assert "s3cret" not in str(caught.value)
        assert "\n" not in str(caught.value)


@pytest.fixture
def silent_port() -> Iterator[int]:
    """A server that accepts and never says a word."""
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen(8)
        taken: list[socket.socket] = []

        def accept() -> None:
            try:
                while True:
                    taken.append(server.accept()[0])
            except OSError:
                return

        thread = threading.Thread(target=accept, daemon=True)
        thread.start()
        yield server.getsockname()[1]
        server.shutdown(socket.SHUT_RDWR)
        for connection in taken:
            connection.close()
        thread.join()


@pytest.mark.parametrize("scheme", ["http", "rtsp"])
def test_a_server_that_hangs_is_given_up_in_time(silent_port: int, scheme: str) -> None:
    began = time.monotonic()
    with pytest.raises(SourceUnreachable, match="in time"):
        open_source(f"{scheme}://127.0.0.1:{silent_port}/camera", timeout=1.0)
    assert 0.9 < time.monotonic() - began < 5.0


def test_closing_is_prompt_even_when_the_server_hangs(serve: Serve) -> None:
    server = serve(_camera((64, 48, 20, 0.01), 30.0))
    source = LiveSource(f"{server.url}/camera", timeout=20.0, stall_after=0.2)
    items = iter(source)
    assert any(getattr(item, "reason", None) is GapReason.STALL for item in _read(items, 1.0))
    began = time.monotonic()
    source.close()
    source.close()
    assert time.monotonic() - began < 2.0
    assert list(items) == []
    with pytest.raises(SourceError, match="closed"):
        iter(source).__next__()


def test_closing_ends_an_iteration_in_another_thread(serve: Serve) -> None:
    server = serve(_camera((64, 48, 400, 0.02)))
    source = LiveSource(f"{server.url}/camera")
    thread = threading.Thread(target=lambda: list(source))
    thread.start()
    time.sleep(0.3)
    source.close()
    thread.join(2.0)
    assert not thread.is_alive()


def test_a_forgotten_source_stops_reading(serve: Serve) -> None:
    server = serve(_camera((64, 48, 4000, 0.02)))
    source = LiveSource(f"{server.url}/camera")
    reader = source._reader
    del source
    reader._thread.join(5.0)
    assert not reader._thread.is_alive()


def test_a_page_is_no_video(tmp_path: Path, web: WebServer) -> None:
    (tmp_path / "index.html").write_text("<p>A page</p>" * 50)
    with pytest.raises(SourceUnreadable, match="not video"):
        open_source(f"{web.url}/index.html")
    with pytest.raises(SourceUnreachable, match="404"):
        open_source(f"{web.url}/nothing.mp4")


def test_a_file_behind_a_url_is_read_without_loss(write_video: Any, pictures: Any, web: WebServer) -> None:
    path = write_video("park.mp4", pictures(60))
    with closing(open_source(f"{web.url}/{path.name}")) as source:
        assert isinstance(source, FileSource)
        assert not source.info.live
        frames = []
        for item in source:
            assert isinstance(item, Frame)
            frames.append(item)
            time.sleep(0.002)
        assert [frame.index for frame in frames] == list(range(60))
        assert [frame.index for frame in source.between(2.0, 2.5)] == [20, 21, 22, 23, 24, 25]


def test_a_finished_hls_recording_is_read_without_loss(
    write_video: Any, pictures: Any, web: WebServer
) -> None:
    write_video(
        "park.m3u8",
        pictures(60),
        options={"g": "10"},
        container={"hls_time": "1", "hls_list_size": "0", "hls_playlist_type": "vod"},
    )
    with closing(open_source(f"{web.url}/park.m3u8")) as source:
        assert isinstance(source, FileSource)
        assert len([item for item in source if isinstance(item, Frame)]) == 60


def test_a_live_hls_stream_is_shown_at_its_own_pace(
    tmp_path: Path, write_video: Any, pictures: Any, web: WebServer
) -> None:
    playlist = write_video(
        "park.m3u8", pictures(120), options={"g": "10"}, container={"hls_time": "1", "hls_list_size": "0"}
    )
    text = playlist.read_text().replace("#EXT-X-ENDLIST\n", "").replace("#EXT-X-PLAYLIST-TYPE:EVENT\n", "")
    playlist.write_text(text)
    with closing(open_source(f"{web.url}/park.m3u8")) as source:
        assert isinstance(source, LiveSource)
        began = time.monotonic()
        frames = _frames(_read(iter(source), 1.5))
        assert frames[-1].time == pytest.approx(time.monotonic() - began, abs=0.5)
        assert len(frames) >= 10, "segments come at once, but most of their frames are not dropped"


def test_a_device_that_is_not_there() -> None:
    with pytest.raises(SourceNotFound, match="no such device"):
        open_source("/dev/video97")


def test_a_device_that_is_no_camera() -> None:
    with pytest.raises(SourceUnreadable):
        open_source("/dev/null", timeout=2.0)


def test_waits_double_up_to_the_most() -> None:
    backoff = Backoff(1.0, 8.0)
    for tries, longest in [(1, 1.0), (2, 2.0), (3, 4.0), (4, 8.0), (5, 8.0), (5000, 8.0)]:
        waits = [backoff.wait(tries) for _ in range(50)]
        assert longest / 2 <= min(waits) < max(waits) <= longest


class _Half(BaseHTTPRequestHandler):
    """Sends half of a file, and then hangs or hangs up."""

    data = b""
    hang = 0.0

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name in the base class
        pass

    def do_GET(self) -> None:
        asked = self.headers.get("Range", "bytes=0-").removeprefix("bytes=").partition("-")[0]
        start, half = int(asked), len(self.data) * 6 // 10
        self.send_response(206 if start else 200)
        self.send_header("Accept-Ranges", "bytes")
        self.send_header("Content-Length", str(len(self.data) - start))
        if start:
            self.send_header("Content-Range", f"bytes {start}-{len(self.data) - 1}/{len(self.data)}")
        self.end_headers()
        try:
            self.wfile.write(self.data[start:half])
            self.wfile.flush()
            time.sleep(self.hang)
        except OSError:
            pass


def _half_a_file(write_video: Any, pictures: Any, hang: float) -> type[_Half]:
    noise = np.random.default_rng(0).integers(0, 60, (200, 128, 192), dtype=np.uint8)
    path = write_video("a.mkv", noise + pictures(200, 192, 128) // 2, codec="mjpeg", pixels="yuvj420p")
    return type("Half", (_Half,), {"data": path.read_bytes(), "hang": hang})


def test_a_file_whose_server_hangs_up_half_way_ends_in_a_gap(
    write_video: Any, pictures: Any, serve: Callable[..., WebServer]
) -> None:
    server = serve(_half_a_file(write_video, pictures, 0.0))
    with closing(FileSource(f"{server.url}/a.mkv", timeout=3.0)) as source:
        items = list(source)
    assert 50 < len(_frames(items)) < 150
    assert isinstance(items[-1], Gap)
    assert items[-1].end == pytest.approx(19.9, abs=0.05)


def test_a_file_whose_server_hangs_half_way_says_so(
    write_video: Any, pictures: Any, serve: Callable[..., WebServer]
) -> None:
    server = serve(_half_a_file(write_video, pictures, 8.0))
    seen: list[Frame | Gap] = []
    source = FileSource(f"{server.url}/a.mkv", timeout=1.0)
    with closing(source), pytest.raises(SourceUnreachable, match="in time"):
        seen.extend(source)
    assert len(_frames(seen)) > 50
