"""What follows from what the cameras see: the house's notifications and rules, fed with what is told."""

from __future__ import annotations

import logging
import threading
from collections import defaultdict
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from everyframe.actions import Actions, Configuration, Rule, read_rule, with_rules, with_zones
from everyframe.errors import SettingError
from everyframe.live import CameraState, CameraStatus, Notice
from everyframe.server.rulebook import Rulebook
from everyframe.server.ticking import Ticker
from everyframe.server.zones import Zones
from everyframe.store import Store, browsing
from everyframe.types import Event

_log = logging.getLogger(__name__)

_LOOK = 0.25  # seconds between two looks at what is told
_BLIND = {  # what a picture cannot be acted on for, where its worker cannot say so
    CameraState.LOST: "offline",
    CameraState.ELSEWHERE: "moved",
}
_SPEAKS = {
    CameraState.WATCHING,
    CameraState.LEARNING,
    CameraState.RESTING,
    CameraState.LOST,
    CameraState.ELSEWHERE,
}


class Told(Protocol):
    """Whoever tells how cameras are; ``everyframe.live.Supervisor`` does."""

    def statuses(self) -> dict[str, CameraStatus]:
        """Say how each camera is."""
        ...

    def listen(self, callback: Callable[[Notice], None]) -> Callable[[], None]:
        """Have somebody told what happens; return what ends that."""
        ...


class Reactions:
    """Feeds rules and notifications while the server runs.

    Alerts and faults are written into the outbox where they are kept, by the workers, in the same
    transaction; here the courier is only woken. What Everyframe does with a camera is told from here, and
    rules take one step for each word that a worker says.

    Args:
        store: Where everything is kept.
        configuration: Destinations, zones and rules.
        told: Whoever tells.
        zones: Those that rules may speak of: of the settings file, and drawn on the page.

    Raises:
        SettingError: Something in the configuration is wrong.
    """

    def __init__(self, store: Store, configuration: Configuration, told: Told, zones: Zones) -> None:
        self._fixed = configuration.rules
        self._rulebook = Rulebook(store)
        self._zones = zones
        self._changing = threading.Lock()
        self.broken: dict[str, str] = {}
        """Rules made here that cannot be used now, and why: a destination may have left the settings file."""
        zoned = with_zones(configuration, zones.all())
        self.actions = Actions(store, with_rules(zoned, self._usable(zoned)))
        self._store, self._told = store, told
        self._ticker = Ticker("reactions", self.step, _LOOK)
        self._end_listening: Callable[[], None] = lambda: None
        self._lock = threading.Lock()
        self._alerts: dict[str, list[int]] = defaultdict(list)
        self._heard: dict[str, float] = {}  # POSIX seconds of the latest word of each camera
        self._states: dict[str, CameraState] = {}
        self._watched: frozenset[str] = frozenset()
        zones.heed(self._rezoned)
        zones.ask(self._rules_over)

    @property
    def configuration(self) -> Configuration:
        """Destinations, zones and rules."""
        return self.actions.configuration

    def is_fixed(self, name: str) -> bool:
        """Say whether a rule stands in the settings file, where alone it can be changed."""
        return any(rule.name == name for rule in self._fixed)

    def put_rule(self, name: str, told: Mapping[str, Any], by: str) -> Rule:
        """Make or change a rule; see ``Rulebook.put``.

        Raises:
            SettingError: It is no rule, speaks of what there is not, or stands in the settings file.
        """
        with self._changing:
            self._refuse_fixed(name)
            rule = read_rule({**told, "name": name})
            others = [each for each in self.configuration.rules if each.name != name]
            with_rules(self.configuration, [*others, rule])
            self._rulebook.put(name, told, by)
            self._take()
        return rule

    def remove_rule(self, name: str) -> None:
        """Forget a rule; what it decided stays.

        Raises:
            SettingError: There is none of that name, or it stands in the settings file.
        """
        with self._changing:
            self._refuse_fixed(name)
            self._rulebook.remove(name)
            self._take()

    def _refuse_fixed(self, name: str) -> None:
        if self.is_fixed(name):
            raise SettingError(f"The rule {name} stands in the settings file; change it there.")

    def _take(self) -> None:
        zones = self._zones.all()
        self.actions.take_rules(self._usable(with_zones(self.configuration, zones)), zones)

    def _rezoned(self, camera: str) -> None:  # noqa: ARG002 - rules may be over any
        with self._changing:
            self._take()

    def _rules_over(self, camera: str, zone: str) -> list[str]:
        """Return the names of the rules that speak of a zone of a camera."""
        return [
            rule.name
            for rule in self.configuration.rules
            if rule.over(camera) and any(condition.zone == zone for condition in rule.when)
        ]

    def _usable(self, configuration: Configuration) -> list[Rule]:
        """Return the rules of the file and those made here, as far as they still fit the rest."""
        found = list(self._fixed)
        self.broken = {}
        for name, told in self._rulebook.all().items():
            try:
                rule = read_rule({**told, "name": name})
                with_rules(configuration, [*found, rule])
                found.append(rule)
            except SettingError as error:
                self.broken[name] = str(error)
                _log.warning("A rule made on the page is not used: %s", error)
        return found

    def start(self) -> None:
        """Deliver, and let rules decide, from now on."""
        if not self._ticker.runs:
            self.actions.start()
            self._end_listening = self._told.listen(self._noted)
            self._ticker.start()

    def close(self) -> None:
        """Ask for the safe states and let go; safe to call twice."""
        if self._ticker.runs:
            self._ticker.close()
            self._end_listening()
            self.actions.close()

    def step(self) -> None:
        """Let the rules take what was told since the last step.

        Raises:
            EveryframeError: What they decided cannot be kept now; it is kept with the next step.
        """
        statuses = self._told.statuses()
        if self._watched != statuses.keys():
            self._watched = frozenset(statuses)
            self.actions.watch_over(sorted(self._watched))
        for name, status in statuses.items():
            self._tell_state(status)
            if status.state not in _SPEAKS or status.utc <= self._heard.get(name, 0.0):
                continue  # the rules notice by themselves who says nothing for long
            self._heard[name] = status.utc
            self.actions.automation.step(
                name,
                status.utc,
                status.measures,
                self._new_alerts(name),
                wrong_with(status),
                status.doubts,
            )

    def _tell_state(self, status: CameraStatus) -> None:
        if self._states.get(status.name) is not status.state:
            self._states[status.name] = status.state
            self.actions.news.state(status.name, status.state.value, {"text": status.message})

    def _noted(self, notice: Notice) -> None:
        if notice.kind == "alert" and notice.event_id is not None:
            with self._lock:
                self._alerts[notice.camera].append(notice.event_id)
        self.actions.courier.wake()

    def _new_alerts(self, camera: str) -> list[Event]:
        with self._lock:
            numbers = self._alerts.pop(camera, [])
        found = (browsing.one(self._store, number) for number in numbers)
        return [stored.event for stored in found if stored is not None]


def wrong_with(status: CameraStatus) -> frozenset[str]:
    """Return the kinds of faults for which a camera's picture may not be acted on."""
    blind = _BLIND.get(status.state)
    return status.health if blind is None else status.health | {blind}
