"""Rules at work: decisions are kept, and what they ask for goes into the outbox, in one transaction."""

from __future__ import annotations

import threading
import time as clock
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from everyframe.actions import templates
from everyframe.actions.decisions import Decision, Outcome
from everyframe.actions.engine import RuleEngine
from everyframe.actions.memory import Pending
from everyframe.actions.messages import Message, MessageKind, new_uid
from everyframe.actions.outbox import Outbox, plain
from everyframe.actions.rules import Request, Rule
from everyframe.store import Store
from everyframe.store.action_models import DecisionRow, RuleStateRow
from everyframe.types import Event

_VALID_FOR = 60.0  # seconds


class Automation:
    """Lets rules decide and keeps what they decide; safe to use from several threads.

    One of it is at work on a database at a time: the guards are counted here.

    Args:
        store: Where decisions and memories are kept.
        outbox: Where requests go.
        rules: To decide by.
        wake: Called when something was put into the outbox.
        now: The clock, POSIX seconds.
    """

    def __init__(
        self,
        store: Store,
        outbox: Outbox,
        rules: Iterable[Rule],
        *,
        wake: Callable[[], None] = lambda: None,
        now: Callable[[], float] = clock.time,
    ) -> None:
        self._store = store
        self._outbox = outbox
        self._wake = wake
        self._now = now
        self._lock = threading.RLock()
        self._unkept: list[Decision] = []
        with store.reading() as session:
            memory = {row.rule: row.state for row in session.scalars(select(RuleStateRow))}
        self._engine = RuleEngine(rules, memory)

    @property
    def rules(self) -> list[Rule]:
        """What it decides by."""
        return list(self._engine.rules.values())

    def take(self, rules: Iterable[Rule]) -> None:
        """Decide by other rules from now on; those that stay keep what they remember, guards above all.

        Raises:
            SettingError: If two rules have one name.
            StorageError: If what was decided before cannot be kept.
        """
        with self._lock:
            self._keep([])
            with self._store.reading() as session:
                kept = {row.rule: row.state for row in session.scalars(select(RuleStateRow))}
            self._engine = RuleEngine(rules, {**kept, **self._engine.dump()})

    @property
    def pending(self) -> dict[str, list[Pending]]:
        """What waits for a person, by rule."""
        with self._lock:
            return self._engine.pending

    def step(
        self,
        camera: str,
        utc: float,
        measures: Mapping[str, float],
        alerts: Sequence[Event] = (),
        health: Collection[str] = (),
        doubts: Collection[str] = (),
    ) -> list[Decision]:
        """Take what a camera shows now; see ``RuleEngine.step``.

        Raises:
            StorageError: If what was decided cannot be kept; it is kept with the next call.
        """
        with self._lock:
            return self._keep(self._engine.step(camera, utc, measures, alerts, health, doubts))

    def tick(self) -> list[Decision]:
        """Take that time has passed; call it every second or so, whatever the cameras do."""
        with self._lock:
            return self._keep(self._engine.tick(self._now()))

    def approve(self, uid: str, by: str) -> list[Decision]:
        """Approve a request that waits.

        Raises:
            SettingError: If none of this id does.
        """
        with self._lock:
            return self._keep(self._engine.approve(uid, self._now(), by))

    def refuse(self, uid: str, by: str) -> list[Decision]:
        """Refuse a request that waits.

        Raises:
            SettingError: If none of this id does.
        """
        with self._lock:
            return self._keep(self._engine.refuse(uid, self._now(), by))

    def acknowledge(self, uid: str, utc: float) -> None:
        """Take that a receiver did what a request asked."""
        with self._lock:
            self._keep(self._engine.acknowledge(uid, utc))

    def asked_by_broker(self, rule: str, camera: str) -> None:
        """Take that a broker lost us for a while and asked for a safe state."""
        with self._lock:
            self._keep(self._engine.asked_by_broker(rule, camera, self._now()))

    def stop(self) -> list[Decision]:
        """Ask for every rule's safe state: nobody will watch any more."""
        with self._lock:
            return self._keep(self._engine.stop(self._now()))

    def decisions(self, rule: str | None = None, most: int = 1000) -> list[Decision]:
        """Return what was decided, newest first."""
        query = select(DecisionRow).order_by(DecisionRow.id.desc()).limit(most)
        if rule is not None:
            query = query.where(DecisionRow.rule == rule)
        with self._store.reading() as session:
            return [_decision(row) for row in session.scalars(query)]

    def _keep(self, decisions: list[Decision]) -> list[Decision]:
        """Write decisions, their requests and the memories; all of it or nothing, and later what was not."""
        self._unkept += decisions
        if not self._unkept:
            return decisions
        with self._store.writing() as session:
            for decision in self._unkept:
                session.add(_row(decision))
                for message in self._messages(decision):
                    self._outbox.add(message, session=session)
            self._keep_memory(session)
        self._unkept = []
        self._wake()
        return decisions

    def _keep_memory(self, session: Session) -> None:
        now = self._now()
        for rule, state in self._engine.dump().items():
            session.merge(RuleStateRow(rule=rule, state=state, saved_utc=now))

    def _messages(self, decision: Decision) -> list[Message]:
        if decision.outcome is Outcome.WAITING:
            rule = self._engine.rules[decision.rule]
            return [_question(decision, rule, name) for name in rule.ask]
        return [] if decision.request is None else [_asked(decision, decision.request)]


