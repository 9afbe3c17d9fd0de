"""The camera over the junction: it sees the cars from above, as a picture with noise and nothing else."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import libsumo
import numpy as np

from everyframe.types import Frame

SIZE = (320, 320)  # pixels
SCALE = 2.0  # pixels per metre: the picture shows 80 m of each road
_NOISE = 2.0  # levels of brightness

LEVELS = {"cloth": 60.0, "dark": 5.0}
"""What the lens can be covered with, and how bright the picture is then."""


@dataclass(frozen=True, slots=True)
class Cover:
    """A stretch of the day in which the lens is covered; seconds.

    Attributes:
        start: When something is hung before it.
        end: When it is taken away.
        kind: One of ``LEVELS``.
    """

    start: float
    end: float
    kind: str = "cloth"

    def hides(self, time: float) -> bool:
        """Say whether it hides the junction at a time."""
        return self.start <= time < self.end


class Camera:
    """Draws what SUMO drives.

    Args:
        seed: Of the noise.
        cover: When it sees nothing.
    """

    def __init__(self, seed: int, cover: Cover | None = None) -> None:
        self._cover = cover
        self._chance = np.random.default_rng(seed)
        ground = np.full((SIZE[1], SIZE[0]), 110.0, np.float32)
        texture = cv2.GaussianBlur(
            self._chance.normal(0.0, 40.0, ground.shape).astype(np.float32), (0, 0), 2.0
        )
        ground += texture
        middle, half = SIZE[0] // 2, int(4 * SCALE)
        ground[:, middle - half : middle + half] = 70.0
        ground[middle - half : middle + half, :] = 70.0
        self._ground = ground
        self._index = 0

    def picture(self, time: float) -> Frame:
        """Return the picture at a time (seconds), with the cars where they are now."""
        if self._cover is not None and self._cover.hides(time):
            luma = np.full_like(self._ground, LEVELS[self._cover.kind])
        else:
            luma = self._ground.copy()
            for car in libsumo.vehicle.getIDList():
                self._draw(luma, car)
        luma += self._chance.normal(0.0, _NOISE, luma.shape).astype(np.float32)
        self._index += 1
        return Frame(self._index, time, np.clip(luma, 0, 255).astype(np.uint8))

    def _draw(self, luma: np.ndarray, car: str) -> None:
        x, y = place(*libsumo.vehicle.getPosition(car))
        angle = np.deg2rad(libsumo.vehicle.getAngle(car))  # clockwise from north
        ahead = np.array([np.sin(angle), -np.cos(angle)])
        across = np.array([-ahead[1], ahead[0]])
        long, wide = libsumo.vehicle.getLength(car) * SCALE, libsumo.vehicle.getWidth(car) * SCALE
        front = np.array([x, y])
        corners = [
            front + across * wide / 2,
            front - across * wide / 2,
            front - across * wide / 2 - ahead * long,
            front + across * wide / 2 - ahead * long,
        ]
        # Cars differ in brightness, and each keeps its own.
        bright = (30.0, 160.0, 200.0, 240.0)[int(car) % 4]
        cv2.fillPoly(luma, [np.round(np.array(corners) * 8).astype(np.int32)], bright, cv2.LINE_AA, 3)


def place(x: float, y: float) -> tuple[float, float]:
    """Return where in the picture (pixels) a place of the junction (metres, upwards is north) is."""
    return SIZE[0] / 2 + x * SCALE, SIZE[1] / 2 - y * SCALE
