"""Drawn people who move: footage without end, and without anybody's rights in it, to learn motion from.

A figure is a skeleton of capsules. A *deed* says how its joints go over time (which limbs, how far, how
often) and where the body goes meanwhile. A *take* is one performance of a deed: by another body, in other
clothes, a little faster, seen from another side, before another ground, by a camera that may pan.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from everyframe.types import Frame

Floats = NDArray[np.float64]

WIDTH, HEIGHT = 180, 132
FPS = 10.0

JOINTS = (
    "lean", "bow", "turn",
    "left shoulder forward", "left shoulder out", "left elbow",
    "right shoulder forward", "right shoulder out", "right elbow",
    "left hip forward", "left hip out", "left knee",
    "right hip forward", "right hip out", "right knee",
)  # fmt: skip
_MANY = len(JOINTS)
_WIDEST = np.array(
    [0.5, 0.9, 1.2, 2.4, 1.8, 1.9, 2.4, 1.8, 1.9, 1.1, 0.6, 1.6, 1.1, 0.6, 1.6]
)  # radians, about as far as a body goes
_ARMS = (slice(3, 6), slice(6, 9))
_LEGS = (slice(9, 12), slice(12, 15))


@dataclass(frozen=True, slots=True, eq=False)
class Deed:
    """How a body moves; angles in radians, times as shares of the deed.

    Attributes:
        rest: ``(15,)`` angles between movements.
        waves: ``(15, 3)`` amplitude, turns per second, phase of what repeats.
        pulses: ``(15, 3)`` amplitude, when, and how long, of what is done once.
        path: ``(4,)`` body heights per second rightwards, height of the hop, hops per second, depth.
        side: Radians from which it is seen: 0 from the front.
        seconds: How long it lasts.
        partner: What a second figure does, and how near it begins; ``None`` where there is none.
        holds: Length of what the right hand holds, in body heights; 0 for nothing.
    """

    rest: Floats
    waves: Floats
    pulses: Floats
    path: Floats
    side: float
    seconds: float
    partner: Deed | None = None
    apart: float = 0.0
    holds: float = 0.0

    def angles(self, time: float, pace: float, vary: Floats) -> Floats:
        """Return the ``(15,)`` angles at a time, in seconds of a performance at a pace."""
        share = time / self.seconds
        amplitude, often, phase = self.waves.T
        told = self.rest + vary[0] * amplitude * np.sin(2 * np.pi * (often * pace * time + phase))
        amplitude, when, long = self.pulses.T
        return np.asarray(told + vary[1] * amplitude * np.exp(-0.5 * ((share - when) / long) ** 2))


def deed(chance: np.random.Generator, *, alone: bool = False) -> Deed:
    """Return a deed of chance: of some limbs, repeated or done once, in place or going somewhere."""
    waves, pulses = np.zeros((_MANY, 3)), np.zeros((_MANY, 3))
    pulses[:, 1:] = 0.5, 0.1
    rest = chance.normal(0.0, 0.12, _MANY)
    rest[[5, 8]] = np.abs(chance.normal(0.3, 0.4, 2))
    repeats = chance.random() < 0.55
    often = chance.uniform(0.6, 2.2)
    limbs = [part for part in (*_ARMS, *_LEGS) if chance.random() < 0.5]
    if chance.random() < 0.4 or not limbs:
        limbs.append(slice(0, 3))
    if chance.random() < 0.3:  # walks or runs while it does so
        limbs = [*_LEGS, *(part for part in _ARMS if chance.random() < 0.7)]
    walking = limbs[:2] == list(_LEGS)
    for number, part in enumerate(limbs):
        joints = np.arange(_MANY)[part]
        strength = chance.choice([0.0, 0.4, 0.7, 1.0], 3, p=[0.3, 0.2, 0.3, 0.2]) * chance.choice([-1, 1], 3)
        if not strength.any():
            strength[int(chance.integers(3))] = 0.8
        if walking and part in _LEGS:
            strength = np.array([chance.uniform(0.4, 0.9), 0.0, chance.uniform(0.2, 0.6)])
        phase = 0.5 * number if walking else chance.choice([0.0, 0.0, 0.25, 0.5])
        if repeats or walking:
            beats = often * (chance.choice([1.0, 1.0, 2.0]) if not walking else 1.0)
            waves[joints] = np.stack(
                [0.7 * strength * _WIDEST[part], np.full(3, beats), np.full(3, phase)], 1
            )
        if not repeats:
            when = np.clip(chance.uniform(0.3, 0.7) + chance.normal(0.0, 0.05, 3), 0.2, 0.8)
            pulses[joints] = np.stack(
                [strength * _WIDEST[part], when, np.full(3, chance.uniform(0.07, 0.2))], 1
            )
    path = np.zeros(4)
    if (walking and chance.random() < 0.85) or chance.random() < 0.15:
        path[0] = chance.choice([-1, 1]) * chance.uniform(0.3, 1.6)
    if chance.random() < 0.25:
        path[1:3] = chance.uniform(0.05, 0.25), often
    side = float(chance.choice([0.0, 0.5, 1.2, np.pi / 2]) * chance.choice([-1, 1]))
    if walking and path[0]:
        side = float(np.sign(path[0]) * np.pi / 2 + (chance.random() < 0.3) * np.sign(path[0]) * -np.pi / 2)
    partner, apart = None, 0.0
    if not alone and chance.random() < 0.3:
        partner = deed(chance, alone=True)
        apart = chance.uniform(0.35, 0.9)
    holds = float(chance.choice([0.0, 0.0, chance.uniform(0.25, 0.5)]))
    return Deed(rest, waves, pulses, path, side, chance.uniform(1.6, 3.2), partner, apart, holds)


def take(what: Deed, chance: np.random.Generator) -> Iterator[Frame]:
    """Yield the frames of one performance, at ``FPS``."""
    pace = 1.25 ** chance.uniform(-1.0, 1.0)
    tall = chance.uniform(0.35, 0.8) * HEIGHT
    ground = _ground(chance)
    bodies = [_Body(what, chance, pace, tall, (0.0, 0.0))]
    if what.partner is not None:
        bodies.append(_Body(what.partner, chance, pace, tall * chance.uniform(0.9, 1.1), (what.apart, 0.0)))
        for body in bodies:
            body.shift(-what.apart / 2)
    pan = chance.normal(0.0, 8.0, 2) * (chance.random() < 0.5)  # pixels per second
    zoom = chance.normal(0.0, 0.04) * (chance.random() < 0.3)
    noise = chance.uniform(0.5, 4.0)
    length = what.seconds / pace
    middle = np.array([WIDTH / 2 + chance.normal(0.0, 12.0), HEIGHT / 2 + chance.normal(0.0, 6.0)])
    for number in range(int(length * FPS) + 1):
        time = number / FPS
        seen = _view(ground, pan * time, 1.0 + zoom * time)
        for body in bodies:
            body.draw(seen, time, middle - 0.5 * pan * (time - length / 2), length)
        seen += chance.normal(0.0, noise, seen.shape).astype(np.float32)
        luma = np.clip(cv2.GaussianBlur(seen, (0, 0), 0.7), 0, 255).astype(np.uint8)
        yield Frame(number, time, luma)


class _Body:
    """One figure in its clothes."""

    def __init__(
        self, what: Deed, chance: np.random.Generator, pace: float, tall: float, at: tuple[float, float]
    ) -> None:
        self.what, self.pace, self.tall = what, pace, tall
        self.at = np.array(at)
        self.vary = np.stack([chance.normal(1.0, 0.15, _MANY), chance.normal(1.0, 0.15, _MANY)])
        self.off = chance.normal(0.0, 0.06, _MANY)
        self.late = chance.uniform(-0.15, 0.15) if what.waves[:, 0].any() else 0.0
        self.side = what.side + chance.normal(0.0, 0.25)
        self.thick = chance.uniform(0.8, 1.25)
        self.tones = chance.uniform(20.0, 235.0, 5)  # skin, shirt, trousers, shoes, what is held

    def shift(self, by: float) -> None:
        """Stand elsewhere, in body heights."""
        self.at[0] += by

    def draw(self, canvas: NDArray[np.float32], time: float, middle: Floats, length: float) -> None:
        """Draw it into a picture."""
        angles = self.what.angles(time + self.late, self.pace, self.vary) + self.off
        points = _skeleton(angles, self.what.holds)
        across, hop, hops, _ = self.what.path
        root = np.array([across * self.pace * (time - length / 2), 0.0])
        root[1] = hop * abs(np.sin(np.pi * hops * self.pace * time))
        turn = self.side + angles[2]
        flat = np.stack([points[:, 0] * np.cos(turn) + points[:, 2] * np.sin(turn), points[:, 1]], 1)
        depth = -points[:, 0] * np.sin(turn) + points[:, 2] * np.cos(turn)
        placed = middle + self.tall * (flat + root + self.at) * np.array([1.0, -1.0])
        limbs = sorted(_LIMBS, key=lambda limb: depth[limb[0]] + depth[limb[1]])
        for first, second, wide, tone in limbs:
            if first == second:
                continue
            ends = [tuple(np.round(placed[end] * 8).astype(int).tolist()) for end in (first, second)]
            width = max(1, round(wide * self.thick * self.tall))
            shade = float(self.tones[tone] * (0.92 if depth[first] < 0 else 1.0))
            cv2.line(canvas, ends[0], ends[1], shade, width, cv2.LINE_AA, 3)


# Points of the skeleton: 0 pelvis, 1 neck, 2 head, 3-5 left shoulder, elbow, hand, 6-8 right,
# 9-11 left hip, knee, foot, 12-14 right, 15 the end of what the right hand holds.
_LIMBS = (
    (0, 1, 0.13, 1), (1, 2, 0.11, 0), (3, 6, 0.09, 1),
    (3, 4, 0.06, 1), (4, 5, 0.05, 0), (6, 7, 0.06, 1), (7, 8, 0.05, 0),
    (9, 10, 0.085, 2), (10, 11, 0.065, 3), (12, 13, 0.085, 2), (13, 14, 0.065, 3), (8, 15, 0.03, 4),
)  # fmt: skip


def _skeleton(angles: Floats, holds: float) -> Floats:
    """Return ``(16, 3)`` points: right, up, forward, in body heights from the pelvis."""
    lean, bow = angles[0], angles[1]
    up = np.array([np.sin(lean), np.cos(lean) * np.cos(bow), np.cos(lean) * np.sin(bow)])
    points = np.zeros((16, 3))
    points[1] = 0.3 * up
    points[2] = points[1] + 0.13 * up
    for left, (arm, leg) in enumerate(((3, 9), (6, 12))):
        sign = -1.0 if left == 0 else 1.0
        forward, out, elbow = angles[arm : arm + 3]
        points[arm] = points[1] + np.array([sign * 0.11, 0.0, 0.0]) - 0.02 * up
        points[arm + 1] = points[arm] + 0.17 * _down(forward, out * sign)
        points[arm + 2] = points[arm + 1] + 0.17 * _down(forward + abs(elbow), out * sign)
        forward, out, knee = angles[leg : leg + 3]
        points[leg] = np.array([sign * 0.06, -0.02, 0.0])
        points[leg + 1] = points[leg] + 0.24 * _down(forward, out * sign)
        points[leg + 2] = points[leg + 1] + 0.25 * _down(forward - abs(knee), out * sign)
    hand = points[8] - points[7]
    points[15] = points[8] + holds * hand / np.linalg.norm(hand)
    return points


def _down(forward: float, out: float) -> Floats:
    """Return where a limb points that hangs down at 0 and 0."""
    return np.array([np.sin(out) * np.cos(forward), -np.cos(out) * np.cos(forward), np.sin(forward)])


def _ground(chance: np.random.Generator) -> NDArray[np.float32]:
    """Return a ground half as large again as the picture: shades, lines, grain."""
    shape = (HEIGHT * 3 // 2, WIDTH * 3 // 2)
    ground = np.full(shape, chance.uniform(50.0, 200.0), np.float32)
    for scale in (4, 12, 40):
        rough = chance.normal(0.0, 1.0, (shape[0] // scale + 2, shape[1] // scale + 2)).astype(np.float32)
        ground += chance.uniform(0.0, 14.0) * cv2.resize(rough, shape[::-1], interpolation=cv2.INTER_CUBIC)
    for _ in range(int(chance.integers(0, 8))):
        ends = chance.integers(0, shape[1], 4)
        cv2.line(
            ground,
            ends[:2].tolist(),
            ends[2:].tolist(),
            float(chance.uniform(20, 235)),
            int(chance.integers(1, 6)),
        )
    return ground


def _view(ground: NDArray[np.float32], moved: Floats, zoom: float) -> NDArray[np.float32]:
    height, width = ground.shape
    left = (width - WIDTH / zoom) / 2 + moved[0]
    top = (height - HEIGHT / zoom) / 2 + moved[1]
    place = np.array([[1 / zoom, 0.0, left], [0.0, 1 / zoom, top]])
    how = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return np.asarray(
        cv2.warpAffine(ground, place, (WIDTH, HEIGHT), flags=how, borderMode=cv2.BORDER_REFLECT), np.float32
    )
