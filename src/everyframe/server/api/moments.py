"""Moments: what happens in the footage of the archive."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path as File
from typing import Annotated

from fastapi import APIRouter, HTTPException, Path, Query, Response
from fastapi.responses import FileResponse
from pydantic import BeforeValidator

from everyframe.archive import search
from everyframe.highlights.query import LONGEST
from everyframe.server.api.archive_forms import MomentOut, MomentPage
from everyframe.server.api.forms import Key
from everyframe.server.guard import TheHouse, Viewer
from everyframe.server.house import House
from everyframe.store.archive import StoredMoment, moment

PREFIX = "/api/v1/moments"
router = APIRouter(prefix="/moments", tags=["moments"])

Number = Annotated[Key, Path(description="The moment's number")]
Name = Annotated[str, Query(max_length=200)]
PLAYED = {".mp4": "video/mp4", ".m4v": "video/mp4", ".mov": "video/mp4", ".webm": "video/webm"}
"""What browsers play."""


def _written(told: object) -> object:
    """Refuse a number: it would be taken for a count of seconds."""
    if isinstance(told, str) and not re.fullmatch(r"\d{4}-\d{2}-\d{2}", told):
        raise ValueError("write a day as 2026-03-02")
    return told


Day = Annotated[date, BeforeValidator(_written)]

_KEPT = {"Cache-Control": "private, max-age=3600"}


@router.get("")
def some(
    house: TheHouse,
    visitor: Viewer,  # noqa: ARG001
    text: Annotated[str, Query(max_length=LONGEST, description="Words, or, not, phrases, brackets")] = "",
    player: Name | None = None,
    team: Name | None = None,
    opponent: Name | None = None,
    competition: Name | None = None,
    label: Name | None = None,
    since: Annotated[Day | None, Query(description="The first day")] = None,
    until: Annotated[Day | None, Query(description="The last day; that day, too")] = None,
    last: Annotated[int | None, Query(ge=1, le=500, description="The newest first, so many at most")] = None,
    like: Annotated[Key | None, Query(description="What is most like the moment of this number")] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 20,
    offset: Annotated[int, Query(ge=0, le=10_000)] = 0,
) -> MomentPage:
    """Search the archive: the best match first, or with ``last`` the newest; hints where nothing is."""
    found = search(
        text,
        player=player,
        team=team,
        opponent=opponent,
        competition=competition,
        label=label,
        since=since,
        until=until,
        last=last,
        like=like,
        limit=limit,
        offset=offset,
        store=house.store,
    )
    return MomentPage(moments=[told(one) for one in found], more=found.more, hints=found.hints)


@router.get("/{number}")
def one(number: Number, house: TheHouse, visitor: Viewer) -> MomentOut:  # noqa: ARG001
    """Return one moment."""
    return told(known(house, number))


@router.get("/{number}/strip", response_class=FileResponse, responses={200: {"content": {"image/jpeg": {}}}})
def strip(number: Number, house: TheHouse, visitor: Viewer) -> Response:  # noqa: ARG001
    """Return its picture: eight frames side by side."""
    path = known(house, number).strip
    if path is None:
        raise HTTPException(404, "Nobody has looked at this moment; index its footage.")
    whole = path.resolve()
    if not whole.is_relative_to(house.folder.resolve()) or not whole.is_file():
        raise HTTPException(404, "The picture has been removed from the disk; index the footage again.")
    return FileResponse(whole, media_type="image/jpeg", headers=_KEPT)


@router.get("/{number}/film", response_class=FileResponse, responses={200: {"content": {"video/mp4": {}}}})
def film(number: Number, house: TheHouse, visitor: Viewer) -> Response:  # noqa: ARG001
    """Return the footage that it is in, as far as browsers play it; parts of it on request."""
    path = known(house, number).path
    if path is None or not playable(path):
        raise HTTPException(404, "The footage of this moment is not here, or is no video that browsers play.")
    return FileResponse(path, media_type=PLAYED[path.suffix.lower()], headers=_KEPT)


def playable(path: File) -> bool:
    """Say whether footage is here, and of a kind that browsers play."""
    return path.suffix.lower() in PLAYED and path.is_file()


def known(house: House, number: int) -> StoredMoment:
    """Return the moment of a number.

    Raises:
        HTTPException: There is none.
    """
    found = moment(house.store, number)
    if found is None:
        raise HTTPException(404, f"There is no moment {number}; search for some.")
    return found


def told(one: StoredMoment) -> MomentOut:
    """Return a moment as the API gives it."""
    at = f"{PREFIX}/{one.id}"
    said = one.told()
    said.pop("path")  # where files lie on this machine is nobody's business
    return MomentOut(
        **said,
        strip=None if one.strip is None else f"{at}/strip",
        film=f"{at}/film" if one.path is not None and playable(one.path) else None,
    )
