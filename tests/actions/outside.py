"""The outside of the tests of actions: a clock that is set by hand, a web server, a real MQTT broker."""

from __future__ import annotations

import json
import shutil
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion

MOSQUITTO = shutil.which("mosquitto") or shutil.which("mosquitto", path="/usr/sbin:/usr/local/sbin")

QUEUE = {"quantity": "queue", "zone": "lane", "above": 10.0}
ZONE = {"camera": "north", "name": "lane", "lane": [[0.0, 0.5], [1.0, 0.5]]}


class Clock:
    """A clock that stands still until it is set."""

    def __init__(self, utc: float = 1_700_000_000.0) -> None:
        self.utc = utc

    def __call__(self) -> float:
        return self.utc


class Receiver:
    """A web server that remembers what was posted and answers as it is told."""

    def __init__(self) -> None:
        self.posts: list[tuple[str, dict[str, str], bytes]] = []
        self.answers: list[tuple[int, dict[str, str], bytes]] = []
        self.hold: threading.Event | None = None
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                length = int(self.headers.get("Content-Length", 0))
                body = self.rfile.read(length)
                headers = {name.lower(): value for name, value in self.headers.items()}
                receiver.posts.append((self.path, headers, body))
                if receiver.hold is not None:
                    receiver.hold.wait(30.0)
                status, more, answer = receiver.answers.pop(0) if receiver.answers else (200, {}, b"")
                with suppress(ConnectionError):  # who asked may have been killed meanwhile
                    self.send_response(status)
                    for name, value in more.items():
                        self.send_header(name, value)
                    self.send_header("Content-Length", str(len(answer)))
                    self.end_headers()
                    self.wfile.write(answer)

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)
        self._thread.start()

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook"

    def told(self, number: int = -1) -> dict[str, Any]:
        said = json.loads(self.posts[number][2])
        assert isinstance(said, dict)
        return said

    def close(self) -> None:
        if self.hold is not None:
            self.hold.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class MosquittoBroker:
    """A real broker on a port of its own; it can be killed and started again."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self._sessions = folder / "mosquitto.db"
        self._settings = folder / "mosquitto.conf"
        self._settings.write_text(
            f"listener {self.port} 127.0.0.1\nallow_anonymous true\npersistence true\n"
            f"persistence_location {folder}/\nautosave_interval 1\nautosave_on_changes true\nuser root\n"
            "max_inflight_messages 0\n"  # what it has confirmed it has sent on, to who is there
        )
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        assert MOSQUITTO is not None
        self._process = subprocess.Popen(
            [MOSQUITTO, "-c", str(self._settings)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        wait_until(self._answers)

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def wait_until_saved(self) -> None:
        """Wait until the sessions as they are now are on the disk."""
        now = time.time()
        assert self._process is not None
        self._process.send_signal(signal.SIGUSR1)  # it saves them at once
        wait_until(lambda: self._sessions.exists() and self._sessions.stat().st_mtime >= now - 0.01)

    def stop_answering(self) -> bool:
        """Let the broker hang with its connections open; return whether it was running."""
        if self._process is None:
            return False
        self._process.send_signal(signal.SIGSTOP)
        return True

    def _answers(self) -> bool:
        try:
            socket.create_connection(("127.0.0.1", self.port), 0.2).close()
        except OSError:
            return False
        return True


class Listener:
    """A subscriber of everything; one that keeps its session misses nothing while it is away."""

    def __init__(self, port: int, topic: str = "#", name: str = "") -> None:
        self.heard: list[tuple[str, bytes, bool]] = []
        self._ready = threading.Event()
        self._topic = topic
        self.client = paho.Client(CallbackAPIVersion.VERSION2, client_id=name, clean_session=not name)
        self.client.reconnect_delay_set(1, 1)
        self.client.on_connect = lambda client, *_: client.subscribe(self._topic, qos=1)
        self.client.on_subscribe = lambda *_: self._ready.set()
        self.client.on_message = lambda _, __, m: self.heard.append(
            (m.topic, bytes(m.payload), bool(m.retain))
        )
        self.client.connect("127.0.0.1", port)
        self.client.loop_start()
        assert self._ready.wait(10.0)

    def on(self, topic: str) -> list[bytes]:
        return [payload for where, payload, _ in self.heard if where == topic]

    def close(self) -> None:
        self.client.disconnect()
        self.client.loop_stop()


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def wait_until(true: Callable[[], bool], seconds: float = 60.0) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not come true in time"
        time.sleep(0.01)
