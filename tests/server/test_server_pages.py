"""The pages as a browser gets them, from the real server."""

from __future__ import annotations

import re
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2
import numpy as np
import pytest
import uvicorn
from tests.server.conftest import PASSWORD, event
from tests.server.fakes import Still

from everyframe.actions import read_rule, read_values, with_rules
from everyframe.archive import index
from everyframe.health import HealthEvent, HealthKind
from everyframe.highlights import Segment
from everyframe.live import CameraSpec
from everyframe.server.app import make_app
from everyframe.server.house import House, build
from everyframe.server.pages.ruling import conditions_of, in_words, rule_of
from everyframe.server.roles import Role
from everyframe.server.settings import ServerSettings
from everyframe.store import Store, write_clip
from everyframe.types import Frame, StreamInfo

EDIT = "/cameras/edit?camera=gate"
ROOMS = (
    *("/", "/review", "/timeline", "/find", "/reels", "/normal", "/cameras", EDIT),
    *("/footage", "/label", "/label?footage=1", "/teach"),
    *("/actions", "/system", "/people", "/start"),
)
EVIL = '<img src=x onerror="alert(1)">'


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with Store(tmp_path_factory.mktemp("pages")) as store, pytest.MonkeyPatch.context() as patch:
        patch.setattr("everyframe.server.passwords._N", 2**5)
        made = build(store, ServerSettings(), Still(), (CameraSpec("gate", "rtsp://ada:hunter2@h/x"),))
        made.accounts.add("ada", PASSWORD, Role.ADMIN, chosen=True)
        made.accounts.add("vic", PASSWORD, Role.VIEWER, chosen=True)
        with store.begin("gate", StreamInfo("gate", 64, 48), "watch", alert_p=0.001) as run:
            run.add_event(event(utc=time.time(), reason=f"moves oddly {EVIL}"))
            run.add_score(0.5, 1.0, 0.5)
        fault = HealthEvent(HealthKind.DARK, 1.0, None, time.time(), None, f"as dark as 3 of 255 {EVIL}")
        store.note_health("gate", fault)
        film = tmp_path_factory.mktemp("films") / f"{EVIL.replace('/', '')}.mp4"
        index([write_clip([Frame(0, 0.0, np.zeros((48, 64), np.uint8))] * 5, film, fps=5)], store=store)
        made.labels.put(1, [Segment(0.0, 0.2, f"smash {EVIL}")], "ada")
        made.libraries.mkdir()
        (made.libraries / "torn.library").write_bytes(b"half of it")
        made.jobs.add("index", f"Index {EVIL}", "ada", {"path": "x"})
        yield made


@pytest.fixture(scope="module")
def address(house: House) -> Iterator[str]:
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(make_app(house), log_config=None))
    thread = threading.Thread(target=server.run, args=([listener],))
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()
        listener.close()


@contextmanager
def signed_in(address: str, name: str) -> Iterator[httpx2.Client]:
    with httpx2.Client(base_url=address, timeout=60.0) as client:
        answer = client.post("/login", data={"name": name, "password": PASSWORD})
        assert (answer.status_code, answer.headers["location"]) == (303, "/")
        yield client


@pytest.fixture(scope="module")
def ada(address: str) -> Iterator[httpx2.Client]:
    with signed_in(address, "ada") as client:
        yield client


@pytest.mark.parametrize("room", ROOMS)
def test_a_stranger_is_led_to_the_door(address: str, room: str) -> None:
    answer = httpx2.get(address + room, timeout=60.0)
    assert (answer.status_code, answer.headers["location"]) == (303, "/login")


@pytest.mark.parametrize("room", ROOMS)
def test_every_room_opens_and_loads_nothing_from_elsewhere(ada: httpx2.Client, room: str) -> None:
    answer = ada.get(room)
    assert answer.status_code == 200
    assert "Everyframe" in answer.text
    assert not re.search(r"""(?:src|href|url\()\s*[=(]?\s*["']?(?:https?:)?//""", answer.text)
    assert "hunter2" not in answer.text


def test_what_the_page_needs_is_served_by_the_server_itself(ada: httpx2.Client) -> None:
    text = ada.get("/review").text
    needed = set(re.findall(r"""["'(](/(?:static|_nicegui)/[^"')]+\.(?:css|js|svg))""", text))
    assert "/static/page.css" in needed
    for path in needed:
        assert ada.get(path).status_code == 200, path


def test_the_rooms_show_what_there_is(ada: httpx2.Client) -> None:
    assert "gate" in ada.get("/").text
    assert "moves oddly" in ada.get("/review").text
    assert "as dark as 3 of 255" in ada.get("/timeline?camera=gate").text
    assert "rtsp://ada:***@h/x" in ada.get("/cameras").text
    assert "cameras/edit?camera=gate" in ada.get("/cameras").text
    assert "kept in the settings file" in ada.get(EDIT).text
    assert "name its folder in the settings file" in ada.get("/footage").text
    assert "It is damaged; teach it again." in ada.get("/teach").text


