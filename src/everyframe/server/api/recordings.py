"""Recordings of a camera, as it sent them."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, HTTPException, Path
from fastapi.responses import FileResponse, Response

from everyframe.server.api.forms import CameraName, RecordingOut, Utc
from everyframe.server.guard import TheHouse, Viewer
from everyframe.store.recording import Recording, folder_of, recorded

router = APIRouter(prefix="/cameras", tags=["recordings"])

Name = Annotated[CameraName, Path(description="The camera's name")]
Start = Annotated[int, Path(ge=0, le=10**14, description="Milliseconds since 1970 at which it begins")]
_KEPT = {"Cache-Control": "private, max-age=60"}


@router.get("/{name}/recordings")
def all_of_them(
    name: Name,
    house: TheHouse,
    visitor: Viewer,  # noqa: ARG001
    since: Utc = 0.0,
    until: Utc = 32_503_680_000.0,
) -> list[RecordingOut]:
    """Return the recordings that have something of a stretch of time, in order."""
    return [out(name, one) for one in recorded(folder_of(house.folder, name), since, until)]


@router.get(
    "/{name}/recordings/{start}",
    response_class=FileResponse,
    responses={200: {"content": {"video/mp4": {}}}},
)
def film(name: Name, start: Start, house: TheHouse, visitor: Viewer) -> Response:  # noqa: ARG001
    """Return a recording (MP4); parts of it on request."""
    path = folder_of(house.folder, name) / f"{start}.mp4"
    if not path.is_file():
        raise HTTPException(404, "There is no such recording; it may have made room for a newer one.")
    return FileResponse(path, media_type="video/mp4", headers=_KEPT)


def out(camera: str, one: Recording) -> RecordingOut:
    """Return a recording as the API tells it."""
    return RecordingOut(
        camera=camera, start=int(one.path.stem), start_utc=one.start_utc, end_utc=one.end_utc, size=one.size
    )
