"""Destinations and rules at work, against real receivers."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from tests.actions.outside import (
    QUEUE,
    ZONE,
    Clock,
    Listener,
    MosquittoBroker,
    Receiver,
    free_port,
    wait_until,
)

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
    read_values,
)
from everyframe.actions.mqtt import Broker
from everyframe.errors import SettingError, StorageError
from everyframe.store import Store
from everyframe.types import Event

LONG = {"lane.queue": 20.0}


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
