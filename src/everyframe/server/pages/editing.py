"""Edit a camera: masks and zones drawn on its picture, welcome alerts, and when it is watched."""

from __future__ import annotations

import html
import json
from urllib.parse import quote

from nicegui import run, ui

from everyframe.actions import Timetable, read_timetable
from everyframe.actions.times import DAYS
from everyframe.errors import EveryframeError
from everyframe.server.api.cameras import zone_out
from everyframe.server.cameras import KeptCamera
from everyframe.server.pages.sight import Sight, empty, page, text
from everyframe.server.roles import Role


def register() -> None:
    """Add the page."""
    page("/cameras/edit", "Edit a camera", Role.ADMIN, _build)


def address_of(name: str) -> str:
    """Return where a camera is edited."""
    return f"/cameras/edit?camera={quote(name, safe='')}"


def in_words(schedule: Timetable) -> str:
    """Return when a camera is watched; empty where that is always."""
    return " ".join((*schedule.days, *schedule.hours, *([schedule.zone] if schedule.zone else [])))


def _build(sight: Sight) -> None:
    camera = sight.house.cameras.one(sight.query.get("camera", ""))
    if camera is None:
        empty("There is no camera of that name.", "To the cameras", "/cameras")
        return
    ui.add_head_html('<script defer src="/static/sketch.js"></script>')
    text("h2", camera.spec.name)
    text(
        "p",
        "Within a mask nothing is watched: a waving flag, a neighbour's window, the burnt-in clock. In a zone"
        " speed, occupancy and count are measured, for rules on the page Actions.",
        "soft",
    )
    told = html.escape(json.dumps(_told(sight, camera)))
    ui.html(f'<camera-sketch data-told="{told}"></camera-sketch>', sanitize=False)
    with ui.element("section").classes("form"):
        text("h2", "Alerts and times")
        if camera.fixed:
            when = in_words(camera.spec.schedule) or "always"
            text("p", f"Budget {camera.spec.budget}; watched {when}.")
            text(
                "p",
                "Budget, times and masks of this camera are kept in the settings file; change them there.",
                "soft",
            )
        else:
            _form(sight, camera)


def _told(sight: Sight, camera: KeptCamera) -> dict[str, object]:
    """Return what the drawing begins with, and what it needs to save it over the API."""
    spec, name = camera.spec, camera.spec.name
    return {
        "camera": name,
        "csrf": sight.visitor.csrf,
        "fixed": camera.fixed,
        "size": [camera.status.width, camera.status.height],
        "preview": f"/api/v1/cameras/{quote(name, safe='')}/preview",
        "masks": spec.masks,
        "zones": [zone_out(sight.house, name, zone).model_dump() for zone in sight.house.zones.of(name)],
    }


def _form(sight: Sight, camera: KeptCamera) -> None:
    spec = camera.spec
    budget = ui.input("Alerts you can live with", value=spec.budget).props("outlined maxlength=64")
    text(
        "p",
        "When it is watched. At other times nothing is alerted on or learned; its health is told.",
        "soft",
    )
    with ui.element("div").classes("days").props('role=group aria-label="Days"'):
        days = {day: ui.checkbox(day.title(), value=day in (spec.schedule.days or DAYS)) for day in DAYS}
    hours = ui.input("Hours", value=", ".join(spec.schedule.hours), placeholder="all day")
    hours.props('outlined maxlength=200 hint="such as 07:00-12:00, 22:00-06:00"')
    zone = ui.input("Time zone", value=spec.schedule.zone or "", placeholder="this machine's")
    zone.props('outlined maxlength=64 hint="such as Europe/Berlin"')
    said = text("p", "", "fault").props("role=alert")

    async def save() -> None:
        if not sight.still(Role.ADMIN):
            return
        chosen = [day for day, box in days.items() if box.value]
        if not chosen:
            said.set_content("Choose a day at least; to watch it no more, remove the camera.")
            return
        stretches = [part.strip() for part in str(hours.value or "").split(",") if part.strip()]
        table = {"days": [] if len(chosen) == len(DAYS) else chosen, "hours": stretches}
        try:
            schedule = read_timetable({**table, "zone": str(zone.value or "").strip() or None})
            await run.io_bound(
                sight.house.cameras.change, spec.name, budget=str(budget.value or ""), schedule=schedule
            )
        except EveryframeError as error:
            said.set_content(html.escape(str(error)))
            return
        said.set_content("")
        ui.notify("Saved.", type="positive")

    with ui.element("button").classes("button").on("click", save):
        text("span", "Save these")
