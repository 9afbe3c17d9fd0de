"""What follows from what was seen: rules, what they decided, who waits for a person, and who is told."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any

from fastapi import APIRouter, Body, HTTPException, Path, Query

from everyframe.actions import (
    Decision,
    DestinationTable,
    MessageKind,
    MessageState,
    Rule,
    StoredMessage,
    hearers,
)
from everyframe.errors import SettingError
from everyframe.server.api.acting_forms import (
    DecisionOut,
    DestinationOut,
    Digested,
    MessageOut,
    RequestOut,
    RuleOut,
    Sent,
)
from everyframe.server.api.forms import RuleName
from everyframe.server.guard import Admin, Reviewer, TheHouse, Viewer
from everyframe.server.house import House

router = APIRouter(tags=["actions"])

Uid = Annotated[str, Path(description="Its id", pattern=r"^[0-9a-f-]{36}$")]
TheRule = Annotated[RuleName, Path(description="The rule's name")]
Most = Annotated[int, Query(ge=1, le=1000, description="How many at most")]
RuleBody = Annotated[
    dict[str, Any],
    Body(
        description="The rule's table as in the settings file, without its name.",
        examples=[{"when": [{"alert": "any"}], "request": {"destination": "siren"}}],
    ),
]


@router.get("/rules")
def rules(house: TheHouse, visitor: Viewer) -> list[RuleOut]:  # noqa: ARG001
    """Return every rule, and those that cannot be used now with why."""
    reactions = house.reactions
    found = [rule_out(house, rule) for rule in reactions.configuration.rules]
    return found + [RuleOut(name=name, fixed=False, broken=why) for name, why in reactions.broken.items()]


@router.put("/rules/{name}")
def put_rule(name: TheRule, told: RuleBody, house: TheHouse, visitor: Admin) -> RuleOut:
    """Make or change a rule; one that does not say its mode is a dry run."""
    return rule_out(house, house.reactions.put_rule(name, told, visitor.account.name))


@router.delete("/rules/{name}", status_code=204)
def remove_rule(name: TheRule, house: TheHouse, visitor: Admin) -> None:  # noqa: ARG001
    """Forget a rule; what it decided stays."""
    known = {rule.name for rule in house.reactions.configuration.rules} | set(house.reactions.broken)
    if name not in known:
        raise HTTPException(404, "There is no rule of that name; look at the list of rules.")
    house.reactions.remove_rule(name)


@router.get("/decisions")
def decisions(
    house: TheHouse,
    visitor: Viewer,  # noqa: ARG001
    rule: RuleName | None = None,
    limit: Most = 100,
) -> list[DecisionOut]:
    """Return what rules decided and why, newest first."""
    return [decision_out(one) for one in house.reactions.actions.automation.decisions(rule, limit)]


@router.get("/requests")
def requests(house: TheHouse, visitor: Viewer) -> list[RequestOut]:  # noqa: ARG001
    """Return what waits for a person."""
    return waiting(house)


@router.post("/requests/{uid}/approve", status_code=204)
def approve(uid: Uid, house: TheHouse, visitor: Reviewer) -> None:
    """Have a request sent that waits."""
    with _waits():
        house.reactions.actions.automation.approve(uid, visitor.account.name)


@router.post("/requests/{uid}/refuse", status_code=204)
def refuse(uid: Uid, house: TheHouse, visitor: Reviewer) -> None:
    """Have a request not sent that waits."""
    with _waits():
        house.reactions.actions.automation.refuse(uid, visitor.account.name)


@router.get("/destinations")
def destinations(house: TheHouse, visitor: Viewer) -> list[DestinationOut]:  # noqa: ARG001
    """Return who is told, and how many messages have come how far."""
    outbox, now = house.reactions.actions.outbox, time.time()
    counts = outbox.counts()
    configuration = house.reactions.configuration
    return [
        DestinationOut(
            name=hearer.name,
            kind=table.kind,
            hears=list(table.hears),
            cameras=list(table.cameras),
            messages={state.value: number for (to, state), number in counts.items() if to == hearer.name},
            digest=digest_in_words(table),
            quiet=table.quiet,
            quiet_until_utc=hearer.quiet_until(now),
            next_utc=hearer.due(MessageKind.ALERT, now),
            gathered=len(outbox.gathered(hearer.name, now)),
        )
        for hearer, table in zip(hearers(configuration), configuration.destinations.values(), strict=True)
    ]


@router.get("/destinations/{name}/digest")
def digest(name: TheRule, house: TheHouse, visitor: Viewer) -> list[MessageOut]:  # noqa: ARG001
    """Return the news that waits for its digest, or for quiet hours to end, oldest first."""
    _known(house, name)
    return [message_out(one) for one in house.reactions.actions.outbox.gathered(name, time.time())]


@router.post("/destinations/{name}/digest", status_code=202)
def send_digest(name: TheRule, house: TheHouse, visitor: Admin) -> Digested:  # noqa: ARG001
    """Have that news sent now, as one message."""
    _known(house, name)
    return Digested(messages=house.reactions.actions.send_digest(name))


@router.post("/destinations/{name}/test", status_code=202)
def try_out(name: TheRule, house: TheHouse, visitor: Admin) -> Sent:  # noqa: ARG001
    """Send a message to try a destination; look for its id among the messages."""
    _known(house, name)
    return Sent(id=house.reactions.actions.news.test(name))


@router.get("/messages")
def messages(
    house: TheHouse,
    visitor: Admin,  # noqa: ARG001
    state: MessageState | None = None,
    destination: RuleName | None = None,
    limit: Most = 100,
) -> list[MessageOut]:
    """Return messages, newest first."""
    return [message_out(one) for one in house.reactions.actions.outbox.messages(state, destination, limit)]


@router.post("/messages/{uid}/retry", status_code=204)
def retry(uid: Uid, house: TheHouse, visitor: Admin) -> None:  # noqa: ARG001
    """Try a message again that was given up."""
    actions = house.reactions.actions
    with _waits():
        actions.outbox.revive(uid, time.time())
    actions.courier.wake()


@contextmanager
def _waits() -> Iterator[None]:
    """Answer 404 where nothing of that id waits to be dealt with."""
    try:
        yield
    except SettingError as error:
        raise HTTPException(404, str(error)) from None


def digest_in_words(table: DestinationTable) -> str | None:
    """Say when a destination's digest is sent; ``None`` where it has none."""
    if table.digest is not None:
        return f"every {table.digest:g} minutes"
    return None if table.digest_at is None else f"every day at {table.digest_at}"


