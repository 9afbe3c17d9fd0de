"""From the classes of a scene to polygons: zones where things go, masks where only leaves do."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from everyframe.motion import Polygon
from everyframe.vision.dense.classes import Classes

GROUND = frozenset(
    [
        "carpet",
        "court",
        "crosswalk",
        "dirt",
        "earth",
        "field",
        "floor",
        "footpath",
        "grass",
        "gravel",
        "ground",
        "lane",
        "parking",
        "path",
        "pavement",
        "pitch",
        "platform",
        "playground",
        "road",
        "runway",
        "sand",
        "sidewalk",
        "snow",
        "square",
        "stairs",
        "street",
        "terrain",
        "track",
        "yard",
    ]
)
"""Classes that things move on: they make zones."""

IDLE = frozenset(
    [
        "bush",
        "cloud",
        "foliage",
        "hedge",
        "leaves",
        "plant",
        "sea",
        "sky",
        "tree",
        "trees",
        "vegetation",
        "water",
    ]
)
"""Classes in which what moves means nothing: they make masks."""

LEAST = 0.01
"""Share of the picture that a zone or a mask has at least."""

MOST = 12
"""Zones, and masks, that are proposed at most; the largest."""

_CORNERS = 40
_TALL = (
    0.15  # of the picture's height above the ground, where heads of those who walk on it are: never masked
)
_SOFT = 0.006  # of the picture's width, by which regions are blurred
_SMOOTH = 0.02  # of the picture's width: what is thinner is no region
_NEAR = 0.004  # of the picture's diagonal: how far a polygon may be from the outline
_HOLE = 0.003  # share of the picture from which on a hole counts
_DIGITS = 4


@dataclass(frozen=True, slots=True)
class Region:
    """A part of a scene.

    Attributes:
        name: Of the zone or mask: its class and, from the second on, a number, largest first.
        polygon: Its corners, in shares of the picture.
        share: Of the picture that it covers.
    """

    name: str
    polygon: Polygon
    share: float


@dataclass(frozen=True, slots=True)
class Proposal:
    """What could be drawn on a camera's picture.

    Attributes:
        zones: Of what things move on.
        masks: Of what moves without meaning.
    """

    zones: tuple[Region, ...]
    masks: tuple[Region, ...]


def propose(scene: NDArray[np.uint8], classes: Classes, least: float = LEAST) -> Proposal:
    """Propose zones and masks.

    Masks lie above the ground, and so far above that heads of those who walk on it are free. What is green
    below may as well be lawn, for which many networks have no word of its own.

    Args:
        scene: ``(H, W)`` classes of the scene.
        classes: What they are.
        least: Share of the picture that each has at least.
    """
    zones: list[Region] = []
    masks: list[Region] = []
    for number, name in enumerate(classes.names):
        if name.lower() in GROUND:
            zones += _regions(np.asarray(scene == number, np.uint8), name, least)
    above = np.arange(len(scene))[:, None] < _tops(zones, scene.shape) - _TALL * len(scene)
    for number, name in enumerate(classes.names):
        if name.lower() in IDLE:
            masks += _regions(np.asarray((scene == number) & above, np.uint8), name, least)
    return Proposal(_largest(zones), _largest(masks))


def _tops(zones: list[Region], shape: tuple[int, ...]) -> NDArray[np.float64]:
    """Return ``(W,)``: the row where the ground begins in each column; half-way down where there is none."""
    height, width = shape[0], shape[1]
    ground = np.zeros((height, width), np.uint8)
    for zone in zones:
        points = np.rint(np.array(zone.polygon) * (width - 1, height - 1)).astype(np.int32)
        cv2.fillPoly(ground, [points], 1)
    there = np.flatnonzero(ground.any(axis=0))
    if not len(there):
        return np.full(width, height / 2)
    return np.asarray(np.interp(np.arange(width), there, ground[:, there].argmax(axis=0)), np.float64)


def _regions(here: NDArray[np.uint8], name: str, least: float) -> list[Region]:
    height, width = here.shape
    # Speckle would make outlines long, and few corners could not follow them.
    soft = cv2.GaussianBlur(np.asarray(here, np.float32), (0, 0), _SOFT * width)
    reach = max(1, round(_SMOOTH * width / 2))
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1, 2 * reach + 1))
    smooth = cv2.morphologyEx(np.asarray(soft > 0.5, np.uint8), cv2.MORPH_OPEN, kernel)
    found = []
    for contour in _outlines(np.asarray(smooth, np.uint8)):
        share = cv2.contourArea(contour) / (height * width)
        polygon = _polygon(contour, width, height) if share >= least else ()
        if len(polygon) >= 3:
            found.append((share, polygon))
    found.sort(key=lambda one: -one[0])
    plain = re.sub(r"[^A-Za-z0-9_-]+", "-", name).strip("-") or "zone"
    return [
        Region(plain if number == 1 else f"{plain}-{number}", polygon, share)
        for number, (share, polygon) in enumerate(found, 1)
    ]


def _outlines(here: NDArray[np.uint8], depth: int = 4) -> Iterator[NDArray[np.int32]]:
    """Yield the outlines of what is set; what has holes is cut through them, as a polygon can have none."""
    contours, tree = cv2.findContours(here, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_SIMPLE)
    for number, contour in enumerate(contours):
        if tree[0][number][3] >= 0:
            continue  # a hole
        holes = [
            other
            for other, (_, _, _, parent) in zip(contours, tree[0], strict=True)
            if parent == number and cv2.contourArea(other) >= _HOLE * here.size
        ]
        if not holes or not depth:
            yield np.asarray(contour, np.int32)
            continue
        left, _, across, _ = cv2.boundingRect(max(holes, key=cv2.contourArea))
        middle = left + across // 2
        alone = np.zeros_like(here)
        cv2.drawContours(alone, contours, number, 1, cv2.FILLED, hierarchy=tree, maxLevel=1)
        alone &= here
        for part in (slice(0, middle), slice(middle, None)):
            half = np.zeros_like(alone)
            half[:, part] = alone[:, part]
            yield from _outlines(half, depth - 1)


def _polygon(contour: NDArray[np.int32], width: int, height: int) -> Polygon:
    """Return an outline with few corners, in shares of the picture."""
    tolerance = _NEAR * math.hypot(width, height)
    corners = cv2.approxPolyDP(contour, tolerance, True)
    while len(corners) > _CORNERS:
        tolerance *= 1.3
        corners = cv2.approxPolyDP(contour, tolerance, True)
    # The last pixel of a picture of n lies at n - 1, its edge at 1.
    right, bottom = max(width - 1, 1), max(height - 1, 1)
    return tuple(
        (round(float(x) / right, _DIGITS), round(float(y) / bottom, _DIGITS)) for (x, y) in corners[:, 0]
    )


def _largest(regions: list[Region]) -> tuple[Region, ...]:
    return tuple(sorted(regions, key=lambda region: -region.share)[:MOST])
