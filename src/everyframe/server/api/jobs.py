"""What takes long: footage that is indexed, libraries that are taught, and what they spot."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, HTTPException, Path

from everyframe.server.api.forms import Key
from everyframe.server.api.teach_forms import JobOut
from everyframe.server.guard import Reviewer, TheHouse, Viewer
from everyframe.server.house import House
from everyframe.server.job_files import Job

router = APIRouter(prefix="/jobs", tags=["jobs"])

Number = Annotated[Key, Path(description="The job's number")]


@router.get("")
def some(house: TheHouse, visitor: Viewer) -> list[JobOut]:  # noqa: ARG001
    """Return what is being done, what waits and what is over, the newest first."""
    return [told(house, job) for job in house.jobs.all()]


@router.get("/{number}")
def one(number: Number, house: TheHouse, visitor: Viewer) -> JobOut:  # noqa: ARG001
    """Return one job."""
    return told(house, _known(house.jobs.one(number), number))


@router.post("/{number}/stop")
def stop(number: Number, house: TheHouse, visitor: Reviewer) -> JobOut:  # noqa: ARG001
    """Have it end with what it has; where that was asked before, at once."""
    house.jobs.stop(number)
    return told(house, _known(house.jobs.one(number), number))


@router.post("/{number}/again", status_code=201)
def again(number: Number, house: TheHouse, visitor: Reviewer) -> JobOut:
    """Ask for the same again; what was interrupted goes on where it can."""
    return told(house, _known(house.jobs.again(number, visitor.account.name), number))


@router.delete("/{number}", status_code=204)
def remove(number: Number, house: TheHouse, visitor: Reviewer) -> None:  # noqa: ARG001
    """Tell no more of one that is over; what it made stays."""
    if not house.jobs.remove(number):
        _known(None, number)


def told(house: House, job: Job) -> JobOut:
    """Return a job as the API tells it."""
    step = house.jobs.step(job.id)
    return JobOut(
        id=job.id,
        kind=job.kind,
        title=job.title,
        who=job.who,
        made_utc=job.made_utc,
        state=job.state,
        doing=step.doing,
        name=step.name,
        done=step.done,
        total=step.total,
        more=step.more,
        stopping=step.stopping,
        curve=list(job.curve),
        fault=job.fault,
        outcome=job.outcome,
        notes=list(job.notes),
    )


def _known(job: Job | None, number: int) -> Job:
    if job is None:
        raise HTTPException(404, f"There is no job {number}; look at the list of jobs.")
    return job
