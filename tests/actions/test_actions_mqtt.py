"""MQTT against a real broker: topics, what is retained, last wills, and what a broker's death does."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.actions.outside import Listener, MosquittoBroker, free_port, wait_until

from everyframe.actions import (
    Actions,
    Broker,
    Courier,
    DeadMan,
    Destination,
    Message,
    MessageKind,
    MessageState,
    Mqtt,
    Outbox,
    Patience,
    Topics,
    discovery,
    read_values,
)
from everyframe.actions.topics import read_acknowledgement
from everyframe.errors import DeliveryError, SettingError
from everyframe.sources import Backoff
from everyframe.store import Store
from everyframe.types import Event

pytestmark = pytest.mark.mqtt

Listen = Callable[..., Listener]


@pytest.fixture
def mqtt(broker: MosquittoBroker) -> Iterator[Mqtt]:
    opened = Mqtt(Broker("127.0.0.1", broker.port), timeout=3.0)
    yield opened
    opened.close()


def message(kind: MessageKind = MessageKind.ALERT, **others: Any) -> Message:
    values = {
        "destination": "home",
        "kind": kind,
        "title": "park",
        "created_utc": time.time(),
        "camera": "park",
    }
    return Message(**{**values, **others})


def test_messages_lie_on_the_topics_of_their_kinds(mqtt: Mqtt, listen: Listen) -> None:
    listener = listen()
    kinds = (MessageKind.ALERT, MessageKind.HEALTH, MessageKind.STATE, MessageKind.REQUEST)
    said = [message(kind) for kind in kinds]
    mqtt.deliver(said)
    for each in said:
        topic = f"everyframe/park/{each.kind.value}"
        wait_until(lambda topic=topic: listener.on(topic) != [])  # type: ignore[misc]
        assert json.loads(listener.on(topic)[0]) == each.told()


def test_health_and_state_are_there_for_who_comes_later_and_alerts_are_not(
    mqtt: Mqtt, listen: Listen
) -> None:
    mqtt.deliver([message(kind) for kind in (MessageKind.ALERT, MessageKind.HEALTH, MessageKind.STATE)])
    late = listen()
    wait_until(lambda: len(late.heard) >= 3)
    assert {topic for topic, _, retained in late.heard if retained} == {
        "everyframe/status",
        "everyframe/park/health",
        "everyframe/park/state",
    }


def test_a_request_goes_to_its_own_topic_as_it_is(mqtt: Mqtt, listen: Listen) -> None:
    listener = listen()
    mqtt.deliver([message(MessageKind.REQUEST, topic="junction/plan", payload="2", retain=True)])
    wait_until(lambda: listener.on("junction/plan") == [b"2"])
    late = listen("junction/plan")
    wait_until(lambda: late.heard == [("junction/plan", b"2", True)])


def test_the_status_says_online_and_after_a_goodbye_offline(mqtt: Mqtt, listen: Listen) -> None:
    listener = listen()
    mqtt.start()
    wait_until(lambda: listener.on("everyframe/status") == [b"online"])
    mqtt.close()
    mqtt.close()
    wait_until(lambda: listener.on("everyframe/status") == [b"online", b"offline"])


def test_a_broker_that_is_not_there_is_a_failure_and_no_crash() -> None:
    nowhere = Mqtt(Broker("127.0.0.1", free_port()), timeout=0.2)
    with pytest.raises(DeliveryError, match=r"The MQTT broker 127.0.0.1:\d+ is not there"):
        nowhere.deliver([message()])
    nowhere.close()


def test_a_broker_killed_and_started_again_gets_what_came_meanwhile(
    broker: MosquittoBroker, store: Store, listen: Listen
) -> None:
    """QoS 1 from end to end: the subscriber has a session, the outbox has the rest."""
    listener = listen("everyframe/park/alert", "keeper")
    outbox = Outbox(store)
    mqtt = Mqtt(Broker("127.0.0.1", broker.port), timeout=1.0)
    patience = Patience(backoff=Backoff(0.1, 0.5))
    with Courier(outbox, [Destination("home", carrier=mqtt)], patience=patience, poll=0.05) as courier:
        said = [message(title=str(number)) for number in range(6)]
        for each in said[:2]:
            outbox.add(each)
        wait_until(lambda: len(listener.heard) == 2)
        broker.wait_until_saved()
        broker.kill()
        for each in said[2:]:
            outbox.add(each)
        courier.wake()
        wait_until(lambda: any(entry.error for entry in outbox.messages(MessageState.WAITING)))
        broker.start()
        wait_until(lambda: outbox.messages(MessageState.WAITING) == [])
        wait_until(lambda: len({_id(payload) for _, payload, _ in listener.heard}) == 6)
    assert {_id(payload) for _, payload, _ in listener.heard} == {each.uid for each in said}
    assert {entry.state for entry in outbox.messages()} == {MessageState.DELIVERED}


def test_what_the_broker_never_confirmed_is_not_sent_behind_the_outbox_s_back(
    broker: MosquittoBroker, listen: Listen
) -> None:
    """A request that was given up as too late must not arrive when the broker is back."""
    mqtt = Mqtt(Broker("127.0.0.1", broker.port), timeout=0.5)
    mqtt.deliver([message(MessageKind.STATE)])
    assert broker.stop_answering()
    with pytest.raises(DeliveryError, match=r"did not say in 0\.5 s"):
        mqtt.deliver([message(MessageKind.REQUEST, topic="gate", payload="open")])
    broker.kill()
    broker.start()
    listener = listen()
    shut = message(MessageKind.REQUEST, topic="gate", payload="shut")
    wait_until(lambda: _arrives(mqtt, shut))
    wait_until(lambda: listener.on("gate") != [])
    assert listener.on("gate") == [b"shut"]
    mqtt.close()


def _arrives(mqtt: Mqtt, said: Message) -> bool:
    try:
        mqtt.deliver([said])
    except DeliveryError:
        return False
    return True


def _id(payload: bytes) -> str:
    return str(json.loads(payload)["id"])


# -- acknowledgements -----------------------------------------------------------------------------------


def test_a_receiver_acknowledges_on_the_topic_for_it(broker: MosquittoBroker, listen: Listen) -> None:
    heard: list[str] = []
    mqtt = Mqtt(Broker("127.0.0.1", broker.port), acknowledged=lambda uid, _: heard.append(uid), timeout=3.0)
    said = message(MessageKind.REQUEST)
    mqtt.deliver([said])
    gate = listen("nothing")
    gate.client.publish("everyframe/ack", json.dumps({"id": said.uid}), qos=1)
    gate.client.publish("everyframe/ack", said.uid, qos=1)
    gate.client.publish("everyframe/ack", b"\xff{]", qos=1)
    wait_until(lambda: heard == [said.uid, said.uid])
    mqtt.close()


@pytest.mark.parametrize(
    "payload", [b"", b"{}", b"[1]", b"{", b'{"id": 5}', b"\xff", b"x" * 40, b"hello world"]
)
def test_what_is_no_acknowledgement_is_passed_over(payload: bytes) -> None:
    assert read_acknowledgement(payload) is None


# -- names ----------------------------------------------------------------------------------------------


def test_a_camera_s_name_makes_one_level_without_wildcards() -> None:
    topics = Topics("house/cameras")
    assert topics.of("back/yard #1+", MessageKind.ALERT) == "house/cameras/back_yard__1_/alert"
    assert topics.of("$SYS", MessageKind.ALERT) == "house/cameras/SYS/alert"
    assert topics.of(None, MessageKind.TEST) == "house/cameras/test"


@pytest.mark.parametrize("prefix", ["", "a/#", "+", "$SYS"])
def test_a_prefix_that_is_no_topic_is_refused(prefix: str) -> None:
    with pytest.raises(SettingError, match="is no topic"):
        Topics(prefix)


# -- Home Assistant -------------------------------------------------------------------------------------


def test_home_assistant_finds_one_configuration_for_each_entity(
    broker: MosquittoBroker, store: Store, listen: Listen
) -> None:
    table = {"kind": "mqtt", "host": "127.0.0.1", "port": broker.port}
    with Actions(store, read_values({"destination": {"home": table}}), ["park", "back yard"]):
        late = listen("homeassistant/#")
        wait_until(lambda: len(late.heard) == 8)
    assert {(topic, payload.decode()) for topic, payload, _ in late.heard} == set(
        discovery(["park", "back yard"], Topics())
    )


def test_an_entity_says_where_its_values_are_and_to_which_device_it_belongs() -> None:
    found = {topic: json.loads(payload) for topic, payload in discovery(["park"], Topics())}
    assert set(found) == {
        "homeassistant/event/everyframe_park_alert/config",
        "homeassistant/sensor/everyframe_park_last_alert/config",
        "homeassistant/binary_sensor/everyframe_park_problem/config",
        "homeassistant/sensor/everyframe_park_state/config",
    }
    assert len({entity["unique_id"] for entity in found.values()}) == 4
    for entity in found.values():
        assert entity["availability_topic"] == "everyframe/status"
        assert entity["device"]["identifiers"] == ["everyframe_park"]
        assert entity["state_topic"].startswith("everyframe/park/")


def test_home_assistant_s_templates_give_what_its_entities_take(alert: Event) -> None:
    from jinja2 import Environment

    jinja = Environment(autoescape=False)
    jinja.filters["to_json"] = json.dumps
    found = {topic.split("/")[2]: json.loads(payload) for topic, payload in discovery(["park"], Topics())}

    def value(entity: str, **told: Any) -> str:
        template = jinja.from_string(found[f"everyframe_park_{entity}"]["value_template"])
        return template.render(value_json=message(**told).told())

    assert json.loads(value("alert", text=alert.reason))["event_type"] == "alert"
    assert len(value("last_alert", text="x" * 400)) <= 255
    assert value("problem", data={"faults": ["dark"]}) == "ON"
    assert value("problem", data={"faults": []}) == "OFF"
    assert value("state", data={"state": "watching"}) == "watching"


def test_cameras_whose_names_differ_in_signs_only_are_two_devices() -> None:
    topics = [topic for topic, _ in discovery(["a b", "a_b", "a/b"], Topics())]
    assert len(set(topics)) == len(topics)


# -- when Everyframe is gone ----------------------------------------------------------------------------

WATCHING = """
import sys, time
from everyframe.actions import Actions, read_values
from everyframe.store import Store