def _known(house: House, name: str) -> None:
    if name not in house.reactions.configuration.destinations:
        raise HTTPException(404, "There is no destination of that name; look at the list of destinations.")


def rule_out(house: House, rule: Rule) -> RuleOut:
    """Return a rule as the API tells it."""
    table = rule.model_dump(mode="json", by_alias=True, exclude={"name"})
    return RuleOut(name=rule.name, fixed=house.reactions.is_fixed(rule.name), rule=table)


def waiting(house: House) -> list[RequestOut]:
    """Return what waits for a person, oldest first."""
    found = [
        RequestOut(
            id=one.uid,
            rule=rule,
            camera=one.camera,
            why=one.why,
            measures=dict(one.measures),
            asked_utc=one.asked,
            until_utc=one.deadline,
        )
        for rule, pending in house.reactions.actions.automation.pending.items()
        for one in pending
    ]
    return sorted(found, key=lambda one: one.asked_utc)


def decision_out(one: Decision) -> DecisionOut:
    """Return a decision as the API tells it."""
    request = one.request or one.proposed
    return DecisionOut(
        id=one.uid,
        utc=one.utc,
        rule=one.rule,
        camera=one.camera,
        outcome=one.outcome.value,
        why=one.why,
        measures=dict(one.measures),
        sent=one.request is not None,
        destination=None if request is None else request.destination,
    )


def message_out(one: StoredMessage) -> MessageOut:
    """Return a message as the API tells it."""
    message = one.message
    return MessageOut(
        id=message.uid,
        destination=message.destination,
        kind=message.kind.value,
        camera=message.camera,
        title=message.title,
        created_utc=message.created_utc,
        state=one.state,
        attempts=one.attempts,
        error=one.error,
        ended_utc=one.ended_utc,
    )
