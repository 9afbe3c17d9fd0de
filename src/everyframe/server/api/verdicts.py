"""Verdicts: what people say that events were."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, HTTPException, Path

from everyframe.server.api.events import Number, known, verdict_out
from everyframe.server.api.forms import CameraName, Key, VerdictForm, VerdictOut
from everyframe.server.guard import Reviewer, TheHouse, Viewer
from everyframe.store import browsing

router = APIRouter(tags=["verdicts"])


@router.post("/events/{number}/verdict", status_code=201)
def give(number: Number, form: VerdictForm, house: TheHouse, visitor: Reviewer) -> VerdictOut:
    """Say what an event was; what was said before is undone by it."""
    known(house, number)
    house.store.give_verdict(number, form.kind, visitor.account.name, form.name)
    return verdict_out(browsing.standing(house.store, [number])[number])


@router.get("/verdicts")
def all_verdicts(
    house: TheHouse,
    visitor: Viewer,  # noqa: ARG001
    camera: CameraName | None = None,
    standing: bool = True,
) -> list[VerdictOut]:
    """Return verdicts in the order in which they were given; those that were undone on request."""
    return [verdict_out(verdict) for verdict in house.store.verdicts(camera, standing)]


@router.delete("/verdicts/{number}", status_code=204)
def undo(
    number: Annotated[Key, Path(description="The verdict's number")], house: TheHouse, visitor: Reviewer
) -> None:
    """Take a verdict back; that it was given is kept."""
    if all(verdict.id != number for verdict in house.store.verdicts(standing=False)):
        raise HTTPException(404, f"There is no verdict {number}; look at the list of verdicts.")
    house.store.undo_verdict(number, visitor.account.name)
