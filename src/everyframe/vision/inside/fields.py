"""Receptive fields along one side of a picture, exact also behind steps to finer grids.

After Araujo, Norris and Sim, "Computing receptive fields of convolutional neural networks" (Distill, 2019).
They follow one size and one jump; that holds for windows, but not for transposed convolutions and
interpolation, behind which neighbours see differently much. Here a field is kept for every place of a period.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

Places = NDArray[np.int64]

_FAR = 1 << 40  # where nothing is seen at all, such as in the holes of a transposed convolution
_LONGEST = 512  # places of a period; a longer one is kept as far as the picture goes


@dataclass(frozen=True, slots=True)
class Taps:
    """Which places of its input each place of a layer's output sees.

    Attributes:
        places: ``(period, taps)``: of the input, for the first ``period`` places of the output.
        there: ``(period, taps)``: whether they are seen at all.
        step: By how many places of the input the next ``period`` lies further.
    """

    places: Places
    there: NDArray[np.bool_]
    step: int


def window(kernel: int, stride: int = 1, dilation: int = 1, before: int = 0) -> Taps:
    """Return the taps of a convolution or pooling; ``before`` is the padding on the left or top."""
    places = np.arange(kernel, dtype=np.int64)[None] * dilation - before
    return Taps(places, np.ones(places.shape, bool), stride)


def transposed(kernel: int, stride: int = 1, dilation: int = 1, before: int = 0) -> Taps:
    """Return the taps of a transposed convolution, ``stride`` times finer."""
    reached = np.arange(stride)[:, None] + before - dilation * np.arange(kernel)[None]
    there = reached % stride == 0
    return Taps(np.where(there, reached // stride, 0).astype(np.int64), there, 1)


def shifted(before: int, step: int = 1) -> Taps:
    """Return the taps of padding (``before`` > 0), or of a cut of which every ``step``-th place stays."""
    return window(1, step, 1, before)


def repeated(times: int) -> Taps:
    """Return the taps of places that are repeated."""
    return Taps(np.zeros((times, 1), np.int64), np.ones((times, 1), bool), 1)


def pooled(size: int, out: int) -> Taps:
    """Return the taps of adaptive pooling from ``size`` places to ``out``."""
    first = np.arange(out) * size // out
    last = -(-(np.arange(out) + 1) * size // out) - 1
    places = np.stack([first, last], axis=1).astype(np.int64)  # the ends are all that counts
    return Taps(places, np.ones(places.shape, bool), size)


def resized(scale: Fraction, reach: int, *, corners: bool = False, smooth: bool = False) -> Taps:
    """Return the taps of interpolation.

    Args:
        scale: Places of the input to one of the output.
        reach: Places on either side that are mixed: 0 nearest, 1 linear, 2 cubic.
        corners: Whether the first places of both lie upon each other, not the edges.
        smooth: Whether kernels widen with the scale, against aliasing.
    """
    first, last = [], []
    for place in range(scale.denominator):
        if reach == 0:
            at = place * scale
            first.append(math.floor(at))
            last.append(math.floor(at))
            continue
        at = place * scale if corners else (place + Fraction(1, 2)) * scale - Fraction(1, 2)
        far = reach * max(Fraction(1), scale) if smooth else Fraction(reach)
        # The kernel is nothing at its very ends; a cubic one is nothing on whole steps but the middle, too.
        only = reach > 1 and not smooth and at.denominator == 1
        first.append(math.floor(at) if only else math.floor(at - far) + 1)
        last.append(math.floor(at) if only else math.ceil(at + far) - 1)
    places = np.stack([first, last], axis=1).astype(np.int64)
    return Taps(places, np.ones(places.shape, bool), scale.numerator)


@dataclass(frozen=True, slots=True)
class Field:
    """What every place along one side of a map sees of the picture, edges aside.

    Attributes:
        first: ``(period,)``: the first pixel that each of the first places sees.
        last: ``(period,)``: the last.
        advance: Pixels by which the next ``period`` places see further.
    """

    first: Places
    last: Places
    advance: int

    @property
    def size(self) -> int:
        """Pixels that the place that sees most sees; 0 where none sees any."""
        return max(0, int((self.last - self.first).max()) + 1)

    @property
    def jump(self) -> Fraction:
        """Pixels from one place to the next, which is the stride."""
        return Fraction(self.advance, len(self.first))

    @property
    def reach(self) -> int:
        """Pixels that are seen on either side of a place's own middle, at the most, rounded up."""
        here = self.jump * Fraction(1)
        far = Fraction(0)
        for place, (first, last) in enumerate(zip(self.first.tolist(), self.last.tolist(), strict=True)):
            middle = place * here + (here - 1) / 2
            if first <= last:
                far = max(far, middle - first, last - middle)
        return math.ceil(far)

    def at(self, places: Places) -> tuple[Places, Places]:
        """Return the first and last pixels that places of any number see."""
        turn, place = np.divmod(places, len(self.first))
        moved = turn * self.advance
        return self.first[place] + moved, self.last[place] + moved

    def through(self, taps: Taps, length: int) -> Field:
        """Return the field of a layer's output, of ``length`` places, whose input has this one."""
        period, base = len(self.first), len(taps.places)
        times = period // math.gcd(period, taps.step)
        count = times * base
        advance = self.advance * (times * taps.step // period)
        if count > max(length, _LONGEST):
            count, advance = max(1, length), math.ceil(Fraction(advance * max(1, length), count))
        turn, place = np.divmod(np.arange(count, dtype=np.int64), base)
        first, last = self.at(taps.places[place] + turn[:, None] * taps.step)
        there = taps.there[place]
        return Field(
            np.where(there, first, _FAR).min(axis=1), np.where(there, last, -_FAR).max(axis=1), advance
        )

    def joined(self, other: Field, length: int) -> Field:
        """Return the field of what sees both this and the other at the same place of ``length`` places."""
        period = math.lcm(len(self.first), len(other.first))
        if self.jump != other.jump or period > max(length, _LONGEST):
            period = max(1, length)  # steps that do not fit each other: as it is within this very picture
        places = np.arange(period, dtype=np.int64)
        (first, last), (begin, end) = self.at(places), other.at(places)
        advance = math.ceil(max(self.jump, other.jump) * period)
        return Field(np.minimum(first, begin), np.maximum(last, end), advance)


def whole_pixels() -> Field:
    """Return the field of the picture itself."""
    return Field(np.zeros(1, np.int64), np.zeros(1, np.int64), 1)
