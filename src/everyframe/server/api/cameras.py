"""Cameras: what is watched, and how each is."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Body, HTTPException, Path, Response

from everyframe.actions import Zone
from everyframe.live import CameraSpec, CameraStatus
from everyframe.server.api.events import all_told
from everyframe.server.api.forms import (
    Camera,
    CameraChange,
    CameraForm,
    CameraName,
    GapOut,
    PeakOut,
    Probed,
    ProbeForm,
    ProposalOut,
    RegionOut,
    Status,
    Timeline,
    Utc,
    ZoneName,
    ZoneOut,
)
from everyframe.server.cameras import KeptCamera
from everyframe.server.guard import Admin, TheHouse, Viewer
from everyframe.server.house import House
from everyframe.server.normal import picture_of
from everyframe.server.proposing import propose_for
from everyframe.sources import Probe
from everyframe.store import browsing

router = APIRouter(tags=["cameras"])

Name = Annotated[CameraName, Path(description="The camera's name")]
TheZone = Annotated[ZoneName, Path(description="The zone's name")]
ZoneBody = Annotated[
    dict[str, Any],
    Body(
        description="The zone's table as in the settings file, without its name and camera.",
        examples=[{"polygon": [[0.1, 0.5], [0.9, 0.5], [0.5, 0.9]]}],
    ),
]
MOST_DAYS = 32
_DAY = 86_400.0
_EVENTS = 500
_TOLD = set(Camera.model_fields) - {"fixed", "status"}


@router.get("/cameras")
def all_cameras(house: TheHouse, visitor: Viewer) -> list[Camera]:  # noqa: ARG001
    """Return every camera that is watched."""
    return [camera_out(camera) for camera in house.cameras.all()]


@router.get("/statuses")
def statuses(house: TheHouse, visitor: Viewer) -> dict[str, Status]:  # noqa: ARG001
    """Say how each camera is."""
    return {camera.spec.name: status_out(camera.status) for camera in house.cameras.all()}


@router.post("/probe")
def probe(form: ProbeForm, house: TheHouse, visitor: Admin) -> Probed:  # noqa: ARG001
    """Look at a source for two seconds, and say what it is or why it cannot be read."""
    return probed(house.cameras.probe(form.source))


@router.post("/cameras", status_code=201)
def add(form: CameraForm, house: TheHouse, visitor: Admin) -> Camera:  # noqa: ARG001
    """Look at a camera, and watch it from now on; where it cannot be read, say why."""
    return camera_out(house.cameras.add(CameraSpec(**dict(form))))


@router.get("/cameras/{name}")
def one(name: Name, house: TheHouse, visitor: Viewer) -> Camera:  # noqa: ARG001
    """Return one camera."""
    return camera_out(_known(house, name))


@router.patch("/cameras/{name}")
def change(name: Name, form: CameraChange, house: TheHouse, visitor: Admin) -> Camera:  # noqa: ARG001
    """Watch a camera in another way from now on; what is normal there stays known."""
    _known(house, name)
    return camera_out(house.cameras.change(name, **dict(form)))


@router.delete("/cameras/{name}", status_code=204)
def remove(name: Name, house: TheHouse, visitor: Admin) -> None:  # noqa: ARG001
    """Watch a camera no more; what it found stays."""
    _known(house, name)
    house.cameras.remove(name)


@router.post("/cameras/{name}/restart", status_code=204)
def restart(name: Name, house: TheHouse, visitor: Admin, anew: bool = False) -> None:  # noqa: ARG001
    """Connect to a camera again; ``anew`` forgets what is normal there, and learns it again."""
    _known(house, name)
    house.cameras.restart(name, anew=anew)


@router.get(
    "/cameras/{name}/preview", response_class=Response, responses={200: {"content": {"image/jpeg": {}}}}
)
def preview(name: Name, house: TheHouse, visitor: Viewer) -> Response:  # noqa: ARG001
    """Return the latest picture with what is unusual laid over it; nothing while there is none."""
    _known(house, name)
    picture = house.cameras.preview(name)
    if picture is None:
        return Response(status_code=204, headers={"Cache-Control": "no-store"})
    return Response(picture, media_type="image/jpeg", headers={"Cache-Control": "no-store"})


@router.get(
    "/cameras/{name}/normal", response_class=Response, responses={200: {"content": {"image/png": {}}}}
)
def normal(name: Name, house: TheHouse, visitor: Viewer) -> Response:  # noqa: ARG001
    """Return the picture of what is normal there."""
    _known(house, name)
    picture = picture_of(house, name)
    if picture is None:
        raise HTTPException(404, "It is not known yet what is normal there; wait until it has learned.")
    return Response(picture, media_type="image/png", headers={"Cache-Control": "private, max-age=60"})


@router.get("/cameras/{name}/zones")
def zones(name: Name, house: TheHouse, visitor: Viewer) -> list[ZoneOut]:  # noqa: ARG001
    """Return the zones in a camera's picture, those of the settings file and those drawn."""
    _known(house, name)
    return [zone_out(house, name, zone) for zone in house.zones.of(name)]


