"""The whole of it: `everyframe serve` watches the drawn park, answers, and ends when it is told to."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

SETTINGS = """
learn_for = 10
log = "json"
[cameras.park]
source = "synthetic:park?seed=3&size=160x90&fps=5"
"""


class Served:
    """A server in a process of its own."""

    def __init__(self, folder: Path, settings: str = SETTINGS) -> None:
        (folder / "everyframe.toml").write_text(settings)
        kept = {name: value for name, value in os.environ.items() if not name.startswith("EVERYFRAME_")}
        self.log = folder / "log"
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                [
                    sys.executable,
                    "-m",
                    "everyframe",
                    *["serve", "-c", "everyframe.toml", "--port", "0", "--store", "data"],
                ],
                cwd=folder,
                env=kept | {"NO_COLOR": "1", "COLUMNS": "200"},
                stdout=log,
                stderr=log,
            )
        self.address = wait_for(lambda: re.search(r"http://127\.0\.0\.1:\d+", self.log.read_text()))[0]

    def end(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(60)


def wait_for(look: Callable[[], Any], seconds: float = 120.0) -> Any:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = look()
        if found:
            return found
        time.sleep(0.2)
    raise AssertionError("it did not happen in time")


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    server = Served(tmp_path_factory.mktemp("serve"))
    try:
        yield server
    finally:
        if server.process.poll() is None:
            server.end()


@pytest.fixture(scope="module")
def admin(served: Served) -> Iterator[httpx2.Client]:
    (password,) = wait_for(lambda: re.findall(r"Sign in as admin with (\S+)", served.log.read_text()))
    with httpx2.Client(base_url=served.address, timeout=60.0) as client:
        wait_for(lambda: _answers(client))
        first = client.post("/api/v1/session", json={"name": "admin", "password": password})
        client.headers["X-CSRF-Token"] = first.json()["csrf"]
        change = {"old": password, "new": "chosen by myself"}
        assert client.put("/api/v1/session/password", json=change).status_code == 204
        client.headers["X-CSRF-Token"] = client.get("/api/v1/session").json()["csrf"]
        yield client


def _answers(client: httpx2.Client) -> bool:
    try:
        return client.get("/healthz").json()["ready"] is True
    except httpx2.TransportError:
        return False


def test_the_park_is_learned_watched_and_seen(admin: httpx2.Client) -> None:
    def state() -> str:
        return str(admin.get("/api/v1/statuses").json()["park"]["state"])

    wait_for(lambda: state() in ("learning", "watching"))
    picture = wait_for(lambda: admin.get("/api/v1/cameras/park/preview").content)
    assert picture.startswith(b"\xff\xd8")
    wait_for(lambda: state() == "watching")
    normal = admin.get("/api/v1/cameras/park/normal")
    assert normal.content.startswith(b"\x89PNG")
    now = time.time()
    times = {"since": now - 3600, "until": now + 60}
    wait_for(lambda: admin.get("/api/v1/cameras/park/timeline", params=times).json()["peaks"])


def test_a_second_server_on_the_same_port_says_what_to_do(served: Served, tmp_path: Path) -> None:
    port = served.address.rpartition(":")[2]
    done = subprocess.run(
        [sys.executable, "-m", "everyframe", "serve", "--port", port, "--store", str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
        timeout=250,
    )
    assert done.returncode == 2
    assert f"Cannot listen on 127.0.0.1:{port}" in done.stderr
    assert "--port" in done.stderr


def test_it_ends_when_it_is_told_to_and_leaves_nothing_behind(served: Served, admin: httpx2.Client) -> None:
    assert admin.get("/api/v1/statuses").json()["park"]["state"] in {"connecting", "learning", "watching"}
    assert served.end() in (0, -signal.SIGTERM, 128 + signal.SIGTERM)
    with pytest.raises(OSError, match="refused"):
        socket.create_connection(("127.0.0.1", int(served.address.rpartition(":")[2])), 2.0).close()
    text = served.log.read_text()
    assert "Traceback" not in text
    for line in text.splitlines():
        assert line.startswith(("{", "Everyframe: http", "Sign in as admin")), line
