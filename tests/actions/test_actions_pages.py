"""The pages on notifications and rules are held against the code."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from everyframe.actions import (
    QUANTITIES,
    Condition,
    MessageKind,
    Mode,
    Outcome,
    Request,
    Rule,
    Topics,
    Zone,
    read_values,
)
from everyframe.actions.configuration import AppriseTable, MqttTable, WebhookTable
from everyframe.actions.messages import SCHEMA, Message
from everyframe.actions.rules import FAULTS
from everyframe.actions.signing import ID, SIGNATURE, TIMESTAMP
from everyframe.actions.tables import Table

DOCS = Path(__file__).parents[2] / "docs"
NOTIFICATIONS = (DOCS / "notifications.md").read_text()
RULES = (DOCS / "rules.md").read_text()


def rows(text: str, heading: str) -> set[str]:
    """Return the words in the first column of the tables below a heading."""
    section = text.split(f"\n## {heading}\n")[1].split("\n## ")[0]
    cells = [line.split("|")[1] for line in section.splitlines() if line.startswith("| `")]
    return {word for cell in cells for word in re.findall(r"`([^`]+)`", cell)}


def keys(*tables: type[Table]) -> set[str]:
    return {field.alias or name for table in tables for name, field in table.model_fields.items()}


@pytest.mark.parametrize(
    ("heading", "table", "more"),
    [
        ("Zones", Zone, {"camera", *QUANTITIES}),
        ("Conditions", Condition, set()),
        ("Keys of a rule", Rule, set()),
        ("Requests", Request, set()),
    ],
)
def test_every_key_of_rules_is_on_the_page_and_none_that_is_gone(
    heading: str, table: type[Table], more: set[str]
) -> None:
    assert rows(RULES, heading) == keys(table) | more


@pytest.mark.parametrize(
    ("heading", "table"), [("Webhooks", WebhookTable), ("People", AppriseTable), ("MQTT", MqttTable)]
)
def test_every_key_of_a_destination_is_on_the_page(heading: str, table: type[Table]) -> None:
    shown = rows(NOTIFICATIONS, "Keys of every destination") | rows(NOTIFICATIONS, heading)
    assert keys(table) <= shown


def test_every_field_and_kind_of_a_message_is_on_the_page() -> None:
    told = Message("there", MessageKind.TEST, "title", 0.0).told()
    assert rows(NOTIFICATIONS, "What a message says") == {*told, *(kind.value for kind in MessageKind)}
    assert f"`{SCHEMA}`" in NOTIFICATIONS


def test_every_topic_and_header_is_on_the_page() -> None:
    topics = Topics()
    kinds = set(MessageKind) - {MessageKind.TEST}
    names = {topics.of("CAMERA", kind).replace("CAMERA", "<camera>") for kind in kinds}
    names |= {topics.status, topics.acknowledge, topics.of(None, MessageKind.TEST)}
    assert names <= rows(NOTIFICATIONS, "MQTT")
    assert {ID, TIMESTAMP, SIGNATURE} <= rows(NOTIFICATIONS, "Webhooks")


def test_every_outcome_mode_and_fault_is_on_the_page() -> None:
    assert rows(RULES, "Decisions") == {outcome.value for outcome in Outcome}
    for word in (*(mode.value for mode in Mode), *FAULTS):
        assert f"`{word}`" in RULES


@pytest.mark.parametrize("text", [NOTIFICATIONS, RULES], ids=["notifications", "rules"])
def test_the_examples_are_files_that_can_be_read(text: str) -> None:
    for block in re.findall(r"^```toml\n(.*?)^```", text, re.MULTILINE | re.DOTALL):
        read = read_values(tomllib.loads(block), {})
        assert read.destinations
