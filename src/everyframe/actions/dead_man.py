"""A dead man's switch: the broker asks for a rule's safe state when Everyframe is gone."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import Any

import paho.mqtt.client as paho

from everyframe.actions.mqtt import Broker
from everyframe.actions.topics import check_topic

_log = logging.getLogger(__name__)


class DeadMan:
    """Keeps a connection whose last will is a safe state.

    A connection has one last will, so that each rule with a safe state has a connection of its own. It is
    published by the broker when the process is killed, the machine loses power, or the network does not
    bring anything for one and a half times the keep-alive.

    Args:
        broker: Where.
        topic: Where the safe state is asked for.
        payload: What asks for it.
        retain: Whether the broker keeps it.
        returned: Called when the connection is back after it was lost: the broker has asked for the safe
            state meanwhile.

    Raises:
        SettingError: If the topic is none.
    """

    def __init__(
        self,
        broker: Broker,
        topic: str,
        payload: str,
        *,
        retain: bool = False,
        returned: Callable[[], None] = lambda: None,
    ) -> None:
        self._client = broker.client("")
        self._client.will_set(check_topic(topic), payload, qos=1, retain=retain)
        self._client.on_connect = self._on_connect
        self._client.on_disconnect = self._on_disconnect
        self._returned = returned
        self._armed = threading.Event()
        self._before = False
        self._closed = False
        broker.connect(self._client)

    def armed(self, timeout: float = 0.0) -> bool:
        """Say whether the broker knows the will now, waiting ``timeout`` seconds for it at most."""
        return self._armed.wait(timeout)

    def close(self, *, asked: bool) -> None:
        """Leave; safe to call twice.

        Args:
            asked: Whether the safe state was asked for already. If not, the connection is broken off, so that
                the broker does it.
        """
        if self._closed:
            return
        self._closed = True
        if asked:
            self._client.disconnect()
            self._client.loop_stop()
            return
        self._client.loop_stop()
        socket = self._client.socket()
        if socket is not None:
            socket.close()

    def _on_connect(
        self, _client: paho.Client, _userdata: Any, _flags: Any, reason: Any, _properties: Any
    ) -> None:
        if reason.is_failure:
            _log.warning("No safe state can be left with the MQTT broker: %s", reason)
            return
        self._armed.set()
        if self._before:
            try:
                self._returned()
            except Exception:
                # paho ends its thread on an exception, and with it the switch.
                _log.exception("It could not be kept that the broker asked for a safe state")
        self._before = True

    def _on_disconnect(self, *_: Any) -> None:
        self._armed.clear()
