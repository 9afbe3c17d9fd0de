"""What is said about cameras: how to watch them, how they are, what happened."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from everyframe.actions import ALWAYS, Hearer, Timetable, Zone
from everyframe.motion import Polygon


class CameraState(StrEnum):
    """What a camera's worker is doing."""

    CONNECTING = "connecting"  # no picture yet
    LEARNING = "learning"  # gathers normal footage; nothing is alerted on
    WATCHING = "watching"
    RESTING = "resting"  # outside the times at which it is to be watched: nothing is alerted on or learned
    LOST = "lost"  # nothing comes; it tries again
    ELSEWHERE = "elsewhere"  # another view or size than was learned; it looks again now and then
    FAILED = "failed"  # the worker ended; it is started again


@dataclass(frozen=True, slots=True)
class CameraSpec:
    """How to watch a camera.

    Attributes:
        name: Unique; what people call it.
        source: URL, device, or a file or scene, which is shown over and over at its own pace.
        budget: Alerts that are welcome, as ``2/day``.
        detector: Who judges; see the documentation of detectors.
        motion: ``flow`` or ``codec``.
        learn_for: Seconds of footage before it watches. It goes on learning: see ``LiveSettings``.
        zones: Where in its picture something is measured.
        record: Whether what it sends is recorded, where recordings are kept at all.
        masks: Where in its picture nothing is watched.
        schedule: When it is watched; at other times nothing is alerted on or learned, but its health is told.
        ground: Segmentation network that tells what things move on, empty for none.
    """

    name: str
    source: str
    budget: str = "2/day"
    detector: str = "density"
    motion: str = "flow"
    learn_for: float = 600.0
    zones: tuple[Zone, ...] = ()
    record: bool = True
    masks: tuple[Polygon, ...] = ()
    schedule: Timetable = ALWAYS
    ground: str = ""


@dataclass(frozen=True, slots=True)
class LiveSettings:
    """How cameras are kept running.

    Attributes:
        timeout: Seconds to wait for a stream to answer.
        stall_after: Seconds without a picture that are a stall.
        learn_until: Seconds of footage up to which all of it makes the baseline anew, each time there is
            twice as much; later it only adapts.
        silence: Seconds without a word from a worker after which it hangs, and is started again.
        clip_before: Seconds that a clip shows before an event.
        clip_after: Seconds that it shows after it.
        preview_every: Seconds between two previews, while somebody looks.
        recordings: Folder of what live sources send, with a folder for each camera; ``None`` for none.
        hearers: Who is told of alerts and faults: the messages are written down with them.
    """

    timeout: float = 10.0
    stall_after: float = 2.0
    learn_until: float = 86_400.0
    silence: float = 45.0
    clip_before: float = 3.0
    clip_after: float = 3.0
    preview_every: float = 1.0
    recordings: Path | None = None
    hearers: tuple[Hearer, ...] = ()


@dataclass(frozen=True, slots=True)
class CameraStatus:
    """How a camera is.

    Attributes:
        name: Of the camera.
        state: What its worker is doing.
        message: What is wrong and what to do, where something is.
        width: Of the picture, in pixels; 0 before there is one.
        height: Likewise.
        fps: Pictures looked at per second, lately.
        frames: Pictures looked at.
        dropped: Pictures left out because we were too slow.
        lag: Seconds from a picture's arrival to its being done with, lately.
        learned: Seconds of footage that the baseline knows.
        calibrating: Seconds of normal footage still missing for the promised rate of alerts.
        p_value: How unusual the latest moment is; ``None`` while nothing is known.
        health: What is wrong with the camera, by the names of ``everyframe.health.HealthKind``.
        doubts: What the picture looked like when it was last looked at, by the same names: no fault before it
            has lasted.
        measures: What went on in its zones then, by ``zone.quantity``; not-a-number where that is not known.
        restarts: How often the worker was started again.
        pid: Of the worker; 0 where there is none.
        utc: When this was said, POSIX seconds.
    """

    name: str
    state: CameraState = CameraState.CONNECTING
    message: str = ""
    width: int = 0
    height: int = 0
    fps: float = 0.0
    frames: int = 0
    dropped: int = 0
    lag: float = 0.0
    learned: float = 0.0
    calibrating: float = 0.0
    p_value: float | None = None
    health: frozenset[str] = frozenset()
    doubts: frozenset[str] = frozenset()
    measures: Mapping[str, float] = field(default_factory=dict)
    restarts: int = 0
    pid: int = 0
    utc: float = 0.0


@dataclass(frozen=True, slots=True)
class Notice:
    """Something that happened.

    Attributes:
        kind: ``alert`` (an event begins), ``alert over``, ``health`` (a fault begins), ``health over``,
            ``state`` or ``storage`` (the store takes nothing more, or takes it again).
        camera: Its name.
        text: The reason, or the new state.
        utc: POSIX seconds when it was said.
        event_id: Of the event in the store.
        frame_utc: When the picture arrived that decided it, POSIX seconds.
    """

    kind: str
    camera: str
    text: str
    utc: float
    event_id: int | None = None
    frame_utc: float | None = None
