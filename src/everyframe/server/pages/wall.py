"""Wall: every camera at once, live."""

from __future__ import annotations

import html
import time
from urllib.parse import quote

from nicegui import ui

from everyframe.errors import EveryframeError
from everyframe.live import CameraStatus
from everyframe.server.cameras import KeptCamera
from everyframe.server.pages import strip
from everyframe.server.pages.sight import Sight, empty, page, text
from everyframe.server.roles import Role
from everyframe.store import browsing, words

_SPAN = 600.0  # seconds that the strip shows
_EVERY = 4.0  # seconds between two looks: the store has what is at most five seconds old

_STATES = {
    "connecting": "connecting",
    "learning": "learning what is normal",
    "watching": "watching",
    "resting": "resting: not watched at this time",
    "lost": "lost: it tries again",
    "elsewhere": "another view",
    "failed": "failed: it is started again",
}


def register() -> None:
    """Add the page."""
    page("/", "Wall", Role.VIEWER, _build)


def _build(sight: Sight) -> None:
    cameras = sight.house.cameras.all()
    if not cameras:
        if sight.may_change:
            empty("No camera is watched yet. Try the drawn park, or add your own.", "Begin", "/start")
        else:
            empty("No camera is watched yet. An administrator can add one.")
        return
    with ui.element("div").classes("wall"):
        cards = [_Card(sight, camera) for camera in cameras]

    def refresh() -> None:
        known = {camera.spec.name: camera for camera in sight.house.cameras.all()}
        if set(known) != {card.name for card in cards}:
            ui.navigate.reload()
        elif sight.still(Role.VIEWER):
            for card in cards:
                card.show(known[card.name].status)

    ui.timer(_EVERY, refresh)


class _Card:
    """One camera."""

    def __init__(self, sight: Sight, camera: KeptCamera) -> None:
        self._sight = sight
        self.name = camera.spec.name
        address = quote(self.name, safe="")
        with ui.element("article").classes("camera"):
            with ui.element("a").classes("picture").props(f'href="/timeline?camera={address}"'):
                ui.element("img").props(
                    f'data-live="/api/v1/cameras/{address}/preview" alt="" width="16" height="9"'
                )
                self._waiting = text("span", "no picture yet", "waiting")
            with ui.element("div").classes("line"):
                text("h2", self.name)
                self._state = text("span", "", "state")
            self._strip = ui.html("", sanitize=False).classes("strip")
            self._said = text("p", "", "soft")
        self.show(camera.status)

    def show(self, status: CameraStatus) -> None:
        """Show how it is now."""
        now = time.time()
        try:
            stretch = browsing.stretch(self._sight.house.store, self.name, now - _SPAN, now, 300)
        except EveryframeError as error:
            self._said.set_content(html.escape(str(error)))
            return
        self._strip.set_content(strip.draw(stretch, now - _SPAN, now))
        self._state.set_content(_STATES.get(str(status.state), str(status.state)))
        self._state.props(f"data-state={status.state}")
        text_of = describe(status, self._sight.house.settings.learn_for)
        self._said.set_content(html.escape(text_of))


def describe(status: CameraStatus, learn_for: float) -> str:
    """Say in a sentence how a camera is."""
    if status.message:
        return status.message
    if status.health:
        return "the picture: " + ", ".join(sorted(word.replace("_", " ") for word in status.health))
    if str(status.state) == "learning":
        return f"{words.duration(status.learned)} of {words.duration(learn_for)} of normal footage seen"
    if str(status.state) != "watching":
        return ""
    if status.calibrating > 0:
        return f"calibrating: {words.duration(status.calibrating)} more of normal footage needed"
    if status.p_value is None:
        return "nothing is known yet"
    return words.how_rare(status.p_value)
