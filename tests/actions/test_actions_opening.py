"""The file of destinations and rules, and all of it at work against real receivers."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from tests.actions.outside import Clock, Listener, MosquittoBroker, Receiver, free_port, wait_until

from everyframe.actions import (
    Actions,
    Automation,
    Carrier,
    Destination,
    Digest,
    Message,
    MessageKind,
    MessageState,
    Mqtt,
    News,
    Notifier,
    Outbox,
    Outcome,
    Rule,
    Webhook,
    read_file,
    read_values,
)
from everyframe.actions.mqtt import Broker
from everyframe.errors import SettingError, StorageError
from everyframe.store import Store
from everyframe.types import Event

QUEUE = {"quantity": "queue", "zone": "lane", "above": 10.0}
LONG = {"lane.queue": 20.0}
ZONE = {"camera": "north", "name": "lane", "lane": [[0.0, 0.5], [1.0, 0.5]]}


def tables(receiver: Receiver, **others: Any) -> dict[str, Any]:
    rule = {
        "name": "queue",
        "cameras": ["north"],
        "when": [QUEUE],
        "mode": "auto",
        "request": {"destination": "hook"},
        **others,
    }
    hook = {"kind": "webhook", "url": receiver.url, "allow": ["127.0.0.1"], "secret": "s3cret"}
    return {"destination": {"hook": hook}, "zone": [ZONE], "rule": [rule]}


# -- every carrier keeps the same promises ---------------------------------------------------------------


@pytest.fixture(params=["webhook", "apprise", "mqtt"])
def carrier(request: pytest.FixtureRequest) -> Carrier:
    if request.param == "mqtt":
        broker: MosquittoBroker = request.getfixturevalue("broker")
        return Mqtt(Broker("127.0.0.1", broker.port), timeout=3.0)
    receiver: Receiver = request.getfixturevalue("receiver")
    if request.param == "webhook":
        return Webhook(receiver.url, allow=["127.0.0.1"])
    return Notifier([f"json://127.0.0.1:{receiver.port}/hook"])


def test_a_carrier_takes_one_message_or_several_and_can_be_closed_twice(carrier: Carrier) -> None:
    assert isinstance(carrier, Carrier)
    said = [Message("there", MessageKind.ALERT, title, time.time(), camera="park") for title in ("a", "b")]
    assert list(carrier.deliver(said[:1])) == []
    assert list(carrier.deliver(said)) == []
    carrier.close()
    carrier.close()


# -- people ---------------------------------------------------------------------------------------------


def test_people_are_told_in_words(receiver: Receiver) -> None:
    people = Notifier([f"json://127.0.0.1:{receiver.port}/hook"])
    people.deliver([Message("phone", MessageKind.ALERT, "park: alert", 0.0, "moves too fast")])
    assert (receiver.told()["title"], receiver.told()["message"]) == ("park: alert", "moves too fast")


def test_a_digest_is_one_message_with_a_line_for_each(receiver: Receiver) -> None:
    from datetime import UTC

    people = Notifier([f"json://127.0.0.1:{receiver.port}/hook"], UTC)
    people.deliver([Message("phone", MessageKind.ALERT, f"alert {n}", 60.0 * n) for n in range(30)])
    assert len(receiver.posts) == 1
    lines = receiver.told()["message"].splitlines()
    assert receiver.told()["title"] == "Everyframe: 30 messages"
    assert lines[1] == "01 Jan 00:01  alert 1"
    assert lines[-1] == "and 10 more"


def test_a_service_that_does_not_take_it_is_named_without_its_secret() -> None:
    from everyframe.errors import DeliveryError

    people = Notifier([f"json://bob:s3cret@127.0.0.1:{free_port()}/s3cret"])
    with pytest.raises(DeliveryError, match="JSON did not take the message") as caught:
        people.deliver([Message("phone", MessageKind.TEST, "hello", 0.0)])
    assert "s3cret" not in str(caught.value)


def test_an_address_that_apprise_cannot_read_is_said_without_its_secret() -> None:
    with pytest.raises(SettingError, match="cannot read address 2") as caught:
        Notifier(["json://host/", "nosuch://s3cret"])
    assert "s3cret" not in str(caught.value)


# -- news -----------------------------------------------------------------------------------------------


class Nobody:
    def deliver(self, messages: Sequence[Message]) -> Sequence[str]:
        return []

    def close(self) -> None:
        pass


def test_news_goes_to_who_wants_to_hear_it(store: Store, clock: Clock, alert: Event) -> None:
    outbox = Outbox(store)
    destinations = [
        Destination("all", carrier=Nobody()),
        Destination("yard", carrier=Nobody(), cameras=["yard"]),
        Destination("health", carrier=Nobody(), kinds=[MessageKind.HEALTH], digest=Digest(every=600.0)),
    ]
    news = News(outbox, destinations, now=clock)
    news.alert("park", alert, 7)
    news.health("park", ["dark"], "It is dark.")
    news.state("park", "watching")
    went = [(entry.message.destination, entry.message.kind.value) for entry in reversed(outbox.messages())]
    assert went == [("all", "alert"), ("all", "health"), ("health", "health")]
    told = outbox.messages()[-1].message
    assert told.text == alert.reason
    assert told.data["event"] == 7
    assert told.data["box"] == {"x": 10, "y": 12, "width": 20, "height": 16}
    assert outbox.messages()[0].due_utc == (clock() // 600 + 1) * 600


def test_a_broker_needs_only_the_newest_health_and_a_person_all_of_it(store: Store, clock: Clock) -> None:
    outbox = Outbox(store)
    news = News(
        outbox,
        [Destination("home", carrier=Nobody(), latest_only=True), Destination("phone", carrier=Nobody())],
        now=clock,
    )
    news.health("park", ["dark"], "It is dark.")
    news.health("park", [], "It is well.")
    waiting = [entry.message.destination for entry in outbox.messages(MessageState.WAITING)]
    assert sorted(waiting) == ["home", "phone", "phone"]


def test_a_test_goes_to_a_destination_that_there_is(store: Store, receiver: Receiver) -> None:
    with Actions(store, read_values(tables(receiver))) as actions:
        uid = actions.news.test("hook")
        wait_until(lambda: len(receiver.posts) == 1)
        with pytest.raises(SettingError, match="There is no destination phone; there are hook"):
            actions.news.test("phone")
    assert receiver.told(0)["id"] == uid


# -- rules at work --------------------------------------------------------------------------------------


def test_a_request_arrives_and_its_receiver_s_answer_is_kept(store: Store, receiver: Receiver) -> None:
    receiver.answers = [(200, {}, b'{"ack": true}')]
    made = tables(receiver, ack_within=30.0, fallback={"destination": "hook"})
    with Actions(store, read_values(made), ["north"]) as actions:
        (fired,) = actions.automation.step("north", time.time(), LONG)
        wait_until(lambda: len(actions.automation.decisions()) == 2)
        acknowledged, first = actions.automation.decisions()
    assert (acknowledged.outcome, acknowledged.uid) == (Outcome.ACKNOWLEDGED, fired.uid)
    assert first == fired
    assert receiver.told(0)["id"] == fired.uid
    assert receiver.told(0)["data"]["measures"] == LONG


def test_a_request_that_is_not_acknowledged_has_its_fallback(store: Store, receiver: Receiver) -> None:
    made = tables(receiver, ack_within=0.2, fallback={"destination": "hook", "payload": '"fixed"'})
    with Actions(store, read_values(made), ["north"]) as actions:
        actions.automation.step("north", time.time(), LONG)
        wait_until(lambda: len(receiver.posts) == 2)
    assert receiver.posts[1][2] == b'"fixed"'


def test_a_request_and_an_acknowledgement_over_mqtt(
    store: Store, broker: MosquittoBroker, listen: Callable[..., Listener], receiver: Receiver
) -> None:
    made = tables(receiver, ack_within=30.0, fallback={"destination": "home"})
    made["destination"]["home"] = {"kind": "mqtt", "host": "127.0.0.1", "port": broker.port}
    made["rule"][0]["request"] = {
        "destination": "home",
        "topic": "junction/plan",
        "payload": '{"id": {{ id | tojson }}, "queue": {{ measures["lane.queue"] | tojson }}}',
    }
    junction = listen("junction/plan")
    with Actions(store, read_values(made), ["north"]) as actions:
        actions.automation.step("north", time.time(), LONG)
        wait_until(lambda: junction.on("junction/plan") != [])
        asked = json.loads(junction.on("junction/plan")[0])
        assert asked["queue"] == 20.0
        junction.client.publish("everyframe/ack", asked["id"], qos=1)
        wait_until(lambda: actions.automation.decisions()[0].outcome is Outcome.ACKNOWLEDGED)


def test_a_person_is_asked_and_approves(store: Store, receiver: Receiver) -> None:
    made = tables(receiver, mode="approve", ask=["hook"])
    with Actions(store, read_values(made), ["north"]) as actions:
        (asked,) = actions.automation.step("north", time.time(), LONG)
        wait_until(lambda: len(receiver.posts) == 1)
        assert receiver.told(0)["kind"] == "approval"
        assert receiver.told(0)["data"]["request"] == asked.uid
        actions.automation.approve(asked.uid, "Ada")
        wait_until(lambda: len(receiver.posts) == 2)
    assert receiver.told(1)["kind"] == "request"
    assert receiver.told(1)["id"] == asked.uid


def test_a_dry_run_keeps_decisions_and_sends_nothing(store: Store, receiver: Receiver) -> None:
    safe = {"destination": "hook"}
    with Actions(store, read_values(tables(receiver, mode="dry-run", safe=safe)), ["north"]) as actions:
        actions.automation.step("north", time.time(), LONG)
    assert receiver.posts == []
    assert Outbox(store).messages() == []
    with store.reading():
        assert [each.outcome for each in actions.automation.decisions()] == [Outcome.DRY_RUN] * 2


def test_a_camera_that_falls_silent_is_noticed_without_a_step(store: Store, receiver: Receiver) -> None:
    made = tables(receiver, silent_after=0.2, safe={"destination": "hook", "payload": '"fixed"'})
    with Actions(store, read_values(made), ["north"]) as actions:
        actions.automation.step("north", time.time(), {})
        wait_until(lambda: len(receiver.posts) == 1)
    assert receiver.posts[0][2] == b'"fixed"'


def test_a_newer_request_takes_the_place_of_one_that_still_waits(store: Store, clock: Clock) -> None:
    outbox = Outbox(store)
    rule = Rule.model_validate(
        {
            "name": "queue",
            "when": [QUEUE],
            "mode": "auto",
            "request": {"destination": "gate", "payload": "open"},
            "safe": {"destination": "gate", "payload": "shut"},
        }
    )
    automation = Automation(store, outbox, [rule], now=clock)
    automation.step("north", clock(), LONG)
    automation.step("north", clock() + 1, LONG, (), ["covered"])
    (waiting,) = outbox.messages(MessageState.WAITING)
    assert waiting.message.payload == "shut"
    assert waiting.message.expires_utc is None
    (late,) = outbox.messages(MessageState.SUPERSEDED)
    assert late.message.expires_utc == clock() + 60.0


def test_what_could_not_be_kept_is_kept_with_the_next_step(tmp_path: Path, clock: Clock) -> None:
    import sqlite3

    rule = Rule.model_validate(
        {"name": "queue", "when": [QUEUE], "mode": "auto", "request": {"destination": "gate"}}
    )
    with Store(tmp_path / "busy", patience=0.05) as store:
        outbox = Outbox(store)
        automation = Automation(store, outbox, [rule], now=clock)
        other = sqlite3.connect(tmp_path / "busy" / "everyframe.db", isolation_level=None)
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(StorageError, match="locked"):
            automation.step("north", clock(), LONG)
        other.execute("COMMIT")
        other.close()
        automation.step("north", clock() + 1, LONG)
        assert [entry.message.created_utc for entry in outbox.messages()] == [clock()]
        again = Automation(store, outbox, [rule], now=clock)
        (held,) = again.step("north", clock() + 2, LONG)
        assert held.outcome is Outcome.COOLDOWN


# -- the file -------------------------------------------------------------------------------------------


def test_a_file_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOOK_SECRET", "s3cret")
    file = tmp_path / "actions.toml"
    file.write_text(
        '[destination.hook]\nkind = "webhook"\nurl = "https://host/"\nsecret = "env:HOOK_SECRET"\n'
        '[[zone]]\ncamera = "north"\nname = "lane"\nlane = [[0, 0.5], [1, 0.5]]\n'
        '[[rule]]\nname = "queue"\nfor = 10\nrequest = { destination = "hook" }\n'
        '[[rule.when]]\nquantity = "queue"\nzone = "lane"\nabove = 40\n'
        "[outbox]\nattempts = 5\n"
    )
    read = read_file(file)
    assert read.rules[0].hold == 10.0
    assert read.rules[0].mode.value == "dry-run"
    assert read.zones["north"][0].name == "lane"
    assert read.attempts == 5
    assert "s3cret" not in repr(read)


BASE: dict[str, Any] = {
    "destination": {"hook": {"kind": "webhook", "url": "https://host/"}},
    "zone": [ZONE],
    "rule": [{"name": "queue", "when": [QUEUE], "request": {"destination": "hook"}}],
}


def changed(table: str, **others: Any) -> dict[str, Any]:
    values = json.loads(json.dumps(BASE))
    entry = values["destination"]["hook"] if table == "destination" else values[table][0]
    entry.update(others)
    return dict(values)


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"rules": []}, "There is no table rules"),
        ({"rule": {}}, r"write \[\[rule\]\]"),
        ({"destination": {"x": {"kind": "fax"}}}, "In destination x: kind: write webhook, apprise or mqtt"),
        ({"destination": {"x": 5}}, "In destination x: kind"),
        ({"destination": {"x": {"kind": "mqtt"}}}, "In destination x: host: Field required"),
        (changed("destination", secrett="s3cret"), "In destination hook: there is no key secrett"),
        (changed("destination", secret="env:NO_SUCH"), "The environment has no NO_SUCH; set it"),
        (changed("destination", digest=5, digest_at="18:00"), "digest or digest_at, not both"),
        (changed("zone", camera=""), "In zone lane: camera"),
        (changed("zone", lane=[[0, 2], [1, 1]]), r"In zone lane: lane\.0\.1: Input should be less than"),
        (changed("zone", lane=[]), "a zone wants a polygon or a lane"),
        (changed("rule", name=""), "In rule : name"),
        (
            changed("rule", mode="automatic"),
            "In rule queue: mode: Input should be 'dry-run', 'approve' or 'auto'",
        ),
        (changed("rule", when=[]), "In rule queue: when: Tuple should have at least 1 item"),
        (changed("rule", when=[{"quantity": "queue"}]), r"when\.0: a quantity wants its zone"),
        (changed("rule", when=[{**QUEUE, "health": "dark"}]), "write one of them"),
        (changed("rule", when=[{**QUEUE, "zone": "street"}]), "there is no zone street of its cameras"),
        (changed("rule", request={"destination": "phone"}), "no destination phone; there are hook"),
        (changed("rule", ack_within=5), "ack_within and fallback belong together"),
        (changed("rule", hours=["7-9"]), r"hours: 7-9 are no hours"),
        (changed("rule", zone="Mars"), "zone: There is no time zone Mars"),
        (changed("rule", cooldown=-1), "cooldown: Input should be greater than or equal to 0"),
        (
            changed("rule", request={"destination": "hook", "payload": "{{ nothing }}"}),
            "'nothing' is undefined",
        ),
        (changed("rule", request={"destination": "hook", "payload": "{% for %}"}), "The template cannot be"),
        (
            changed("rule", safe={"destination": "hook", "payload": "{{ measures['lane.queue'] + 1 }}"}),
            r"safe\.payload: The template cannot be filled in",
        ),
        (changed("rule", request={"destination": "hook", "topic": "a/#"}), "is no topic to publish to"),
        ({**BASE, "rule": BASE["rule"] * 2}, "Two rules are called queue"),
    ],
)
def test_what_is_wrong_in_a_file_is_said_in_one_line(values: dict[str, Any], said: str) -> None:
    with pytest.raises(SettingError, match=said) as caught:
        read_values(values, {})
    assert "\n" not in str(caught.value)
    assert "s3cret" not in str(caught.value)


def test_all_that_is_wrong_in_a_file_is_said_at_once_each_with_what_to_write() -> None:
    values = {
        "destinations": {},
        "destination": {
            "hook": {"kind": "webhook", "url": "env:HOOK", "secrets": "s3cret"},
            "phone": {"kind": "sms"},
            "home": {"kind": "mqtt", "host": "broker", "port": 0},
        },
        "zone": [{"name": "lane", "lane": [[0, 0], [1, 1]]}],
        "rule": [
            {"name": "one", "when": [{"alert": "any"}], "request": {"destination": "hook", "payloads": "x"}},
            {"name": "two", "when": [{"alert": "any"}], "request": {"destination": "siren"}},
            {"name": "two", "when": [{"alert": "any"}], "request": {"destination": "phone"}, "cooldow": 3},
            {"name": "two", "when": [{**QUEUE}], "request": {"destination": "phone"}},
        ],
        "outbox": {"attempts": 0, "old": 1},
    }
    with pytest.raises(SettingError) as caught:
        read_values(values, {})
    said = str(caught.value)
    for fault in (
        "The environment has no HOOK; set it, or write the value in the file.",
        "There is no table destinations; did you mean destination?",
        "In destination hook: there is no key secrets; did you mean secret?",
        "In destination phone: kind: write webhook, apprise or mqtt.",
        "In destination home: port: Input should be greater than or equal to 1.",
        "In zone lane: camera: write which camera it is of.",
        "In rule one: there is no key request.payloads; did you mean payload?",
        "In rule two: there is no destination siren; there are home, hook, phone.",
        "In rule two: there is no key cooldow; did you mean cooldown?",
        "Two rules are called two; give each a name of its own.",
        "In outbox: there are age and attempts only.",
        "In the file: attempts: Input should be greater than or equal to 1.",
    ):
        assert fault in said
    assert "no zone" not in said, "it is there, only its camera is missing"
    assert "no destination phone" not in said
    assert "s3cret" not in said
    assert "\n" not in said


def test_a_file_that_is_none_is_said(tmp_path: Path) -> None:
    with pytest.raises(SettingError, match="cannot be read"):
        read_file(tmp_path / "nothing.toml")
    (tmp_path / "bad.toml").write_text("rule = [")
    with pytest.raises(SettingError, match="is no TOML"):
        read_file(tmp_path / "bad.toml")


@pytest.mark.parametrize(
    "payload", ["{{ ''.__class__.__mro__ }}", "{{ measures.__init__.__globals__ }}", "{{ cycler.__init__ }}"]
)
def test_a_template_gets_at_nothing_but_its_values(payload: str) -> None:
    with pytest.raises(SettingError, match="The template cannot be filled in"):
        read_values(changed("rule", request={"destination": "hook", "payload": payload}), {})
