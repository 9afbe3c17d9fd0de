"""The file of destinations, zones and rules, and what is said where something in it is wrong."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from tests.actions.outside import QUEUE, ZONE

from everyframe.actions import read_file, read_values
from everyframe.errors import SettingError


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
