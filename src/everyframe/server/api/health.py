"""What was wrong with the cameras, and when."""

from __future__ import annotations

from fastapi import APIRouter

from everyframe.server.api.forms import CameraName, HealthOut, Utc
from everyframe.server.guard import TheHouse, Viewer

router = APIRouter(tags=["health"])


@router.get("/health")
def faults(
    house: TheHouse,
    visitor: Viewer,  # noqa: ARG001
    camera: CameraName | None = None,
    since: Utc | None = None,
    until: Utc | None = None,
) -> list[HealthOut]:
    """Return the faults of cameras that lasted into a stretch of time, in the order in which they began."""
    return [
        HealthOut(
            id=one.id,
            camera=one.camera,
            kind=one.kind.value,
            start_utc=one.start_utc,
            end_utc=one.end_utc,
            text=one.text,
        )
        for one in house.store.health(camera, since, until)
    ]
