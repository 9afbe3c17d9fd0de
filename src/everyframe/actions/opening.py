"""All of it put together: outbox, destinations, courier, news and rules of one store."""

from __future__ import annotations

import logging
import threading
import time as clock
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any

from everyframe.actions.automation import Automation, last_will
from everyframe.actions.configuration import (
    AnyDestination,
    AppriseTable,
    Configuration,
    DestinationTable,
    MqttTable,
    WebhookTable,
    read_file,
    with_rules,
    with_zones,
)
from everyframe.actions.courier import Courier, Patience
from everyframe.actions.dead_man import DeadMan
from everyframe.actions.destinations import Carrier, Destination, Hearer
from everyframe.actions.home_assistant import discovery
from everyframe.actions.mqtt import Broker, Mqtt
from everyframe.actions.news import News
from everyframe.actions.notify import Notifier
from everyframe.actions.outbox import Outbox
from everyframe.actions.rules import Mode, Rule
from everyframe.actions.times import Digest, Hours, QuietHours, read_time, read_zone
from everyframe.actions.topics import Topics, payload_of
from everyframe.actions.webhook import Webhook
from everyframe.actions.zones import Zone
from everyframe.errors import EveryframeError
from everyframe.store import Store

_log = logging.getLogger(__name__)
_TICK = 1.0  # seconds
_GOODBYE = 5.0  # seconds for the last messages


