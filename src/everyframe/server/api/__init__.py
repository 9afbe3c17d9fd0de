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


def routes() -> APIRouter:
    """Return every endpoint of the API."""
    faults: dict[int | str, dict[str, object]] = {
        400: {"model": Fault, "description": "What cannot be, and what to do"},
        401: {"model": Fault, "description": "Nobody is signed in"},
        403: {"model": Fault, "description": "Not allowed"},
        404: {"model": Fault, "description": "There is no such thing"},
        422: {"model": Fault, "description": "What was sent is not as it should be"},
        413: {"model": Fault, "description": "More was sent than is taken"},
        429: {"model": Fault, "description": "Too many wrong passwords"},
        503: {"model": Fault, "description": "The store cannot be used just now"},
    }
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
