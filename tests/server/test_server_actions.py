"""Rules and notifications behind the server: over the API, and fed by what cameras tell."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.testclient import TestClient
from tests.actions.outside import Receiver, wait_until
from tests.server.conftest import PASSWORD, Enter, event
from tests.server.fakes import Still

from everyframe.actions import Message, MessageKind, News, Outbox, hearers, read_values
from everyframe.health import HealthEvent, HealthKind
from everyframe.live import CameraSpec, CameraState, CameraStatus, Notice
from everyframe.server.app import make_app
from everyframe.server.house import House, build
from everyframe.server.pages.hours import told_when
from everyframe.server.roles import Role
from everyframe.server.settings import ServerSettings
from everyframe.store import Store
from everyframe.types import StreamInfo

QUEUE: dict[str, Any] = {
    "when": [{"quantity": "queue", "zone": "lane", "above": 10}],
    "request": {"destination": "lights"},
}
ANY: dict[str, Any] = {"when": [{"alert": "any"}], "request": {"destination": "lights"}}


class Telling(Still):
    """Says of cameras what a test wants."""

    def __init__(self) -> None:
        super().__init__()
        self.says: dict[str, CameraStatus] = {}

    def statuses(self) -> dict[str, CameraStatus]:
        return dict(self.says)

    def say(self, queue: float, **others: Any) -> None:
        utc = max([time.time(), *(one.utc + 0.001 for one in self.says.values())])
        told = {"state": CameraState.WATCHING, "measures": {"lane.queue": queue}, "utc": utc, **others}
        self.says["gate"] = CameraStatus("gate", **told)


@pytest.fixture
def still() -> Telling:
    return Telling()


@pytest.fixture
def tables(receiver: Receiver) -> dict[str, Any]:
    lights = {"kind": "webhook", "url": receiver.url, "allow": ["127.0.0.1"], "secret": "s3cret"}
    lane = {"camera": "gate", "name": "lane", "lane": [[0.0, 0.5], [1.0, 0.5]]}
    return {"destination": {"lights": lights}, "zone": [lane], "rule": [{"name": "fixed", **QUEUE}]}


@pytest.fixture
def house(store: Store, still: Telling, tables: dict[str, Any]) -> Iterator[House]:
    made = build(store, ServerSettings(), still, (CameraSpec("gate", "rtsp://h/x"),), read_values(tables))
    for role in Role:
        made.accounts.add(role.value, PASSWORD, role, chosen=True)
    yield made
    made.reactions.close()


def outcomes(client: TestClient, rule: str) -> list[str]:
    return [one["outcome"] for one in client.get("/api/v1/decisions", params={"rule": rule}).json()]


def test_a_new_rule_is_a_dry_run_and_says_what_it_would_have_done(
    house: House, still: Telling, enter: Enter, receiver: Receiver
) -> None:
    admin = enter("admin")
    made = admin.put("/api/v1/rules/jam", json=QUEUE)
    assert made.status_code == 200, made.text
    assert (made.json()["rule"]["mode"], made.json()["fixed"]) == ("dry-run", False)
    still.say(queue=50.0)
    house.reactions.step()
    assert outcomes(admin, "jam") == ["dry-run"]
    (said,) = admin.get("/api/v1/decisions", params={"rule": "jam"}).json()
    assert (said["sent"], said["destination"], said["measures"]) == (False, "lights", {"lane.queue": 50.0})
    assert house.reactions.actions.outbox.messages() == []
    assert receiver.posts == []


def test_what_a_worker_doubts_no_rule_acts_on(house: House, still: Telling, enter: Enter) -> None:
    admin = enter("admin")
    admin.put("/api/v1/rules/jam", json=QUEUE)
    still.say(queue=50.0, doubts=frozenset({"covered"}))
    house.reactions.step()
    assert outcomes(admin, "jam") == []
    still.say(queue=50.0)
    house.reactions.step()
    assert outcomes(admin, "jam") == ["dry-run"]


def test_a_person_approves_and_the_request_arrives(
    house: House, still: Telling, enter: Enter, receiver: Receiver
) -> None:
    admin, reviewer, viewer = enter("admin"), enter("reviewer"), enter("viewer")
    admin.put("/api/v1/rules/jam", json={**QUEUE, "mode": "approve"})
    house.reactions.start()
    still.say(queue=50.0)
    wait_until(lambda: viewer.get("/api/v1/requests").json() != [])
    (asked,) = viewer.get("/api/v1/requests").json()
    assert (asked["rule"], asked["camera"], asked["measures"]) == ("jam", "gate", {"lane.queue": 50.0})
    assert viewer.post(f"/api/v1/requests/{asked['id']}/approve").status_code == 403
    assert receiver.posts == []
    assert reviewer.post(f"/api/v1/requests/{asked['id']}/approve").status_code == 204
    wait_until(lambda: len(receiver.posts) == 1)
    assert receiver.told(0)["id"] == asked["id"]
    fired = viewer.get("/api/v1/decisions", params={"rule": "jam"}).json()
    assert [one["outcome"] for one in fired] == ["fired", "waiting"]
    assert "reviewer" in fired[0]["why"]
    assert reviewer.post(f"/api/v1/requests/{asked['id']}/approve").status_code == 404


def test_a_person_refuses_and_nothing_is_sent(
    house: House, still: Telling, enter: Enter, receiver: Receiver
) -> None:
    admin = enter("admin")
    admin.put("/api/v1/rules/jam", json={**QUEUE, "mode": "approve"})
    still.say(queue=50.0)
    house.reactions.step()
    (asked,) = admin.get("/api/v1/requests").json()
    assert admin.post(f"/api/v1/requests/{asked['id']}/refuse").status_code == 204
    assert outcomes(admin, "jam") == ["refused", "waiting"]
    assert admin.get("/api/v1/requests").json() == []
    assert house.reactions.actions.outbox.messages() == []


def test_a_covered_camera_is_not_acted_on(house: House, still: Telling, enter: Enter) -> None:
    admin = enter("admin")
    safe = {"destination": "lights", "payload": "{}"}
    admin.put("/api/v1/rules/jam", json={**QUEUE, "mode": "auto", "safe": safe})
    still.say(queue=50.0, health=frozenset({"covered"}))
    house.reactions.step()
    assert outcomes(admin, "jam") == ["safe"]
    for state in (CameraState.LOST, CameraState.ELSEWHERE):
        still.say(queue=0.0)
        house.reactions.step()
        still.say(queue=50.0, state=state)
        house.reactions.step()
    assert outcomes(admin, "jam") == ["safe", "safe", "safe"]


def test_an_alert_meets_the_rules_with_what_deviates(house: House, still: Telling, enter: Enter) -> None:
    admin = enter("admin")
    admin.put("/api/v1/rules/fast", json={**ANY, "when": [{"alert": "speed"}]})
    admin.put("/api/v1/rules/stays", json={**ANY, "when": [{"alert": "lingering"}]})
    house.reactions.start()
    with house.store.begin("gate", StreamInfo("gate", 64, 48), "watch", alert_p=0.001) as run:
        number = run.add_event(event())
    assert event().deviations[0].attribute == "speed"
    for listener in still.listeners:
        listener(Notice("alert", "gate", "fast", time.time(), number))
    still.say(queue=0.0)
    wait_until(lambda: outcomes(admin, "fast") == ["dry-run"])
    assert outcomes(admin, "stays") == []


def test_what_workers_write_down_is_delivered(
    house: House, still: Telling, receiver: Receiver, tables: dict[str, Any]
) -> None:
    """An alert and its message are kept in one transaction, by another process than delivers it."""
    house.reactions.start()
    news = News(Outbox(house.store), hearers(read_values(tables)))
    tell = news.also("gate")
    with house.store.begin("gate", StreamInfo("gate", 64, 48), "watch", alert_p=0.001) as run:
        number = run.add_event(event(), also=lambda session, kept: tell(session, event(), kept))
    fault = HealthEvent(HealthKind.COVERED, 1.0, None, time.time(), None, "something hangs before the lens")
    house.store.note_health("gate", fault, also=news.also_health("gate", ["covered"], fault.text))
    for listener in still.listeners:
        listener(Notice("alert", "gate", "fast", time.time(), number))
    wait_until(lambda: len(receiver.posts) == 2)
    told = {body["kind"]: body for body in map(receiver.told, range(2))}
    assert told.keys() == {"alert", "health"}
    assert told["alert"]["data"]["event"] == number


def test_a_destination_is_tried_and_a_message_given_up_is_tried_again(
    house: House, enter: Enter, receiver: Receiver
) -> None:
    admin = enter("admin")
    (listed,) = admin.get("/api/v1/destinations").json()
    assert (listed["name"], listed["kind"], listed["messages"]) == ("lights", "webhook", {})
    assert "s3cret" not in admin.get("/api/v1/destinations").text
    assert receiver.url not in admin.get("/api/v1/destinations").text
    uid = admin.post("/api/v1/destinations/lights/test").json()["id"]
    assert admin.post("/api/v1/destinations/siren/test").status_code == 404
    outbox = house.reactions.actions.outbox
    outbox.give_up([uid], time.time(), "the receiver was out")
    (dead,) = admin.get("/api/v1/messages", params={"state": "dead"}).json()
    assert (dead["id"], dead["error"]) == (uid, "the receiver was out")
    assert admin.post(f"/api/v1/messages/{uid}/retry").status_code == 204
    assert admin.post(f"/api/v1/messages/{uid}/retry").status_code == 404
    house.reactions.start()
    wait_until(lambda: len(receiver.posts) == 1)
    assert receiver.told()["id"] == uid


@pytest.fixture
def gathering(store: Store, still: Telling, tables: dict[str, Any]) -> Iterator[House]:
    """Return a house whose lights are told at no hour of the day, but for a digest that a person sends."""
    lights = {**tables["destination"]["lights"], "digest_at": "12:00", "quiet": "00:00-24:00", "zone": "UTC"}
    made = build(store, ServerSettings(), still, (), read_values({"destination": {"lights": lights}}))
    for role in Role:
        made.accounts.add(role.value, PASSWORD, role, chosen=True)
    yield made
    made.reactions.close()


def test_what_waits_in_a_digest_is_shown_and_sent_when_a_person_says_so(
    gathering: House, receiver: Receiver
) -> None:
    with TestClient(make_app(gathering, pages=False)) as client:
        told = client.post("/api/v1/session", json={"name": "admin", "password": PASSWORD}).json()
        client.headers["X-CSRF-Token"] = told["csrf"]
        gathering.reactions.start()
        for camera in ("gate", "yard"):
            gathering.reactions.actions.news.health(camera, [], "fine")
        (lights,) = client.get("/api/v1/destinations").json()
        assert (lights["digest"], lights["quiet"], lights["gathered"]) == (
            "every day at 12:00",
            "00:00-24:00",
            2,
        )
        assert time.time() < lights["quiet_until_utc"] <= lights["next_utc"]
        waits = client.get("/api/v1/destinations/lights/digest").json()
        assert [one["camera"] for one in waits] == ["gate", "yard"]
        assert client.get("/api/v1/destinations/siren/digest").status_code == 404
        assert client.post("/api/v1/destinations/siren/digest").status_code == 404
        assert receiver.posts == []
        assert client.post("/api/v1/destinations/lights/digest").json() == {"messages": 2}
        wait_until(lambda: len(receiver.posts) == 1)
        assert [one["camera"] for one in receiver.told(0)["messages"]] == ["gate", "yard"]
        assert client.post("/api/v1/destinations/lights/digest").json() == {"messages": 0}


def test_hours_and_digests_are_told_in_words(gathering: House) -> None:
    now = 1_772_366_400.0  # Sunday, 12:00 UTC
    when = told_when(gathering.reactions, "lights", now)
    assert when.lines == (
        "Quiet 00:00-24:00 (UTC): now, until 00:00 on Monday",
        "A digest every day at 12:00 (UTC): the next at 00:00 on Tuesday",
    )
    outbox = gathering.reactions.actions.outbox
    for number in range(12):
        outbox.add(Message("lights", MessageKind.ALERT, f"alert {number}", now), now + 3600.0)
    when = told_when(gathering.reactions, "lights", now)
    assert when.summary == "12 messages wait to be sent at 13:00"
    assert when.titles == (*(f"alert {number}" for number in range(10)), "and 2 more")


@pytest.mark.parametrize(
    ("told", "why"),
    [
        ({**QUEUE, "request": {"destination": "siren"}}, "no destination siren"),
        ({**QUEUE, "when": []}, "when"),
        ({**QUEUE, "when": [{"quantity": "queue", "zone": "yard", "above": 1}]}, "no zone yard"),
        ({**QUEUE, "mode": "yolo"}, "mode"),
        ({**QUEUE, "colour": "red"}, "no key colour"),
    ],
)
def test_a_rule_that_cannot_be_is_refused_in_one_line(enter: Enter, told: dict[str, Any], why: str) -> None:
    answer = enter("admin").put("/api/v1/rules/odd", json=told)
    assert answer.status_code == 400
    assert why in answer.json()["detail"]
    assert "\n" not in answer.json()["detail"]


def test_rules_of_the_file_are_changed_there(enter: Enter) -> None:
    admin = enter("admin")
    for answer in (admin.put("/api/v1/rules/fixed", json=QUEUE), admin.delete("/api/v1/rules/fixed")):
        assert answer.status_code == 400
        assert "settings file" in answer.json()["detail"]
    assert admin.delete("/api/v1/rules/unheard").status_code == 404


def test_who_may_only_look_makes_no_rules(enter: Enter) -> None:
    for name in ("viewer", "reviewer"):
        assert enter(name).put("/api/v1/rules/jam", json=QUEUE).status_code == 403


def test_a_rule_keeps_its_guards_when_it_is_changed_and_over_a_restart(
    house: House, still: Telling, enter: Enter, store: Store, tables: dict[str, Any]
) -> None:
    admin = enter("admin")
    jam = {**QUEUE, "mode": "auto", "cooldown": 3600}
    admin.put("/api/v1/rules/jam", json=jam)

    def jams() -> None:
        still.say(queue=0.0)
        house.reactions.step()
        still.say(queue=50.0)
        house.reactions.step()

    jams()
    admin.put("/api/v1/rules/jam", json={**jam, "per_hour": 5})
    jams()
    assert outcomes(admin, "jam") == ["held: cool-down", "fired"]
    again = build(store, ServerSettings(), still, (), read_values(tables))
    assert {rule.name for rule in again.reactions.configuration.rules} == {"fixed", "jam"}
    still.say(queue=0.0)
    again.reactions.step()
    still.say(queue=50.0)
    again.reactions.step()
    assert outcomes(admin, "jam") == ["held: cool-down", "held: cool-down", "fired"]


def test_a_rule_whose_destination_left_the_file_is_kept_and_told_of(
    enter: Enter, store: Store, still: Telling, tables: dict[str, Any]
) -> None:
    enter("admin").put("/api/v1/rules/jam", json=QUEUE)
    bare = {**tables, "destination": {"other": tables["destination"]["lights"]}, "rule": []}
    house = build(store, ServerSettings(), still, (), read_values(bare))
    assert house.reactions.configuration.rules == ()
    assert "no destination lights" in house.reactions.broken["jam"]


def test_what_cameras_do_is_told_as_it_changes(store: Store, still: Telling, receiver: Receiver) -> None:
    hook = {"kind": "webhook", "url": receiver.url, "allow": ["127.0.0.1"], "hears": ["state"]}
    house = build(store, ServerSettings(), still, (), read_values({"destination": {"hook": hook}}))
    for state in (CameraState.LEARNING, CameraState.LEARNING, CameraState.WATCHING):
        still.say(queue=0.0, state=state)
        house.reactions.step()
    told = [message.message.data["state"] for message in house.reactions.actions.outbox.messages()]
    assert told == ["watching", "learning"]


def test_a_camera_that_rests_is_not_silent_and_its_health_is_heard_of(
    enter: Enter, house: House, still: Telling
) -> None:
    admin = enter("admin")
    dark = {"when": [{"health": "dark"}], "request": {"destination": "lights"}}
    assert admin.put("/api/v1/rules/dark", json=dark).status_code == 200
    for number in range(3):
        utc = time.time() + 30.0 * number  # further apart than a camera may be silent
        still.say(queue=0.0, state=CameraState.RESTING, measures={}, utc=utc)
        house.reactions.step()
    assert outcomes(admin, "fixed") == []
    assert outcomes(admin, "dark") == []
    still.say(queue=0.0, state=CameraState.RESTING, measures={}, health=frozenset({"dark"}), utc=utc + 1.0)
    house.reactions.step()
    assert outcomes(admin, "dark") == ["dry-run"]


def test_zones_of_the_file_reach_the_cameras(house: House, still: Telling) -> None:
    house.cameras.start()
    assert [zone.name for zone in still.specs["gate"].zones] == ["lane"]