class Actions:
    """Notifications and rules of one store, at work between ``start`` and ``close``; a context manager.

    Args:
        store: Where messages and decisions are kept.
        configuration: Destinations, zones and rules, or the file that says them.
        cameras: The names of the cameras that are watched, for Home Assistant and last wills.

    Attributes:
        outbox: Every message, also those given up.
        news: Tells of alerts, health and states.
        automation: Lets rules decide.

    Raises:
        SettingError: If something in the configuration is wrong.
    """

    def __init__(
        self, store: Store, configuration: Configuration | Path | str, cameras: Collection[str] = ()
    ) -> None:
        if not isinstance(configuration, Configuration):
            configuration = read_file(configuration)
        self.configuration = configuration
        self._cameras = tuple(cameras)
        self._brokers: list[Mqtt] = []
        self._dead_men: list[DeadMan] = []
        self._armed: set[tuple[str, str]] = set()  # rule and camera
        self._ticker: threading.Thread | None = None
        self._closing = threading.Event()
        self.outbox = Outbox(store)
        destinations = [self._open(name, table) for name, table in configuration.destinations.items()]
        self.courier = Courier(
            self.outbox,
            destinations,
            patience=Patience(attempts=configuration.attempts, age=configuration.age),
            acknowledged=self._acknowledged,
        )
        self.news = News(self.outbox, destinations, wake=self.courier.wake)
        self.automation = Automation(store, self.outbox, configuration.rules, wake=self.courier.wake)

    def __enter__(self) -> Actions:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def start(self) -> None:
        """Connect, and deliver and watch the clock from now on."""
        if self._ticker is not None:
            return
        for broker in self._brokers:
            broker.start()
        self._arm()
        self.courier.start()
        self._closing.clear()
        self._ticker = threading.Thread(target=self._tick, name="rules", daemon=True)
        self._ticker.start()

    def watch_over(self, cameras: Collection[str]) -> None:
        """Take which cameras are watched now: who came new is announced, and gets its last wills."""
        self._cameras = tuple(cameras)
        if self._ticker is not None:
            for broker in self._brokers:
                broker.announce()
            self._arm()

    def send_digest(self, destination: str) -> int:
        """Have the news sent now that waits for a digest, or for quiet hours to end; return how many.

        Raises:
            StorageError: If it cannot be written.
        """
        sent = self.outbox.send_gathered(destination, clock.time())
        self.courier.wake()
        return sent

    def take_rules(self, rules: Iterable[Rule], zones: Mapping[str, tuple[Zone, ...]] | None = None) -> None:
        """Decide by other rules from now on.

        Args:
            rules: All of them.
            zones: Those that the rules may speak of, by camera; by default those known so far.

        Raises:
            SettingError: A rule speaks of what there is not, or two have one name; the old ones stay.
        """
        known = self.configuration if zones is None else with_zones(self.configuration, zones)
        configuration = with_rules(known, rules)
        self.automation.take(configuration.rules)
        self.configuration = configuration
        if self._ticker is not None:
            # In good order: nothing has happened for which a broker should ask for a safe state.
            for dead_man in self._dead_men:
                dead_man.close(asked=True)
            self._dead_men.clear()
            self._armed.clear()
            self._arm()

    def close(self) -> None:
        """Ask for the safe states, deliver what can be delivered now, and let go; safe to call twice."""
        if self._ticker is not None:
            self._closing.set()
            self._ticker.join()
            self._ticker = None
            asked = False
            try:
                self.automation.stop()
                asked = self.courier.drain(_GOODBYE)
            except EveryframeError as error:
                _log.warning("%s", error)
            # Last: the wills hold until the safe states were asked for, and come true if they were not.
            for dead_man in self._dead_men:
                dead_man.close(asked=asked)
            self._dead_men.clear()
            self._armed.clear()
        self.courier.close()

    def _arm(self) -> None:
        """Leave a last will with the broker for each safe state that is asked for over MQTT."""
        for rule in self.configuration.rules:
            if rule.safe is None or rule.mode is Mode.DRY_RUN:
                continue
            table = self.configuration.destinations[rule.safe.destination]
            if not isinstance(table, MqttTable):
                continue
            for camera in rule.cameras or self._cameras:
                if (rule.name, camera) in self._armed:
                    continue
                self._armed.add((rule.name, camera))
                will = last_will(rule, camera, clock.time())
                topic = will.topic or Topics(table.prefix).of(camera, will.kind)
                payload = payload_of(will).decode()
                returned = partial(self.automation.asked_by_broker, rule.name, camera)
                self._dead_men.append(
                    DeadMan(_broker(table), topic, payload, retain=will.retain, returned=returned)
                )

    def _tick(self) -> None:
        while not self._closing.wait(_TICK):
            try:
                self.automation.tick()
            except EveryframeError as error:
                _log.warning("%s", error)
            except Exception:
                # Without this thread nobody would notice that a camera fell silent.
                _log.exception("The clock of the rules stumbled and goes on")

    def _acknowledged(self, uid: str, utc: float) -> None:
        self.automation.acknowledge(uid, utc)

    def _open(self, name: str, table: DestinationTable) -> Destination:
        return Destination(**_heard(name, table), carrier=self._carrier(table))

    def _carrier(self, table: DestinationTable) -> Carrier:
        if isinstance(table, WebhookTable):
            return Webhook(
                table.url.get_secret_value(),
                secret=None if table.secret is None else table.secret.get_secret_value(),
                allow=table.allow,
                headers={name: value.get_secret_value() for name, value in table.headers.items()},
                timeout=table.timeout,
            )
        if isinstance(table, AppriseTable):
            return Notifier([url.get_secret_value() for url in table.urls], read_zone(table.zone))
        topics = Topics(table.prefix)
        root = table.home_assistant

        def announcements() -> Sequence[tuple[str, str]]:
            return discovery(self._cameras, topics, root) if root else ()

        broker = Mqtt(
            _broker(table),
            prefix=table.prefix,
            identifier=table.identifier,
            announcements=announcements,
            acknowledged=self._acknowledged,
            timeout=table.timeout,
        )
        self._brokers.append(broker)
        return broker


def hearers(configuration: Configuration) -> tuple[Hearer, ...]:
    """Return who wants to hear what, without what brings it there: for whoever only writes messages down.

    Raises:
        SettingError: If something in the configuration is wrong.
    """
    return tuple(Hearer(**_heard(name, table)) for name, table in configuration.destinations.items())


def _heard(name: str, table: DestinationTable) -> dict[str, Any]:
    quiet = None if table.quiet is None else QuietHours(Hours.parse(table.quiet), read_zone(table.zone))
    return {
        "name": name,
        "kinds": table.kinds,
        "cameras": table.cameras,
        "digest": _digest(table),
        "quiet": quiet,
        "latest_only": isinstance(table, MqttTable),
    }


def _broker(table: MqttTable) -> Broker:
    return Broker(
        host=table.host,
        port=table.port,
        username=table.username,
        password=None if table.password is None else table.password.get_secret_value(),
        tls=table.tls,
        authority=table.authority,
        keepalive=table.keepalive,
    )


def _digest(table: AnyDestination) -> Digest | None:
    if table.digest is not None:
        return Digest(every=table.digest * 60.0)
    if table.digest_at is not None:
        return Digest(at=read_time(table.digest_at), zone=read_zone(table.zone))
    return None
