"""A page as one person sees it: who they are, what they asked for, and the frame around it."""

from __future__ import annotations

import html
from collections.abc import Callable
from dataclasses import dataclass

from fastapi import Request
from nicegui import ui
from starlette.datastructures import QueryParams
from starlette.responses import RedirectResponse, Response

from everyframe.errors import EveryframeError
from everyframe.server.accounts import Visitor
from everyframe.server.guard import COOKIE, house_of, visitor_of
from everyframe.server.house import House
from everyframe.server.pages.ringing import Ringing
from everyframe.server.roles import Role

PLACES = (
    ("Wall", "/", "grid_view", Role.VIEWER),
    ("Review", "/review", "inbox", Role.VIEWER),
    ("Timeline", "/timeline", "timeline", Role.VIEWER),
    ("Find", "/find", "search", Role.VIEWER),
    ("Reels", "/reels", "movie", Role.VIEWER),
    ("Footage", "/footage", "video_library", Role.VIEWER),
    ("Normal", "/normal", "map", Role.VIEWER),
    ("Cameras", "/cameras", "videocam", Role.VIEWER),
    ("Actions", "/actions", "bolt", Role.VIEWER),
    ("System", "/system", "monitor_heart", Role.ADMIN),
)
_WITHIN = {"/label": "/footage", "/teach": "/footage", "/cameras/edit": "/cameras"}
"""Pages that are reached through another one, and that one."""


@dataclass(frozen=True, slots=True)
class Sight:
    """What a page is built from.

    Attributes:
        house: What it is about.
        visitor: Who looks.
        secret: Of their session.
        query: What the address asked for.
        ringing: Says when there is an alert.
    """

    house: House
    visitor: Visitor
    secret: str
    query: QueryParams
    ringing: Ringing

    @property
    def may_review(self) -> bool:
        """Whether they may say what events were."""
        return self.visitor.role.may(Role.REVIEWER)

    @property
    def may_change(self) -> bool:
        """Whether they may change cameras and people."""
        return self.visitor.role.may(Role.ADMIN)

    def still(self, needed: Role) -> bool:
        """Say whether they may do something now: a page may stay open longer than a session lasts."""
        visitor = self.house.accounts.of_session(self.secret)
        if visitor is None:
            ui.navigate.to("/login")
            return False
        if not visitor.role.may(needed):
            ui.notify(f"That is for a {needed.value}.", type="warning")
            return False
        return True

    def attempt(self, needed: Role, deed: Callable[[], object]) -> bool:
        """Do something if they may still do it; say what is wrong where it cannot be."""
        if not self.still(needed):
            return False
        try:
            deed()
        except EveryframeError as error:
            ui.notify(str(error), type="negative")
            return False
        return True


def page(path: str, title: str, needed: Role, build: Callable[[Sight], None]) -> None:
    """Register a page.

    Args:
        path: Its address.
        title: What it is called.
        needed: Who may see it.
        build: Makes what is inside the frame.
    """

    def shown(request: Request) -> Response | None:
        visitor = visitor_of(request)
        if visitor is None or visitor.csrf is None:
            return RedirectResponse("/login", 303)
        if not visitor.account.chosen:
            return RedirectResponse("/password", 303)
        if not visitor.role.may(needed):
            return RedirectResponse("/", 303)
        house, secret = house_of(request), request.cookies[COOKIE]
        _head(title)
        sight = Sight(house, visitor, secret, request.query_params, Ringing(house.bell))
        _bar(sight, path)
        with ui.element("main").classes("room").props('id="main"'):
            ui.html(html.escape(title), sanitize=False, tag="h1")
            try:
                build(sight)
            except EveryframeError as error:
                fault(str(error))
        return None

    # The toolkit reads the signature: its annotations must be classes, not their names.
    shown.__annotations__ = {"request": Request}
    ui.page(path, title=f"{title} · Everyframe", response_timeout=10.0)(shown)


def text(tag: str, words: str, classes: str = "") -> ui.html:
    """Show words in an element; whatever they are, they are no markup."""
    return ui.html(html.escape(words), sanitize=False, tag=tag).classes(classes)


def empty(words: str, link: str = "", where: str = "") -> None:
    """Say why there is nothing here, and what to do."""
    with ui.element("div").classes("empty"):
        text("p", words)
        if link:
            ui.link(link, where).classes("button")


def fault(words: str) -> None:
    """Say what is wrong and what to do."""
    text("p", words, "fault").props("role=alert")


def _head(title: str) -> None:  # noqa: ARG001 - the toolkit sets the title itself
    ui.add_head_html(
        '<link rel="stylesheet" href="/static/page.css"><script defer src="/static/live.js"></script>'
    )
    ui.colors(primary="#b3410d")


def _bar(sight: Sight, path: str) -> None:
    links = "".join(
        _link(name, where, icon, where == _WITHIN.get(path, path))
        for name, where, icon, role in PLACES
        if sight.visitor.role.may(role)
    )
    ui.html(
        '<a class="skip" href="#main">To the content</a>'
        '<a class="brand" href="/"><img src="/static/eye.svg" alt="" width="26" height="26">'
        f'<span>Everyframe</span></a><nav aria-label="Rooms">{links}</nav>{_account(sight)}',
        sanitize=False,
        tag="header",
    ).classes("bar")


def _account(sight: Sight) -> str:
    name = html.escape(sight.visitor.account.name)
    return (
        f'<details class="me"><summary aria-label="{name}: account">'
        '<span class="material-icons" aria-hidden="true">account_circle</span>'
        f'<span class="name">{name}</span></summary><div><a href="/people">People and tokens</a>'
        '<a href="/password">Change your password</a><form method="post" action="/logout">'
        f'<input type="hidden" name="csrf" value="{sight.visitor.csrf}"><button>Sign out</button></form>'
        "</div></details>"
    )


def _link(name: str, where: str, icon: str, here: bool) -> str:
    current = ' aria-current="page"' if here else ""
    return (
        f'<a href="{where}"{current}><span class="material-icons" aria-hidden="true">{icon}</span>'
        f"<span>{name}</span></a>"
    )
