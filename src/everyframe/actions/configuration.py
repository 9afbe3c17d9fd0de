"""The file of destinations, zones and rules, in TOML."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, SecretStr, model_validator

from everyframe.actions.messages import MessageKind
from everyframe.actions.rules import Name, Rule, Seconds
from everyframe.actions.tables import Table, read_table
from everyframe.actions.zones import Zone
from everyframe.errors import SettingError

Kind = Literal["alert", "health", "state"]


class AnyDestination(Table):
    """What all destinations have.

    Attributes:
        hears: Kinds of news that go there.
        cameras: Of which cameras; all where empty.
        digest: Minutes to gather to one message.
        digest_at: Time of the day at which it is sent, instead.
        quiet: Hours without news, such as ``22:00-07:00``.
        zone: Time zone of these, ``None`` for the machine's own.
        timeout: Seconds for one attempt.
    """

    hears: tuple[Kind, ...] = ("alert", "health")
    cameras: tuple[str, ...] = ()
    digest: Annotated[float, Field(gt=0.0, le=1440.0)] | None = None
    digest_at: str | None = None
    quiet: str | None = None
    zone: str | None = None
    timeout: Annotated[float, Field(gt=0.0, le=30.0)] = 10.0

    @property
    def kinds(self) -> frozenset[MessageKind]:
        """The kinds of news as values."""
        return frozenset(MessageKind(kind) for kind in self.hears)

    @model_validator(mode="after")
    def _one_digest(self) -> AnyDestination:
        if self.digest is not None and self.digest_at is not None:
            raise ValueError("write digest or digest_at, not both")
        return self


class WebhookTable(AnyDestination):
    """A webhook.

    Attributes:
        url: Where to post.
        secret: What bodies are signed with.
        allow: Private addresses and networks that may be reached.
        headers: Sent along.
    """

    kind: Literal["webhook"]
    url: SecretStr
    secret: SecretStr | None = None
    allow: tuple[str, ...] = ()
    headers: dict[str, SecretStr] = Field(default_factory=dict)


class AppriseTable(AnyDestination):
    """People, over the services that Apprise knows.

    Attributes:
        urls: Apprise's.
    """

    kind: Literal["apprise"]
    urls: tuple[SecretStr, ...] = Field(min_length=1)


class MqttTable(AnyDestination):
    """An MQTT broker.

    Attributes:
        host: Name or address.
        port: 1883 usually, 8883 with TLS.
        username: Where it wants one.
        password: Likewise.
        tls: Whether the connection is encrypted.
        authority: File with the certificate that signed the broker's.
        keepalive: Seconds of silence after which the broker takes us for gone.
        prefix: First level of the topics.
        identifier: What the broker knows the connection by.
        home_assistant: First level of Home Assistant's discovery topics; empty for no discovery.
    """

    kind: Literal["mqtt"]
    hears: tuple[Kind, ...] = ("alert", "health", "state")
    host: str
    port: int = Field(1883, ge=1, le=65_535)
    username: str | None = None
    password: SecretStr | None = None
    tls: bool = False
    authority: str | None = None
    keepalive: int = Field(15, ge=1, le=3600)
    prefix: str = "everyframe"
    identifier: str = ""
    home_assistant: str = "homeassistant"


DestinationTable = WebhookTable | AppriseTable | MqttTable
_KINDS: dict[str, type[WebhookTable] | type[AppriseTable] | type[MqttTable]] = {
    "webhook": WebhookTable,
    "apprise": AppriseTable,
    "mqtt": MqttTable,
}


class Configuration(Table):
    """All of the file.

    Attributes:
        destinations: By name.
        zones: By camera.
        rules: In order.
        age: Seconds after which a message that could not be delivered is given up.
        attempts: How often it is tried at most.
    """

    destinations: dict[Name, DestinationTable] = Field(default_factory=dict)
    zones: dict[str, tuple[Zone, ...]] = Field(default_factory=dict)
    rules: tuple[Rule, ...] = ()
    age: Annotated[Seconds, Field(gt=0.0)] = 86_400.0
    attempts: int = Field(100, ge=1)


def read_file(path: Path | str) -> Configuration:
    """Read a file.

    Raises:
        SettingError: It cannot be read, or something in it is wrong.
    """
    try:
        text = Path(path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        raise SettingError(f"{path} cannot be read; write a file of destinations and rules there.") from None
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise SettingError(f"{path} is no TOML: {error}.") from None
    return read_values(values)


def read_values(values: Mapping[str, Any], environ: Mapping[str, str] | None = None) -> Configuration:
    """Read tables: ``destination.<name>``, ``[[zone]]`` with their ``camera``, ``[[rule]]``, ``outbox``.

    Args:
        values: As TOML gives them.
        environ: Where ``env:NAME`` is looked up, so that a secret need not be in the file.

    Raises:
        SettingError: Something in them is wrong.
    """
    values = _looked_up(values, os.environ if environ is None else environ)
    unknown = set(values) - {"destination", "zone", "rule", "outbox"}
    if unknown:
        raise SettingError(f"There is no table {min(unknown)}; there are destination, zone, rule, outbox.")
    destinations = {name: _destination(name, table) for name, table in _tables(values, "destination").items()}
    zones: dict[str, tuple[Zone, ...]] = {}
    for number, table in enumerate(_list(values, "zone"), 1):
        camera = str(table.pop("camera", ""))
        called = f"zone {table.get('name', number)}"
        if not camera:
            raise SettingError(f"In {called}: camera: write which camera it is of.")
        zones[camera] = (*zones.get(camera, ()), read_table(Zone, table, called))
    rules = tuple(
        read_table(Rule, table, f"rule {table.get('name', number)}")
        for number, table in enumerate(_list(values, "rule"), 1)
    )
    limits = _tables(values, "outbox")
    if set(limits) - {"age", "attempts"}:
        raise SettingError("In outbox: there are age and attempts only.")
    parts = {"destinations": destinations, "zones": zones, "rules": rules, **limits}
    return _checked(read_table(Configuration, parts, "the file"))


def read_rule(table: Mapping[str, Any]) -> Rule:
    """Read one rule.

    Raises:
        SettingError: Something in it is wrong.
    """
    return read_table(Rule, table, f"rule {table.get('name', '')}".strip())


def with_rules(configuration: Configuration, rules: Iterable[Rule]) -> Configuration:
    """Return the same destinations and zones with other rules.

    Raises:
        SettingError: A rule speaks of a destination or zone that there is not, or two have one name.
    """
    return _checked(configuration.model_copy(update={"rules": tuple(rules)}))


def with_zones(configuration: Configuration, zones: Mapping[str, tuple[Zone, ...]]) -> Configuration:
    """Return the same destinations with other zones and without rules, as they may speak of what is gone."""
    return configuration.model_copy(update={"zones": dict(zones), "rules": ()})


def _checked(read: Configuration) -> Configuration:
    """Return a configuration whose parts speak only of what there is.

    Raises:
        SettingError: A rule speaks of a destination or zone that there is not.
    """
    for rule in read.rules:
        for name in sorted(rule.destinations - set(read.destinations)):
            known = ", ".join(sorted(read.destinations)) or "none"
            raise SettingError(f"In rule {rule.name}: there is no destination {name}; there are {known}.")
        if rule.cameras:
            zones = {zone.name for camera in rule.cameras for zone in read.zones.get(camera, ())}
        else:
            zones = {zone.name for each in read.zones.values() for zone in each}
        for condition in rule.when:
            if condition.zone is not None and condition.zone not in zones:
                raise SettingError(f"In rule {rule.name}: there is no zone {condition.zone} of its cameras.")
    names = [rule.name for rule in read.rules]
    for name in names:
        if names.count(name) > 1:
            raise SettingError(f"Two rules are called {name}; give each a name of its own.")
    return read


def _destination(name: str, table: Any) -> DestinationTable:
    called = f"destination {name}"
    kind = _KINDS.get(str(table.get("kind"))) if isinstance(table, Mapping) else None
    if kind is None:
        raise SettingError(f"In {called}: kind: write webhook, apprise or mqtt.")
    return read_table(kind, table, called)


def _tables(values: Mapping[str, Any], name: str) -> dict[str, Any]:
    found = values.get(name, {})
    if not isinstance(found, Mapping):
        raise SettingError(f"{name} is a table; write [{name}.…] above its keys.")
    return dict(found)


def _list(values: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    found = values.get(name, [])
    if not isinstance(found, list) or not all(isinstance(entry, Mapping) for entry in found):
        raise SettingError(f"There may be several of {name}; write [[{name}]] above each.")
    return [dict(entry) for entry in found]


def _looked_up(value: Any, environ: Mapping[str, str]) -> Any:
    """Put the environment's value in place of each ``env:NAME``."""
    if isinstance(value, Mapping):
        return {key: _looked_up(entry, environ) for key, entry in value.items()}
    if isinstance(value, list):
        return [_looked_up(entry, environ) for entry in value]
    if isinstance(value, str) and value.startswith("env:"):
        name = value[4:].strip()
        if name not in environ:
            raise SettingError(f"The environment has no {name}; set it, or write the value in the file.")
        return environ[name]
    return value
