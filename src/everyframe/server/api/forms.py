"""What the API takes and gives, as it stands in its OpenAPI description."""

from __future__ import annotations

import math
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from everyframe.actions import ALWAYS, Timetable
from everyframe.actions.tables import as_value_error
from everyframe.motion import read_masks
from everyframe.server import passwords
from everyframe.server.roles import Role
from everyframe.types import VerdictKind


def _finite(value: Any) -> Any:
    """Make ``None`` of what JSON cannot say."""
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _printable(text: str) -> str:
    if any(ord(letter) < 32 for letter in text):
        raise ValueError("must be one line without control characters")
    return text


Number = Annotated[float | None, BeforeValidator(_finite)]
"""A number, ``null`` where it is not known or infinite."""

Line = Annotated[str, AfterValidator(_printable), Field(json_schema_extra={"pattern": r"^[^\x00-\x1f]*$"})]
CameraName = Annotated[str, StringConstraints(pattern=r"^[\p{L}\p{N}][\p{L}\p{N}_ .\-]{0,63}$")]
"""What ``settings.CAMERA_NAME`` says, so that every reader of the description takes it for the same: to
those that keep to ECMA's rules a letter of ``\\w`` is one of English."""

PersonName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._@-]{0,63}$")]
Password = Annotated[str, StringConstraints(min_length=passwords.SHORTEST, max_length=passwords.LONGEST)]
ZoneName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,60}$")]
RuleName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9 ._-]{0,99}$")]

Key = Annotated[int, Field(ge=1, le=2**31 - 1)]
Utc = Annotated[float, Field(ge=0, le=32_503_680_000.0, description="POSIX seconds", allow_inf_nan=False)]


class Form(BaseModel):
    """What all forms share: a field that is not known is an error."""

    model_config = ConfigDict(extra="forbid")


class Fault(BaseModel):
    """What is wrong and what to do, in one line."""

    detail: str


class Credentials(Form):
    """How somebody signs in."""

    name: Annotated[Line, Field(max_length=64)]
    password: Annotated[str, Field(max_length=passwords.LONGEST)]


class Session(BaseModel):
    """Who is signed in; ``csrf`` goes into the header X-CSRF-Token of whatever changes something."""

    name: str
    role: Role
    chosen: bool = Field(description="Whether the password is one's own; until then nothing else is allowed")
    csrf: str | None


class NewPassword(Form):
    """A change of one's own password."""

    old: Annotated[str, Field(max_length=passwords.LONGEST)]
    new: Password


Masks = Annotated[
    tuple[tuple[tuple[float, float], ...], ...],
    BeforeValidator(lambda told: as_value_error(read_masks, told)),
    Field(description="Polygons, corners (x, y) in shares of the picture, within which nothing is watched"),
]
ScheduleTable = Annotated[Timetable, Field(description="Days and hours at which it is watched; else always")]


class CameraForm(Form):
    """A camera to be watched."""

    name: CameraName
    source: Annotated[Line, Field(min_length=1, max_length=2000)]
    budget: Annotated[Line, Field(max_length=64)] = "2/day"
    detector: Annotated[Line, Field(max_length=64)] = "density"
    motion: Literal["flow", "codec"] = "flow"
    learn_for: Annotated[float, Field(ge=10, le=604_800, description="Seconds of footage")] = 600.0
    masks: Masks = ()
    schedule: ScheduleTable = ALWAYS


class CameraChange(Form):
    """What is to be another way with a camera; what is left out stays as it is."""

    budget: Annotated[Line, Field(max_length=64)] | None = None
    masks: Masks | None = None
    schedule: ScheduleTable | None = None


class ZoneOut(BaseModel):
    """A zone."""

    name: str
    fixed: bool = Field(description="Whether it stands in the settings file")
    zone: dict[str, Any] = Field(description="Its table as in the settings file, without its name")


class RegionOut(BaseModel):
    """A polygon that could be drawn."""

    name: str
    polygon: list[tuple[float, float]] = Field(description="Corners, in shares of the picture")
    share: float = Field(description="Of the picture that it covers")


class ProposalOut(BaseModel):
    """What a camera's picture suggests, and is not drawn yet."""

    zones: list[RegionOut] = Field(description="Of what things move on")
    masks: list[RegionOut] = Field(description="Of what moves without meaning: trees, sky")


class ProbeForm(Form):
    """A source to look at."""

    source: Annotated[Line, Field(min_length=1, max_length=2000)]


class Probed(BaseModel):
    """What a source is."""

    name: str
    codec: str | None
    width: int
    height: int
    fps: Number
    measured_fps: Number
    duration: Number
    vectors: bool
    live: bool