def test_what_a_camera_is_said_to_have_seen_is_never_markup(ada: httpx2.Client) -> None:
    for room in ("/review", "/timeline?camera=gate", "/", "/footage", "/label", "/label?footage=1", "/teach"):
        text = ada.get(room).text
        assert EVIL not in text
        assert EVIL.replace('"', '\\"') not in text
        assert EVIL.replace('"', "&quot;") not in text.replace("&lt;", "\0")


@pytest.mark.parametrize(
    "query",
    [
        "/review?order=x&event=999999&camera=nobody",
        "/review?event=" + "9" * 40,
        "/timeline?camera=%00&day=x",
        "/footage?text=%00&offset=" + "9" * 40,
        "/footage?text=nobody",
        "/label?footage=" + "9" * 40,
        "/label?footage=999999999&text=x",
        "/cameras/edit",
        "/cameras/edit?camera=%00",
        "/cameras/edit?camera=" + "9" * 400,
        "/timeline?camera=gate&day=9999-12-31",
        "/timeline?camera=gate&day=1971-01-01",
    ],
)
def test_a_room_bears_any_question(ada: httpx2.Client, query: str) -> None:
    assert ada.get(query).status_code == 200


def test_a_viewer_sees_no_button_that_they_may_not_press(address: str) -> None:
    with signed_in(address, "vic") as client:
        assert "False alarm" not in client.get("/review").text
        assert "Add a camera" not in client.get("/cameras").text
        assert "cameras/edit" not in client.get("/cameras").text
        assert "Index it" not in client.get("/footage").text
        assert "Take back" not in client.get("/footage").text
        assert "A reviewer can label here" in client.get("/label?footage=1").text
        assert "A reviewer can teach here" in client.get("/teach").text
        for room in ("/system", "/start", EDIT):
            assert client.get(room).headers["location"] == "/"


def test_the_door_says_what_is_wrong(address: str) -> None:
    answer = httpx2.post(address + "/login", data={"name": "ada", "password": EVIL}, timeout=60.0)
    assert answer.status_code == 401
    assert "do not go together" in answer.text
    elsewhere = {"Origin": "https://evil.example"}
    form = {"name": "ada", "password": PASSWORD}
    assert httpx2.post(address + "/login", data=form, headers=elsewhere, timeout=60.0).status_code == 403


def test_on_the_first_start_one_chooses_a_password_and_is_led_to_the_first_camera(
    address: str, house: House
) -> None:
    house.accounts.add("new", "told once only", Role.ADMIN)
    with httpx2.Client(base_url=address, timeout=60.0) as client:
        answer = client.post("/login", data={"name": "new", "password": "told once only"})
        assert answer.headers["location"] == "/password"
        assert client.get("/").headers["location"] == "/password"
        (csrf,) = re.findall(r'name="csrf" value="([0-9a-f]+)"', client.get("/password").text)
        form = {"csrf": csrf, "old": "told once only", "new": "chosen by myself", "again": "chosen by myself"}
        assert client.post("/password", data=form | {"csrf": "x"}).status_code == 403
        assert client.post("/password", data=form | {"again": "x"}).status_code == 422
        assert client.post("/password", data=form | {"new": "short", "again": "short"}).status_code == 422
        assert client.post("/password", data=form).headers["location"] == "/start"
        assert "Watch the park" in client.get("/start").text


def test_signing_out_ends_the_session(address: str) -> None:
    with signed_in(address, "vic") as client:
        (csrf,) = re.findall(r'name=\\?"csrf\\?" value=\\?"([0-9a-f]+)', client.get("/").text)
        client.post("/logout", data={"csrf": "x"})
        assert client.get("/").status_code == 200
        client.post("/logout", data={"csrf": csrf})
        assert client.get("/").status_code == 303


def test_no_file_of_the_server_can_be_reached_through_its_static_ones(ada: httpx2.Client) -> None:
    for path in ("/static/../sight.py", "/static/%2e%2e/sight.py", "/static//etc/passwd", "/static/"):
        assert ada.get(path).status_code in (404, 405), path


def test_the_folder_of_the_pages_is_in_the_package() -> None:
    from everyframe.server import pages

    folder = Path(pages.__file__).parent
    assert {"page.css", "live.js", "eye.svg"} <= {path.name for path in (folder / "static").iterdir()}


def test_conditions_of_the_form_are_rules_that_can_be_made() -> None:
    lane = {"camera": "north: gate", "name": "lane", "lane": [[0.0, 0.5], [1.0, 0.5]]}
    area = {"camera": "gate", "name": "door", "polygon": [[0, 0], [1, 0], [1, 1]]}
    lights = {"kind": "webhook", "url": "https://h/x"}
    told = read_values({"destination": {"lights": lights}, "zone": [lane, area]})
    offered = conditions_of(told)
    assert "zone:gate:door:queue" not in offered
    for number, chosen in enumerate(offered):
        table = rule_of(chosen, 2.0, 5.0, "lights", "gate" if chosen.startswith("health") else "")
        rule = read_rule({**table, "name": f"rule {number}"})
        with_rules(told, [rule])
        assert in_words(rule).startswith("When ")
        assert in_words(rule).endswith(" for 5 s, ask lights.")
    assert "queue in lane is above 2 px at north: gate for 5 s" in in_words(
        read_rule({**rule_of("zone:north: gate:lane:queue", 2.0, 5.0, "lights", ""), "name": "jam"})
    )
