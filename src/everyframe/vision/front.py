"""What the first, fixed layer of each network sees: edges and motion by direction, on a coarse grid.

Oriented filters are what networks for pictures learn first, of millions of examples. Tens of examples do not
teach them, so here they are given: histograms of flow (Efros et al., "Recognizing action at a distance", ICCV
2003), of its changes across the picture (Dalal, Triggs and Schmid, "Human detection using oriented histograms
of flow and appearance", ECCV 2006) and of edges, each square-rooted so that the strongest does not drown the
rest.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

GRID = 12
"""Cells of the grid each way."""

FLOW_WAYS = 8
EDGE_WAYS = 6
CHANNELS = {"frames": EDGE_WAYS, "flow": 2 * FLOW_WAYS}
"""Channels of each stream."""

_MIRRORED = {
    "frames": [(EDGE_WAYS - k) % EDGE_WAYS for k in range(EDGE_WAYS)],
    "flow": [(FLOW_WAYS // 2 - k) % FLOW_WAYS for k in range(FLOW_WAYS)] + [8, 9, 11, 10, 13, 12, 14, 15],
}
_MOVES = 4.0  # how soon what moves counts as moving, per side of the square and second


def edges(frames: Floats, flow: Floats) -> NDArray[np.float16]:
    """Return ``(T, 6, GRID, GRID)`` edges by direction, of what moves.

    Args:
        frames: ``(T, S, S)`` brightness in local contrasts.
        flow: ``(T, 2, S, S)`` in sides per second; where nothing moves edges do not count.
    """
    right, down = _slopes(frames)
    angle = np.arctan2(down, right)
    moving = np.linalg.norm(flow, axis=1)
    for number, one in enumerate(moving):
        moving[number] = cv2.dilate(one, np.ones((3, 3), np.uint8))
    around = np.stack([moving, np.roll(moving, 1, 0), np.roll(moving, -1, 0)])
    around[1, 0], around[2, -1] = moving[0], moving[-1]
    strength = np.hypot(right, down) * np.tanh(_MOVES * around.mean(axis=0))
    return _pooled([strength * np.cos(angle - k * np.pi / EDGE_WAYS) ** 4 for k in range(EDGE_WAYS)])


def motions(flow: Floats) -> NDArray[np.float16]:
    """Return ``(T, 16, GRID, GRID)``: flow by direction, then its changes rightwards and downwards.

    Args:
        flow: ``(T, 2, S, S)`` in sides of the square per second.
    """
    across, along = flow[:, 0], flow[:, 1]
    speed, angle = np.hypot(across, along), np.arctan2(along, across)
    ways = np.arange(FLOW_WAYS) * 2.0 * np.pi / FLOW_WAYS
    maps = [speed * np.maximum(np.cos(angle - way), 0.0) ** 2 for way in ways]
    for part in (across, along):
        for slope in _slopes(part):
            maps += [np.maximum(slope, 0.0), np.maximum(-slope, 0.0)]
    return _pooled(maps)


def mirrored(stream: str, maps: NDArray[np.floating]) -> NDArray[np.floating]:
    """Return ``(..., channels, GRID, GRID)`` maps as of the mirrored footage."""
    return maps[..., _MIRRORED[stream], :, ::-1]


def _slopes(pictures: Floats) -> tuple[Floats, Floats]:
    right, down = np.zeros_like(pictures), np.zeros_like(pictures)
    right[..., 1:-1] = pictures[..., 2:] - pictures[..., :-2]
    down[..., 1:-1, :] = pictures[..., 2:, :] - pictures[..., :-2, :]
    return right, down


def _pooled(maps: list[Floats]) -> NDArray[np.float16]:
    stacked = np.stack(maps, axis=1)
    count, channels = stacked.shape[:2]
    out = np.empty((count, channels, GRID, GRID), np.float32)
    for step in range(count):
        for channel in range(channels):
            out[step, channel] = cv2.resize(
                stacked[step, channel], (GRID, GRID), interpolation=cv2.INTER_AREA
            )
    return np.sqrt(np.maximum(out, 0.0)).astype(np.float16)
