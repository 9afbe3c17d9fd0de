"""Footage: what is indexed, and indexing more."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, HTTPException, Path, Query, Response
from fastapi.responses import FileResponse

from everyframe.server.api.forms import Key
from everyframe.server.api.jobs import told as job_told
from everyframe.server.api.moments import PLAYED, playable
from everyframe.server.api.teach_forms import FootageForm, FootageOut, FootagePage, JobOut
from everyframe.server.guard import Admin, Reviewer, TheHouse, Viewer
from everyframe.server.house import House
from everyframe.server.job_files import Job
from everyframe.server.shelf import inside, shown
from everyframe.server.works import INDEX
from everyframe.store.archive.shelf import Shelved, footage, shelf, take_away

PREFIX = "/api/v1/footage"
router = APIRouter(prefix="/footage", tags=["footage"])

Number = Annotated[Key, Path(description="The footage's number")]
_KEPT = {"Cache-Control": "private, max-age=3600"}


@router.get("")
def some(
    house: TheHouse,
    visitor: Viewer,  # noqa: ARG001
    text: Annotated[str, Query(max_length=200, description="What the name must contain")] = "",
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
    offset: Annotated[int, Query(ge=0, le=1_000_000)] = 0,
) -> FootagePage:
    """Return what is indexed, by name."""
    found, more = shelf(house.store, text=text, limit=limit, offset=offset)
    return FootagePage(footage=[told(house, one) for one in found], more=more)


@router.post("", status_code=201)
def add(form: FootageForm, house: TheHouse, visitor: Reviewer) -> JobOut:
    """Have a file or a folder of the server's machine indexed; the job says how far that is."""
    return job_told(house, begin(house, form.path, visitor.account.name))


@router.get("/{number}")
def one(number: Number, house: TheHouse, visitor: Viewer) -> FootageOut:  # noqa: ARG001
    """Return one file of footage."""
    return told(house, known(house, number))


@router.delete("/{number}", status_code=204)
def remove(number: Number, house: TheHouse, visitor: Admin) -> None:  # noqa: ARG001
    """Take footage out of the index with its moments and labels; the file itself stays."""
    known(house, number)
    take_away(house.store, number)


@router.get("/{number}/film", response_class=FileResponse, responses={200: {"content": {"video/mp4": {}}}})
def film(number: Number, house: TheHouse, visitor: Viewer) -> Response:  # noqa: ARG001
    """Return the film as far as browsers play it; parts of it on request."""
    path = known(house, number).footage.path
    if path is None or not playable(path):
        raise HTTPException(404, "This footage is not here, or is no video that browsers play.")
    return FileResponse(path, media_type=PLAYED[path.suffix.lower()], headers=_KEPT)


def begin(house: House, path: str, who: str) -> Job:
    """Have footage indexed.

    Raises:
        SettingError: It lies outside the folder of footage, or too much waits.
        SourceNotFound: There is no such file or folder.
    """
    whole = inside(house.settings.footage, path)
    called = shown(house.settings.footage, whole)
    title = "Index all footage" if called == "." else f"Index {called}"
    return house.jobs.add(INDEX, title, who, {"path": str(whole)})


def known(house: House, number: int) -> Shelved:
    """Return the footage of a number.

    Raises:
        HTTPException: There is none.
    """
    found = footage(house.store, number)
    if found is None:
        raise HTTPException(404, f"There is no footage {number}; look at the list of footage.")
    return found


def told(house: House, one: Shelved) -> FootageOut:
    """Return footage as the API gives it: without where it lies on this machine."""
    about, path = one.footage, one.footage.path
    return FootageOut(
        id=about.id,
        name=about.name,
        file=about.name if path is None else shown(house.settings.footage, path),
        seconds=about.seconds,
        fps=about.fps,
        width=about.width,
        height=about.height,
        date=about.date,
        indexed_utc=one.indexed_utc,
        here=path is not None and path.is_file(),
        moments=dict(one.moments),
        by_people=one.by_people,
        film=f"{PREFIX}/{about.id}/film" if path is not None and playable(path) else None,
    )
