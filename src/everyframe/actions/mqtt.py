"""Messages over MQTT: published with QoS 1, and delivered when the broker says that it has them."""

from __future__ import annotations

import logging
import ssl
import threading
import time as clock
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion

from everyframe.actions import topics
from everyframe.actions.messages import Message
from everyframe.actions.topics import Topics
from everyframe.errors import DeliveryError, SettingError

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Broker:
    """Where the broker is and how to get in.

    Attributes:
        host: Name or address.
        port: 1883 usually, 8883 with TLS.
        username: Where it wants one.
        password: Likewise.
        tls: Whether the connection is encrypted and the broker's certificate checked.
        authority: File with the certificate that signed the broker's, ``None`` for those of the system.
        keepalive: Seconds of silence after which the broker takes us for gone, and we the broker.
    """

    host: str
    port: int = 1883
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    tls: bool = False
    authority: str | None = None
    keepalive: int = 15

    def client(self, identifier: str) -> paho.Client:
        """Make a client that comes back by itself after the broker was gone.

        Raises:
            SettingError: If the certificate cannot be read.
        """
        client = paho.Client(CallbackAPIVersion.VERSION2, client_id=identifier)
        client.reconnect_delay_set(1, 30)
        if self.username is not None:
            client.username_pw_set(self.username, self.password)
        if self.tls:
            try:
                client.tls_set_context(ssl.create_default_context(cafile=self.authority))
            except (OSError, ssl.SSLError):
                raise SettingError(
                    f"The certificate {self.authority} cannot be read; write a file in PEM form."
                ) from None
        return client

    def connect(self, client: paho.Client) -> None:
        """Connect in the background, now or as soon as the broker is there."""
        client.connect_async(self.host, self.port, self.keepalive)
        client.loop_start()


class Mqtt:
    """Publishes messages to a broker.

    It says ``online`` on the status topic and, as its last will, ``offline``. Both are retained.

    Args:
        broker: Where.
        prefix: First level of the topics.
        identifier: What the broker knows this connection by; no two may have the same.
        announcements: Gives topic and payload of what is published, retained, at each connection.
        acknowledged: Hears the id that a receiver acknowledges and when (POSIX seconds).
        timeout: Seconds to wait for the broker to have a message.
        now: The clock, POSIX seconds.
    """

    def __init__(
        self,
        broker: Broker,
        *,
        prefix: str = "everyframe",
        identifier: str = "",
        announcements: Callable[[], Sequence[tuple[str, str]]] = tuple,
        acknowledged: Callable[[str, float], None] | None = None,
        timeout: float = 10.0,
        now: Callable[[], float] = clock.time,
    ) -> None:
        self._broker = broker
        self._topics = Topics(prefix)
        self._announcements = announcements
        self._acknowledged = acknowledged
        self._timeout = timeout
        self._now = now
        self._connected = threading.Event()
        self._lock = threading.Lock()
        self._started = False
        self._refusal = ""
        self._identifier = identifier
        self._client = self._new_client()

    def __repr__(self) -> str:
        return f"Mqtt({self._broker.host}:{self._broker.port})"

    def _new_client(self) -> paho.Client:
        client = self._broker.client(self._identifier)
        client.will_set(self._topics.status, topics.OFFLINE, qos=1, retain=True)
        client.on_connect = self._on_connect
        client.on_disconnect = self._on_disconnect
        client.on_message = self._on_message
        return client

    def start(self) -> None:
        """Connect in the background; delivering does it too."""
        with self._lock:
            if not self._started:
                self._started = True
                self._broker.connect(self._client)

    def deliver(self, messages: Sequence[Message]) -> Sequence[str]:
        """Publish messages and wait until the broker has them; what they ask for is acknowledged later."""
        self.start()
        end = clock.monotonic() + self._timeout
        if not self._connected.wait(self._timeout):
            why = self._refusal or "it does not answer"
            raise DeliveryError(f"The MQTT broker {self._place} is not there ({why}).")
        for message in messages:
            self._publish(message, end)
        return []

    def announce(self) -> None:
        """Publish the announcements anew, as there are others; without a connection, once there is one."""
        if self._connected.is_set():
            self._publish_announcements(self._client)

    def close(self) -> None:
        """Say that Everyframe is offline and let go of the connection; safe to call twice."""
        with self._lock:
            if not self._started:
                return
            self._started = False
        if self._connected.is_set():
            # A client that leaves in good order has no last will, so that it is said here.
            said = self._client.publish(self._topics.status, topics.OFFLINE, qos=1, retain=True)
            _wait(said, 2.0)
        self._client.disconnect()
        self._client.loop_stop()
        self._connected.clear()

    def _publish(self, message: Message, end: float) -> None:
        """Publish one message and wait for the broker to have it, until ``end`` by the monotonic clock."""
        topic = message.topic or self._topics.of(message.camera, message.kind)
        info = self._client.publish(topic, topics.payload_of(message), qos=1, retain=topics.retained(message))
        if not _wait(info, max(0.0, end - clock.monotonic())):
            self._renew()
            raise DeliveryError(
                f"The MQTT broker {self._place} did not say in {self._timeout:g} s that it has it."
            )

    def _renew(self) -> None:
        """Begin with a new client: the old one would go on sending what the outbox will send or give up."""
        with self._lock:
            if self._started:
                self._client.disconnect()
                self._client.loop_stop()
                self._connected.clear()
                self._client = self._new_client()
                self._broker.connect(self._client)

    @property
    def _place(self) -> str:
        return f"{self._broker.host}:{self._broker.port}"

    def _on_connect(
        self, client: paho.Client, _userdata: Any, _flags: Any, reason: Any, _properties: Any
    ) -> None:
        if reason.is_failure:
            self._refusal = str(reason)
            _log.warning("The MQTT broker %s refuses: %s", self._place, reason)
            return
        self._refusal = ""
        client.publish(self._topics.status, topics.ONLINE, qos=1, retain=True)
        client.subscribe(self._topics.acknowledge, qos=1)
        self._publish_announcements(client)
        self._connected.set()

    def _publish_announcements(self, client: paho.Client) -> None:
        for topic, payload in self._announcements():
            client.publish(topic, payload, qos=1, retain=True)

    def _on_disconnect(self, *_: Any) -> None:
        self._connected.clear()

    def _on_message(self, _client: paho.Client, _userdata: Any, message: paho.MQTTMessage) -> None:
        if self._acknowledged is None or message.retain:
            return  # a retained one is from another day
        uid = topics.read_acknowledgement(message.payload)
        if uid is not None:
            try:
                self._acknowledged(uid, self._now())
            except Exception:
                # paho ends its thread on an exception, and with it the connection.
                _log.exception("An acknowledgement could not be kept")


def _wait(info: paho.MQTTMessageInfo, seconds: float) -> bool:
    """Wait until the broker has a message; return whether it has."""
    try:
        info.wait_for_publish(seconds)
    except (RuntimeError, ValueError):  # not queued, or thrown out of the queue
        return False
    return info.is_published()
