"""Normal: what was learned of each camera, as a picture."""

from __future__ import annotations

from urllib.parse import quote

from nicegui import ui

from everyframe.server.normal import baseline_of
from everyframe.server.pages.sight import Sight, empty, page, text
from everyframe.server.pages.wall import describe
from everyframe.server.roles import Role


def register() -> None:
    """Add the page."""
    page("/normal", "What is normal", Role.VIEWER, _build)


def _build(sight: Sight) -> None:
    cameras = sight.house.cameras.all()
    if not cameras:
        empty("No camera is watched yet, so nothing has been learned.", "To the wall", "/")
    for camera in cameras:
        name = camera.spec.name
        with ui.element("section").classes("learned"):
            text("h2", name)
            place = baseline_of(sight.house, name)
            if place is None:
                why = describe(camera.status, camera.spec.learn_for) or camera.status.state
                text("p", f"Not known yet: {why}", "soft")
                continue
            at = f"/api/v1/cameras/{quote(name, safe='')}/normal?at={place.stat().st_mtime_ns}"
            with ui.element("a").props(f'href="{at}" target="_blank"'):
                ui.element("img").props(
                    f'src="{at}" loading="lazy" alt="What is normal here: flow, presence and speed"'
                )
