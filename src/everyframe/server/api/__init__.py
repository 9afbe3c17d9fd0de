"""The JSON API, under ``/api/v1``."""

from __future__ import annotations

from fastapi import APIRouter

from everyframe.server.api import (
    actions,
    cameras,
    events,
    footage,
    health,
    jobs,
    labels,
    libraries,
    moments,
    people,
    profiles,
    recordings,
    reels,
    sessions,
    system,
    verdicts,
)
from everyframe.server.api.forms import Fault

PREFIX = "/api/v1"

_FAULTS = {
    400: "What cannot be, and what to do",
    401: "Nobody is signed in",
    403: "Not allowed",
    404: "There is no such thing",
    422: "What was sent is not as it should be",
    413: "More was sent than is taken",
    429: "Too many wrong passwords",
    503: "The store cannot be used just now",
}


def routes() -> APIRouter:
    """Return every endpoint of the API."""
    # One of them brings the form into the description, and the others point to it: of each that has a model
    # FastAPI would make a validator, for each endpoint.
    form = {"application/json": {"schema": {"$ref": f"#/components/schemas/{Fault.__name__}"}}}
    faults: dict[int | str, dict[str, object]] = {
        status: {"description": said, "content": form} for status, said in _FAULTS.items()
    }
    faults[400] = {"description": _FAULTS[400], "model": Fault}
    router = APIRouter(prefix=PREFIX, responses=faults)
    for room in (
        sessions,
        cameras,
        recordings,
        events,
        health,
        verdicts,
        moments,
        profiles,
        reels,
        footage,
        labels,
        libraries,
        jobs,
        actions,
        people,
        system,
    ):
        router.include_router(room.router)
    return router
