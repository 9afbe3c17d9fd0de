"""Libraries of events: teaching them, and running them over footage."""

from __future__ import annotations

from pathlib import Path as File
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, HTTPException, Path, Response
from fastapi.responses import FileResponse

from everyframe.errors import LabelError
from everyframe.highlights.library import FEWEST, NOTHING
from everyframe.highlights.text import folded
from everyframe.server.api.footage import known as known_footage
from everyframe.server.api.jobs import told as job_told
from everyframe.server.api.teach_forms import JobOut, LibraryName, LibraryOut, SpotForm, TeachForm
from everyframe.server.guard import Admin, Reviewer, TheHouse, Viewer
from everyframe.server.house import House
from everyframe.server.job_files import Job
from everyframe.server.libraries import SUFFIX, Shown, file_of, libraries
from everyframe.server.libraries import remove as remove_file
from everyframe.server.works import SPOT, TEACH
from everyframe.store.archive.labels import said_by_people
from everyframe.vision.needing import need_torch

PREFIX = "/api/v1/libraries"
router = APIRouter(prefix="/libraries", tags=["libraries"])

Name = Annotated[LibraryName, Path(description="The library's name")]


@router.get("")
def some(house: TheHouse, visitor: Viewer) -> list[LibraryOut]:  # noqa: ARG001
    """Return all libraries, by name."""
    return [told(one) for one in libraries(house.libraries)]


@router.post("", status_code=201)
def teach(form: TeachForm, house: TheHouse, visitor: Reviewer) -> JobOut:
    """Have a library taught; one of that name is replaced when that is done."""
    return job_told(house, begin(house, form, visitor.account.name))


@router.get("/{name}/file", response_class=FileResponse)
def file(name: Name, house: TheHouse, visitor: Viewer) -> Response:  # noqa: ARG001
    """Return a library as the file that `everyframe spot` reads."""
    return FileResponse(
        _there(house, name), media_type="application/octet-stream", filename=f"{name}{SUFFIX}"
    )


@router.delete("/{name}", status_code=204)
def remove(name: Name, house: TheHouse, visitor: Admin) -> None:  # noqa: ARG001
    """Remove a library; what it spotted stays."""
    _there(house, name)
    remove_file(house.libraries, name)


@router.post("/{name}/spot", status_code=201)
def spot(name: Name, form: SpotForm, house: TheHouse, visitor: Reviewer) -> JobOut:
    """Have footage looked through; of each file what is spotted replaces what this library said before."""
    _there(house, name)
    return job_told(house, begin_spotting(house, name, form, visitor.account.name))


def begin(house: House, form: TeachForm, who: str) -> Job:
    """Have a library taught.

    Raises:
        LabelError: There is too little to learn from.
        SettingError: PyTorch is needed and not there, or too much waits.
    """
    counts = counted(house)
    for label in form.classes:
        count = next((number for name, number in counts.items() if folded(name) == folded(label)), 0)
        if count < FEWEST:
            raise LabelError(f"{label} has {count} of {FEWEST} examples that it needs; label more of it.")
    if form.add_to is None:
        events = {folded(one) for one in form.classes} | ({NOTHING} & counts.keys())
        if len(events) < 2:
            raise LabelError("Choose a second class to tell the first one from, or label some as nothing.")
        if form.epochs:
            need_torch()
    else:
        _there(house, form.add_to)
    task = {"library": form.name, **form.model_dump(exclude={"name"})}
    return house.jobs.add(TEACH, f"Teach {form.name}", who, task)


def begin_spotting(house: House, name: str, form: SpotForm, who: str) -> Job:
    """Have footage looked through.

    Raises:
        HTTPException: There is no such footage.
        SettingError: Too much waits.
    """
    for number in form.footage or ():
        known_footage(house, number)
    where = "all footage" if form.footage is None else f"{len(form.footage):,} of the footage"
    task = {"library": name, "footage": form.footage, "threshold": form.threshold}
    return house.jobs.add(SPOT, f"Run {name} over {where}", who, task)


def counted(house: House) -> dict[str, int]:
    """Return how many examples people labelled of each class, in footage that is here; by name."""
    counts: dict[str, int] = {}
    for one in said_by_people(house.store):
        counts[one.label] = counts.get(one.label, 0) + 1
    return dict(sorted(counts.items()))


def told(one: Shown) -> LibraryOut:
    """Return a library as the API gives it."""

    def number(name: str) -> int | None:
        said = one.about.get(name)
        return said if isinstance(said, int) else None

    return LibraryOut(
        name=one.name,
        classes=list(one.classes),
        changed_utc=one.changed_utc,
        size=one.size,
        examples=number("examples"),
        epochs=number("epochs"),
        accuracy=one.accuracy,
        fault=one.fault,
        file=f"{PREFIX}/{quote(one.name)}/file",
    )


def _there(house: House, name: str) -> File:
    path = file_of(house.libraries, name)
    if path is None or not path.is_file():
        raise HTTPException(404, f"There is no library {name}; teach one, or look at the list of them.")
    return path
