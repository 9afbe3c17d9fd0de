"""Turns bodies into pixels: projects their parts, fills them, and lays them over the picture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from everyframe.sources.scene.camera import Camera, Reals
from everyframe.sources.scene.rigs import CORNERS, Rig

Bytes = NDArray[np.uint8]

SUN = (0.55, 0.42)
"""Metres along x and z that a shadow runs per metre of height."""

_ROUND = np.linspace(0.5 * np.pi, 1.5 * np.pi, CORNERS // 2)
_ARC = np.concatenate([_ROUND, _ROUND + np.pi])
_COS, _SIN = np.cos(_ARC), np.sin(_ARC)
_HALF = CORNERS // 2
_FINE = 16  # cv2's sub-pixel drawing: coordinates in sixteenths
_SHIFT = 4


@dataclass(frozen=True, slots=True)
class Pose:
    """Where a body stands and what it is doing.

    Attributes:
        x: Metres to the right.
        y: Metres above the ground.
        z: Metres ahead of the camera.
        heading: Radians from straight ahead, clockwise.
        phase: Gait cycles travelled.
        stride: 0 standing still, 1 in full stride.
    """

    x: float
    y: float
    z: float
    heading: float
    phase: float
    stride: float


@dataclass(frozen=True, slots=True, eq=False)
class Sprite:
    """A drawn body: ``(h, w, 4)`` Y, U, V (all times alpha) and alpha, with its corner in the picture."""

    x: int
    y: int
    pixels: Bytes
    depth: float


@dataclass(frozen=True, slots=True, eq=False)
class Outline:
    """A body as polygons in pixels, and its shadow.

    Attributes:
        rig: The body.
        polygons: ``(P + F, CORNERS, 2)``: capsules first, then faces.
        depths: ``(P + F)`` metres.
        shade: ``(S, CORNERS, 2)`` of the parts that cast a shadow, on the ground.
        depth: Metres to its feet.
    """

    rig: Rig
    polygons: Reals
    depths: Reals
    shade: Reals
    depth: float


def outlines(camera: Camera, bodies: Sequence[tuple[Rig, Pose]]) -> list[Outline]:
    """Project bodies, all at once: for two hundred parts, NumPy's calls cost more than its sums."""
    if not bodies:
        return []
    counts = [len(rig.radii) for rig, _ in bodies]
    ends = _turned(
        np.concatenate([_moving(rig, pose) for rig, pose in bodies]), [p for _, p in bodies], counts
    )
    radii = np.concatenate([rig.radii for rig, _ in bodies])
    casts = np.concatenate([rig.casts[: len(rig.radii)] for rig, _ in bodies])
    both = np.concatenate([ends, _fallen(ends[casts])])
    polygons, depths = _capsules(camera, both, np.concatenate([radii, radii[casts] * 0.9]))
    feet = np.array([(pose.x, 0.0, pose.z) for _, pose in bodies])
    far = camera.project(feet)[1]
    result = []
    part, dark = 0, len(radii)
    for (rig, pose), count, depth in zip(bodies, counts, far, strict=True):
        cast = int(np.count_nonzero(rig.casts[:count]))
        mine, deep = polygons[part : part + count], depths[part : part + count]
        shade = polygons[dark : dark + cast]
        if len(rig.faces):
            faces = _turned(rig.faces, [pose], [len(rig.faces)])
            flat, away = camera.project(faces)
            mine, deep = np.concatenate([mine, flat]), np.concatenate([deep, away.mean(axis=1)])
            shade = np.concatenate([shade, camera.project(_fallen(faces))[0]])
        result.append(Outline(rig, mine, deep, shade, float(depth)))
        part, dark = part + count, dark + cast
    return result


def _moving(rig: Rig, pose: Pose) -> Reals:
    moving: Reals = rig.ends[int(pose.phase * len(rig.ends)) % len(rig.ends)]
    return moving if pose.stride >= 1.0 else rig.rest + (moving - rig.rest) * pose.stride


def _turned(points: Reals, poses: Sequence[Pose], counts: Sequence[int]) -> Reals:
    """Bring local points ``(N, K, 3)`` into the world; each pose holds for its count of rows."""
    rows = np.repeat(
        np.array([(np.sin(p.heading), np.cos(p.heading), p.x, p.y, p.z) for p in poses]), counts, axis=0
    )
    sin, cos, x, y, z = (rows[:, i, None] for i in range(5))
    out = np.empty(points.shape)
    out[..., 0] = points[..., 0] * sin + points[..., 2] * cos + x
    out[..., 1] = points[..., 1] + y
    out[..., 2] = points[..., 0] * cos - points[..., 2] * sin + z
    return out


