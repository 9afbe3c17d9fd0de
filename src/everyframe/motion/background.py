"""What the scene looks like when nothing lingers: a few stable looks for each place."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from everyframe.motion.field import Field, Grid

_LOOKS = 3
_SETTLE = 0.7  # seconds over which a look is averaged
_LEARN_EVERY = 0.95  # seconds
_FADE = 1.0  # seconds of staying that one second of absence takes back
_PASSING = 0.3  # likewise for what is there but moves: a stream of walkers is nobody who stays
_GONE = 2.0  # seconds without anything foreign after which it is gone for good
_LONGEST = 7200.0  # seconds; who stayed that long stayed for good
_MATCH = 3.0  # standard deviations
_FIRST_DEVIATION = 0.15  # of log brightness, of a look seen once
_LEAST_DEVIATION = 0.05
_RARE = 0.02  # share of the time below which a look counts as never seen,
_BRIEF = 20.0  # or seconds, where that is longer
_FOREIGN = 3.5  # standard deviations beyond which a place looks foreign

Looks = NDArray[np.float32]
"""``(3 * looks, gh, gw)``: means, deviations and shares of the time, stacked."""


class Background:
    """A mixture of looks for each place (Stauffer and Grimson, CVPR 1999), on local contrast.

    Brightness is taken relative to the surroundings, in logarithms, so that a cloud or the camera's own
    exposure changes nothing. A place that looks foreign for seconds is occupied: somebody stands there,
    something was left. What walks by is gone before that counts.

    Args:
        surroundings: Width in cells of what counts as surroundings of a cell.
        memory: Seconds of footage over which shares of the time are counted.
    """

    def __init__(self, surroundings: int, memory: float = 86_400.0) -> None:
        self.surroundings = max(3, surroundings) | 1
        self.memory = memory
        self.seen = 0.0  # seconds learned from
        self.looks: Looks | None = None
        self.foreign: Grid | None = None
        """``(gh, gw)`` bool of 0 and 1: which places look foreign just now."""
        self._settled: Grid | None = None
        self._stayed: Grid | None = None
        self._absent: Grid | None = None
        self._time: float | None = None
        self._owed = 0.0  # seconds that wait to be learned

    def step(self, field: Field) -> Grid:
        """Take the next field; return ``(gh, gw)`` the how many seconds something foreign has stayed there.

        Zero until anything was learned.
        """
        contrast = self._contrast(field.luma)
        passed = 0.0 if self._time is None else max(0.0, field.time - self._time)
        self._time = field.time
        if self._settled is None or self._stayed is None or self._settled.shape != contrast.shape:
            self._settled = contrast
            self._stayed = np.zeros_like(contrast)
            self._absent = np.zeros_like(contrast)
        else:
            self._settled += np.float32(1.0 - np.exp(-passed / _SETTLE)) * (contrast - self._settled)
        if self.looks is None:
            return np.zeros_like(contrast)
        mean, deviation, share = np.split(self.looks, 3)
        away = np.abs(self._settled - mean) / deviation
        away[share < min(0.5, max(_RARE, _BRIEF / max(self.seen, 1.0)))] = np.inf
        # Who loiters shifts from foot to foot: what is next to something foreign counts as well.
        near = np.ones((self.surroundings // 5 | 1,) * 2, np.uint8)
        foreign: Grid = cv2.dilate((away.min(axis=0) > _FOREIGN).astype(np.float32), near)  # type: ignore[assignment]
        self.foreign = foreign
        passed = min(passed, 1.0)  # what was not seen does not count as staying
        here = foreign > 0
        assert self._absent is not None
        self._absent = np.where(here, np.float32(0.0), self._absent + np.float32(passed))
        moves = cv2.dilate(field.moving, near) > 0
        gain = np.where(here, np.where(moves, -_PASSING, 1.0), -_FADE)
        self._stayed += (passed * gain).astype(np.float32)
        self._stayed[self._absent > _GONE] *= np.float32(np.exp(-passed))
        np.clip(self._stayed, 0.0, _LONGEST, out=self._stayed)
        return self._stayed.copy()

    def learn(self, seconds: float) -> None:
        """Count the present look as normal for ``seconds`` of time; it is done about once per second."""
        self._owed += seconds
        look = self._settled
        if look is None or self._owed < _LEARN_EVERY:
            return
        seconds, self._owed = self._owed, 0.0
        if self.looks is None or self.looks.shape[1:] != look.shape:
            mean = np.repeat(look[None], _LOOKS, axis=0)
            share = np.zeros_like(mean)
            share[0] = 1.0
            self.looks = np.concatenate([mean, np.full_like(mean, _FIRST_DEVIATION), share])
        mean, deviation, share = np.split(self.looks, 3)  # views
        self.seen += seconds
        rate = np.float32(min(1.0, seconds / min(self.seen, self.memory)))
        away = np.abs(look - mean) / deviation
        away[share <= 0.0] = np.inf
        best = away.argmin(axis=0)[None]
        fits = np.take_along_axis(away, best, 0) < _MATCH
        # Where no look fits, the rarest makes room for the new one.
        chosen = np.where(fits, best, share.argmin(axis=0)[None])
        old_share = np.take_along_axis(share, chosen, 0)
        share *= 1.0 - rate
        np.put_along_axis(share, chosen, np.where(fits, (1.0 - rate) * old_share + rate, rate), 0)
        step = np.clip(rate / np.maximum(np.take_along_axis(share, chosen, 0), 1e-6), 0.0, 1.0)
        old_mean = np.take_along_axis(mean, chosen, 0)
        old_deviation = np.take_along_axis(deviation, chosen, 0)
        off = look[None] - old_mean
        np.put_along_axis(mean, chosen, np.where(fits, old_mean + step * off, look[None]), 0)
        spread = np.sqrt((1.0 - step) * old_deviation**2 + step * off**2)
        spread = np.maximum(spread, _LEAST_DEVIATION)
        np.put_along_axis(deviation, chosen, np.where(fits, spread, _FIRST_DEVIATION), 0)

    def likeness(self) -> float | None:
        """Return how much the present look is like the usual one: a correlation, ``None`` where unknown.

        Near 0 for another view; a picture without any contrast (covered, pitch dark) tells nothing.
        """
        if self.looks is None or self._settled is None:
            return None
        mean, _, share = np.split(self.looks, 3)
        usual = np.take_along_axis(mean, share.argmax(axis=0)[None], 0)[0]
        if usual.shape != self._settled.shape or min(usual.std(), self._settled.std()) < _LEAST_DEVIATION:
            return None
        return float(np.corrcoef(usual.ravel(), self._settled.ravel())[0, 1])

    def forget_stays(self) -> None:
        """Forget how long anything has stayed: it was the camera or the light that changed."""
        if self._stayed is not None:
            self._stayed = np.zeros_like(self._stayed)

    def reset(self) -> None:
        """Forget the present look, not what was learned: the next picture may come from anywhere."""
        self._settled = None
        self._stayed = None
        self._time = None

    def _contrast(self, luma: Grid) -> Grid:
        bright: Grid = np.log(luma + np.float32(8.0))
        size = (self.surroundings, self.surroundings)
        contrast: Grid = bright - cv2.blur(bright, size, borderType=cv2.BORDER_REPLICATE)
        return contrast
