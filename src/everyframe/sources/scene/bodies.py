"""The bodies that move in the scene: people who walk, run and ride, a cart, a suitcase."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from everyframe.sources.scene.camera import Reals
from everyframe.sources.scene.rigs import PHASES, Builder, Colour, Rig, shade


@dataclass(frozen=True)
class Look:
    """What tells one person from the next; colours are RGB in 0 to 255, lengths metres."""

    height: float
    build: float
    skin: Colour
    hair: Colour
    top: Colour
    legs: Colour
    shoes: Colour
    sleeves: bool
    skirt: bool
    pack: Colour | None
    hat: Colour | None


_SKIN = [(236, 196, 168), (214, 168, 136), (176, 124, 92), (122, 82, 60), (92, 62, 48)]
_HAIR = [(40, 30, 26), (74, 50, 34), (120, 84, 48), (196, 160, 96), (150, 148, 146), (28, 26, 28)]
_TOPS = [
    (196, 58, 52), (52, 92, 168), (236, 232, 222), (46, 48, 58), (226, 172, 58), (70, 128, 92),
    (140, 84, 140), (214, 126, 92), (112, 156, 190), (94, 66, 52), (228, 150, 170), (66, 110, 116),
]  # fmt: skip
_LEGS = [(48, 56, 82), (34, 34, 40), (120, 108, 90), (74, 84, 104), (176, 164, 142), (66, 58, 54)]
_SHOES = [(36, 32, 32), (222, 220, 216), (96, 66, 46)]
_PACKS = [(60, 64, 50), (150, 54, 48), (40, 60, 96), (206, 164, 84)]


def any_look(rng: np.random.Generator) -> Look:
    """Dress somebody."""

    def pick(options: list[tuple[int, int, int]]) -> Colour:
        r, g, b = options[int(rng.integers(len(options)))]
        return shade((r, g, b), float(rng.uniform(0.86, 1.1)))

    return Look(
        height=float(np.clip(rng.normal(1.72, 0.08), 1.54, 1.9)),
        build=float(rng.uniform(0.9, 1.15)),
        skin=pick(_SKIN),
        hair=pick(_HAIR),
        top=pick(_TOPS),
        legs=pick(_LEGS),
        shoes=pick(_SHOES),
        sleeves=bool(rng.random() < 0.65),
        skirt=bool(rng.random() < 0.22),
        pack=pick(_PACKS) if rng.random() < 0.3 else None,
        hat=pick(_TOPS) if rng.random() < 0.2 else None,
    )


@dataclass(frozen=True)
class _Limbs:
    """Angles in radians over one gait cycle, each ``(PHASES,)``; forward is positive."""

    thigh: tuple[Reals, Reals]
    knee: tuple[Reals, Reals]
    arm: tuple[Reals, Reals]
    elbow: tuple[Reals, Reals]


def _swing(phase: Reals, running: bool, arms: float) -> _Limbs:
    both = [phase, phase + np.pi]
    thigh, knee, arm, elbow = [], [], [], []
    for p in both:
        if running:
            thigh.append(np.deg2rad(14 + 40 * np.sin(p)))
            knee.append(np.deg2rad(22 + 78 * np.clip(np.cos(p - 0.25), 0, 1) ** 1.3))
            arm.append(np.deg2rad(-46 * arms * np.sin(p) - 8))
            elbow.append(np.deg2rad(92 - 14 * np.sin(p)))
        else:
            thigh.append(np.deg2rad(4 + 23 * np.sin(p)))
            knee.append(np.deg2rad(6 + 50 * np.clip(np.cos(p + 0.1), 0, 1) ** 1.5))
            arm.append(np.deg2rad(-25 * arms * np.sin(p)))
            elbow.append(np.deg2rad(18 - 12 * np.sin(p)))
    return _Limbs((thigh[0], thigh[1]), (knee[0], knee[1]), (arm[0], arm[1]), (elbow[0], elbow[1]))


def _at(ahead: Reals | float, up: Reals | float, right: Reals | float) -> Reals:
    return np.stack(np.broadcast_arrays(ahead, up, right), axis=-1).astype(float)


def _hang(origin: Reals, angle: Reals | float, length: float) -> Reals:
    return origin + _at(np.sin(angle) * length, -np.cos(angle) * length, 0.0)


def person(look: Look, speed: float = 1.35, running: bool = False) -> Rig:
    """Build somebody who walks (or runs) at about ``speed`` m/s."""
    phase = np.arange(PHASES) / PHASES * 2 * np.pi
    build = Builder()
    _pose(build, look, _swing(phase, running, 1.0), lean=0.16 if running else 0.03)
    still = Builder()
    zero = np.zeros(PHASES)
    _pose(still, look, _Limbs((zero, zero), (zero, zero), (zero, zero), (zero + 0.15, zero + 0.15)), lean=0.0)
    cycle = look.height * (0.42 + 0.3 * speed)
    return build.rig(look.height, cycle, rest=np.stack([e[0] for e in still.ends]))


def _pose(build: Builder, look: Look, limbs: _Limbs, lean: float) -> None:
    h, b = look.height, look.build
    upper, lower, foot = 0.245 * h, 0.225 * h, 0.05 * h
    reach = [upper * np.cos(t) + lower * np.cos(t - k) for t, k in zip(limbs.thigh, limbs.knee, strict=True)]
    hip = np.maximum(reach[0], reach[1]) + foot
    top = 0.30 * h
    sleeve = look.top if look.sleeves else look.skin
    for side, right in ((0, 0.055 * h), (1, -0.055 * h)):
        joint = _at(0.0, hip, right)
        knee = _hang(joint, limbs.thigh[side], upper)
        heel = _hang(knee, limbs.thigh[side] - limbs.knee[side], lower)
        shin = look.skin if look.skirt else look.legs
        build.capsule(joint, knee, 0.052 * h * b, 0.038 * h * b, look.legs)
        build.capsule(knee, heel, 0.037 * h * b, 0.026 * h * b, shade(shin, 0.94))
        tilt = limbs.thigh[side] - limbs.knee[side] * 0.8
        toe = heel + _at(np.cos(tilt) * 0.09 * h, np.sin(tilt) * 0.09 * h - 0.012 * h, 0.0)
        build.capsule(heel - _at(0.0, 0.008 * h, 0.0), toe, 0.026 * h, 0.022 * h, look.shoes, casts=False)
    chest = _at(np.sin(lean) * top, hip + np.cos(lean) * top, 0.0)
    for right, light in ((-0.062, 0.93), (0.062, 0.93), (0.0, 1.0)):
        offset = _at(0.0, 0.0, right * h * b)
        low = _at(0.0, hip + 0.01 * h, 0.0) + offset * 0.78
        build.capsule(low, chest + offset, 0.058 * h * b, 0.06 * h * b, shade(look.top, light))
    if look.skirt:
        build.capsule(
            _at(0.0, hip, 0.0), _at(0.0, hip - 0.2 * h, 0.0), 0.095 * h * b, 0.125 * h * b, look.legs
        )
    for side, right in ((0, 0.118), (1, -0.118)):
        shoulder = chest + _at(0.0, -0.005 * h, right * h * b)
        elbow = _hang(shoulder, limbs.arm[side] + lean, 0.165 * h)
        hand = _hang(elbow, limbs.arm[side] + limbs.elbow[side], 0.15 * h)
        build.capsule(shoulder, elbow, 0.032 * h * b, 0.026 * h * b, shade(look.top, 0.88))
        build.capsule(elbow, hand, 0.026 * h * b, 0.02 * h * b, shade(sleeve, 0.9))
        build.capsule(
            hand, _hang(hand, limbs.arm[side], 0.02 * h), 0.026 * h, 0.024 * h, look.skin, casts=False
        )
    if look.pack is not None:
        back = _at(-0.095 * h, 0.0, 0.0)
        build.capsule(chest + back - _at(0, 0.03 * h, 0), chest + back * 1.1 - _at(0, 0.19 * h, 0),
                      0.062 * h, 0.072 * h, look.pack)  # fmt: skip
    head = chest + _at(0.02 * h + 0.06 * h * np.sin(lean), 0.125 * h, 0.0)
    build.capsule(chest + _at(0, 0.07 * h, 0), head, 0.03 * h, 0.03 * h, shade(look.skin, 0.85), casts=False)
    build.capsule(head - _at(0, 0.016 * h, 0), head + _at(0, 0.012 * h, 0), 0.05 * h, 0.054 * h, look.skin)
    cap = look.hat if look.hat is not None else look.hair
    build.capsule(head + _at(-0.022 * h, 0.012 * h, 0), head + _at(-0.004 * h, 0.03 * h, 0),
                  0.05 * h, 0.052 * h, cap, casts=False)  # fmt: skip


def cyclist(look: Look) -> Rig:
    """Build a bicycle and its rider, who pedals."""
    phase = np.arange(PHASES) / PHASES * 2 * np.pi
    build = Builder()
    paint, rubber = (206.0, 40.0, 44.0), (30.0, 30.0, 32.0)
    angles = np.arange(13) / 12 * 2 * np.pi
    for middle in (-0.52, 0.54):
        rim = _at(middle + 0.34 * np.cos(angles), 0.35 + 0.34 * np.sin(angles), 0.0)
        for a, b in pairwise(rim):
            build.capsule(a, b, 0.026, 0.026, rubber)
    crank, seat, bar = _at(-0.06, 0.3, 0.0), _at(-0.22, 0.92, 0.0), _at(0.42, 1.02, 0.0)
    for a, b in ((crank, seat), (crank, _at(0.36, 0.82, 0.0)), (seat - _at(0, 0.12, 0), _at(0.36, 0.84, 0.0)),
                 (_at(-0.52, 0.35, 0), crank), (_at(-0.52, 0.35, 0), seat - _at(0, 0.12, 0)),
                 (_at(0.54, 0.35, 0), bar)):  # fmt: skip
        build.capsule(a, b, 0.024, 0.024, paint)
    build.capsule(bar - _at(0, 0, 0.26), bar + _at(0, 0, 0.26), 0.02, 0.02, rubber)
    build.capsule(seat - _at(0.08, 0, 0), seat + _at(0.12, 0, 0), 0.05, 0.03, rubber)
    hip = seat + _at(0.0, 0.1, 0.0)
    for side, turn in ((0.09, 0.0), (-0.09, np.pi)):
        pedal = crank + _at(0.17 * np.cos(phase + turn), -0.17 * np.sin(phase + turn), side)
        start = np.broadcast_to(hip + _at(0, 0, side), pedal.shape)
        knee = _bend(start, pedal + _at(0, 0.06, 0), 0.43, 0.43)
        build.capsule(start, knee, 0.085, 0.062, look.legs)
        build.capsule(knee, pedal + _at(0, 0.06, 0), 0.06, 0.042, look.skin)
        build.capsule(pedal + _at(-0.07, 0.04, 0), pedal + _at(0.11, 0.03, 0), 0.042, 0.036, look.shoes)
    chest = hip + _at(0.36, 0.44, 0.0)
    for right in (-0.1, 0.1, 0.0):
        build.capsule(hip + _at(0, 0, right * 0.8), chest + _at(0, 0, right), 0.1, 0.1, look.top)
    for right in (-0.22, 0.22):
        grip = bar + _at(0.0, 0.03, right)
        elbow = (chest + grip) / 2 + _at(-0.03, -0.05, right * 0.4)
        build.capsule(chest + _at(0, -0.02, right * 0.85), elbow, 0.05, 0.042, shade(look.top, 0.88))
        build.capsule(elbow, grip, 0.042, 0.034, look.skin)
    head = chest + _at(0.14, 0.2, 0.0)
    build.capsule(head, head + _at(0.01, 0.03, 0), 0.09, 0.095, look.skin)
    build.capsule(head + _at(-0.05, 0.05, 0), head + _at(0.05, 0.07, 0), 0.1, 0.085, (244.0, 240.0, 226.0))
    return build.rig(1.85, 4.2)


def _bend(a: Reals, b: Reals, upper: float, lower: float) -> Reals:
    """Return the joint between two bones from ``a`` to ``b``, bent forward."""
    apart = b - a
    length = np.minimum(np.hypot(apart[..., 0], apart[..., 1]), upper + lower - 1e-3)
    along = (upper**2 - lower**2 + length**2) / (2 * length)
    out = np.sqrt(np.maximum(upper**2 - along**2, 0.0))
    ahead, up = apart[..., 0] / length, apart[..., 1] / length
    return a + _at(ahead * along - up * out, up * along + ahead * out, apart[..., 2] * 0.5)


def cart(look: Look) -> Rig:
    """Build the park's little electric cart, with a roof and a driver."""
    build = Builder()
    paint, dark, roof = (66.0, 142.0, 118.0), (44.0, 46.0, 50.0), (240.0, 236.0, 224.0)
    build.block((-1.15, 0.32, -0.6), (0.25, 0.72, 0.6), paint)
    build.block((0.25, 0.32, -0.6), (1.15, 0.86, 0.6), shade(paint, 1.05))
    build.block((-1.1, 0.72, -0.55), (-0.35, 0.98, 0.55), (168.0, 132.0, 84.0))
    for ahead in (-0.72, 0.74):
        for right in (-0.6, 0.6):
            build.disc(ahead, 0.27, right * 1.02, 0.27, dark)
            build.disc(ahead, 0.27, right * 1.05, 0.12, (188.0, 188.0, 184.0))
    for ahead in (-0.3, 0.85):
        for right in (-0.54, 0.54):
            base = _at(ahead, 0.72, right)
            build.capsule(base, base + _at(0.0, 1.12, 0.0), 0.03, 0.03, dark)
    seat = _at(0.0, 0.86, -0.2)
    build.capsule(seat, seat + _at(0.03, 0.42, 0.0), 0.17, 0.18, look.top)
    build.capsule(seat + _at(0.1, 0.38, 0.18), _at(0.5, 1.05, -0.1), 0.05, 0.04, look.skin)
    head = seat + _at(0.06, 0.7, 0.0)
    build.capsule(head, head + _at(0.0, 0.03, 0.0), 0.1, 0.1, look.skin)
    build.capsule(head + _at(-0.02, 0.06, 0), head + _at(0.0, 0.08, 0), 0.1, 0.1, look.hair)
    build.block((-0.42, 1.84, -0.62), (0.95, 1.91, 0.62), roof)
    return build.rig(1.92, 2.0)


def suitcase() -> Rig:
    """Build a suitcase with its handle."""
    build = Builder()
    build.block((-0.17, 0.06, -0.3), (0.17, 0.78, 0.3), (178.0, 52.0, 44.0))
    for right in (-0.12, 0.12):
        build.capsule(_at(0, 0.78, right), _at(0, 0.98, right), 0.018, 0.018, (40.0, 40.0, 42.0))
    build.capsule(_at(0, 0.98, -0.12), _at(0, 0.98, 0.12), 0.024, 0.024, (40.0, 40.0, 42.0))
    return build.rig(1.0, 1.0)