class Status(BaseModel):
    """How a camera is."""

    state: str
    message: str
    width: int
    height: int
    fps: Number
    frames: int
    dropped: int
    lag: Number = Field(description="Seconds")
    learned: Number = Field(description="Seconds of footage")
    calibrating: Number = Field(description="Seconds of normal footage still missing")
    p_value: Number
    restarts: int
    health: list[str] = Field(description="What is wrong with the picture")


class Camera(BaseModel):
    """A camera that is watched; its source is without credentials."""

    name: str
    source: str
    budget: str
    detector: str
    motion: str
    learn_for: float
    masks: list[list[tuple[float, float]]] = Field(description="Where nothing is watched, in shares")
    schedule: Timetable = Field(description="When it is watched; always where it is empty")
    fixed: bool = Field(description="Whether it stands in the settings file")
    status: Status


class Deviates(BaseModel):
    """One attribute that is not as it normally is there and then."""

    attribute: str
    value: Number
    normal: Number
    unit: str
    text: str


class Rectangle(BaseModel):
    """Pixels of the source's frame."""

    x: int
    y: int
    width: int
    height: int


class VerdictForm(Form):
    """What somebody says of an event."""

    kind: VerdictKind
    name: Annotated[Line, Field(max_length=200, description="What the like is called, where it is real")] = ""


class VerdictOut(BaseModel):
    """What somebody said of an event."""

    id: int
    event_id: int
    kind: VerdictKind
    name: str
    who: str
    utc: float
    undone_utc: float | None
    undone_by: str | None


class FoundEvent(BaseModel):
    """Something that deviated."""

    id: int
    camera: str
    begun_utc: float = Field(description="POSIX seconds")
    seconds: float = Field(description="How long it lasted")
    start: float = Field(description="Seconds on the source's own clock")
    box: Rectangle
    score: Number
    p_value: Number
    reason: str
    name: str = Field(description="What it is called; empty where it is like nothing that has a name")
    deviations: list[Deviates]
    verdict: VerdictOut | None = Field(description="What somebody said of it, where that stands")
    clip: str | None = Field(description="Address of the video")
    thumbnail: str | None = Field(description="Address of the picture")
    drawing: str | None = Field(description="Address of the drawing of what deviates")


class EventPage(BaseModel):
    """Some of many events."""

    events: list[FoundEvent]
    total: int


class PeakOut(BaseModel):
    """The most unusual moment of a stretch of time."""

    utc: float
    score: Number
    p_value: Number


class GapOut(BaseModel):
    """A stretch without new pictures."""

    start_utc: float
    end_utc: float
    reason: str


class HealthOut(BaseModel):
    """A fault of a camera."""

    id: int
    camera: str
    kind: str
    start_utc: Number
    end_utc: Number = Field(description="Missing while it lasts")
    text: str


class RecordingOut(BaseModel):
    """A recording: a file of about a minute."""

    camera: str
    start: int = Field(description="Milliseconds since 1970 at which it begins; its address ends with it")
    start_utc: float
    end_utc: float
    size: int = Field(description="Bytes")


class Timeline(BaseModel):
    """Hours of a camera."""

    camera: str
    since: float
    until: float
    alert_p: Number
    peaks: list[PeakOut]
    gaps: list[GapOut]
    events: list[FoundEvent]


class PersonForm(Form):
    """Somebody to let in."""

    name: PersonName
    password: Password
    role: Role = Role.VIEWER


class RoleForm(Form):
    """What somebody may do from now on."""

    role: Role


class PasswordForm(Form):
    """A password for somebody, who has to choose another one when they sign in."""

    password: Password


class Person(BaseModel):
    """Somebody who may come in."""

    name: str
    role: Role
    chosen: bool
    created_utc: float


class TokenForm(Form):
    """A token to be made."""

    name: Annotated[Line, Field(min_length=1, max_length=64)]
    role: Role = Role.VIEWER


class TokenOut(BaseModel):
    """A token without its secret."""

    id: int
    account: str
    name: str
    role: Role
    created_utc: float
    used_utc: float | None


class NewToken(TokenOut):
    """A token with its secret, which is told this once."""

    secret: str


class System(BaseModel):
    """How the machine and the server are."""

    version: str
    python: str
    libraries: dict[str, str]
    started_utc: float
    load: Number = Field(description="Processes that want to run, over the last minute")
    cores: int
    disk_free: int = Field(description="Bytes free where clips lie")
    disk_total: int
    store_bytes: int = Field(description="Bytes of the store without its recordings")
    recordings_bytes: int = Field(description="Bytes of the recordings")
    database: str = Field(description="Number of the last step of migration")
    events: int
