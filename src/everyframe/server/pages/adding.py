"""The form that adds a camera: it looks before it keeps, and says what is wrong."""

from __future__ import annotations

import html
import re
from collections.abc import Callable

from nicegui import run, ui

from everyframe.errors import EveryframeError
from everyframe.live import CameraSpec
from everyframe.server.pages.sight import Sight, text
from everyframe.server.roles import Role
from everyframe.server.settings import CAMERA_NAME
from everyframe.store import words


def add_form(sight: Sight, done: Callable[[], None]) -> None:
    """Show the form.

    Args:
        sight: Of the page.
        done: Called when the camera is watched.
    """
    settings = sight.house.settings
    name = ui.input("Name", placeholder="front gate").props("outlined maxlength=64")
    source = ui.input("Address", placeholder="rtsp://user:password@10.0.0.7/stream").props(
        "outlined maxlength=2000 autocapitalize=none spellcheck=false"
    )
    text(
        "p", "An RTSP, HTTP or HLS address, a device such as /dev/video0, a file, or synthetic:park.", "soft"
    )
    budget = ui.input("Alerts you can live with", value=settings.watch.budget).props("outlined maxlength=64")
    learn = ui.number(
        "Seconds of normal footage to learn from first", value=settings.learn_for, min=10, max=604_800
    ).props("outlined")
    said = text("p", "", "fault").props("role=alert")

    async def add() -> None:
        if not sight.still(Role.ADMIN):
            return
        called, address = str(name.value or "").strip(), str(source.value or "").strip()
        if not re.fullmatch(CAMERA_NAME, called):
            said.set_content("Give it a name: letters, digits, spaces, dots and dashes.")
            return
        if not address:
            said.set_content("Say where it is: its address.")
            return
        seconds = float(learn.value or settings.learn_for)
        await keep(sight, CameraSpec(called, address, str(budget.value), learn_for=seconds), said, done)

    with ui.element("button").classes("button").on("click", add):
        text("span", "Look and add")


async def keep(sight: Sight, spec: CameraSpec, said: ui.html, done: Callable[[], None]) -> None:
    """Look at a camera and keep it; say what is wrong where it cannot be.

    Args:
        sight: Of the page.
        spec: The camera.
        said: Where to say it.
        done: Called when it is watched.
    """
    said.set_content(f"Looking at it, for {words.duration(sight.house.settings.watch.timeout)} at most …")
    try:
        await run.io_bound(sight.house.cameras.add, spec)
    except EveryframeError as error:
        said.set_content(html.escape(str(error)))
        return
    done()