def _fallen(points: Reals) -> Reals:
    """Let points fall along the sun's rays to the ground."""
    up = points[..., 1]
    return np.stack([points[..., 0] + SUN[0] * up, np.zeros(up.shape), points[..., 2] + SUN[1] * up], axis=-1)


def _capsules(camera: Camera, ends: Reals, radii: Reals) -> tuple[Reals, Reals]:
    flat, depth = camera.project(ends)
    radius = radii * (camera.focal / depth)
    axis = flat[:, 1] - flat[:, 0]
    length = np.hypot(axis[:, 0], axis[:, 1])
    axis[length < 1e-6] = (1.0, 0.0)
    axis /= np.where(length < 1e-6, 1.0, length)[:, None]
    r = np.repeat(radius, _HALF, axis=1)
    polygons = np.repeat(flat, _HALF, axis=1)
    ux, uy = axis[:, 0, None], axis[:, 1, None]
    polygons[..., 0] += r * (ux * _COS - uy * _SIN)
    polygons[..., 1] += r * (uy * _COS + ux * _SIN)
    return polygons, (depth[:, 0] + depth[:, 1]) / 2


def _area(camera: Camera, polygons: Reals, margin: int, clip: bool) -> tuple[int, int, int, int] | None:
    x, y, w, h = cv2.boundingRect(polygons.reshape(-1, 1, 2).astype(np.float32))
    x0, y0, x1, y1 = x - margin, y - margin, x + w + margin, y + h + margin
    if clip:
        x0, y0, x1, y1 = max(x0, 0), max(y0, 0), min(x1, camera.width), min(y1, camera.height)
    if x1 <= x0 or y1 <= y0:
        return None
    return x0, y0, x1 - x0, y1 - y0


def figure(camera: Camera, body: Outline, clip: bool = True) -> Sprite | None:
    """Draw a body; ``None`` when it is out of the picture.

    Args:
        camera: Who looks.
        body: Its outline.
        clip: Whether to leave out what lies beyond the picture's border.
    """
    area = _area(camera, body.polygons, 1, clip)
    if area is None:
        return None
    x, y, w, h = area
    fine = 2 if camera.focal * body.rig.height / body.depth > 30 else 4
    canvas = np.zeros((h * fine, w * fine, 4), np.uint8)
    points = np.rint((body.polygons - (x + 0.5 / fine, y + 0.5 / fine)) * (fine * _FINE)).astype(np.int32)
    tints = body.rig.tints
    for i in np.argsort(-body.depths).tolist():
        cv2.fillConvexPoly(canvas, points[i], tints[i], cv2.LINE_AA, _SHIFT)
    small = cv2.resize(canvas, (w, h), interpolation=cv2.INTER_AREA)
    return Sprite(x, y, small.astype(np.uint8, copy=False), body.depth)


def shadow(camera: Camera, body: Outline) -> tuple[int, int, Bytes] | None:
    """Draw a body's shadow on the ground: its corner and ``(h, w)`` strength; ``None`` out of the picture."""
    area = _area(camera, body.shade, 2, clip=True)
    if area is None:
        return None
    x, y, w, h = area
    canvas = np.zeros((h, w), np.uint8)
    for polygon in np.rint((body.shade - (x + 0.5, y + 0.5)) * _FINE).astype(np.int32):
        cv2.fillConvexPoly(canvas, polygon, 255, cv2.LINE_8, _SHIFT)
    return x, y, cv2.blur(canvas, (3, 3)).astype(np.uint8, copy=False)


def lay(picture: Bytes, sprite: Sprite) -> None:
    """Lay a sprite over a picture in place; the picture is ``(H, W)`` luma or ``(H, W, 3)`` YUV."""
    h, w = sprite.pixels.shape[:2]
    part = picture[sprite.y : sprite.y + h, sprite.x : sprite.x + w]
    clear = cv2.bitwise_not(cv2.extractChannel(sprite.pixels, 3))
    if picture.ndim == 2:
        over = cv2.extractChannel(sprite.pixels, 0)
    else:
        over = np.ascontiguousarray(sprite.pixels[..., :3])
        clear = cv2.merge([clear, clear, clear])
    part[...] = cv2.add(cv2.multiply(part, clear, scale=1 / 255), over)
