"""The first start: a camera to begin with."""

from __future__ import annotations

from nicegui import ui

from everyframe.live import CameraSpec
from everyframe.server.pages.adding import add_form, keep
from everyframe.server.pages.sight import Sight, page, text
from everyframe.server.roles import Role

_PARK = CameraSpec("park", "synthetic:park", learn_for=120.0)


def register() -> None:
    """Add the page."""
    page("/start", "Begin", Role.ADMIN, _build)


def _build(sight: Sight) -> None:
    text("p", "Everyframe learns what is normal in front of a camera, and alerts on what is not.", "lead")
    with ui.element("div").classes("choices"):
        with ui.element("section").classes("form"):
            text("h2", "Try the drawn park")
            text(
                "p",
                "People on a path, drawn by this machine: no camera, no network. It learns for two minutes.",
                "soft",
            )
            said = text("p", "", "fault").props("role=alert")

            async def park() -> None:
                if sight.still(Role.ADMIN):
                    await keep(sight, _PARK, said, lambda: ui.navigate.to("/"))

            with ui.element("button").classes("button").on("click", park):
                text("span", "Watch the park")
        with ui.element("section").classes("form"):
            text("h2", "Add your own camera")
            add_form(sight, lambda: ui.navigate.to("/"))