home = {"kind": "mqtt", "host": "127.0.0.1", "port": int(sys.argv[2])}
plan = {"destination": "home", "topic": "junction/plan"}
rule = {
    "name": "queue", "cameras": ["north"], "mode": "auto", "cooldown": 0,
    "when": [{"quantity": "queue", "zone": "lane", "above": 10}],
    "request": {**plan, "payload": "2"}, "safe": {**plan, "payload": "fixed", "retain": True},
}
zone = {"name": "lane", "camera": "north", "lane": [[0, 0], [1, 1]]}
tables = {"destination": {"home": home}, "zone": [zone], "rule": [rule]}
actions = Actions(Store(sys.argv[1]), read_values(tables))
actions.start()
assert all(each.armed(10.0) for each in actions._dead_men)
actions.automation.step("north", time.time(), {"lane.queue": 20.0})
while actions.outbox.waiting_for():  # else the safe state takes the place of the request
    time.sleep(0.02)
if sys.argv[3] == "stop":
    actions.close()
else:
    time.sleep(60)
"""


@pytest.mark.parametrize("end", ["kill", "stop"])
def test_a_rule_s_safe_state_is_asked_for_however_everyframe_ends(
    tmp_path: Path, broker: MosquittoBroker, listen: Listen, end: str
) -> None:
    listener = listen()
    child = subprocess.Popen([sys.executable, "-c", WATCHING, str(tmp_path / "store"), str(broker.port), end])
    if end == "kill":
        wait_until(lambda: listener.on("junction/plan") == [b"2"])
        child.kill()
    assert child.wait(30.0) == (-9 if end == "kill" else 0)
    wait_until(lambda: listener.on("junction/plan") == [b"2", b"fixed"])
    wait_until(lambda: listener.on("everyframe/status") == [b"online", b"offline"])


def test_a_dead_man_s_switch_that_was_lost_says_so_when_it_is_back(broker: MosquittoBroker) -> None:
    back: list[bool] = []
    switch = DeadMan(Broker("127.0.0.1", broker.port), "gate", "shut", returned=lambda: back.append(True))
    assert switch.armed(10.0)
    broker.kill()
    wait_until(lambda: not switch.armed())
    broker.start()
    assert switch.armed(10.0)
    wait_until(lambda: back == [True])
    switch.close(asked=True)


@pytest.mark.parametrize("asked", [True, False])
def test_a_switch_that_leaves_lets_the_will_come_true_only_if_nobody_asked(
    broker: MosquittoBroker, listen: Listen, asked: bool
) -> None:
    listener = listen()
    switch = DeadMan(Broker("127.0.0.1", broker.port), "gate", "shut")
    assert switch.armed(10.0)
    switch.close(asked=asked)
    if not asked:
        wait_until(lambda: listener.on("gate") == [b"shut"])
    listener.client.publish("end", "", qos=1)
    wait_until(lambda: listener.on("end") != [])
    assert listener.on("gate") == ([] if asked else [b"shut"])
