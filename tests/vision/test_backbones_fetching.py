from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from everyframe.errors import StorageError, WeightsError
from everyframe.vision.backbones.fetching import fetch, sha256_of
from everyframe.vision.backbones.published import Published

WEIGHTS = bytes(range(256)) * 400
CHECKSUM = hashlib.sha256(WEIGHTS).hexdigest()


class _Server(BaseHTTPRequestHandler):
    asked: list[str]

    def do_GET(self) -> None:
        self.asked.append(self.path)
        if self.path == "/moved.pth":  # as the hub of timm's weights answers
            self.send_response(302)
            self.send_header("X-Linked-Etag", f'"{CHECKSUM}"')
            self.send_header("Location", "/other.pth")
            self.end_headers()
            return
        body = {"/whole.pth": WEIGHTS, "/other.pth": b"other", "/short.pth": WEIGHTS[:1000]}.get(self.path)
        self.send_response(200 if body is not None else 404)
        self.send_header(
            "Content-Length", str(len(WEIGHTS) if self.path == "/short.pth" else len(body or b""))
        )
        self.end_headers()
        self.wfile.write(body or b"")

    def log_message(self, *words: object) -> None:
        pass


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    _Server.asked = []
    with ThreadingHTTPServer(("127.0.0.1", 0), _Server) as running:
        thread = threading.Thread(target=running.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{running.server_port}"
        running.shutdown()
        thread.join()


def wanted(url: str, checksum: str = CHECKSUM[:8]) -> Published:
    return Published("resnet18", url, "resnet18.pth", checksum)


@contextmanager
def nothing_kept(folder: Path) -> Iterator[None]:
    yield
    assert list(folder.iterdir()) == []


def test_weights_are_downloaded_once_and_checked(server: str, tmp_path: Path) -> None:
    said: list[str] = []
    place = fetch(wanted(f"{server}/whole.pth"), tmp_path / "new", said.append)
    assert (place.read_bytes(), sha256_of(place)) == (WEIGHTS, CHECKSUM)
    assert said == [f"downloading resnet18.pth from {server}/whole.pth"]
    before = len(_Server.asked)
    assert fetch(wanted(f"{server}/whole.pth"), tmp_path / "new") == place
    assert len(_Server.asked) == before


def test_what_is_not_what_was_published_is_not_kept(server: str, tmp_path: Path) -> None:
    with nothing_kept(tmp_path), pytest.raises(WeightsError, match="not f37072fd; nothing of it was kept"):
        fetch(wanted(f"{server}/whole.pth", "f37072fd"), tmp_path)


def test_the_checksum_that_the_hub_tells_counts_where_no_table_has_one(server: str, tmp_path: Path) -> None:
    with nothing_kept(tmp_path), pytest.raises(WeightsError, match=f"not {CHECKSUM[:8]}"):
        fetch(wanted(f"{server}/moved.pth", ""), tmp_path)


@pytest.mark.parametrize(("path", "why"), [("short", ""), ("none", "404")])
def test_a_download_that_fails_leaves_nothing_and_says_what_to_do(
    path: str, why: str, server: str, tmp_path: Path
) -> None:
    with nothing_kept(tmp_path), pytest.raises(WeightsError, match=f"cannot be downloaded .*{why}"):
        fetch(wanted(f"{server}/{path}.pth"), tmp_path)


def test_without_a_network_one_line_names_file_checksum_url_and_folder(tmp_path: Path) -> None:
    with ThreadingHTTPServer(("127.0.0.1", 0), _Server) as gone:
        url = f"http://127.0.0.1:{gone.server_port}/whole.pth"
    with pytest.raises(WeightsError) as caught:
        fetch(wanted(url), tmp_path)
    line = str(caught.value)
    assert "\n" not in line
    assert f"put resnet18.pth (SHA-256 begins with {CHECKSUM[:8]}) from {url} into {tmp_path}" in line


def test_a_damaged_file_in_the_cache_is_named(tmp_path: Path) -> None:
    (tmp_path / "resnet18.pth").write_bytes(WEIGHTS[:-1])
    with pytest.raises(WeightsError, match=rf"resnet18.pth is damaged .* not {CHECKSUM[:8]}; delete it"):
        fetch(wanted("http://127.0.0.1:1/"), tmp_path)


def test_a_folder_that_cannot_be_made_is_said(server: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError, match="Cannot write"):
        fetch(wanted(f"{server}/whole.pth"), tmp_path / "file" / "folder")
