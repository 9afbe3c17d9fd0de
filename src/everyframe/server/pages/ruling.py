"""Rules in words, and the form that makes one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from nicegui import ui

from everyframe.actions import Condition, Configuration, Rule
from everyframe.errors import EveryframeError
from everyframe.server.pages.sight import Sight, text
from everyframe.server.roles import Role

_UNITS = {"speed": "px/s", "pace": "heights/s", "occupancy": "", "count": "", "queue": "px"}
_ANY_CAMERA = "any camera"
_FAULTS = ("offline", "frozen", "dark", "blinded", "covered", "defocused", "moved")


def in_words(rule: Rule) -> str:
    """Return what a rule does as a sentence for people."""
    joint = " and " if rule.match == "all" else " or "
    when = joint.join(condition_in_words(each) for each in rule.when)
    where = f" at {', '.join(rule.cameras)}" if rule.cameras else ""
    lasts = f" for {rule.hold:g} s" if rule.hold else ""
    return f"When {when}{where}{lasts}, ask {rule.request.destination}."


def condition_in_words(condition: Condition) -> str:
    """Return one condition as a part of a sentence."""
    if condition.health is not None:
        return f"the camera is {condition.health}"
    if condition.alert is not None:
        what = "an alert" if condition.alert == "any" else f"an alert of {condition.alert}"
        return f"there was {what} in the last {condition.within:g} s"
    assert condition.quantity is not None
    unit = _UNITS[condition.quantity]
    bounds = [
        f"{word} {bound:g} {unit}".strip()
        for word, bound in (("above", condition.above), ("below", condition.below))
        if bound is not None
    ]
    return f"{condition.quantity} in {condition.zone} is {' and '.join(bounds)}"


def guards_in_words(rule: Rule) -> str:
    """Return what keeps a rule in bounds."""
    told = [f"at most {rule.per_hour} an hour", f"{rule.cooldown:g} s apart"]
    if rule.days or rule.hours:
        told.append("on " + " ".join((*rule.days, *rule.hours)))
    if rule.ack_within is not None:
        told.append(f"acknowledged within {rule.ack_within:g} s or the fallback")
    told.append("with a safe state" if rule.safe is not None else "without a safe state")
    return ", ".join(told)


def new_rule(sight: Sight, done: Callable[[], object]) -> None:
    """Show the form that makes a rule, as a dry run; all else can be said over the API and in the file."""
    _Form(sight, done)


def conditions_of(configuration: Configuration) -> dict[str, str]:
    """Return the conditions that the form offers: what they are called by what they are."""
    found = {"alert:any": "there was an alert"}
    found |= {f"health:{fault}": f"the camera is {fault}" for fault in _FAULTS}
    for camera, zones in configuration.zones.items():
        for zone in zones:
            for quantity in _UNITS:
                if quantity != "queue" or zone.lane:
                    found[f"zone:{camera}:{zone.name}:{quantity}"] = f"{quantity} in {zone.name} ({camera})"
    return found


def rule_of(
    chosen: str, above: float, hold: float, destination: str, camera: str, cooldown: float = 60.0
) -> dict[str, Any]:
    """Return a rule's table from what was chosen in the form.

    Args:
        chosen: One of the keys of ``conditions_of``.
        above: For a quantity of a zone.
        hold: Seconds.
        destination: Whom it asks.
        camera: Over which camera; empty for all.
        cooldown: Seconds from one request to the next at least.
    """
    kind, _, rest = chosen.partition(":")
    cameras = [camera] if camera else []
    condition: dict[str, Any]
    if kind == "zone":
        zone_camera, zone, quantity = rest.rsplit(":", 2)
        condition, cameras = {"quantity": quantity, "zone": zone, "above": above}, [zone_camera]
    else:
        condition = {kind: rest}
    return {
        "when": [condition],
        "for": hold,
        "cooldown": cooldown,
        "cameras": cameras,
        "request": {"destination": destination},
    }


class _Form:
    def __init__(self, sight: Sight, done: Callable[[], object]) -> None:
        self._sight, self._done = sight, done
        configuration = sight.house.reactions.configuration
        destinations = list(configuration.destinations)
        cameras = [_ANY_CAMERA, *(camera.spec.name for camera in sight.house.cameras.all())]
        conditions: Mapping[str, str] = conditions_of(configuration)
        with ui.element("section").classes("form"):
            text("h2", "Make a rule")
            text("p", "It begins as a dry run: it only writes down what it would have asked for.", "soft")
            self._name = ui.input("Name", placeholder="queue at the gate").props(
                "outlined dense maxlength=100"
            )
            self._when = ui.select(dict(conditions), value=next(iter(conditions)), label="When")
            self._when.props("outlined dense options-dense")
            self._above = ui.number("Above", value=1.0, min=0.0).props("outlined dense")
            self._above.bind_visibility_from(
                self._when, "value", lambda chosen: str(chosen).startswith("zone")
            )
            self._camera = ui.select(cameras, value=_ANY_CAMERA, label="At").props("outlined dense")
            self._camera.bind_visibility_from(
                self._when, "value", lambda chosen: not str(chosen).startswith("zone")
            )
            self._hold = ui.number("For so many seconds", value=0.0, min=0.0).props("outlined dense")
            self._cooldown = ui.number("Seconds until it may ask again", value=60.0, min=0.0)
            self._cooldown.props("outlined dense")
            self._to = ui.select(destinations, value=destinations[0], label="Ask").props("outlined dense")
            with ui.element("button").classes("button").on("click", self._make):
                text("span", "Make it, as a dry run")

    def _make(self) -> None:
        if not self._sight.still(Role.ADMIN):
            return
        camera = str(self._camera.value)
        told = rule_of(
            str(self._when.value),
            float(self._above.value or 0.0),
            float(self._hold.value or 0.0),
            str(self._to.value),
            "" if camera == _ANY_CAMERA else camera,
            float(self._cooldown.value or 0.0),
        )
        name = str(self._name.value or "").strip()
        try:
            self._sight.house.reactions.put_rule(name, told, self._sight.visitor.account.name)
        except EveryframeError as error:
            ui.notify(str(error), type="negative")
            return
        self._name.value = ""
        self._done()
