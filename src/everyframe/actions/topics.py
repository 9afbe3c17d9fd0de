"""The MQTT topics: which there are, and what lies on them."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

from everyframe.actions.messages import Message, MessageKind
from everyframe.errors import SettingError

ONLINE, OFFLINE = "online", "offline"
_RETAINED = frozenset({MessageKind.HEALTH, MessageKind.STATE})


@dataclass(frozen=True, slots=True)
class Topics:
    """Names of topics below a prefix."""

    prefix: str = "everyframe"

    def __post_init__(self) -> None:
        check_topic(self.prefix)

    @property
    def status(self) -> str:
        """``online`` or ``offline``, retained; the broker says ``offline`` when Everyframe is gone."""
        return f"{self.prefix}/status"

    @property
    def acknowledge(self) -> str:
        """Receivers say here, with the id of a request, that they did what it asked."""
        return f"{self.prefix}/ack"

    def of(self, camera: str | None, kind: MessageKind) -> str:
        """Return the topic of a camera's messages of one kind, such as its ``alert``."""
        return f"{self.prefix}/{level(camera)}/{kind.value}" if camera else f"{self.prefix}/{kind.value}"


def level(name: str) -> str:
    """Make one level of a topic of a camera's name: what has a meaning in topics becomes ``_``."""
    return re.sub(r"[/+#\s\x00-\x1f\x7f]", "_", name).lstrip("$") or "_"


def check_topic(topic: str) -> str:
    """Return a topic that can be published to.

    Raises:
        SettingError: It is empty, too long, or has wildcards in it.
    """
    if not topic or len(topic.encode()) > 65_535 or re.search(r"[+#\x00]", topic) or topic.startswith("$"):
        raise SettingError(f"{topic or 'An empty name'} is no topic to publish to; leave out +, # and $.")
    return topic


def retained(message: Message) -> bool:
    """Say whether the broker keeps a message for who subscribes later."""
    return message.retain or (message.topic is None and message.kind in _RETAINED)


def payload_of(message: Message) -> bytes:
    """Return what is published: what the message says exactly, or the usual form."""
    if message.payload is not None:
        return message.payload.encode()
    return json.dumps(message.told(), ensure_ascii=False, allow_nan=False).encode()


def read_acknowledgement(payload: bytes | bytearray) -> str | None:
    """Return the id in what came on ``ack``, plain or as JSON ``{"id": …}``; ``None`` if there is none."""
    try:
        text = payload.decode().strip()
    except UnicodeDecodeError:
        return None
    if text.startswith("{"):
        try:
            told = json.loads(text)
        except ValueError:
            return None
        text = str(told.get("id", "")) if isinstance(told, dict) else ""
    return text if re.fullmatch(r"[0-9a-fA-F-]{8,36}", text) else None
