"""What the scene looks like when nothing lingers: a few stable looks for each place."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from everyframe.motion.field import Cells, Field, Grid

_LOOKS = 3
_SETTLE = 0.7  # seconds over which a look is averaged
_LEARN_EVERY = 0.95  # seconds
_FADE = 1.0  # seconds of staying that one second of absence takes back
_PASSING = 0.3  # likewise for what is there but moves: a stream of walkers is nobody who stays
_GONE = 2.0  # seconds without anything foreign after which it is gone for good
_FIRST_LOOK = 2.0  # seconds
_LONGEST = 7200.0  # seconds; who stayed that long stayed for good
_MATCH = 3.0  # standard deviations
_FIRST_DEVIATION = 0.15  # of log brightness, of a look seen once
_LEAST_DEVIATION = 0.05
_RARE = 0.02  # share of the time below which a look counts as never seen,
_BRIEF = 20.0  # or seconds, where that is longer
_FOREIGN = 3.5  # standard deviations beyond which a place looks foreign
_ROUNDS = 40  # from a guess to what a masked part would look like; later one a picture is enough

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
        self._near = np.ones((self.surroundings // 5 | 1,) * 2, np.uint8)
        self._settled: Grid | None = None
        self._stayed: Grid | None = None
        self._absent: Grid | None = None
        self._given: Grid | None = None
        self._since = 0.0  # seconds that this picture has been looked at
        self._time: float | None = None
        self._owed = 0.0  # seconds that wait to be learned
        self._ignored: Cells | None = None
        self._filling: NDArray[np.float32] | None = None  # of masked cells, against the others' mean

    def step(self, field: Field) -> Grid:
        """Take the next field; return ``(gh, gw)`` the how many seconds something foreign has stayed there.

        Zero until anything was learned.
        """
        contrast = self._contrast(field.luma, field.ignored)
        passed = 0.0 if self._time is None else max(0.0, field.time - self._time)
        self._time = field.time
        if self._settled is None or self._stayed is None or self._settled.shape != contrast.shape:
            self._settled = contrast
            self._stayed = np.zeros_like(contrast)
            self._absent = np.zeros_like(contrast)
            self._given = np.ones_like(contrast)
            self._since = 0.0
        else:
            self._settled += np.float32(1.0 - np.exp(-passed / _SETTLE)) * (contrast - self._settled)
        if self.looks is None:
            return np.zeros_like(contrast)
        # Who loiters shifts from foot to foot: what is next to something foreign counts as well.
        foreign: Grid = cv2.dilate(self._odd(self._settled, self.looks), self._near)  # type: ignore[assignment]
        if field.ignored is not None:
            foreign[field.ignored] = 0.0
        self.foreign = foreign
        moves = cv2.dilate(field.moving, self._near) > 0
        # What was not seen does not count as staying.
        return self._count(self._came(foreign, passed), moves, np.float32(min(passed, 1.0))).copy()

    def _came(self, foreign: Grid, passed: float) -> Grid:
        """Return ``(gh, gw)`` of 0 and 1: what is foreign and was not there from the first look on.

        Between learning and watching somebody moves a chair or changes the bedclothes. Nobody saw it come,
        so that it is no event; a place counts again once it has looked as it should.
        """
        assert self._given is not None
        self._since += passed
        if self._since > _FIRST_LOOK:
            self._given *= foreign
        came: Grid = foreign * (np.float32(1.0) - self._given)
        return came

    def _odd(self, settled: Grid, looks: Looks) -> Grid:
        """Return ``(gh, gw)`` of 0 and 1: which cells look like nothing that was there often enough."""
        mean, deviation, share = looks.reshape(3, -1, *settled.shape)
        odd = np.abs(settled - mean) > np.float32(_FOREIGN) * deviation
        odd |= share < np.float32(min(0.5, max(_RARE, _BRIEF / max(self.seen, 1.0))))
        odd_in_all: Grid = odd.all(axis=0).astype(np.float32)
        return odd_in_all

    def _count(self, foreign: Grid, moves: NDArray[np.bool_], seconds: np.float32) -> Grid:
        """Add ``seconds`` where something foreign is, take some away where it moves or is gone.

        Masks are multiplied by, as that is a third of the time of choosing by them.
        """
        stayed, absent = self._stayed, self._absent
        assert stayed is not None
        assert absent is not None
        absent += seconds
        absent *= np.float32(1.0) - foreign
        gain = np.float32(1.0 + _FADE) - np.float32(1.0 + _PASSING) * moves
        stayed += seconds * (foreign * gain - np.float32(_FADE))
        gone = np.float32(1.0) - np.exp(-seconds)
        stayed *= np.float32(1.0) - gone * (absent > _GONE)
        np.clip(stayed, np.float32(0.0), np.float32(_LONGEST), out=stayed)
        return stayed

    @property
    def settled(self) -> Grid | None:
        """``(gh, gw)`` local contrast of the present picture, averaged over less than a second."""
        return self._settled

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
        self.looks = np.ascontiguousarray(self.looks)
        mean, deviation, share = self.looks.reshape(3, _LOOKS, look.size)  # views
        look = look.reshape(-1)
        self.seen += seconds
        rate = np.float32(min(1.0, seconds / min(self.seen, self.memory)))
        away = np.abs(look - mean) / deviation
        away[share <= 0.0] = np.inf
        best, every = away.argmin(axis=0), np.arange(look.size)
        fits = away[best, every] < _MATCH
        # Where no look fits, the rarest makes room for the new one.
        chosen = np.where(fits, best, share.argmin(axis=0)), every
        share *= 1.0 - rate
        share[chosen] = np.where(fits, share[chosen] + rate, rate)
        step = np.clip(rate / np.maximum(share[chosen], 1e-6), 0.0, 1.0)
        old_mean, old_deviation = mean[chosen], deviation[chosen]
        off = look - old_mean
        mean[chosen] = np.where(fits, old_mean + step * off, look)
        spread = np.sqrt((1.0 - step) * old_deviation**2 + step * off**2)
        deviation[chosen] = np.where(fits, np.maximum(spread, _LEAST_DEVIATION), _FIRST_DEVIATION)

    def likeness(self) -> float | None:
        """Return how much the present look is like the usual one: a correlation, ``None`` where unknown.

        Near 0 for another view; a picture without any contrast (covered, pitch dark) tells nothing.
        """
        if self.looks is None or self._settled is None:
            return None
        usual, now = self._usual(self.looks), self._settled
        if usual.shape != now.shape:
            return None
        if self._ignored is not None:
            usual, now = usual[~self._ignored], now[~self._ignored]
        if min(usual.std(), now.std()) < _LEAST_DEVIATION:
            return None
        return float(np.corrcoef(usual.ravel(), now.ravel())[0, 1])

    def forget_stays(self) -> None:
        """Forget how long anything has stayed: it was the camera or the light that changed."""
        if self._stayed is not None:
            self._stayed = np.zeros_like(self._stayed)

    def reset(self) -> None:
        """Forget the present look, not what was learned: the next picture may come from anywhere."""
        self._settled = None
        self._stayed = None
        self._time = None

    def _contrast(self, luma: Grid, ignored: Cells | None) -> Grid:
        bright: Grid = cv2.log(luma + np.float32(8.0))  # type: ignore[assignment]
        if ignored is not None:
            self._fill(bright, ignored)
        return bright - self._around(bright)

    def _around(self, bright: Grid) -> Grid:
        size = (self.surroundings, self.surroundings)
        around: Grid = cv2.blur(bright, size, borderType=cv2.BORDER_REPLICATE)  # type: ignore[assignment]
        return around

    def _fill(self, bright: Grid, ignored: Cells) -> None:
        """Make masked cells look as they usually do there, given their surroundings.

        They are part of the surroundings of others: what goes on in them must not show there, nor must those
        look any different for a mask that was drawn after they were learned.
        """
        kept = ~ignored
        mean = bright[kept].mean() if kept.any() else np.float32(0.0)
        known = self._filling is not None and ignored is self._ignored
        rounds = 1 if known else _ROUNDS
        self._ignored = ignored
        bright[ignored] = mean + (self._filling if known and self._filling is not None else np.float32(0.0))
        usual: NDArray[np.float32] | np.float32 = np.float32(0.0)
        if self.looks is not None and self.looks.shape[1:] == bright.shape:
            usual = self._usual(self.looks)[ignored]
        for _ in range(rounds):
            bright[ignored] = usual + self._around(bright)[ignored]
        self._filling = bright[ignored] - mean

    @staticmethod
    def _usual(looks: Looks) -> Grid:
        """Return ``(gh, gw)`` the look that each place has most of the time."""
        mean, _, share = np.split(looks, 3)
        usual: Grid = np.take_along_axis(mean, share.argmax(axis=0)[None], 0)[0]
        return usual
