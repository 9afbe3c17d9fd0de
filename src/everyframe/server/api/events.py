"""Events: what was found, and what it looked like."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path as File
from typing import Annotated

from fastapi import APIRouter, HTTPException, Path, Query, Response
from fastapi.responses import FileResponse

from everyframe.server.api.forms import (
    CameraName,
    Deviates,
    EventPage,
    FoundEvent,
    Key,
    Rectangle,
    Utc,
    VerdictOut,
)
from everyframe.server.guard import TheHouse, Viewer
from everyframe.server.house import House
from everyframe.store import StoredEvent, Verdict, browsing

PREFIX = "/api/v1/events"
router = APIRouter(prefix="/events", tags=["events"])

Number = Annotated[Key, Path(description="The event's number")]
_TYPES = {".mp4": "video/mp4", ".jpg": "image/jpeg", ".png": "image/png"}
_KEPT = {"Cache-Control": "private, max-age=3600"}


@router.get("")
def some(
    house: TheHouse,
    visitor: Viewer,  # noqa: ARG001
    camera: CameraName | None = None,
    since: Utc | None = None,
    until: Utc | None = None,
    waiting: Annotated[bool, Query(description="Only those that await a verdict")] = False,
    order: browsing.Order = browsing.Order.NEWEST,
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
    offset: Annotated[int, Query(ge=0, le=2**31 - 1)] = 0,
) -> EventPage:
    """Return a page of events."""
    page = browsing.browse(
        house.store,
        camera=camera,
        since=since,
        until=until,
        waiting=waiting,
        order=order,
        limit=limit,
        offset=offset,
    )
    return EventPage(events=all_told(house, page.events), total=page.total)


@router.get("/{number}")
def one(number: Number, house: TheHouse, visitor: Viewer) -> FoundEvent:  # noqa: ARG001
    """Return one event."""
    return all_told(house, [known(house, number)])[0]


@router.get("/{number}/clip", response_class=FileResponse, responses={200: {"content": {"video/mp4": {}}}})
def clip(number: Number, house: TheHouse, visitor: Viewer) -> Response:  # noqa: ARG001
    """Return the video of an event; parts of it on request."""
    return _file(house, known(house, number).clip, "clip")


@router.get(
    "/{number}/thumbnail", response_class=FileResponse, responses={200: {"content": {"image/jpeg": {}}}}
)
def thumbnail(number: Number, house: TheHouse, visitor: Viewer) -> Response:  # noqa: ARG001
    """Return the picture of an event at its peak."""
    return _file(house, known(house, number).thumbnail, "picture")


@router.get("/{number}/drawing", response_class=FileResponse, responses={200: {"content": {"image/png": {}}}})
def drawing(number: Number, house: TheHouse, visitor: Viewer) -> Response:  # noqa: ARG001
    """Return the drawing of what deviates."""
    return _file(house, known(house, number).why, "drawing")


def all_told(house: House, entries: Sequence[StoredEvent]) -> list[FoundEvent]:
    """Make the forms of events, each with the verdict that stands."""
    standing = browsing.standing(house.store, [entry.id for entry in entries])
    return [_told(entry, standing.get(entry.id)) for entry in entries]


def verdict_out(verdict: Verdict) -> VerdictOut:
    """Make the form of a verdict."""
    return VerdictOut(**asdict(verdict))


def _told(entry: StoredEvent, verdict: Verdict | None) -> FoundEvent:
    event, at = entry.event, f"{PREFIX}/{entry.id}"
    return FoundEvent(
        id=entry.id,
        camera=entry.camera,
        begun_utc=entry.noticed_utc if event.utc is None else event.utc,
        seconds=event.duration,
        start=event.start,
        box=Rectangle(**asdict(event.box)),
        score=event.score,
        p_value=event.p_value,
        reason=event.reason,
        name=event.name,
        verdict=None if verdict is None else verdict_out(verdict),
        deviations=[
            Deviates(
                attribute=deviation.attribute,
                value=deviation.value,
                normal=deviation.normal,
                unit=deviation.unit,
                text=deviation.text,
            )
            for deviation in event.deviations
        ],
        clip=f"{at}/clip" if entry.clip else None,
        thumbnail=f"{at}/thumbnail" if entry.thumbnail else None,
        drawing=f"{at}/drawing" if entry.why else None,
    )


def known(house: House, number: int) -> StoredEvent:
    """Return the event of a number.

    Raises:
        HTTPException: There is none.
    """
    event = browsing.one(house.store, number)
    if event is None:
        raise HTTPException(404, f"There is no event {number}; look at the list of events.")
    return event


def _file(house: House, path: File | None, what: str) -> Response:
    """Send a file of the store; never one that lies elsewhere, whatever the database says."""
    if path is None:
        raise HTTPException(404, f"This event has no {what} yet.")
    whole = path.resolve()
    if not whole.is_relative_to(house.folder.resolve()) or whole.suffix not in _TYPES:
        raise HTTPException(
            404, f"The {what} does not lie in the store's folder; look for it at its own place."
        )
    if not whole.is_file():
        raise HTTPException(404, f"The {what} has been removed from the disk.")
    return FileResponse(whole, media_type=_TYPES[whole.suffix], headers=_KEPT)
