"""Cameras: what is watched and how, and adding another."""

from __future__ import annotations

from nicegui import run, ui

from everyframe.errors import EveryframeError
from everyframe.server.cameras import KeptCamera
from everyframe.server.pages.adding import add_form
from everyframe.server.pages.editing import address_of, in_words
from everyframe.server.pages.sight import Sight, empty, page, text
from everyframe.server.pages.wall import describe
from everyframe.server.roles import Role
from everyframe.store import words


def register() -> None:
    """Add the page."""
    page("/cameras", "Cameras", Role.VIEWER, _build)


def _build(sight: Sight) -> None:
    _List(sight)
    if sight.may_change:
        with ui.element("section").classes("form"):
            text("h2", "Add a camera")
            add_form(sight, lambda: ui.navigate.to("/"))


class _List:
    """The cameras, and what can be done with each."""

    def __init__(self, sight: Sight) -> None:
        self._sight = sight
        self._show()
        ui.timer(5.0, self._show.refresh)

    @ui.refreshable_method
    def _show(self) -> None:
        cameras = self._sight.house.cameras.all()
        if not cameras:
            empty("No camera is watched yet.")
        for camera in cameras:
            self._one(camera)

    def _one(self, camera: KeptCamera) -> None:
        spec, status = camera.spec, camera.status
        with ui.element("article").classes("item"):
            with ui.element("div"):
                text("h2", spec.name)
                text("p", spec.source, "soft address")
                text("p", f"{status.state}. {describe(status, spec.learn_for)}".strip())
                facts = [
                    f"{status.width} x {status.height}, {status.fps:.1f} frames/s" if status.width else "",
                    f"{words.duration(status.lag)} behind" if status.width else "",
                    f"{status.dropped:,} dropped" if status.dropped else "",
                    f"started again: {status.restarts}" if status.restarts else "",
                    f"budget {spec.budget}, detector {spec.detector}, motion {spec.motion}",
                    f"watched {in_words(spec.schedule)}" if not spec.schedule.always else "",
                    f"masks: {len(spec.masks)}" if spec.masks else "",
                    f"zones: {', '.join(zone.name for zone in spec.zones)}" if spec.zones else "",
                ]
                text("p", " · ".join(fact for fact in facts if fact), "soft")
            if self._sight.may_change:
                with ui.element("div").classes("tools"):
                    ui.link("Edit", address_of(spec.name)).classes("tool").props(
                        f'aria-label="Edit {spec.name}"'
                    )
                    _tool("Connect again", lambda: self._do("restart", spec.name))
                    _tool("Learn anew", lambda: self._ask("learn anew what is normal for", "anew", spec.name))
                    if camera.fixed:
                        text("small", "kept in the settings file", "soft")
                    else:
                        _tool("Remove", lambda: self._ask("stop watching", "remove", spec.name))

    def _ask(self, what: str, deed: str, name: str) -> None:
        with ui.dialog(value=True) as dialog, ui.card():
            text("p", f"Really {what} {name}? Its events stay.")
            with ui.element("div").classes("tools"):
                _tool("No", dialog.close)

                async def yes() -> None:
                    dialog.close()
                    await self._do(deed, name)

                _tool("Yes", yes)

    async def _do(self, deed: str, name: str) -> None:
        if not self._sight.still(Role.ADMIN):
            return
        cameras = self._sight.house.cameras
        try:
            if deed == "remove":
                await run.io_bound(cameras.remove, name)
            else:
                await run.io_bound(cameras.restart, name, anew=deed == "anew")
        except EveryframeError as error:
            ui.notify(str(error), type="negative")
        self._show.refresh()


def _tool(label: str, act: object) -> None:
    with ui.element("button").classes("tool").on("click", act):  # type: ignore[arg-type]
        text("span", label)
