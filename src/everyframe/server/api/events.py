"""Events: what was found, and what it looked like."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path as File
from typing import Annotated

from fastapi import APIRouter, HTTPException, Path, Query, Response
from fastapi.responses import FileResponse

from everyframe.server.api.forms import CameraName, Deviates, EventPage, FoundEvent, Key, Rectangle, Utc
from everyframe.server.guard import TheHouse, Viewer
from everyframe.server.house import House
from everyframe.store import StoredEvent, browsing

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
    order: browsing.Order = browsing.Order.NEWEST,
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
    offset: Annotated[int, Query(ge=0, le=2**31 - 1)] = 0,
) -> EventPage:
    """Return a page of events."""
    page = browsing.browse(
        house.store, camera=camera, since=since, until=until, order=order, limit=limit, offset=offset
    )
    return EventPage(events=[told(event) for event in page.events], total=page.total)


@router.get("/{number}")
def one(number: Number, house: TheHouse, visitor: Viewer) -> FoundEvent:  # noqa: ARG001
    """Return one event."""
    return told(_known(house, number))


@router.get("/{number}/clip", response_class=FileResponse, responses={200: {"content": {"video/mp4": {}}}})
def clip(number: Number, house: TheHouse, visitor: Viewer) -> Response:  # noqa: ARG001
    """Return the video of an event; parts of it on request."""
    return _file(house, _known(house, number).clip, "clip")


@router.get(
    "/{number}/thumbnail", response_class=FileResponse, responses={200: {"content": {"image/jpeg": {}}}}
)
def thumbnail(number: Number, house: TheHouse, visitor: Viewer) -> Response:  # noqa: ARG001
    """Return the picture of an event at its peak."""
    return _file(house, _known(house, number).thumbnail, "picture")


@router.get("/{number}/drawing", response_class=FileResponse, responses={200: {"content": {"image/png": {}}}})
def drawing(number: Number, house: TheHouse, visitor: Viewer) -> Response:  # noqa: ARG001
    """Return the drawing of what deviates."""
    return _file(house, _known(house, number).why, "drawing")


def told(entry: StoredEvent) -> FoundEvent:
    """Make the form of an event."""
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
        deviations=[
            Deviates(
                attribute=entry.attribute,
                value=entry.value,
                normal=entry.normal,
                unit=entry.unit,
                text=entry.text,
            )
            for entry in event.deviations
        ],
        clip=f"{at}/clip" if entry.clip else None,
        thumbnail=f"{at}/thumbnail" if entry.thumbnail else None,
        drawing=f"{at}/drawing" if entry.why else None,
    )


def _known(house: House, number: int) -> StoredEvent:
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
