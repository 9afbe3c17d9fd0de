"""What follows from what the cameras see: the house's notifications and rules, fed with what is told."""

from __future__ import annotations

import logging
import threading
from collections import defaultdict
from collections.abc import Callable
from typing import Protocol

from everyframe.actions import Actions, Configuration
from everyframe.errors import EveryframeError
from everyframe.live import CameraState, CameraStatus, Notice
from everyframe.store import Store, browsing
from everyframe.types import Event

_log = logging.getLogger(__name__)

_LOOK = 0.25  # seconds between two looks at what is told
_BLIND = {  # what a picture cannot be acted on for, where its worker cannot say so
    CameraState.LOST: "offline",
    CameraState.ELSEWHERE: "moved",
}
_SPEAKS = {CameraState.WATCHING, CameraState.LEARNING, CameraState.LOST, CameraState.ELSEWHERE}


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

    Raises:
        SettingError: Something in the configuration is wrong.
    """

    def __init__(self, store: Store, configuration: Configuration, told: Told) -> None:
        self.actions = Actions(store, configuration)
        self._store, self._told = store, told
        self._closing = threading.Event()
        self._thread: threading.Thread | None = None
        self._end_listening: Callable[[], None] = lambda: None
        self._lock = threading.Lock()
        self._alerts: dict[str, list[int]] = defaultdict(list)
        self._heard: dict[str, float] = {}  # POSIX seconds of the latest word of each camera
        self._states: dict[str, CameraState] = {}
        self._watched: frozenset[str] = frozenset()

    @property
    def configuration(self) -> Configuration:
        """Destinations, zones and rules."""
        return self.actions.configuration

    def start(self) -> None:
        """Deliver, and let rules decide, from now on."""
        if self._thread is not None:
            return
        self.actions.start()
        self._end_listening = self._told.listen(self._noted)
        self._closing.clear()
        self._thread = threading.Thread(target=self._run, name="reactions", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Ask for the safe states and let go; safe to call twice."""
        if self._thread is not None:
            self._closing.set()
            self._thread.join()
            self._thread = None
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
                name, status.utc, status.measures, self._new_alerts(name), wrong_with(status)
            )

    def _run(self) -> None:
        while not self._closing.wait(_LOOK):
            try:
                self.step()
            except EveryframeError as error:
                _log.warning("%s", error)
            except Exception:
                # Without this thread the rules would take every camera for offline, and nobody knew why.
                _log.exception("The rules stumbled and go on")

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
