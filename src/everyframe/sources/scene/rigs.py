"""What bodies are built of.

A part is a tapered capsule or a flat face. Local coordinates are metres: ahead, up, to the right.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from everyframe.sources.scene.camera import Reals

PHASES = 64
"""Poses in one gait cycle (two steps)."""

CORNERS = 12
"""Corners of every polygon that is drawn."""

Colour = tuple[float, float, float]


@dataclass(frozen=True, eq=False)
class Rig:
    """The parts of a body, for every phase of its gait.

    Attributes:
        ends: ``(PHASES, P, 2, 3)`` the two ends of each capsule.
        radii: ``(P, 2)`` metres.
        faces: ``(F, CORNERS, 3)`` flat faces; they do not move within the body.
        tints: ``(P + F)`` as Y, U, V and 255: capsules first, then faces.
        rest: ``(P, 2, 3)`` the capsules when it stands still.
        height: Metres.
        cycle: Metres travelled in one gait cycle.
        casts: ``(P)`` whether the capsule casts a shadow of note; all faces do.
    """

    ends: Reals
    radii: Reals
    faces: Reals
    tints: tuple[tuple[float, float, float, float], ...]
    rest: Reals
    height: float
    cycle: float
    casts: NDArray[np.bool_]


@dataclass
class Builder:
    """Collects parts."""

    ends: list[Reals] = field(default_factory=list)
    radii: list[tuple[float, float]] = field(default_factory=list)
    tints: list[Colour] = field(default_factory=list)
    casts: list[bool] = field(default_factory=list)
    faces: list[Reals] = field(default_factory=list)
    shades: list[Colour] = field(default_factory=list)

    def capsule(
        self, start: Reals, end: Reals, r0: float, r1: float, colour: Colour, casts: bool = True
    ) -> None:
        """Add a tapered capsule; its ends are ``(3,)`` or, where they move, ``(PHASES, 3)``."""
        both = np.empty((PHASES, 2, 3))
        both[:, 0], both[:, 1] = start, end
        self.ends.append(both)
        self.radii.append((r0, r1))
        self.tints.append(colour)
        self.casts.append(casts)

    def face(self, corners: Reals, colour: Colour) -> None:
        """Add a flat convex face of 3, 4, 6 or 12 corners."""
        each = CORNERS // len(corners)
        along = np.arange(each)[:, None] / each
        following = np.roll(corners, -1, axis=0)
        points = [a + (b - a) * along for a, b in zip(corners, following, strict=True)]
        self.faces.append(np.concatenate(points))
        self.shades.append(colour)

    def block(
        self, low: tuple[float, float, float], high: tuple[float, float, float], colour: Colour
    ) -> None:
        """Add a cuboid; its top is lit, its ends are in the shade."""
        (a0, u0, r0), (a1, u1, r1) = low, high
        p = {
            (i, j, k): (a, u, r)
            for i, a in enumerate((a0, a1))
            for j, u in enumerate((u0, u1))
            for k, r in enumerate((r0, r1))
        }
        sides = [
            (((0, 1, 0), (1, 1, 0), (1, 1, 1), (0, 1, 1)), 1.12),
            (((0, 0, 0), (1, 0, 0), (1, 1, 0), (0, 1, 0)), 0.92),
            (((0, 0, 1), (1, 0, 1), (1, 1, 1), (0, 1, 1)), 0.8),
            (((0, 0, 0), (0, 1, 0), (0, 1, 1), (0, 0, 1)), 0.72),
            (((1, 0, 0), (1, 1, 0), (1, 1, 1), (1, 0, 1)), 0.72),
        ]
        for corners, light in sides:
            self.face(np.array([p[c] for c in corners]), shade(colour, light))

    def disc(self, ahead: float, up: float, right: float, radius: float, colour: Colour) -> None:
        """Add a wheel's disc, upright and along the way of travel."""
        angles = np.arange(CORNERS) / CORNERS * 2 * np.pi
        side = np.full(CORNERS, right)
        self.face(np.stack([ahead + radius * np.cos(angles), up + radius * np.sin(angles), side], -1), colour)

    def rig(self, height: float, cycle: float, rest: Reals | None = None) -> Rig:
        """Return what was built: its height and gait cycle in metres, and its parts when it stands still."""
        ends = np.stack(self.ends, axis=1) if self.ends else np.zeros((PHASES, 0, 2, 3))
        return Rig(
            ends=ends,
            radii=np.array(self.radii).reshape(-1, 2),
            faces=np.stack(self.faces) if self.faces else np.zeros((0, CORNERS, 3)),
            tints=tuple((*yuv(colour), 255.0) for colour in self.tints + self.shades),
            rest=ends[0] if rest is None else rest,
            height=height,
            cycle=cycle,
            casts=np.array(self.casts, bool),
        )


def yuv(colour: Colour) -> tuple[float, float, float]:
    """Convert RGB in 0 to 255 to full-range Y, U, V (BT.601, as OpenCV has it)."""
    r, g, b = colour
    y = 0.299 * r + 0.587 * g + 0.114 * b
    return y, 0.492 * (b - y) + 128.0, 0.877 * (r - y) + 128.0


def shade(colour: Colour, light: float) -> Colour:
    """Return a colour made lighter or darker."""
    r, g, b = (min(255.0, max(0.0, c * light)) for c in colour)
    return r, g, b
