"""What happens in the scene on purpose: the anomalies and the faults, and when."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from everyframe.errors import SettingError
from everyframe.sources.scene.bodies import Look, any_look, cart, cyclist, person, suitcase
from everyframe.sources.scene.camera import Reals
from everyframe.sources.scene.cast import LANE, Member, Stage, Track, clear, frames_in_view

ANOMALIES = ("cyclist", "runner", "wrong_way", "loitering", "cart", "trespass", "abandoned")
"""What people do here that is not normal."""

FAULTS = ("dropout", "stutter", "freeze", "light", "covered", "moved")
"""What goes wrong with the camera."""

SCRIPTS = {"normal": (), "anomalies": ANOMALIES, "faults": FAULTS, "all": ANOMALIES + FAULTS}
"""The named scripts; a script may also list kinds: ``cyclist,light``."""

LEAD = 16.0
"""Seconds of normal before the first thing happens."""

BETWEEN = 14.0
"""Seconds of normal between two things that happen, and after the last."""

NORMAL_SECONDS = 240.0
"""How long a scene without anomalies and faults lasts unless told."""

_FAULT_SECONDS = {"dropout": 4.0, "stutter": 2.0, "freeze": 12.0, "light": 8.0, "covered": 8.0, "moved": 10.0}


@dataclass(frozen=True, slots=True)
class Scripted:
    """Something that happens on purpose.

    Attributes:
        kind: One of ``ANOMALIES`` or ``FAULTS``.
        start: Seconds: the first frame that shows it (or, for lost frames, that is missing).
        end: Seconds: the last frame that shows it.
    """

    kind: str
    start: float
    end: float

    @property
    def fault(self) -> bool:
        """Whether it is the camera's fault and not somebody's deed."""
        return self.kind in FAULTS


@dataclass(frozen=True, slots=True)
class Span:
    """The frames ``first`` to ``last``, both included, that belong to something scripted."""

    kind: str
    first: int
    last: int


@dataclass(frozen=True, slots=True, eq=False)
class Plot:
    """A script with its times: who acts, and the frames that belong to each thing."""

    members: list[Member]
    spans: list[Span]
    faults: list[Span]
    frames: int


def kinds_of(script: str) -> tuple[str, ...]:
    """Return the kinds that a script's name or list stands for.

    Raises:
        SettingError: There is no such script or kind.
    """
    if script in SCRIPTS:
        return SCRIPTS[script]
    kinds = tuple(part.strip() for part in script.split(","))
    for kind in kinds:
        if kind not in ANOMALIES + FAULTS:
            known = ", ".join([*SCRIPTS, *ANOMALIES, *FAULTS])
            raise SettingError(f"The synthetic scene has no script {kind!r}; choose from {known}.")
    if len(set(kinds)) < len(kinds):
        raise SettingError(f"The script {script!r} names a kind twice; each happens once in a scene.")
    return tuple(sorted(kinds, key=(ANOMALIES + FAULTS).index))


def plot(stage: Stage, rng: np.random.Generator, script: str, duration: float | None) -> Plot:
    """Lay out a script in time.

    Args:
        stage: Where it happens.
        rng: Random numbers.
        script: A script's name, or kinds separated by commas.
        duration: Seconds, or ``None`` for as long as the script takes.

    Raises:
        SettingError: The script is unknown, or does not fit into the duration.
    """
    kinds = kinds_of(script)
    members: list[Member] = []
    spans: list[Span] = []
    faults: list[Span] = []
    cursor = round(LEAD * stage.fps)
    rest = round(BETWEEN * stage.fps)
    for kind in kinds:
        if kind in FAULTS:
            last = cursor + max(1, round(_FAULT_SECONDS[kind] * stage.fps)) - 1
            faults.append(Span(kind, cursor, last))
        else:
            acted, last = _enter(stage, _ACTS[kind](stage, rng), cursor, members)
            members += acted
            spans.append(Span(kind, cursor, last))
        cursor = last + rest
    frames = cursor if kinds else round(NORMAL_SECONDS * stage.fps)
    if duration is not None:
        if duration * stage.fps < frames and kinds:
            need = np.ceil(cursor / stage.fps / 6) / 10
            raise SettingError(
                f"The script {script!r} takes {need:.1f} minutes; set minutes={need:.1f} or more."
            )
        frames = max(1, round(duration * stage.fps))
    return Plot(members, spans, faults, frames)


def _enter(stage: Stage, cast: list[Member], cursor: int, others: list[Member]) -> tuple[list[Member], int]:
    """Shift an act so that it becomes odd at the cursor, or later if somebody is still in the way."""
    starts, ends = [], []
    for member in cast:
        seen = frames_in_view(stage.camera, member.rig, member.track)
        if member.odd is not None and seen is not None:
            starts.append(max(member.odd[0], seen[0]))
            ends.append(min(member.odd[1], seen[1]))
    shift = cursor - min(starts)
    step = max(1, round(stage.fps / 2))
    for _ in range(200):
        moved = [_later(member, shift) for member in cast]
        if all(clear(a, b) for a in moved for b in others):
            break
        shift += step
    return moved, max(ends) + shift


def _later(member: Member, frames: int) -> Member:
    odd = None if member.odd is None else (member.odd[0] + frames, member.odd[1] + frames)
    return replace(member, track=member.track.delayed(frames), odd=odd)


def _whole(kind: str, rig_radius: float, member: Member) -> Member:
    return replace(member, kind=kind, radius=rig_radius, odd=(member.track.first, member.track.last))


def _cyclist(stage: Stage, rng: np.random.Generator) -> list[Member]:
    track = stage.along(stage.crossing(5.0, outbound=False), -0.15, 0)
    return [_whole("cyclist", 0.32, Member("", cyclist(any_look(rng)), track))]


def _runner(stage: Stage, rng: np.random.Generator) -> list[Member]:
    look = replace(any_look(rng), sleeves=False, skirt=False, pack=None)
    speed = float(rng.uniform(3.25, 3.55))
    track = stage.along(stage.crossing(speed, outbound=True), 0.15, 0)
    return [_whole("runner", 0.32, Member("", person(look, speed, running=True), track))]


def _wrong_way(stage: Stage, rng: np.random.Generator) -> list[Member]:
    speed = float(rng.uniform(1.3, 1.45))
    track = stage.along(stage.crossing(speed, outbound=False), LANE + 0.6, 0)
    return [_whole("wrong_way", 0.3, Member("", person(any_look(rng), speed), track))]


def _cart(stage: Stage, rng: np.random.Generator) -> list[Member]:
    track = stage.along(stage.crossing(2.5, outbound=True), 0.8, 0)
    return [_whole("cart", 1.2, Member("", cart(any_look(rng)), track))]


def _trespass(stage: Stage, rng: np.random.Generator) -> list[Member]:
    speed = float(rng.uniform(1.3, 1.45))
    start, end = np.array([-45.0, 38.6]), np.array([17.0, 2.0])
    away = np.hypot(*(end - start))
    share = np.arange(0.0, away, speed / stage.fps) / away
    points = start + (end - start) * share[:, None]
    points[:, 1] += 0.9 * np.sin(2 * np.pi * share * 1.5)
    return [
        _whole(
            "trespass", 0.34, Member("", person(any_look(rng), speed), Track.through(points, 0, stage.fps))
        )
    ]


def _loitering(stage: Stage, rng: np.random.Generator) -> list[Member]:
    walk, place = 1.3, 7.5 + float(rng.uniform(0, 2.5))
    lengths, stops = _paced(
        stage, walk, place, [(0, 7), (0.5, 3), (0, 5), (-0.5, 5), (0, 6), (0.5, 2), (0, 5)]
    )
    aside = 1.15 + 0.5 * np.exp(-(((lengths - place) / 5.0) ** 2))
    member = Member("loitering", person(any_look(rng), walk), stage.along(lengths, aside, 0), odd=stops)
    return [member]


def _abandoned(stage: Stage, rng: np.random.Generator) -> list[Member]:
    place = 10.0 + float(rng.uniform(0, 1.5))
    owner, stop = _paced(stage, 1.3, place, [(0, 2.5)])
    keeper, pick = _paced(stage, 1.4, place, [(0, 2.5)])
    rests = round(30.0 * stage.fps)
    down = stop[0] + round(1.2 * stage.fps)
    delay = down + rests - pick[0]
    up = pick[0] + delay + round(1.2 * stage.fps)
    total = len(keeper) + delay
    frame = np.arange(total)
    bag = np.where(
        frame <= down, owner[np.minimum(frame, len(owner) - 1)], keeper[np.clip(frame - delay, 0, None)]
    )
    bag[down : up + 1] = owner[down]
    ramp = max(1.0, 0.5 * stage.fps)
    lift = 0.2 * np.maximum(np.clip((down - frame) / ramp, 0, 1), np.clip((frame - up) / ramp, 0, 1))
    orange: Look = replace(
        any_look(rng), top=(240.0, 128.0, 36.0), legs=(44.0, 60.0, 92.0), skirt=False, pack=None
    )
    return [
        Member(
            "abandoned", person(replace(any_look(rng), pack=None), 1.3), stage.along(owner, 1.35, 0), odd=stop
        ),
        Member("abandoned", suitcase(), stage.along(bag, 1.72, 0, lift), odd=(down, up)),
        Member("abandoned", person(orange, 1.4), stage.along(keeper, 1.35, delay), odd=(pick[0] + delay, up)),
    ]


def _paced(
    stage: Stage, walk: float, place: float, paces: list[tuple[float, float]]
) -> tuple[Reals, tuple[int, int]]:
    """Walk outbound to a place, go on by (m/s, seconds) there, and walk out.

    Returns:
        The length along the path at each frame, and the first and last frame of the stay.
    """
    there = sum(v * s for v, s in paces)
    legs = [(walk, (place - stage.near) / walk), *paces, (walk, (stage.far - place - there) / walk + 1.0)]
    speeds = np.concatenate([np.full(max(1, round(s * stage.fps)), float(v)) for v, s in legs])
    smooth = max(1, round(0.7 * stage.fps))
    padded = np.pad(speeds, (smooth // 2, smooth - 1 - smooth // 2), mode="edge")
    eased = np.convolve(padded, np.full(smooth, 1.0 / smooth), mode="valid")
    lengths = stage.near + np.concatenate([[0.0], np.cumsum(eased[:-1])]) / stage.fps
    first = round(legs[0][1] * stage.fps)
    return lengths, (first, first + sum(round(s * stage.fps) for _, s in paces))


_ACTS: dict[str, Callable[[Stage, np.random.Generator], list[Member]]] = {
    "cyclist": _cyclist,
    "runner": _runner,
    "wrong_way": _wrong_way,
    "loitering": _loitering,
    "cart": _cart,
    "trespass": _trespass,
    "abandoned": _abandoned,
}
