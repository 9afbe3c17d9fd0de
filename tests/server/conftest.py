"""What the server's tests share: a house with a store, people and a camera, and browsers that visit it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from tests.server.fakes import Still
from tests.store.conftest import made_event

from everyframe.live import CameraSpec
from everyframe.server import passwords
from everyframe.server.app import make_app
from everyframe.server.house import House, build
from everyframe.server.roles import Role
from everyframe.server.settings import ServerSettings
from everyframe.store import Store, write_clip
from everyframe.store.pictures import jpeg, png
from everyframe.types import Event, Frame, StreamInfo

PASSWORD = "correct horse battery"
NOON = 1_772_366_400.0  # 2026-03-01 12:00 UTC


@pytest.fixture(autouse=True)
def quick_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hash passwords at a thousandth of the cost; one test measures the real one."""
    monkeypatch.setattr(passwords, "_N", 2**5)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store(tmp_path / "data") as kept:
        yield kept


@pytest.fixture
def still() -> Still:
    return Still()


@pytest.fixture
def house(store: Store, still: Still) -> House:
    """Return a house with one camera, ``gate``, and one person of each role."""
    made = build(store, ServerSettings(), still, (CameraSpec("gate", "rtsp://ada:hunter2@10.0.0.7/live"),))
    for role in Role:
        made.accounts.add(role.value, PASSWORD, role, chosen=True)
    return made


@pytest.fixture
def app(house: House) -> FastAPI:
    return make_app(house, pages=False)


Enter = Callable[[str], TestClient]


@pytest.fixture
def enter(app: FastAPI) -> Iterator[Enter]:
    """Return what signs somebody in and gives their browser back."""
    clients: list[TestClient] = []

    def sign_in(name: str) -> TestClient:
        client = TestClient(app, base_url="http://testserver")
        client.__enter__()
        clients.append(client)
        answer = client.post("/api/v1/session", json={"name": name, "password": PASSWORD})
        assert answer.status_code == 200, answer.text
        client.headers["X-CSRF-Token"] = answer.json()["csrf"]
        return client

    yield sign_in
    for client in clients:
        client.__exit__(None, None, None)


def event(start: float = 4.0, **others: object) -> Event:
    """Return a made-up event of noon that nobody has named."""
    return made_event(start, **{"utc": NOON + start, "name": "", **others})


@pytest.fixture
def found(store: Store) -> list[int]:
    """Keep three events of ``gate`` with clip, picture and drawing; return their numbers."""
    numbers = []
    with store.begin("gate", StreamInfo("gate", 64, 48), "watch", alert_p=0.001) as run:
        for index, p_value in enumerate((0.0003, 0.00001, 0.0005)):
            number = run.add_event(event(10.0 * index, p_value=p_value))
            frames = [Frame(at, at / 5, np.full((48, 64), 60 + at, np.uint8)) for at in range(5)]
            clip = write_clip(frames, store.folder / f"{number:04d}.mp4", fps=5)
            picture = store.folder / f"{number:04d}.jpg"
            picture.write_bytes(jpeg(np.zeros((48, 64, 3), np.uint8)))
            drawing = store.folder / f"{number:04d}.png"
            drawing.write_bytes(png(np.zeros((48, 64, 3), np.uint8)))
            run.attach(number, clip=clip, thumbnail=picture, why=drawing)
            numbers.append(number)
        for second in range(30):
            run.add_score(second + 0.5, float(second), 1.0 / (second + 1))
    return numbers
