"""Clips and servers that the tests of sources make for themselves."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from fractions import Fraction
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Protocol

import av
import numpy as np
import pytest
from numpy.typing import NDArray

Pictures = NDArray[np.uint8]


class VideoWriter(Protocol):
    def __call__(
        self,
        name: str,
        pictures: Iterable[NDArray[Any]],
        *,
        times: Sequence[float] | None = ...,
        fps: int = ...,
        codec: str = ...,
        pixels: str = ...,
        form: str = ...,
        options: dict[str, str] | None = ...,
        container: dict[str, str] | None = ...,
    ) -> Path: ...


def walk(count: int, width: int = 96, height: int = 64, seed: int = 0) -> Pictures:
    """Return ``(count, H, W)`` pictures of a bright square that walks over a textured ground."""
    ground = np.random.default_rng(seed).integers(40, 120, (height, width), dtype=np.uint8)
    pictures = np.repeat(ground[None], count, axis=0)
    for number, picture in enumerate(pictures):
        left = (3 * number) % (width - 16)
        picture[20:36, left : left + 16] = 220
    return pictures


@pytest.fixture
def pictures() -> Callable[..., Pictures]:
    return walk


@pytest.fixture
def write_video(tmp_path: Path) -> VideoWriter:
    def write(
        name: str,
        pictures: Iterable[NDArray[Any]],
        *,
        times: Sequence[float] | None = None,
        fps: int = 10,
        codec: str = "libx264",
        pixels: str = "yuv420p",
        form: str = "gray",
        options: dict[str, str] | None = None,
        container: dict[str, str] | None = None,
    ) -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        base = Fraction(1, 1000)
        with av.open(str(path), "w", options=container or {}) as output:
            stream: Any = None
            for number, picture in enumerate(pictures):
                if stream is None:
                    stream = output.add_stream(codec, rate=fps, options=options or {})
                    stream.width, stream.height = picture.shape[1], picture.shape[0]
                    stream.pix_fmt = pixels
                    if times is not None:
                        stream.codec_context.time_base = base
                frame = av.VideoFrame.from_ndarray(picture, format=form)
                if times is not None:
                    frame.pts, frame.time_base = round(times[number] * 1000), base
                else:
                    frame.pts, frame.time_base = number, Fraction(1, fps)
                output.mux(stream.encode(frame))
            output.mux(stream.encode(None))
        return path

    return write


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name it has in the base class
        pass


class Web:
    """A web server in a thread: a folder, or whatever handler a test gives it."""

    def __init__(self, handler: Callable[..., Any]) -> None:
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._server.daemon_threads = True
        self._server.block_on_close = False
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


@pytest.fixture
def web(tmp_path: Path) -> Iterator[Web]:
    with closing(Web(partial(_Quiet, directory=str(tmp_path)))) as server:
        yield server


@pytest.fixture
def serve() -> Iterator[Callable[[Callable[..., Any]], Web]]:
    """Start a server with a handler of one's own."""
    servers: list[Web] = []

    def start(handler: Callable[..., Any]) -> Web:
        servers.append(Web(handler))
        return servers[-1]

    yield start
    for server in servers:
        server.close()
