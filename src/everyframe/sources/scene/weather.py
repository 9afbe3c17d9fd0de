"""Light and grain: clouds that pass, a lamp's flicker, gusts of wind, the sensor's noise.

Everything is a function of the seed and the time or the frame's number alone, so that any frame can be
drawn without the ones before it.
"""

from __future__ import annotations

import cv2
import numpy as np

from everyframe.sources.scene.camera import Camera, Reals

_TILE = 64
_CLOUD = 14.0  # metres per cell of the cloud table
_WIND = (2.6, 1.1)  # metres per second
_GRID = (24, 14)


class Weather:
    """The weather over one camera.

    Args:
        camera: Who looks.
        seed: Makes one day differ from the next.
    """

    def __init__(self, camera: Camera, seed: int) -> None:
        rng = np.random.default_rng([seed, 11])
        table = rng.normal(size=(_TILE, _TILE)).astype(np.float32)
        tiled = np.tile(table, (3, 3))
        smooth = cv2.GaussianBlur(tiled, (0, 0), 1.5)[_TILE : 2 * _TILE, _TILE : 2 * _TILE]
        cover = (smooth - smooth.mean()) / smooth.std()
        self._cover = np.asarray(1.0 - 0.26 / (1.0 + np.exp(-(cover - 0.5) * 3.0)), np.float32)
        v, u = np.mgrid[0 : _GRID[1], 0 : _GRID[0]].astype(float)
        u, v = (u + 0.5) * camera.width / _GRID[0], (v + 0.5) * camera.height / _GRID[1]
        x, z = camera.ground(u, v)
        self._x, self._z = x / _CLOUD, np.minimum(z, 70.0) / _CLOUD
        self._size = (camera.width, camera.height)
        self._seed = seed
        self._offset = rng.uniform(0, _TILE, 2)
        grain = rng.normal(0.0, 1.9, (camera.height * 3 // 2, camera.width * 3 // 2)).astype(np.float32)
        self._grain = cv2.GaussianBlur(grain, (0, 0), 0.45) * 1.25

    def light(self, index: int, time: float) -> Reals:
        """Return how bright each place is, ``(H, W)`` ``float32``, 1 in the sun."""
        x = np.mod(self._x + self._offset[0] - _WIND[0] * time / _CLOUD, _TILE).astype(np.float32)
        z = np.mod(self._z + self._offset[1] - _WIND[1] * time / _CLOUD, _TILE).astype(np.float32)
        low = cv2.remap(self._cover, x, z, cv2.INTER_LINEAR, borderMode=cv2.BORDER_WRAP)
        flicker = 1.0 + 0.003 * np.sin(2 * np.pi * 0.83 * time) + 0.002 * self._draw(index).normal()
        full = cv2.resize(low * np.float32(flicker), self._size, interpolation=cv2.INTER_LINEAR)
        return full.astype(np.float32, copy=False)

    def wind(self, time: float) -> float:
        """Return the wind's strength, 0 to 1: gusts that come and go."""
        a = self._offset[0]
        return float(0.55 + 0.28 * np.sin(0.21 * time + a) + 0.17 * np.sin(0.77 * time + 2 * a))

    def noise(self, index: int) -> Reals:
        """Return the sensor's noise for a frame, ``(H, W)`` ``float32`` grey levels."""
        width, height = self._size
        rng = self._draw(index)
        y = int(rng.integers(0, self._grain.shape[0] - height + 1))
        x = int(rng.integers(0, self._grain.shape[1] - width + 1))
        part = self._grain[y : y + height, x : x + width]
        return part if rng.random() < 0.5 else -part

    def _draw(self, index: int) -> np.random.Generator:
        return np.random.default_rng([self._seed, 13, index])
