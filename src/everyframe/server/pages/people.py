"""People and tokens: who may come in, and what programs may."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from nicegui import ui

from everyframe.errors import EveryframeError
from everyframe.server import passwords
from everyframe.server.pages.sight import Sight, page, text
from everyframe.server.roles import Role
from everyframe.store import words


def register() -> None:
    """Add the page."""
    page("/people", "People and tokens", Role.VIEWER, _build)


def _build(sight: Sight) -> None:
    if sight.may_change:
        _People(sight)
    _Tokens(sight)


class _People:
    """Who may come in."""

    def __init__(self, sight: Sight) -> None:
        self._sight = sight
        text("h2", "People")
        self._show()
        with ui.element("div").classes("filters"):
            self._name = ui.input("Name").props("outlined dense maxlength=64 autocapitalize=none")
            self._role = ui.select([role.value for role in Role], value=Role.REVIEWER.value, label="may")
            self._role.props("outlined dense")
            with ui.element("button").classes("button").on("click", self._add):
                text("span", "Let in")

    @ui.refreshable_method
    def _show(self) -> None:
        for account in self._sight.house.accounts.all():
            with ui.element("div").classes("item"):
                waits = "" if account.chosen else ", has not chosen a password yet"
                text("span", f"{account.name}: {account.role.value}{waits}")
                if account.id != self._sight.visitor.account.id:
                    with ui.element("div").classes("tools"):
                        _tool("New password", partial(self._renew, account.name))
                        _tool("Send away", partial(self._remove, account.name))

    def _add(self) -> None:
        password = passwords.new_password()
        role = Role(self._role.value)
        name = str(self._name.value or "").strip()
        if self._try(lambda: self._sight.house.accounts.add(name, password, role)):
            _told_once(f"{name} signs in with this password, and then chooses another:", password)

    def _renew(self, name: str) -> None:
        password = passwords.new_password()
        if self._try(lambda: self._sight.house.accounts.set_password(name, password, chosen=False)):
            _told_once(f"{name} signs in with this password, and then chooses another:", password)

    def _remove(self, name: str) -> None:
        self._try(lambda: self._sight.house.accounts.remove(name))

    def _try(self, deed: Callable[[], object]) -> bool:
        done = self._sight.attempt(Role.ADMIN, deed)
        if done:
            self._show.refresh()
        return done


class _Tokens:
    """What programs may."""

    def __init__(self, sight: Sight) -> None:
        self._sight = sight
        text("h2", "Tokens for programs")
        self._show()
        allowed = [role.value for role in Role if sight.visitor.role.may(role)]
        with ui.element("div").classes("filters"):
            self._name = ui.input("What for", placeholder="grafana").props("outlined dense maxlength=64")
            self._role = ui.select(allowed, value=Role.VIEWER.value, label="may").props("outlined dense")
            with ui.element("button").classes("button").on("click", self._add):
                text("span", "Make a token")

    @ui.refreshable_method
    def _show(self) -> None:
        owner = None if self._sight.may_change else self._sight.visitor.account
        tokens = self._sight.house.accounts.tokens(owner)
        if not tokens:
            text("p", "There is none. A token lets a program in: Authorization: Bearer ef_…", "soft")
        for token in tokens:
            with ui.element("div").classes("item"):
                used = "never used" if token.used_utc is None else f"last used {words.date(token.used_utc)}"
                text("span", f"{token.name}: {token.role.value}, of {token.account}, {used}")
                with ui.element("div").classes("tools"):
                    _tool("Take back", partial(self._remove, token.id))

    def _add(self) -> None:
        name = str(self._name.value or "").strip()[:64]
        if not name or not name.isprintable():
            ui.notify("Say what it is for.", type="warning")
            return
        role = Role(self._role.value)
        if not self._sight.still(role):
            return
        try:
            _, secret = self._sight.house.accounts.add_token(self._sight.visitor.account, name, role)
        except EveryframeError as error:
            ui.notify(str(error), type="negative")
            return
        self._show.refresh()
        _told_once("The token, told this once:", secret)

    def _remove(self, number: int) -> None:
        if not self._sight.still(Role.VIEWER):
            return
        owner = None if self._sight.may_change else self._sight.visitor.account
        try:
            self._sight.house.accounts.remove_token(number, owner)
        except EveryframeError as error:
            ui.notify(str(error), type="negative")
        self._show.refresh()


def _told_once(intro: str, secret: str) -> None:
    with ui.dialog(value=True) as dialog, ui.card():
        text("p", intro)
        text("code", secret, "secret")
        with ui.element("div").classes("tools"):
            _tool("Done", dialog.close)


def _tool(label: str, act: Callable[[], object]) -> None:
    with ui.element("button").classes("tool").on("click", act):
        text("span", label)
