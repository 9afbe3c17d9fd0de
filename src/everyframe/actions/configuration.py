"""The file of destinations, zones and rules, in TOML."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

from pydantic import Field, SecretStr, model_validator

from everyframe.actions.messages import MessageKind
from everyframe.actions.rules import Name, Rule, Seconds
from everyframe.actions.tables import Table, read_table
from everyframe.actions.zones import Zone
from everyframe.errors import SettingError

T = TypeVar("T")
Kind = Literal["alert", "health", "state"]
_TABLES = ("destination", "zone", "rule", "outbox")


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
        SettingError: Something in them is wrong; the message names everything that is.
    """
    faults: list[str] = []
    values = _looked_up(values, os.environ if environ is None else environ, faults)
    for name in sorted(set(values) - set(_TABLES)):
        near = get_close_matches(name, _TABLES, n=1, cutoff=0.6)
        hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(_TABLES)}."
        faults.append(f"There is no table {name}; {hint}")
    named = _tables(values, "destination", faults)
    destinations = {name: _told(faults, _destination, name, table) for name, table in named.items()}
    zones: dict[str, tuple[Zone, ...]] = {}
    half_read = False
    for number, table in enumerate(_list(values, "zone", faults), 1):
        camera = str(table.pop("camera", ""))
        called = f"zone {table.get('name', number)}"
        if not camera:
            faults.append(f"In {called}: camera: write which camera it is of.")
        zone = _told(faults, read_table, Zone, table, called)
        half_read = half_read or zone is None or not camera
        if zone is not None and camera:
            zones[camera] = (*zones.get(camera, ()), zone)
    told = [
        _told(faults, read_table, Rule, table, f"rule {table.get('name', number)}")
        for number, table in enumerate(_list(values, "rule", faults), 1)
    ]
    rules = tuple(rule for rule in told if rule is not None)
    limits = _tables(values, "outbox", faults)
    if set(limits) - {"age", "attempts"}:
        faults.append("In outbox: there are age and attempts only.")
        limits = {name: limit for name, limit in limits.items() if name in {"age", "attempts"}}
    # What is there but wrong is a fault of its own, not one of each rule that speaks of it.
    faults += _loose_ends(rules, named, None if half_read else zones)
    usable = {name: each for name, each in destinations.items() if each is not None}
    parts = {"destinations": usable, "zones": zones, "rules": rules, **limits}
    read: Configuration | None = _told(faults, read_table, Configuration, parts, "the file")
    if faults or read is None:
        raise SettingError(" ".join(faults))
    return read


def _told(faults: list[str], read: Callable[..., T], *arguments: Any) -> T | None:
    """Read something; where that cannot be, add why to ``faults``."""
    try:
        return read(*arguments)
    except SettingError as error:
        faults.append(str(error))
        return None


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
    faults = _loose_ends(read.rules, read.destinations, read.zones)
    if faults:
        raise SettingError(" ".join(faults))
    return read


def _loose_ends(
    rules: Sequence[Rule], destinations: Collection[str], zones: Mapping[str, tuple[Zone, ...]] | None
) -> list[str]:
    """Return what rules speak of and there is not; ``None`` for zones that are not all known."""
    faults = []
    for rule in rules:
        for name in sorted(rule.destinations - set(destinations)):
            known = ", ".join(sorted(destinations)) or "none"
            faults.append(f"In rule {rule.name}: there is no destination {name}; there are {known}.")
        if zones is None:
            continue
        cameras = rule.cameras or tuple(zones)
        there = {zone.name for camera in cameras for zone in zones.get(camera, ())}
        for condition in rule.when:
            if condition.zone is not None and condition.zone not in there:
                known = ", ".join(sorted(there)) or "none"
                missing = f"there is no zone {condition.zone} of its cameras"
                faults.append(f"In rule {rule.name}: {missing}; there are {known}.")
    names = [rule.name for rule in rules]
    doubled = sorted({name for name in names if names.count(name) > 1})
    return faults + [f"Two rules are called {name}; give each a name of its own." for name in doubled]


def _destination(name: str, table: Any) -> DestinationTable:
    called = f"destination {name}"
    kind = _KINDS.get(str(table.get("kind"))) if isinstance(table, Mapping) else None
    if kind is None:
        raise SettingError(f"In {called}: kind: write webhook, apprise or mqtt.")
    return read_table(kind, table, called)


def _tables(values: Mapping[str, Any], name: str, faults: list[str]) -> dict[str, Any]:
    found = values.get(name, {})
    if not isinstance(found, Mapping):
        faults.append(f"{name} is a table; write [{name}.…] above its keys.")
        return {}
    return dict(found)


def _list(values: Mapping[str, Any], name: str, faults: list[str]) -> list[dict[str, Any]]:
    found = values.get(name, [])
    if not isinstance(found, list) or not all(isinstance(entry, Mapping) for entry in found):
        faults.append(f"There may be several of {name}; write [[{name}]] above each.")
        return []
    return [dict(entry) for entry in found]


def _looked_up(value: Any, environ: Mapping[str, str], faults: list[str]) -> Any:
    """Put the environment's value in place of each ``env:NAME``."""
    if isinstance(value, Mapping):
        return {key: _looked_up(entry, environ, faults) for key, entry in value.items()}
    if isinstance(value, list):
        return [_looked_up(entry, environ, faults) for entry in value]
    if isinstance(value, str) and value.startswith("env:"):
        name = value[4:].strip()
        if name not in environ:
            faults.append(f"The environment has no {name}; set it, or write the value in the file.")
        return environ.get(name, value)
    return value
