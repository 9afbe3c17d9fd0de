"""Who is in the scene: tracks over the ground, frame by frame, and the people of a normal day."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from everyframe.sources.scene.bodies import any_look, person
from everyframe.sources.scene.camera import Camera, Path, Reals
from everyframe.sources.scene.painter import Pose
from everyframe.sources.scene.rigs import Rig

LANE = 1.0
"""Metres from the centre line at which people keep to the right."""

ARRIVALS = 6.5
"""Mean seconds between two arrivals (one person, a pair or a group) from either end."""


_REACH = 1.2  # metres that no body is longer than, from its middle


@dataclass(frozen=True, slots=True, eq=False)
class Track:
    """Where a body is, at each frame from ``first`` on.

    Attributes:
        first: Number of the frame at which it begins; may be negative.
        fps: Frames per second.
        x: ``(n)`` metres to the right.
        z: ``(n)`` metres ahead.
        y: ``(n)`` metres above the ground.
        heading: ``(n)`` radians, clockwise from ahead.
        speed: ``(n)`` metres per second over the ground.
        travelled: ``(n)`` metres since the beginning.
    """

    first: int
    fps: float
    x: Reals
    z: Reals
    y: Reals
    heading: Reals
    speed: Reals
    travelled: Reals

    @classmethod
    def through(cls, points: Reals, first: int, fps: float, y: Reals | None = None) -> Track:
        """Make a track from ``(n, 2)`` ground points, one per frame."""
        move = np.gradient(points, 1.0 / fps, axis=0)
        speed = np.hypot(move[:, 0], move[:, 1])
        step = np.hypot(*np.diff(points, axis=0).T)
        angle = np.unwrap(np.arctan2(move[:, 0], move[:, 1]))
        moving = np.flatnonzero(speed > 0.15)
        frames = np.arange(len(points))
        heading = np.interp(frames, moving, angle[moving]) if len(moving) else np.zeros(len(points))
        up = np.zeros(len(points)) if y is None else y
        travelled = np.concatenate([[0.0], np.cumsum(step)])
        return cls(first, fps, points[:, 0], points[:, 1], up, heading, speed, travelled)

    @property
    def last(self) -> int:
        """The number of its last frame."""
        return self.first + len(self.x) - 1

    def delayed(self, frames: int) -> Track:
        """Return the same track so many frames later."""
        return Track(
            self.first + frames, self.fps, self.x, self.z, self.y, self.heading, self.speed, self.travelled
        )


@dataclass(frozen=True, slots=True, eq=False)
class Member:
    """One body and its track.

    Attributes:
        kind: ``walker``, or the kind of anomaly that it acts in.
        rig: Its parts.
        track: Where it goes.
        radius: Metres around it that others keep clear of.
        odd: ``(first, last)`` frames between which it is an anomaly, or ``None``.
        offset: Its own place in the gait cycle.
    """

    kind: str
    rig: Rig
    track: Track
    radius: float = 0.34
    odd: tuple[int, int] | None = None
    offset: float = 0.0

    def pose(self, index: int) -> Pose:
        """Return its pose at a frame of its track."""
        t = self.track
        i = index - t.first
        return Pose(
            float(t.x[i]),
            float(t.y[i]),
            float(t.z[i]),
            float(t.heading[i]),
            float(t.travelled[i]) / self.rig.cycle + self.offset,
            float(min(t.speed[i] / 0.7, 1.0)),
        )

    def is_odd(self, index: int) -> bool:
        """Say whether it is an anomaly at a frame."""
        return self.odd is not None and self.odd[0] <= index <= self.odd[1]


def frames_in_view(camera: Camera, rig: Rig, track: Track, margin: float = 0.0) -> tuple[int, int] | None:
    """Return the first and last frame at which a body may be in the picture, or ``None`` if never.

    The picture is widened by a margin in pixels on every side.
    """
    corners = [
        np.stack([track.x + dx, track.y + up, track.z + dz], axis=-1)
        for dx in (-_REACH, _REACH)
        for dz in (-_REACH, _REACH)
        for up in (0.0, rig.height + 0.1)
    ]
    flat, _ = camera.project(np.stack(corners, axis=1))
    low, high = flat.min(axis=1), flat.max(axis=1)
    beyond = np.array([camera.width, camera.height]) + margin
    inside = (high > -margin).all(axis=1) & (low < beyond).all(axis=1)
    seen = np.flatnonzero(inside)
    return (track.first + int(seen[0]), track.first + int(seen[-1])) if len(seen) else None


class Stage:
    """The path between the places where people are out of the picture.

    Args:
        camera: Who looks.
        fps: Frames per second.
    """

    def __init__(self, camera: Camera, fps: float) -> None:
        self.camera, self.fps, self.path = camera, fps, Path()
        lengths = np.arange(-20.0, self.path.length + 50.0, 0.25)
        seen = np.zeros(len(lengths), bool)
        for aside in (-2.4, 0.0, 2.4):
            ground = self.path.at(lengths, aside)
            for up in (0.0, 2.1):
                points = np.stack([ground[:, 0], np.full(len(lengths), up), ground[:, 1]], axis=-1)
                flat, _ = camera.project(points)
                edge = 12 + 0.1 * camera.width  # the knocked camera sees this far too
                seen |= ((flat > -edge) & (flat < np.array([camera.width, camera.height]) + edge)).all(axis=1)
        inside = np.flatnonzero(seen)
        self.near = float(lengths[inside[0]]) - 2.0
        self.far = float(lengths[inside[-1]]) + 2.0

    def along(self, lengths: Reals, aside: Reals | float, first: int, y: Reals | None = None) -> Track:
        """Return the track through lengths along the path, one per frame, so far to its right."""
        return Track.through(self.path.at(lengths, aside), first, self.fps, y)

    def crossing(self, speed: float, outbound: bool, wobble: tuple[float, float] = (0.0, 0.0)) -> Reals:
        """Return the lengths, one per frame, of somebody who passes through at about ``speed`` m/s."""
        seconds = (self.far - self.near) / speed
        t = np.arange(int(np.ceil(seconds * self.fps)) + 1) / self.fps
        size, phase = wobble
        gone = speed * t + size * speed * (np.sin(0.5 * t + phase) - np.sin(phase)) / 0.5
        lengths: Reals = self.near + gone if outbound else self.far - gone
        return lengths


def crowd(stage: Stage, rng: np.random.Generator, seconds: float, taken: list[Member]) -> list[Member]:
    """Let the people of a normal day arrive, as a Poisson process from before the first picture on.

    Whoever would walk through somebody else stays at home.

    Args:
        stage: Where they walk.
        rng: Random numbers.
        seconds: How long the scene lasts.
        taken: Those who come in any case.
    """
    people: list[Member] = []
    recent: list[Member] = []
    time = -1.2 * (stage.far - stage.near)
    while time < seconds:
        time += float(rng.exponential(ARRIVALS))
        group = _group(stage, rng, time)
        recent = [other for other in recent if other.track.last >= min(m.track.first for m in group)]
        if all(clear(member, other) for member in group for other in recent + taken):
            people += group
            recent += group
    return people


def _group(stage: Stage, rng: np.random.Generator, time: float) -> list[Member]:
    outbound = bool(rng.random() < 0.5)
    count = int(rng.choice([1, 2, 3], p=[0.64, 0.28, 0.08]))
    speed = float(np.clip(rng.normal(1.35, 0.12), 1.1, 1.6))
    if count > 1:
        speed = max(1.1, speed - 0.1)
    side = 1.0 if outbound else -1.0
    middle = float(rng.uniform(0.72, 1.28)) if count == 1 else LANE
    wobble = (float(rng.uniform(0.02, 0.06)), float(rng.uniform(0, 6)))
    members = []
    for i in range(count):
        aside = middle + (i - (count - 1) / 2) * 0.62 if count < 3 else LANE + (-0.33, 0.33, 0.0)[i]
        lengths = stage.crossing(speed, outbound, wobble) - (1.0 if outbound else -1.0) * (i == 2) * 0.9
        t = np.arange(len(lengths)) / stage.fps
        sway = 0.07 * np.sin(rng.uniform(0.3, 0.6) * t + rng.uniform(0, 6))
        first = round(time * stage.fps)
        track = stage.along(lengths, side * (aside + sway), first)
        look = any_look(rng)
        members.append(Member("walker", person(look, speed), track, offset=float(rng.uniform(0, 1))))
    return members


def clear(one: Member, other: Member) -> bool:
    """Say whether two bodies keep clear of each other whenever both are about."""
    first, last = max(one.track.first, other.track.first), min(one.track.last, other.track.last)
    if first > last:
        return True
    a = slice(first - one.track.first, last - one.track.first + 1)
    b = slice(first - other.track.first, last - other.track.first + 1)
    apart = np.hypot(one.track.x[a] - other.track.x[b], one.track.z[a] - other.track.z[b])
    return bool(apart.min() >= one.radius + other.radius - 0.12)
