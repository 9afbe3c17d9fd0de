"""Actions: what waits for a person, the rules and what they decided, and who is told."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial

from nicegui import ui

from everyframe.actions import MessageState, Mode, Pending, Rule
from everyframe.server.pages.hours import When, told_when
from everyframe.server.pages.ruling import guards_in_words, in_words, new_rule
from everyframe.server.pages.sight import Sight, fault, page, text
from everyframe.server.roles import Role
from everyframe.store import words

_SHOWN = 30  # decisions
_MODES = {
    Mode.DRY_RUN.value: "dry run: only say what it would do",
    Mode.APPROVE.value: "ask a person first",
    Mode.AUTO.value: "act by itself",
}
_EXAMPLE = """[destination.siren]
kind = "webhook"
url = "https://siren.example/everyframe"
secret = "env:SIREN_SECRET"
"""


def register() -> None:
    """Add the page."""
    page("/actions", "Actions", Role.VIEWER, _build)


def _build(sight: Sight) -> None:
    if not sight.house.reactions.configuration.destinations:
        with ui.element("div").classes("empty"):
            text("p", "Nobody is told of anything yet, and rules have nobody to ask.", "lead")
            text(
                "p",
                "Destinations stand in the settings file, as an address may hold a secret. Write one, and"
                " start the server again with everyframe serve --config FILE:",
            )
            text("pre", _EXAMPLE, "code")
        return
    _Actions(sight)


class _Actions:
    """The page; its lists are looked at anew now and then, its form is left alone."""

    def __init__(self, sight: Sight) -> None:
        self._sight = sight
        self._reactions = sight.house.reactions
        self._seen = self._state()
        self._waiting()
        self._rules()
        if sight.may_change:
            new_rule(sight, self._rules.refresh)
        self._destinations()
        self._decisions()
        ui.timer(1.0, self._look)

    def _look(self) -> None:
        """Draw anew what is not as it was."""
        now = self._state()
        if now != self._seen:
            self._seen = now
            for part in (self._waiting, self._destinations, self._decisions):
                part.refresh()

    def _state(self) -> object:
        """Return what the lists are drawn from."""
        actions, now = self._reactions.actions, time.time()
        found = [one.uid for each in actions.automation.pending.values() for one in each]
        latest = [(one.uid, one.outcome) for one in actions.automation.decisions(most=1)]
        # Quiet hours and digests come and go with the clock alone.
        hours = [told_when(self._reactions, name, now) for name in actions.configuration.destinations]
        return found, latest, actions.outbox.counts(), hours

    @ui.refreshable_method
    def _waiting(self) -> None:
        pending = self._reactions.actions.automation.pending
        for rule, requests in pending.items():
            for one in requests:
                self._one_waiting(rule, one)

    def _one_waiting(self, rule: str, one: Pending) -> None:
        with ui.element("section").classes("item asked").props("role=alert"):
            with ui.element("div"):
                text("h2", f"{rule} asks")
                left = words.duration(max(0.0, one.deadline - time.time()))
                text("p", f"{one.camera}: {one.why}{measured(one.measures)}. {left} left.")
            if self._sight.may_review:
                with ui.element("div").classes("tools"):
                    _tool("Approve", partial(self._answer, one.uid, True), "button")
                    _tool("Refuse", partial(self._answer, one.uid, False))

    def _answer(self, uid: str, yes: bool) -> None:
        automation = self._reactions.actions.automation
        who = self._sight.visitor.account.name
        deed = automation.approve if yes else automation.refuse
        self._sight.attempt(Role.REVIEWER, lambda: deed(uid, who))
        self._waiting.refresh()
        self._decisions.refresh()

    @ui.refreshable_method
    def _rules(self) -> None:
        text("h2", "Rules")
        rules = self._reactions.configuration.rules
        for rule in rules:
            self._rule(rule)
        for name, why in self._reactions.broken.items():
            with ui.element("article").classes("item"):
                with ui.element("div"):
                    text("h3", name)
                    fault(f"It is not used: {why}")
                if self._sight.may_change:
                    with ui.element("div").classes("tools"):
                        _tool("Remove", partial(self._remove, name))
        if not rules and not self._reactions.broken:
            text(
                "p", "There is none. A rule asks a destination for something when a condition holds.", "soft"
            )

    def _rule(self, rule: Rule) -> None:
        with ui.element("article").classes("item"):
            with ui.element("div"):
                text("h3", rule.name)
                text("p", in_words(rule))
                text("p", guards_in_words(rule), "soft")
            with ui.element("div").classes("tools"):
                if self._sight.may_change and not self._reactions.is_fixed(rule.name):
                    chosen = ui.select(_MODES, value=rule.mode.value, label="What it may do")
                    chosen.props("outlined dense options-dense")
                    chosen.on_value_change(lambda event, name=rule.name: self._change(name, str(event.value)))
                    _tool("Remove", partial(self._remove, rule.name))
                else:
                    place = ", kept in the settings file" if self._reactions.is_fixed(rule.name) else ""
                    text("small", f"{_MODES[rule.mode.value]}{place}", "soft")

    def _change(self, name: str, mode: str) -> None:
        rule = next(each for each in self._reactions.configuration.rules if each.name == name)
        told = rule.model_dump(mode="json", by_alias=True, exclude_defaults=True, exclude={"name"})
        who = self._sight.visitor.account.name
        if self._sight.attempt(
            Role.ADMIN, lambda: self._reactions.put_rule(name, {**told, "mode": mode}, who)
        ):
            ui.notify(f"{name}: {_MODES[mode]}.", type="positive")
        self._rules.refresh()

    def _remove(self, name: str) -> None:
        self._sight.attempt(Role.ADMIN, lambda: self._reactions.remove_rule(name))
        self._rules.refresh()

    @ui.refreshable_method
    def _destinations(self) -> None:
        text("h2", "Who is told")
        counts = self._reactions.actions.outbox.counts()
        for name, table in self._reactions.configuration.destinations.items():
            waiting, dead = (counts.get((name, s), 0) for s in (MessageState.WAITING, MessageState.DEAD))
            delivered = counts.get((name, MessageState.DELIVERED), 0)
            with ui.element("article").classes("item"):
                with ui.element("div"):
                    text("h3", name)
                    text("p", f"{table.kind}, hears of {', '.join(table.hears)}", "soft")
                    when = told_when(self._reactions, name, time.time())
                    for line in when.lines:
                        text("p", line)
                    text("p", f"{delivered:,} delivered, {waiting:,} waiting")
                    if when.waits:
                        _gathered(when)
                    if dead:
                        fault(f"{dead:,} given up: {self._last_error(name)}")
                if self._sight.may_change:
                    with ui.element("div").classes("tools"):
                        if when.waits:
                            _tool("Send it now", partial(self._send, name))
                        _tool("Try it", partial(self._test, name))

    def _send(self, name: str) -> None:
        actions = self._reactions.actions
        if self._sight.attempt(Role.ADMIN, lambda: actions.send_digest(name)):
            ui.notify(f"What waited for {name} is on its way.", type="positive")
        self._destinations.refresh()

    def _last_error(self, name: str) -> str:
        dead = self._reactions.actions.outbox.messages(MessageState.DEAD, name, 1)
        return (dead[0].error if dead else None) or "too old"

    def _test(self, name: str) -> None:
        if self._sight.attempt(Role.ADMIN, lambda: self._reactions.actions.news.test(name)):
            ui.notify(f"A message to {name} is on its way.", type="positive")

    @ui.refreshable_method
    def _decisions(self) -> None:
        text("h2", "What was decided, and why")
        found = self._reactions.actions.automation.decisions(most=_SHOWN)
        if not found:
            text("p", "Nothing yet.", "soft")
            return
        with ui.element("div").classes("list"), ui.element("ul"):
            for one in found:
                with ui.element("li"), ui.element("span"):
                    text("time", words.date(one.utc))
                    text("b", f"{one.rule}, {one.camera}: {one.outcome.value}.")
                    text("em", f"{one.why}{measured(one.measures)}")


def measured(measures: object) -> str:
    """Return what was measured, in brackets; empty where nothing was."""
    if not isinstance(measures, dict) or not measures:
        return ""
    return " (" + ", ".join(f"{name} {value:.3g}" for name, value in measures.items()) + ")"


def _gathered(when: When) -> None:
    """Show what waits to be sent together."""
    with ui.element("details").classes("waits"):
        text("summary", when.summary)
        with ui.element("ul"):
            for title in when.titles:
                text("li", title)


def _tool(label: str, act: Callable[[], object], classes: str = "tool") -> None:
    with ui.element("button").classes(classes).on("click", act):
        text("span", label)