def last_will(rule: Rule, camera: str, now: float) -> Message:
    """Return what a broker is to publish when Everyframe is gone; it is written before that.

    Args:
        rule: One with a safe state.
        camera: Whose.
        now: POSIX seconds.
    """
    assert rule.safe is not None
    why = "Everyframe is gone"
    return _asked(Decision(new_uid(), now, rule.name, camera, Outcome.SAFE, why, rule.safe), rule.safe)


def _asked(decision: Decision, request: Request) -> Message:
    """Make the message of a request."""
    told = templates.values(
        decision.uid, decision.rule, decision.camera, decision.utc, decision.why, decision.measures
    )
    late = [] if decision.until is None else [decision.until]
    valid_for = request.valid_for
    if valid_for is None and decision.outcome is Outcome.FIRED:
        valid_for = _VALID_FOR  # nobody wants that of an hour ago; a safe state is wanted however late
    if valid_for is not None:
        late.append(decision.utc + valid_for)
    return Message(
        destination=request.destination,
        kind=MessageKind.REQUEST,
        camera=decision.camera,
        title=f"{decision.rule}: {decision.outcome.value}",
        text=decision.why,
        data={
            "rule": decision.rule,
            "outcome": decision.outcome.value,
            "why": decision.why,
            "measures": decision.measures,
            "until": decision.until,
        },
        topic=request.topic,
        payload=None if request.payload is None else templates.fill(request.payload, told),
        retain=request.retain,
        # The newest request of a rule says what is wanted now: an older one must not come after it.
        slot=f"rule/{decision.rule}/{decision.camera}",
        created_utc=decision.utc,
        expires_utc=min(late, default=None),
        uid=decision.uid,
    )


def _question(decision: Decision, rule: Rule, destination: str) -> Message:
    assert decision.until is not None
    return Message(
        destination=destination,
        kind=MessageKind.APPROVAL,
        camera=decision.camera,
        title=f"{rule.name} asks for approval",
        text=f"{decision.why}; approve {decision.uid} within {rule.approve_within:g} s",
        data={
            "rule": rule.name,
            "request": decision.uid,
            "measures": decision.measures,
            "until": decision.until,
        },
        created_utc=decision.utc,
        expires_utc=decision.until,
    )


def _row(decision: Decision) -> DecisionRow:
    request = decision.request if decision.request is not None else decision.proposed
    told = None
    if request is not None:
        told = {"sent": decision.request is not None, "until": decision.until, **request.model_dump()}
    return DecisionRow(
        uid=decision.uid,
        utc=decision.utc,
        rule=decision.rule,
        camera=decision.camera,
        outcome=decision.outcome.value,
        why=decision.why,
        measures=plain(decision.measures),
        request=told,
    )


def _decision(row: DecisionRow) -> Decision:
    told = dict(row.request or {})
    sent, until = told.pop("sent", False), told.pop("until", None)
    request = Request.model_validate(told) if told else None
    return Decision(
        uid=row.uid,
        utc=row.utc,
        rule=row.rule,
        camera=row.camera,
        outcome=Outcome(row.outcome),
        why=row.why,
        request=request if sent else None,
        proposed=None if sent else request,
        measures=row.measures,
        until=until,
    )
