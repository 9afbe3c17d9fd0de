"""The whole of it: `everyframe serve` watches the drawn park, answers, and ends when it is told to."""

from __future__ import annotations

import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest
from tests.server.whole import Served, wait_for

SETTINGS = """
learn_for = 10
log = "json"
[cameras.park]
source = "synthetic:park?seed=3&size=160x90&fps=5"
"""


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    server = Served(tmp_path_factory.mktemp("serve"), SETTINGS)
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