@router.put("/cameras/{name}/zones/{zone}")
def put_zone(name: Name, zone: TheZone, told: ZoneBody, house: TheHouse, visitor: Admin) -> ZoneOut:
    """Make or change a zone; it is measured from now on."""
    _known(house, name)
    return zone_out(house, name, house.zones.put(name, zone, told, visitor.account.name))


@router.delete("/cameras/{name}/zones/{zone}", status_code=204)
def remove_zone(name: Name, zone: TheZone, house: TheHouse, visitor: Admin) -> None:  # noqa: ARG001
    """Forget a zone that no rule speaks of."""
    _known(house, name)
    house.zones.remove(name, zone)


@router.post("/cameras/{name}/proposal")
def proposal(name: Name, house: TheHouse, visitor: Admin) -> ProposalOut:  # noqa: ARG001
    """Look at a camera for some seconds, and propose zones and masks that are not drawn yet."""
    _known(house, name)
    found = propose_for(house, name)
    zones, masks = (
        [RegionOut(name=one.name, polygon=list(one.polygon), share=one.share) for one in regions]
        for regions in (found.zones, found.masks)
    )
    return ProposalOut(zones=zones, masks=masks)


@router.get("/cameras/{name}/timeline")
def timeline(name: Name, since: Utc, until: Utc, house: TheHouse, visitor: Viewer) -> Timeline:  # noqa: ARG001
    """Return the scores, gaps and events of some hours, up to 32 days."""
    if not since < until <= since + MOST_DAYS * _DAY:
        raise HTTPException(422, f"until must be after since, by at most {MOST_DAYS} days.")
    found = browsing.stretch(house.store, name, since, until)
    events = browsing.browse(
        house.store, camera=name, since=since, until=until, order=browsing.Order.OLDEST, limit=_EVENTS
    )
    return Timeline(
        camera=name,
        since=since,
        until=until,
        alert_p=found.alert_p,
        peaks=[PeakOut(**asdict(peak)) for peak in found.peaks],
        gaps=[GapOut(**asdict(gap)) for gap in found.gaps],
        events=all_told(house, events.events),
    )


def camera_out(camera: KeptCamera) -> Camera:
    """Make the form of a camera."""
    told = {field: getattr(camera.spec, field) for field in _TOLD}
    return Camera(**told, fixed=camera.fixed, status=status_out(camera.status))


def zone_out(house: House, camera: str, zone: Zone) -> ZoneOut:
    """Make the form of a zone."""
    table = zone.model_dump(mode="json", exclude_defaults=True, exclude={"name"})
    return ZoneOut(name=zone.name, fixed=house.zones.is_fixed(camera, zone.name), zone=table)


def status_out(status: CameraStatus) -> Status:
    """Make the form of a status."""
    fields = {name: getattr(status, name) for name in Status.model_fields if name != "health"}
    return Status(**fields, health=sorted(getattr(status, "health", ())))


def probed(found: Probe) -> Probed:
    """Make the form of what was found out about a source."""
    values = {name: getattr(found, name) for name in Probed.model_fields}
    return Probed(**values | {"fps": float(found.fps) if found.fps else None})


def _known(house: House, name: str) -> KeptCamera:
    camera = house.cameras.one(name)
    if camera is None:
        raise HTTPException(404, "There is no camera of that name; look at the list of cameras.")
    return camera
