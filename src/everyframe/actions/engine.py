"""The rule engine: what is seen goes in, decisions come out; nothing else happens here."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from everyframe.actions.conditions import holds, note_alerts, shown
from everyframe.actions.decisions import Decision, Outcome
from everyframe.actions.memory import Awaited, CameraMemory, Pending, RuleMemory
from everyframe.actions.rules import Mode, Request, Rule
from everyframe.errors import SettingError
from everyframe.types import Event

_SPACE = uuid.UUID("0d5f2f5e-9f0e-4b53-9c1c-6a1f1f7c3b52")


class RuleEngine:
    """Decides, step by step, by the clock that it is told: the same steps give the same decisions.

    A rule fires when its condition has held long enough, once until the condition has ceased. What a guard
    holds back fires as soon as the guard lets it, as long as the condition still holds.

    Args:
        rules: What to decide by.
        memory: What ``dump`` gave before a restart. Guards, approvals and acknowledgements go on; conditions
            start over, as nobody saw what happened meanwhile.

    Raises:
        SettingError: If two rules have one name.
    """

    def __init__(self, rules: Iterable[Rule], memory: Mapping[str, Any] | None = None) -> None:
        self.rules: dict[str, Rule] = {}
        for rule in rules:
            if rule.name in self.rules:
                raise SettingError(f"Two rules are called {rule.name}; give each a name of its own.")
            self.rules[rule.name] = rule
        told = memory or {}
        self._memory = {name: RuleMemory.model_validate(told.get(name, {})) for name in self.rules}
        for each in self._memory.values():
            for camera in each.cameras.values():
                camera.start_over()

    def dump(self) -> dict[str, Any]:
        """Return what the rules remember, as plain values that JSON knows."""
        return {name: memory.model_dump(mode="json") for name, memory in self._memory.items()}

    @property
    def pending(self) -> dict[str, list[Pending]]:
        """What waits for a person, by rule."""
        return {name: list(memory.pending) for name, memory in self._memory.items() if memory.pending}

    def step(
        self,
        camera: str,
        utc: float,
        measures: Mapping[str, float],
        alerts: Sequence[Event] = (),
        health: Collection[str] = (),
        doubts: Collection[str] = (),
    ) -> list[Decision]:
        """Take what one camera shows now.

        Args:
            camera: Its name.
            utc: POSIX seconds.
            measures: Quantities by ``zone.quantity``; one that is missing or no number meets no condition.
            alerts: Those that came since the last step.
            health: Kinds of faults that it has now.
            doubts: Kinds of which this very picture looks, whether or not they have lasted. They are no
                fault yet, but nothing is asked for from such a picture, and conditions start over.

        Returns:
            What was decided, in order.
        """
        decisions = self._overdue(utc)
        for rule in self.rules.values():
            if rule.over(camera):
                decisions += self._step(rule, camera, utc, measures, alerts, health, doubts)
        return decisions

    def tick(self, utc: float) -> list[Decision]:
        """Take that time has passed: cameras that fell silent, approvals and acknowledgements overdue."""
        decisions = self._overdue(utc)
        for rule in self.rules.values():
            for camera, memory in self._memory[rule.name].cameras.items():
                memory.seen = min(memory.seen, utc)  # a clock that was set back must not hide silence
                if memory.fault is None and utc - memory.seen > rule.silent_after:
                    decisions += self._distrust(rule, camera, utc, "silent")
        return decisions

    def approve(self, uid: str, utc: float, by: str) -> list[Decision]:
        """Take that a person approves a request.

        Raises:
            SettingError: If nothing of this id waits.
        """
        decisions = self._overdue(utc)
        rule, pending = self._take_pending(uid, decisions)
        if pending is not None:
            utc = max(utc, pending.asked)  # a clock that was set back must not cut a cool-down short
            self._memory[rule.name].asked_later(pending.asked, utc)
            decisions.append(
                self._fire(rule, pending.camera, utc, uid, f"approved by {by}", pending.measures)
            )
        return decisions

    def refuse(self, uid: str, utc: float, by: str) -> list[Decision]:
        """Take that a person refuses a request.

        Raises:
            SettingError: If nothing of this id waits.
        """
        decisions = self._overdue(utc)
        rule, pending = self._take_pending(uid, decisions)
        if pending is not None:
            decisions.append(_about(rule, pending, utc, Outcome.REFUSED, f"refused by {by}"))
        return decisions

    def acknowledge(self, uid: str, utc: float) -> list[Decision]:
        """Take that a receiver says it did what was asked; an id that nobody waits for changes nothing."""
        decisions = self._overdue(utc)
        for rule in self.rules.values():
            memory = self._memory[rule.name]
            for awaited in [entry for entry in memory.awaited if entry.uid == uid]:
                memory.awaited.remove(awaited)
                early = awaited.deadline - utc
                why = f"the receiver acknowledged, {early:.1f} s before it had to"
                decisions.append(Decision(uid, utc, rule.name, awaited.camera, Outcome.ACKNOWLEDGED, why))
        return decisions

    def stop(self, utc: float) -> list[Decision]:
        """Take that Everyframe stops: every rule asks for its safe state."""
        decisions = self._overdue(utc)
        for rule in self.rules.values():
            for camera, memory in self._memory[rule.name].cameras.items():
                if memory.fault is None:
                    decisions += self._distrust(rule, camera, utc, "Everyframe stops")
        return decisions

    def asked_by_broker(self, rule: str, camera: str, utc: float) -> list[Decision]:
        """Take that a broker lost us for a while and asked for a safe state: the condition starts over."""
        decisions = self._overdue(utc)
        told, all_of_it = self.rules[rule], self._memory[rule]
        memory = all_of_it.cameras.get(camera)
        if memory is not None and memory.fault is None:
            memory.start_over()
            all_of_it.number += 1
            uid = self._uid(told, camera, utc)
            why = "the broker lost Everyframe and asked for it"
            decisions.append(Decision(uid, utc, rule, camera, Outcome.SAFE, why, None, told.safe))
        return decisions

    def _step(
        self,
        rule: Rule,
        camera: str,
        utc: float,
        measures: Mapping[str, float],
        alerts: Sequence[Event],
        health: Collection[str],
        doubts: Collection[str],
    ) -> list[Decision]:
        memory = self._memory[rule.name].cameras.setdefault(camera, CameraMemory(seen=utc))
        memory.seen = utc
        faults = sorted(set(health) & rule.distrusts)
        if faults:
            return [] if memory.fault is not None else self._distrust(rule, camera, utc, ", ".join(faults))
        memory.fault = None
        if rule.distrusts.intersection(doubts):
            memory.since = None  # what is seen now says neither that it holds nor that it has ceased
            return []
        note_alerts(rule, memory, utc, alerts)
        if not holds(rule, memory, utc, measures, health):
            memory.since, memory.spent, memory.told = None, False, None
            return []
        if memory.since is None or memory.since > utc:
            memory.since = utc
        if memory.spent or utc - memory.since < rule.hold:
            return []
        return self._due(rule, camera, utc, shown(rule, measures), memory)

    def _due(
        self, rule: Rule, camera: str, utc: float, seen: dict[str, float], memory: CameraMemory
    ) -> list[Decision]:
        """Act on a condition that has held long enough, as far as the guards let it."""
        all_of_it = self._memory[rule.name]
        if all_of_it.pending:
            return []  # a person is asked already
        held = self._held(rule, all_of_it, utc)
        if held is not None:
            outcome, why = held
            if memory.told == outcome.value:
                return []
            memory.told = outcome.value
            uid = self._uid(rule, camera, utc)
            return [Decision(uid, utc, rule.name, camera, outcome, why, None, rule.request, seen)]
        memory.spent = True
        all_of_it.number += 1
        all_of_it.ask(utc)
        uid = self._uid(rule, camera, utc)
        why = f"the condition has held for {utc - (memory.since or utc):.1f} s"
        if rule.mode is Mode.DRY_RUN:
            return [Decision(uid, utc, rule.name, camera, Outcome.DRY_RUN, why, None, rule.request, seen)]
        if rule.mode is Mode.AUTO:
            return [self._fire(rule, camera, utc, uid, why, seen)]
        deadline = utc + rule.approve_within
        all_of_it.pending.append(
            Pending(uid=uid, camera=camera, why=why, measures=seen, asked=utc, deadline=deadline)
        )
        return [
            Decision(uid, utc, rule.name, camera, Outcome.WAITING, why, None, rule.request, seen, deadline)
        ]

    def _held(self, rule: Rule, memory: RuleMemory, utc: float) -> tuple[Outcome, str] | None:
        """Return which guard holds a rule back, and why; ``None`` where none does."""
        if not rule.schedule.holds(utc):
            return Outcome.SCHEDULE, "it is not on at this time"
        if memory.too_soon(utc, rule.cooldown):
            ago = utc - (memory.last or utc)
            return Outcome.COOLDOWN, f"the last one was {ago:.1f} s ago, not {rule.cooldown:g} s"
        if memory.too_many(utc, rule.per_hour):
            return Outcome.RATE, f"there were {rule.per_hour} within an hour already"
        return None

    def _fire(
        self, rule: Rule, camera: str, utc: float, uid: str, why: str, seen: Mapping[str, float]
    ) -> Decision:
        until = None
        if rule.ack_within is not None:
            until = utc + rule.ack_within
            self._memory[rule.name].awaited.append(Awaited(uid=uid, camera=camera, deadline=until))
        return Decision(uid, utc, rule.name, camera, Outcome.FIRED, why, rule.request, None, seen, until)

    def _distrust(self, rule: Rule, camera: str, utc: float, fault: str) -> list[Decision]:
        """Ask for the safe state, once for each time that a camera cannot be trusted."""
        all_of_it = self._memory[rule.name]
        memory = all_of_it.cameras[camera]
        memory.start_over()
        memory.fault = fault
        decisions = []
        for pending in [entry for entry in all_of_it.pending if entry.camera == camera]:
            all_of_it.pending.remove(pending)
            decisions.append(_about(rule, pending, utc, Outcome.WITHDRAWN, f"camera: {fault}"))
        all_of_it.number += 1
        uid = self._uid(rule, camera, utc)
        request: Request | None = None
        if rule.safe is None:
            outcome, why = Outcome.FAULT, f"camera: {fault}; the rule has no safe state"
        elif rule.mode is Mode.DRY_RUN:
            outcome, why = Outcome.DRY_RUN, f"camera: {fault}; it would have asked for its safe state"
        else:
            outcome, why, request = Outcome.SAFE, f"camera: {fault}", rule.safe
        proposed = rule.safe if request is None else None
        decisions.append(Decision(uid, utc, rule.name, camera, outcome, why, request, proposed))
        return decisions

    def _overdue(self, utc: float) -> list[Decision]:
        """Deal with what a person or a receiver should have answered by now."""
        decisions = []
        for rule in self.rules.values():
            memory = self._memory[rule.name]
            for pending in [entry for entry in memory.pending if rule.mode is not Mode.APPROVE]:
                memory.pending.remove(pending)
                why = f"the rule is in mode {rule.mode.value} now"
                decisions.append(_about(rule, pending, utc, Outcome.WITHDRAWN, why))
            for pending in [entry for entry in memory.pending if utc > entry.deadline]:
                memory.pending.remove(pending)
                why = f"nobody approved within {rule.approve_within:g} s"
                decisions.append(_about(rule, pending, utc, Outcome.UNANSWERED, why))
            for awaited in [entry for entry in memory.awaited if utc > entry.deadline]:
                memory.awaited.remove(awaited)
                decisions.append(_unacknowledged(rule, awaited, utc))
        return decisions

    def _take_pending(self, uid: str, decided: Sequence[Decision]) -> tuple[Rule, Pending | None]:
        """Take out what waits; ``None`` where the waiting has just ended by ``decided``."""
        for rule in self.rules.values():
            memory = self._memory[rule.name]
            for pending in memory.pending:
                if pending.uid == uid:
                    memory.pending.remove(pending)
                    return rule, pending
        for decision in decided:
            if decision.uid == uid:
                return self.rules[decision.rule], None
        raise SettingError(f"No request {uid} waits for approval; it may have been too late.")

    def _uid(self, rule: Rule, camera: str, utc: float) -> str:
        number = self._memory[rule.name].number
        return str(uuid.uuid5(_SPACE, f"{rule.name}\0{camera}\0{utc!r}\0{number}"))


def _about(rule: Rule, pending: Pending, utc: float, outcome: Outcome, why: str) -> Decision:
    return Decision(
        pending.uid, utc, rule.name, pending.camera, outcome, why, None, rule.request, pending.measures
    )


def _unacknowledged(rule: Rule, awaited: Awaited, utc: float) -> Decision:
    why = "the receiver did not acknowledge in time"
    fallback = rule.fallback
    if fallback is None or rule.mode is Mode.DRY_RUN:
        # The rule was changed meanwhile; what it may not do now it does not do for the past either.
        why += f"; the rule (mode {rule.mode.value}) sends no fallback now"
        return Decision(awaited.uid, utc, rule.name, awaited.camera, Outcome.DRY_RUN, why, None, fallback)
    # The fallback has an id of its own: the receiver may have seen the first request.
    uid = str(uuid.uuid5(_SPACE, f"fallback of {awaited.uid}"))
    return Decision(uid, utc, rule.name, awaited.camera, Outcome.FALLBACK, f"{why} ({awaited.uid})", fallback)
