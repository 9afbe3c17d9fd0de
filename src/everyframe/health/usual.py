"""What is usual for this very camera: slow averages of what its looks saw while all was well."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from everyframe.health.looking import LEAST_SHARPNESS, TILES, Look, Reals

_VIDEO_BLACK = 16.0  # of television's range of levels, which many cameras use
_VIDEO_WHITE = 235
_LIGHT_OVER = 240.0  # seconds: quick enough to follow nightfall, too slow for a cloth
_FULL_WHITE = 250
_SLACK = 3
_NEAR_BLACK = 1.0  # grain hardly makes it darker


class Usual:
    """Averages over about ``over`` seconds of footage, quick at first.

    Attributes:
        seconds: That were learned from.
        high: Level that 95 % of the picture stay below.
        blown: Share of the picture that is as white as can be.
        texture: Contrast in each tile.
        sharpness: Of strong edges, as in ``Look``; 0 before any were seen.
    """

    def __init__(self, over: float) -> None:
        self._over = over
        self.seconds = 0.0
        self.high = self.blown = self.sharpness = 0.0
        self.texture: Reals = np.zeros(TILES, np.float32)
        self._sharp_seconds = 0.0
        self._lowest, self._highest = 255.0, 0.0

    @property
    def black(self) -> float:
        """The level of black: 16 where the darkest that was ever seen is about that, else 0."""
        return _VIDEO_BLACK if abs(self._lowest - _VIDEO_BLACK) <= _NEAR_BLACK else 0.0

    @property
    def white(self) -> int:
        """The level from which on everything is white."""
        return (_VIDEO_WHITE if self._highest <= _VIDEO_WHITE + _SLACK else _FULL_WHITE) - _SLACK

    def see(self, look: Look) -> None:
        """Take note of the range of levels, which every look tells, good or bad."""
        self._lowest = min(self._lowest, look.low)
        self._highest = max(self._highest, look.top)

    def learn(self, look: Look, seconds: float) -> None:
        """Learn from a look that stands for so many seconds."""
        self.seconds += seconds
        weight = _weight(seconds, self.seconds, self._over)
        self.learn_light(look, seconds)
        self.blown += weight * (look.share_above(self.white) - self.blown)
        self.texture += np.float32(weight) * (look.texture - self.texture)
        if look.sharpness is not None:
            self._sharp_seconds += seconds
            weight = _weight(seconds, self._sharp_seconds, self._over)
            self.sharpness += weight * (look.sharpness - self.sharpness)

    def learn_light(self, look: Look, seconds: float) -> None:
        """Learn only how bright it is, from a look that stands for so many seconds."""
        weight = _weight(seconds, self.seconds, _LIGHT_OVER)
        self.high += weight * (look.high - self.high)

    def forget_sharpness(self) -> None:
        """Begin anew with what depends on the size of the picture."""
        self.sharpness = self._sharp_seconds = 0.0

    @property
    def crispness(self) -> float:
        """How far its sharpness is above that of slopes."""
        return self.sharpness - LEAST_SHARPNESS

    def save(self) -> dict[str, NDArray[np.generic]]:
        """Return it as arrays."""
        numbers = (self.seconds, self.high, self.blown, self.sharpness, self._sharp_seconds)
        return {"usual": np.array([*numbers, self._lowest, self._highest]), "texture": self.texture.copy()}

    def restore(self, arrays: Mapping[str, NDArray[np.generic]]) -> None:
        """Take what ``save`` returned."""
        numbers = [float(number) for number in np.asarray(arrays["usual"], float)]
        self.seconds, self.high, self.blown, self.sharpness = numbers[:4]
        self._sharp_seconds, self._lowest, self._highest = numbers[4:]
        self.texture = np.array(arrays["texture"], np.float32).reshape(TILES)


def _weight(seconds: float, known: float, over: float) -> float:
    """Return the weight of what is new: a plain mean at first, a fading one later."""
    return min(1.0, max(seconds / known if known > 0.0 else 1.0, 1.0 - float(np.exp(-seconds / over))))
