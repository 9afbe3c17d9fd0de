"""Find: search the archive, see what was found, play it."""

from __future__ import annotations

import html
from collections.abc import Mapping
from urllib.parse import urlencode

from nicegui import ui

from everyframe.archive import search
from everyframe.errors import SettingError
from everyframe.server.api.moments import PREFIX, playable
from everyframe.server.pages.sight import Sight, empty, fault, page, text
from everyframe.server.roles import Role
from everyframe.store import words
from everyframe.store.archive import StoredMoment
from everyframe.store.archive.finding import names_of
from everyframe.store.archive.hints import EMPTY

_PAGE = 24
_FARTHEST = 10_000
_NAMES = (("player", "Player"), ("label", "What happens"), ("team", "Team"), ("competition", "Competition"))
_SUGGESTED = 300  # names of each kind that a field suggests


def register() -> None:
    """Add the page."""
    page("/find", "Find", Role.VIEWER, _build)


def _build(sight: Sight) -> None:
    told = {name: sight.query.get(name, "").strip()[:1_000] for name in _FIELDS}
    known = {kind: names_of(sight.house.store, kind, _SUGGESTED) for kind, _ in _NAMES}
    if not any(known.values()):
        empty(EMPTY.replace("`", ""))
        return
    _ask(told, known)
    offset = min(_number(sight.query.get("offset", "")) or 0, _FARTHEST)
    like = _number(sight.query.get("like", ""))
    newest = told["order"] == "newest" or not (told["text"] or like)
    try:
        found = search(
            told["text"],
            **{kind: told[kind] or None for kind, _ in _NAMES},
            since=told["since"] or None,
            until=told["until"] or None,
            last=_PAGE if newest else None,
            like=like,
            limit=_PAGE,
            offset=offset,
            store=sight.house.store,
        )
    except SettingError as error:
        fault(str(error))
        return
    if like is not None:
        text("p", f"What is most like moment {like}:", "soft")
    for hint in found.hints:
        empty(hint, "All of the archive", "/find")
    with ui.element("ol").classes("found"):
        for one in found:
            _card(one)
    _turn(told, like, offset, found.more)


_FIELDS = ("text", "since", "until", "order", *(kind for kind, _ in _NAMES))


def _ask(told: Mapping[str, str], known: Mapping[str, list[str]]) -> None:
    fields = "".join(
        f'<input name="{kind}" list="known-{kind}" value="{html.escape(told[kind])}" placeholder="{called}"'
        f' aria-label="{called}" maxlength="200"><datalist id="known-{kind}">'
        + "".join(f'<option value="{html.escape(name)}">' for name in known[kind])
        + "</datalist>"
        for kind, called in _NAMES
        if known[kind]
    )
    orders = "".join(
        f'<option value="{value}"{" selected" if told["order"] == value else ""}>{called}</option>'
        for value, called in (("best", "best match first"), ("newest", "newest first"))
    )
    days = "".join(
        f'<label>{called} <input type="date" name="{name}" value="{html.escape(told[name])}"></label>'
        for name, called in (("since", "From"), ("until", "to"))
    )
    ui.html(
        '<form method="get" class="filters search"><input type="search" name="text" class="words"'
        f' value="{html.escape(told["text"])}" placeholder="smash or drop, not &quot;net shot&quot;"'
        f' aria-label="Words to search for" maxlength="1000"><button class="go">Find</button>{fields}'
        f'<select name="order" aria-label="Order">{orders}</select>{days}</form>',
        sanitize=False,
    )


def _card(one: StoredMoment) -> None:
    about = one.segment.about
    who = about.get("player") or about.get("team") or ""
    if about.get("opponent"):
        who += f" against {about['opponent']}"
    where = ", ".join(part for kind in ("competition", "text") if (part := about.get(kind, "")))
    clock = " ".join(part for kind in ("period", "clock") if (part := about.get(kind, "")))
    span = f"{words.moment(one.segment.start)} – {words.moment(one.segment.end)}"
    when = " · ".join(part for part in (about.get("date", ""), clock, span) if part)
    plays = one.path is not None and playable(one.path)
    film = f"{PREFIX}/{one.id}/film#t={one.segment.start:.2f},{one.segment.end:.2f}"
    picture = ""
    if one.strip is not None:
        shown = f'<i class="preview" style="background-image: url({PREFIX}/{one.id}/strip)"></i>'
        picture = f'<span class="picture">{shown}</span>'
    head = f"{picture}<b>{html.escape(one.segment.label)}</b><span>{html.escape(who)}</span>"
    head = (
        f'<a href="{film}" aria-label="Play {html.escape(one.segment.label)}, {html.escape(when)}">{head}</a>'
        if plays
        else f"<div>{head}</div>"
    )
    alike = f" · {one.likeness:.0%} alike" if one.likeness is not None else ""
    absent = "" if plays else " · the footage is not here"
    ui.html(
        f"{head}<small>{html.escape(where)}</small><small>{html.escape(when)}</small>"
        f"<small>{html.escape(one.footage)}{absent}{alike}</small>"
        f'<a class="like" href="/find?like={one.id}">More like this</a>',
        sanitize=False,
        tag="li",
    )


def _turn(told: Mapping[str, str], like: int | None, offset: int, more: bool) -> None:
    asked = {name: value for name, value in told.items() if value} | ({"like": str(like)} if like else {})
    links = []
    if offset:
        links.append(("Back", max(0, offset - _PAGE)))
    if more and offset + _PAGE <= _FARTHEST:
        links.append(("More", offset + _PAGE))
    if links:
        with ui.element("nav").classes("tools").props('aria-label="Pages"'):
            for called, place in links:
                ui.link(called, f"/find?{urlencode({**asked, 'offset': str(place)})}").classes("button quiet")


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and 0 < len(text) < 10 else None
