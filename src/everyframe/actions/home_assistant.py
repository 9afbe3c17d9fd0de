"""Home Assistant's MQTT discovery: each camera appears there by itself."""

from __future__ import annotations

import json
import re
import zlib
from collections.abc import Iterable
from typing import Any

from everyframe._version import __version__
from everyframe.actions.messages import MessageKind
from everyframe.actions.topics import OFFLINE, ONLINE, Topics

_ALERT = """{{ {"event_type": "alert", "reason": value_json.text, "id": value_json.id} | to_json }}"""


def discovery(cameras: Iterable[str], topics: Topics, root: str = "homeassistant") -> list[tuple[str, str]]:
    """Return topic and payload of one configuration for each entity of each camera.

    Entities: an event and a sensor for the last alert, a problem sensor for health, a sensor for the state.
    They are published retained, so that a Home Assistant that starts later finds them.

    Args:
        cameras: Their names.
        topics: Where messages are published.
        root: First level of the topics on which Home Assistant looks for entities.
    """
    found: list[tuple[str, str]] = []
    for camera in cameras:
        for component, name, fields in _entities(camera, topics):
            unique = f"{_identifier(topics.prefix)}_{_identifier(camera)}_{name}"
            told = {
                "unique_id": unique,
                "default_entity_id": f"{component}.{unique}",
                **fields,
                "availability_topic": topics.status,
                "payload_available": ONLINE,
                "payload_not_available": OFFLINE,
                "device": {
                    "identifiers": [f"{_identifier(topics.prefix)}_{_identifier(camera)}"],
                    "name": camera,
                    "manufacturer": "Everyframe",
                    "model": "Camera",
                    "sw_version": __version__,
                },
                "origin": {"name": "Everyframe", "sw_version": __version__},
            }
            found.append((f"{root}/{component}/{unique}/config", json.dumps(told, ensure_ascii=False)))
    return found


def _entities(camera: str, topics: Topics) -> list[tuple[str, str, dict[str, Any]]]:
    """Return component, name and own fields of each entity of a camera."""
    alert = topics.of(camera, MessageKind.ALERT)
    health = topics.of(camera, MessageKind.HEALTH)
    state = topics.of(camera, MessageKind.STATE)
    return [
        (
            "event",
            "alert",
            {
                "name": "Alert",
                "state_topic": alert,
                "event_types": ["alert"],
                "value_template": _ALERT,
                "icon": "mdi:alert-outline",
            },
        ),
        (
            "sensor",
            "last_alert",
            {
                "name": "Last alert",
                "state_topic": alert,
                # A state of Home Assistant has 255 characters at most.
                "value_template": "{{ value_json.text[:250] }}",
                "json_attributes_topic": alert,
                "json_attributes_template": "{{ value_json.data | to_json }}",
            },
        ),
        (
            "binary_sensor",
            "problem",
            {
                "name": "Problem",
                "state_topic": health,
                "device_class": "problem",
                "value_template": "{{ 'ON' if value_json.data.faults else 'OFF' }}",
                "json_attributes_topic": health,
                "json_attributes_template": "{{ value_json.data | to_json }}",
            },
        ),
        (
            "sensor",
            "state",
            {
                "name": "State",
                "state_topic": state,
                "value_template": "{{ value_json.data.state }}",
                "icon": "mdi:cctv",
            },
        ),
    ]


def _identifier(name: str) -> str:
    """Make an identifier as Home Assistant wants it: letters, digits, ``_`` and ``-``.

    Names that differ only in what is left out still differ, by a number made of the name.
    """
    kept = re.sub(r"[^A-Za-z0-9_-]", "_", name)
    if kept == name:
        return kept
    return f"{kept}_{zlib.crc32(name.encode()):08x}"
