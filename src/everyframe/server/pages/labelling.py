"""Label: say what happens in footage, by playing it."""

from __future__ import annotations

import html
import json

from nicegui import ui

from everyframe.errors import EveryframeError
from everyframe.server.api.footage import PREFIX
from everyframe.server.api.labels import told as labels_told
from everyframe.server.api.moments import playable
from everyframe.server.pages.sight import Sight, empty, page, text
from everyframe.server.pages.working import tabs
from everyframe.server.roles import Role
from everyframe.server.shelf import unplayable
from everyframe.sources import probe
from everyframe.store import words
from everyframe.store.archive.finding import names_of
from everyframe.store.archive.records import Footage
from everyframe.store.archive.shelf import footage, shelf

_LISTED = 200
_NAMES = 60
_KEYS = (
    ("Space", "play"),
    ("← →", "a frame"),
    ("Shift ← →", "a second"),
    ("I", "in"),
    ("O", "out"),
    ("1 … 9", "a name"),
    ("N", "another name"),
    ("Enter", "add"),
    ("J K", "next and previous label"),
    ("Del", "delete it"),
    ("U", "undo"),
)


def register() -> None:
    """Add the page."""
    page("/label", "Label", Role.VIEWER, _build)


def _build(sight: Sight) -> None:
    tabs("/label")
    told = sight.query.get("footage", "")
    known = told.isascii() and told.isdigit() and 0 < len(told) < 10
    one = footage(sight.house.store, int(told)) if known else None
    if one is None:
        _choose(sight)
        return
    ui.add_head_html('<script defer src="/static/labels.js"></script>')
    text("h2", one.footage.name)
    begun = html.escape(json.dumps(_told(sight, one.footage)))
    ui.html(f'<footage-labels data-told="{begun}"></footage-labels>', sanitize=False)
    if sight.may_review:
        keys = " ".join(f"<kbd>{key}</kbd> {what}&ensp;" for key, what in _KEYS)
        ui.html(keys, sanitize=False, tag="p").classes("keys")
    else:
        text("p", "A reviewer can label here; you can look at what is labelled.", "soft")


def _told(sight: Sight, one: Footage) -> dict[str, object]:
    """Return what the editor begins with, and what it needs to keep it over the API."""
    plays = one.path is not None and playable(one.path)
    why = unplayable(one.path, _codec(one))
    kept = labels_told(sight.house.labels.of(one.id))
    labels = [
        {"start": each.start, "end": each.end, "label": each.label, "about": each.about}
        for each in kept.labels
    ]
    return {
        "footage": one.id,
        "name": one.name,
        "film": f"{PREFIX}/{one.id}/film" if plays and not why else None,
        "unplayable": why,
        "fps": one.fps,
        "seconds": one.seconds,
        "csrf": sight.visitor.csrf,
        "may": sight.may_review,
        "names": names_of(sight.house.store, "label", _NAMES),
        "edition": kept.edition,
        "labels": labels,
        "table": f"/api/v1/labels?footage={one.id}",
    }


def _codec(one: Footage) -> str | None:
    if one.path is None or not one.path.is_file():
        return None
    try:
        return probe(str(one.path)).codec
    except EveryframeError:
        return None  # the browser may know better, and says so where it does not


def _choose(sight: Sight) -> None:
    wanted = sight.query.get("text", "").strip()[:200]
    found, more = shelf(sight.house.store, text=wanted, limit=_LISTED)
    if not found and not wanted:
        empty("No footage is indexed yet; index some first.", "To the library", "/footage")
        return
    text("p", "Choose what to label. Five examples of each of two things are enough to teach.", "soft")
    if wanted or more:
        ui.html(
            '<form method="get" class="filters search"><input type="search" name="text" class="words"'
            f' value="{html.escape(wanted)}" placeholder="A part of its name" maxlength="200"'
            ' aria-label="Name"><button class="go">Find</button></form>',
            sanitize=False,
        )
    rows = "".join(
        f'<li><a href="/label?footage={one.footage.id}"><time>{html.escape(_length(one.footage))}</time> '
        f"{html.escape(one.footage.name)}"
        f"{f' · {one.by_people:,} labelled' if one.by_people else ''}</a></li>"
        for one in found
    )
    ui.html(f"<ul>{rows}</ul>", sanitize=False).classes("list")


def _length(one: Footage) -> str:
    return words.duration(one.seconds) if one.seconds else ""
