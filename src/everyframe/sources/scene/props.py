"""The park's furniture, built of the same parts as its people."""

from __future__ import annotations

import numpy as np

from everyframe.sources.scene.rigs import Builder, Rig

_WOOD = (150.0, 104.0, 66.0)
_IRON = (52.0, 56.0, 58.0)


def bench() -> Rig:
    """Build a bench, 1.8 m long along the path, its back away from it (to the left)."""
    build = Builder()
    for ahead in (-0.75, 0.75):
        build.block((ahead - 0.05, 0.0, -0.25), (ahead + 0.05, 0.44, 0.25), _IRON)
        build.block((ahead - 0.04, 0.44, -0.3), (ahead + 0.04, 0.9, -0.24), _IRON)
    for right in (-0.22, -0.04, 0.14):
        build.block((-0.95, 0.44, right), (0.95, 0.49, right + 0.14), _WOOD)
    for up in (0.58, 0.76):
        build.block((-0.95, up, -0.3), (0.95, up + 0.12, -0.25), _WOOD)
    return build.rig(0.9, 1.0)


def lamp() -> Rig:
    """Build a lamp post, 3.6 m high."""
    build = Builder()
    build.capsule(np.array([0, 0, 0.0]), np.array([0, 0.5, 0]), 0.09, 0.07, _IRON)
    build.capsule(np.array([0, 0.5, 0.0]), np.array([0, 3.2, 0]), 0.05, 0.04, _IRON)
    build.capsule(np.array([0, 3.25, 0.0]), np.array([0, 3.42, 0]), 0.13, 0.17, (246.0, 238.0, 206.0))
    build.capsule(np.array([0, 3.52, 0.0]), np.array([0, 3.6, 0]), 0.2, 0.06, _IRON)
    return build.rig(3.6, 1.0)


def bin_() -> Rig:
    """Build a litter bin."""
    build = Builder()
    build.block((-0.22, 0.08, -0.22), (0.22, 0.85, 0.22), (70.0, 104.0, 84.0))
    build.block((-0.25, 0.85, -0.25), (0.25, 0.92, 0.25), _IRON)
    return build.rig(0.92, 1.0)


def bollard() -> Rig:
    """Build a wooden bollard."""
    build = Builder()
    build.capsule(np.array([0, 0, 0.0]), np.array([0, 0.62, 0]), 0.1, 0.1, _WOOD)
    return build.rig(0.7, 1.0)


def trunk(middle: float, radius: float) -> Rig:
    """Build a tree's trunk and two boughs, up into a crown at a height in metres."""
    build = Builder()
    bark = (98.0, 78.0, 60.0)
    girth = 0.07 + 0.05 * radius
    fork = np.array([0.0, max(middle - radius * 0.7, 0.1), 0.0])
    build.capsule(np.zeros(3), fork, girth * 1.35, girth, bark)
    for right in (-0.45, 0.4):
        tip = np.array([0.0, middle, right * radius])
        build.capsule(fork, tip, girth * 0.8, girth * 0.4, bark)
    return build.rig(middle, 1.0)
