"""What stands still in the park, drawn once: lawn, path, benches, lamps, hedge; and the trees, which sway."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np

from everyframe.sources.scene.camera import Camera, Path, Reals
from everyframe.sources.scene.painter import SUN, Bytes, Pose, Sprite, figure, lay, outlines, shadow
from everyframe.sources.scene.props import bench, bin_, bollard, lamp, trunk
from everyframe.sources.scene.rigs import Rig, shade, yuv

HEDGE = 55.0
"""Metres from the camera to the hedge that closes the park."""

TREES = [  # x, z, radius, height of the crown's middle, autumn colour
    (6.6, 11.4, 1.25, 2.5, 0.0),
    (-9.2, 23.0, 1.7, 3.5, 0.25),
    (-15.5, 33.0, 2.2, 4.2, 0.0),
    (11.5, 27.0, 1.6, 3.2, 0.85),
    (-5.5, 47.0, 2.2, 4.0, 0.1),
    (9.0, 51.0, 2.4, 4.3, 0.0),
    (-8.4, 13.5, 0.95, 0.75, 0.1),
    (-19.0, 25.0, 1.8, 3.4, 0.5),
]

LIGHT_OF_SHADOW = 0.58


@dataclass(frozen=True, eq=False)
class Crown:
    """The leaves of a tree: a sprite that the wind distorts.

    Attributes:
        sprite: At rest, with room around it to sway in.
        maps: ``(2, h, w)`` where each pixel comes from at rest.
        give: ``(h, w)`` pixels that a place moves in the strongest wind.
        waves: ``(2, h, w)`` cosine and sine of the place's own phase.
    """

    sprite: Sprite
    maps: Reals
    give: Reals
    waves: Reals

    def at(self, time: float, wind: float) -> Sprite:
        """Return the crown as the wind (0 to 1) bends it at a time in seconds."""
        turn = 2 * np.pi * 0.42 * time
        slow, fast = self.give * np.float32(wind), self.give * np.float32(0.3)
        sway = (self.waves[0] * np.float32(np.sin(turn)) + self.waves[1] * np.float32(np.cos(turn))) * slow
        turn *= 2.7
        quick = (self.waves[1] * np.float32(np.sin(turn)) - self.waves[0] * np.float32(np.cos(turn))) * fast
        bent = cv2.remap(
            self.sprite.pixels,
            self.maps[0] + sway + quick,
            self.maps[1] + quick,
            cv2.INTER_LINEAR,
        )
        return Sprite(self.sprite.x, self.sprite.y, bent.astype(np.uint8, copy=False), self.sprite.depth)


class Backdrop:
    """The empty park as one camera sees it.

    Attributes:
        yuv: ``(H, W, 3)`` full-range Y, U, V.
        luma: ``(H, W)``.
        depth: ``(H, W)`` metres to whatever stands on the ground there; infinite for bare ground.
        crowns: The trees' leaves, farthest first.
    """

    def __init__(self, camera: Camera) -> None:
        self.camera = camera
        path = Path()
        rng = np.random.default_rng(7)  # one park: its seed is not the scene's
        self.yuv: Bytes = _to_yuv(_ground(camera, path, rng))
        self.depth = np.full((camera.height, camera.width), np.inf, np.float32)
        self._tree_shade(rng)
        for rig, pose in _furniture(path):
            self._put(rig, pose)
        grown = [_crown(camera, tree, np.random.default_rng([7, i])) for i, tree in enumerate(TREES)]
        crowns = [crown for crown in grown if crown is not None]
        self.crowns = sorted(crowns, key=lambda c: -c.sprite.depth)
        self.luma: Bytes = np.ascontiguousarray(self.yuv[..., 0])

    def _put(self, rig: Rig, pose: Pose) -> None:
        (body,) = outlines(self.camera, [(rig, pose)])
        dark = shadow(self.camera, body)
        if dark is not None:
            x, y, strength = dark
            part = self.yuv[y : y + strength.shape[0], x : x + strength.shape[1], 0]
            part[...] = (part * (1 - (1 - LIGHT_OF_SHADOW) * (strength / 255.0))).astype(np.uint8)
        sprite = figure(self.camera, body)
        if sprite is not None:
            lay(self.yuv, sprite)
            h, w = sprite.pixels.shape[:2]
            part_depth = self.depth[sprite.y : sprite.y + h, sprite.x : sprite.x + w]
            part_depth[sprite.pixels[..., 3] > 127] = sprite.depth

    def _tree_shade(self, rng: np.random.Generator) -> None:
        v, u = np.mgrid[0 : self.camera.height, 0 : self.camera.width] + 0.5
        x, z = self.camera.ground(u, v)
        dapple = _noise(rng, x * 1.1, z * 1.1) * 0.55
        light = np.ones_like(x)
        for tx, tz, radius, middle, _ in TREES:
            away = np.hypot(x - tx - SUN[0] * middle, z - tz - SUN[1] * middle) / radius
            light -= (1 - LIGHT_OF_SHADOW) * np.clip((1.02 - away + dapple * 0.6) * 2.2, 0, 1) * (z < HEDGE)
        self.yuv[..., 0] = (self.yuv[..., 0] * np.clip(light, LIGHT_OF_SHADOW, 1)).astype(np.uint8)


@lru_cache(maxsize=4)
def backdrop_of(camera: Camera) -> Backdrop:
    """Return the empty park as a camera sees it; drawn once, since scenes only read it."""
    return Backdrop(camera)


def _to_yuv(rgb: Reals) -> Bytes:
    return cv2.cvtColor(np.clip(rgb, 0, 255).astype(np.uint8), cv2.COLOR_RGB2YUV).astype(np.uint8, copy=False)


def _noise(rng: np.random.Generator, x: Reals, z: Reals) -> Reals:
    """Return smooth noise of about -1 to 1 with one bump per unit."""
    table = rng.uniform(-1, 1, (128, 128)).astype(np.float32)
    x, z = np.mod(x, 128).astype(np.float32), np.mod(z, 128).astype(np.float32)
    smooth = cv2.remap(table, x, z, cv2.INTER_CUBIC, borderMode=cv2.BORDER_WRAP)
    return smooth.astype(np.float32, copy=False)


def _ground(camera: Camera, path: Path, rng: np.random.Generator) -> Reals:
    """Draw lawn, path, flower bed and hedge at twice the size, and shrink: ``(H, W, 3)`` RGB."""
    v, u = (np.mgrid[0 : 2 * camera.height, 0 : 2 * camera.width] + 0.5) / 2
    x, z = camera.ground(u, v)
    footprint = z / camera.focal * 1.6

    def rough(scale: float) -> Reals:
        """Noise of a grain in metres; it fades where a pixel covers more than a grain."""
        visible = np.clip(scale / footprint - 0.4, 0, 1)
        fading: Reals = _noise(rng, x / scale, z / scale) * visible
        return fading

    coarse, patches = rough(5.0), rough(1.3)
    grain = rough(0.35) * 0.8 + rough(0.12) + rough(0.05) * 0.8
    stripes = np.tanh(4 * np.sin((x * 0.8 - z * 0.45) / 1.5)) * 0.045
    grass_light = 1 + 0.10 * coarse + 0.07 * patches + 0.13 * grain + stripes
    rgb = np.array([112.0, 148.0, 72.0]) * grass_light[..., None]
    rgb[..., 0] += 10 * coarse
    daisies = rough(0.11) > 0.8
    rgb[daisies & (coarse > 0.15)] = (236, 232, 206)

    off = path.distance(x, z) + 0.10 * patches + 0.05 * grain
    half = path.width / 2
    gravel = np.array([200.0, 182.0, 150.0]) * (1 + 0.04 * coarse + 0.05 * patches + 0.11 * grain)[..., None]
    gravel *= (1 - 0.07 * np.exp(-(((off - 1.0) / 0.45) ** 2)))[..., None]  # two trodden lines
    rgb = _mix(
        rgb,
        np.array([126.0, 116.0, 78.0]) * (1 + 0.15 * grain)[..., None],
        np.clip((half + 0.4 - off) / 0.3, 0, 1),
    )
    rgb = _mix(rgb, gravel, np.clip((half - off) / 0.12, 0, 1))

    bed = np.hypot((x + 7.2) / 2.3, (z - 18.6) / 1.5) + 0.12 * patches
    rgb = _mix(rgb, np.array([92.0, 68.0, 50.0]) * (1 + 0.2 * grain)[..., None], np.clip((1 - bed) * 8, 0, 1))
    for hue, colour in enumerate([(222, 62, 84), (246, 196, 62), (238, 238, 240), (168, 86, 176)]):
        ring = np.abs(bed - (0.2 + 0.2 * hue)) < 0.1
        rgb[ring & (_noise(rng, x * 2.6, z * 2.6) > 0.12)] = colour
        rgb[ring & (_noise(rng, x * 3.1, z * 3.1) > 0.4)] = (64, 112, 52)

    u = u - camera.shift[0]
    leaf = _noise(rng, u / 3.2, v / 3.2) * 0.6 + _noise(rng, u / 1.3, v / 1.3) * 0.6
    base = camera.project(np.array([0.0, 0.0, HEDGE]))[0][1] + 1.5 * _noise(rng, u / 14, v * 0)
    up = np.clip((base - v) / (camera.height * 0.06), 0, 1.6)
    hedge = np.array([58.0, 92.0, 48.0]) * (0.62 + 0.32 * up + 0.26 * leaf)[..., None]
    rgb = _mix(rgb, hedge, np.clip((base - v) * 1.5, 0, 1))
    small = cv2.resize(rgb, (camera.width, camera.height), interpolation=cv2.INTER_AREA)
    return np.asarray(small)


def _mix(under: Reals, over: Reals, share: Reals) -> Reals:
    return under + (over - under) * share[..., None]


def _furniture(path: Path) -> list[tuple[Rig, Pose]]:
    """Return the things that stand about, farthest first."""

    def beside(length: float, aside: float, turn: float = 0.0) -> Pose:
        x, z = path.at(np.array(length), aside)
        nx, nz = path.at(np.array(length + 0.5), aside)
        return Pose(float(x), 0.0, float(z), float(np.arctan2(nx - x, nz - z)) + turn, 0.0, 0.0)

    things = [(trunk(middle, radius), Pose(x, 0.0, z, 0.0, 0.0, 0.0)) for x, z, radius, middle, _ in TREES]
    things += [(lamp(), beside(s, a)) for s, a in ((6.5, 2.8), (24.0, 2.9), (38.0, -2.9), (50.0, 2.9))]
    things += [(bench(), beside(s, a, t)) for s, a, t in ((13.0, -3.1, 0.0), (19.5, 3.2, np.pi))]
    things += [(bin_(), beside(15.2, -3.0)), (bin_(), beside(36.0, 2.9))]
    things += [(bollard(), beside(s, a)) for s in (44.0, 47.0, 53.0, 56.0) for a in (-2.6, 2.6)]
    return sorted(things, key=lambda thing: -thing[1].z)


def _crown(
    camera: Camera, tree: tuple[float, float, float, float, float], rng: np.random.Generator
) -> Crown | None:
    x, z, radius, middle, autumn = tree
    count = int(430 * min(radius, 2.0))
    direction = rng.normal(size=(count, 3))
    direction /= np.linalg.norm(direction, axis=1)[:, None]
    reach = radius * rng.uniform(0.35, 1.0, count) ** 0.5
    lumps = 1 + 0.16 * np.sin(3 * np.arctan2(direction[:, 1], direction[:, 0]) + x)
    points = direction * (reach * lumps)[:, None] * (1.0, 0.86, 1.0)
    flat, depth = camera.project(points + np.array([x, middle, z]))
    size = rng.uniform(0.07, 0.16, count) * np.sqrt(radius) * camera.focal / depth
    lit = direction @ np.array([-0.52, 0.72, -0.46]) * (reach / radius)
    margin = 4 + int(size.max())
    low = np.maximum(np.floor(flat.min(axis=0)).astype(int) - margin, 0)
    high = np.minimum(np.ceil(flat.max(axis=0)).astype(int) + margin, (camera.width, camera.height))
    w, h = int(high[0] - low[0]), int(high[1] - low[1])
    if w <= 2 or h <= 2:
        return None
    canvas = np.zeros((h * 3, w * 3, 4), np.uint8)
    green, gold = np.array([92.0, 138.0, 58.0]), np.array([204.0, 138.0, 52.0])
    for i in np.lexsort((lit, np.round(-depth / radius * 2))):
        tint = green + (gold - green) * np.clip(autumn + rng.normal(0, 0.08), 0, 1)
        r, g, b = tint * (0.72 + 0.42 * lit[i] + rng.normal(0, 0.09))
        middle_px = np.rint(((flat[i] - low) * 3 - 0.5) * 16).astype(int)
        axes = np.rint(size[i] * 3 * 16 * np.array([1.0, rng.uniform(0.5, 0.9)])).astype(int)
        cv2.ellipse(
            canvas,
            (int(middle_px[0]), int(middle_px[1])),
            (int(axes[0]), int(axes[1])),
            float(rng.uniform(0, 180)),
            0,
            360,
            (*yuv(shade((float(r), float(g), float(b)), 1.0)), 255.0),
            -1,
            cv2.LINE_AA,
            4,
        )
    pixels = cv2.resize(canvas, (w, h), interpolation=cv2.INTER_AREA).astype(np.uint8, copy=False)
    grid = np.mgrid[0:h, 0:w].astype(np.float32)
    place = _noise(rng, grid[1] / 9.0, grid[0] / 9.0) * 1.6
    scale = float(camera.focal / depth.mean())
    give = (0.055 * scale * np.clip((h - grid[0]) / h, 0.25, 1)).astype(np.float32)
    _, foot = camera.project(np.array([x, 0.0, z]))
    return Crown(
        Sprite(int(low[0]), int(low[1]), pixels, float(foot)),
        grid[::-1].copy(),
        give,
        np.stack([np.cos(place), np.sin(place)]).astype(np.float32),
    )
