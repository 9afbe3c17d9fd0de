"""Reels: films cut from moments of the archive."""

from __future__ import annotations

from pathlib import Path as File
from typing import Annotated, Literal

from fastapi import APIRouter, HTTPException, Path, Response
from fastapi.responses import FileResponse

from everyframe.server.api.forms import Key
from everyframe.server.api.moments import known as known_moment
from everyframe.server.api.reel_forms import CutForm, CutOut, ReelForm, ReelOut
from everyframe.server.guard import Reviewer, TheHouse, Viewer
from everyframe.server.house import House
from everyframe.server.reel_jobs import ChosenCut, ReelJob

PREFIX = "/api/v1/reels"
router = APIRouter(prefix="/reels", tags=["reels"])

Number = Annotated[Key, Path(description="The reel's number")]
Kind = Literal["vtt", "json", "edl", "fcpxml", "otio"]
_TYPES = {"vtt": "text/vtt", "json": "application/json", "fcpxml": "application/xml", "edl": "text/plain"}
_KEPT = {"Cache-Control": "private, max-age=3600"}


@router.get("")
def some(house: TheHouse, visitor: Viewer) -> list[ReelOut]:  # noqa: ARG001
    """Return all reels, the newest first."""
    return [told(house, job) for job in house.reels.all()]


@router.post("", status_code=201)
def make(form: ReelForm, house: TheHouse, visitor: Reviewer) -> ReelOut:
    """Have a reel cut from moments, in this order; it is there once its state is ``done``."""
    cuts = [_chosen(house, cut) for cut in form.cuts]
    return told(house, house.reels.add(form.title, cuts, visitor.account.name, form.longest))


@router.get("/{number}")
def one(number: Number, house: TheHouse, visitor: Viewer) -> ReelOut:  # noqa: ARG001
    """Return one reel."""
    return told(house, _known(house, number))


@router.delete("/{number}", status_code=204)
def remove(number: Number, house: TheHouse, visitor: Reviewer) -> None:  # noqa: ARG001
    """Remove a reel with its film; one that is being cut is ended."""
    _known(house, number)
    house.reels.remove(number)


@router.get("/{number}/film", response_class=FileResponse, responses={200: {"content": {"video/mp4": {}}}})
def film(number: Number, house: TheHouse, visitor: Viewer) -> Response:  # noqa: ARG001
    """Return the film (MP4); parts of it on request."""
    _known(house, number)
    return FileResponse(_there(house.reels.file(number)), media_type="video/mp4", headers=_KEPT)


@router.get("/{number}/lists/{kind}", response_class=FileResponse)
def beside(number: Number, kind: Kind, house: TheHouse, visitor: Viewer) -> Response:  # noqa: ARG001
    """Return its chapters (WebVTT), or its cuts for programs (JSON) and editors (EDL, FCPXML, OTIO)."""
    _known(house, number)
    path = _there(house.reels.file(number, f"reel.{kind}"))
    return FileResponse(path, media_type=_TYPES.get(kind, "application/octet-stream"), headers=_KEPT)


def told(house: House, job: ReelJob) -> ReelOut:
    """Return a reel as the API tells it: without where footage lies."""
    at = f"{PREFIX}/{job.id}"
    return ReelOut(
        id=job.id,
        title=job.title,
        who=job.who,
        made_utc=job.made_utc,
        state=job.state,
        share=house.reels.share(job.id),
        fault=job.fault,
        notes=list(job.notes),
        seconds=job.seconds,
        longest=job.longest,
        cuts=[
            CutOut(
                moment=cut.moment,
                label=cut.label,
                footage=File(cut.source).stem,
                start=cut.start,
                end=cut.end,
            )
            for cut in job.cuts
        ],
        film=f"{at}/film" if house.reels.file(job.id) is not None else None,
        lists={kind: f"{at}/lists/{kind}" for kind in house.reels.lists(job.id)},
    )


def _chosen(house: House, form: CutForm) -> ChosenCut:
    moment = known_moment(house, form.moment)
    segment = moment.segment
    if moment.path is None or not moment.path.is_file():
        raise HTTPException(
            404, f"The footage of moment {form.moment}, {segment.label}, is not here; leave it out."
        )
    return ChosenCut(
        moment=form.moment,
        source=str(moment.path),
        start=segment.start if form.start is None else form.start,
        end=segment.end if form.end is None else form.end,
        label=segment.label,
        confidence=segment.confidence,
        about=dict(segment.about),
    )


def _known(house: House, number: int) -> ReelJob:
    job = house.reels.one(number)
    if job is None:
        raise HTTPException(404, f"There is no reel {number}; look at the list of reels.")
    return job


def _there(path: File | None) -> File:
    if path is None:
        raise HTTPException(404, "This reel has no such file; wait until it is done, or make it again.")
    return path
