"""The camera that looks at the scene, and the path that it looks at.

World coordinates are metres: x to the right, y up, z away from the camera along the ground.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

Reals = NDArray[np.floating[Any]]

HEIGHT = 6.0
"""Metres above the ground at which the camera hangs."""

PITCH = np.deg2rad(23.0)
"""How far it looks down."""


@dataclass(frozen=True, slots=True)
class Camera:
    """A pinhole camera on a pole.

    Attributes:
        width: Picture width in pixels.
        height: Picture height in pixels.
        focal: Focal length in pixels.
        shift: Where the principal point is moved to from the middle of the picture, in pixels; a knock
            against the camera changes it.
    """

    width: int
    height: int
    focal: float
    shift: tuple[float, float] = (0.0, 0.0)

    @classmethod
    def of_size(cls, width: int, height: int) -> Camera:
        """Return the park's camera for a picture size; its vertical angle of view is 37 degrees."""
        return cls(width, height, height * 400.0 / 270.0)

    def moved(self, dx: float, dy: float) -> Camera:
        """Return the same camera with its view moved by so many pixels."""
        return replace(self, shift=(self.shift[0] + dx, self.shift[1] + dy))

    def project(self, points: Reals) -> tuple[Reals, Reals]:
        """Project world points.

        Args:
            points: ``(…, 3)`` metres.

        Returns:
            ``(…, 2)`` pixels, and ``(…)`` depth along the optical axis in metres; a pixel's own area is
            ``[u, u + 1) x [v, v + 1)``. One metre across the view is ``focal / depth`` pixels.
        """
        sin, cos = np.sin(PITCH), np.cos(PITCH)
        down = HEIGHT - points[..., 1]
        ahead = points[..., 2]
        depth = np.maximum(down * sin + ahead * cos, 0.2)
        out = np.empty((*points.shape[:-1], 2))
        out[..., 0] = self.width / 2 + self.shift[0] + self.focal * points[..., 0] / depth
        out[..., 1] = self.height / 2 + self.shift[1] + self.focal * (down * cos - ahead * sin) / depth
        return out, depth

    def ground(self, u: Reals, v: Reals) -> tuple[Reals, Reals]:
        """Return where on the ground ``(x, z)`` in metres each pixel looks; at most 200 m away."""
        sin, cos = np.sin(PITCH), np.cos(PITCH)
        a = (u - self.width / 2 - self.shift[0]) / self.focal
        b = (v - self.height / 2 - self.shift[1]) / self.focal
        fall = sin + b * cos
        reach = HEIGHT / np.maximum(fall, 0.02)
        return a * reach, np.minimum((cos - b * sin) * reach, 200.0)


class Path:
    """The centre line of the park path, by its length in metres; straight beyond both ends.

    It comes in at the lower left of the picture, runs away from the camera, and leaves at the upper right.
    """

    width = 4.2

    def __init__(self) -> None:
        control = np.array([[-3.6, 6.0], [-1.6, 14.0], [-0.5, 36.0], [16.0, 41.0]])
        t = np.linspace(0.0, 1.0, 801)[:, None]
        curve = (
            (1 - t) ** 3 * control[0]
            + 3 * (1 - t) ** 2 * t * control[1]
            + 3 * (1 - t) * t**2 * control[2]
            + t**3 * control[3]
        )
        first, last = _unit(control[1] - control[0]), _unit(control[3] - control[2])
        curve = np.concatenate([[curve[0] - 30 * first], curve, [curve[-1] + 60 * last]])
        steps = np.hypot(*np.diff(curve, axis=0).T)
        self._points = curve
        self._lengths = np.concatenate([[0.0], np.cumsum(steps)]) - 30.0
        self.length = float(self._lengths[-2])

    def at(self, length: Reals, aside: Reals | float = 0.0) -> Reals:
        """Return ground points ``(…, 2)`` as x, z at a length along the path and so far to its right."""
        point = self._centre(length)
        tangent = self._centre(length + 0.4) - self._centre(length - 0.4)
        tangent /= np.hypot(tangent[..., 0], tangent[..., 1])[..., None]
        right = np.stack([tangent[..., 1], -tangent[..., 0]], axis=-1)
        result: Reals = point + right * np.asarray(aside)[..., None]
        return result

    def distance(self, x: Reals, z: Reals) -> Reals:
        """Return the distance in metres of ground points from the centre line; right to 5 cm beyond 1 m."""
        x, z = x.astype(np.float32), z.astype(np.float32)
        best = np.full(x.shape, np.inf, np.float32)
        for cx, cz in self._centre(np.arange(-28.0, self.length + 55.0, 0.5)).astype(np.float32):
            np.minimum(best, (x - cx) ** 2 + (z - cz) ** 2, out=best)
        result: Reals = np.sqrt(best)
        return result

    def _centre(self, length: Reals) -> Reals:
        return np.stack(
            [
                np.interp(length, self._lengths, self._points[:, 0]),
                np.interp(length, self._lengths, self._points[:, 1]),
            ],
            axis=-1,
        )


def _unit(vector: Reals) -> Reals:
    result: Reals = vector / np.hypot(vector[0], vector[1])
    return result
