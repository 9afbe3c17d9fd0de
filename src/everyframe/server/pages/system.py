"""System: how the machine and the server are."""

from __future__ import annotations

import time

from nicegui import ui

from everyframe.errors import EveryframeError
from everyframe.server.machine import look, not_ready
from everyframe.server.pages.sight import Sight, fault, page, text
from everyframe.server.roles import Role
from everyframe.store import words

_GIGABYTE = 1e9


def register() -> None:
    """Add the page."""
    page("/system", "System", Role.ADMIN, _build)


def _build(sight: Sight) -> None:
    _System(sight)


class _System:
    """The page, looked at anew now and then."""

    def __init__(self, sight: Sight) -> None:
        self._sight = sight
        self._show()
        ui.timer(5.0, self._show.refresh)

    @ui.refreshable_method
    def _show(self) -> None:
        why = not_ready(self._sight.house)
        if why is not None:
            fault(why)
        try:
            found = look(self._sight.house)
        except EveryframeError as error:
            fault(str(error))
            return
        load = found["load"]
        table(
            "Machine",
            [
                ("load", "unknown" if load is None else f"{load:.1f} on {found['cores']} cores"),
                (
                    "disk",
                    f"{found['disk_free'] / _GIGABYTE:.1f} of {found['disk_total'] / _GIGABYTE:.0f} GB free",
                ),
                ("running for", words.duration(time.time() - found["started_utc"])),
            ],
        )
        cameras = self._sight.house.cameras.all()
        table(
            "Cameras",
            [
                (
                    camera.spec.name,
                    f"{camera.status.state}, {camera.status.fps:.1f} frames/s, "
                    f"{words.duration(camera.status.lag)} behind, {camera.status.frames:,} frames, "
                    f"{camera.status.dropped:,} dropped, started again: {camera.status.restarts}",
                )
                for camera in cameras
            ],
        )
        table(
            "Store",
            [
                ("folder", str(self._sight.house.folder)),
                ("size", f"{found['store_bytes'] / 1e6:,.1f} MB"),
                ("recordings", f"{found['recordings_bytes'] / 1e6:,.1f} MB"),
                ("events", f"{found['events']:,}"),
                ("migration", found["database"]),
            ],
        )
        versions = [
            ("Everyframe", found["version"]),
            ("Python", found["python"]),
            *found["libraries"].items(),
        ]
        table("Versions", versions)
        text("p", "For programs: /metrics and /api/v1/openapi.json, with a token.", "soft")


def table(title: str, rows: list[tuple[str, str]]) -> None:
    """Show a table of names and values."""
    if not rows:
        return
    text("h2", title)
    with ui.element("dl").classes("facts"):
        for name, value in rows:
            text("dt", name)
            text("dd", value)
