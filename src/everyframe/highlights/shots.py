"""Where one shot ends and the next begins: cuts, and fades through black.

Each picture is compared with the one before by where its brightnesses lie and where its edges are, on a
small copy of it. A cut is a difference that stands out of those around it (as in PySceneDetect's adaptive
detector), so that fast motion, which differs from picture to picture for long, is none; and what comes back
within a moment is a flash. Zabih, Miller and Mai 1995 for the edges; Lienhart 2001 for fades.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

import cv2
import numpy as np
from numpy.typing import NDArray

from everyframe.types import Frame

_SIZE = (64, 36)  # of the small copy
_BLOCKS = (4, 4)  # rows and columns that each have a histogram
_BINS = 16
_WINDOW = 6  # pictures before and after with which a difference is compared
_LEAST = 0.16  # difference below which nothing is a cut
_TIMES = 2.0  # the differences around it that a cut is at least
_DEVIATIONS = 4.0  # of them by which it is above their mean
_FLASH = 0.35  # seconds within which a flash is over
_SAME = 0.45  # of the difference: below, the picture is as it was before the flash
_BLACK = 20.0  # mean luma of a picture that has faded to black
_FLAT = 8.0  # standard deviation of its luma


@dataclass(frozen=True, slots=True)
class Shot:
    """The beginning of a shot.

    Attributes:
        time: Seconds of its first picture; of the first that is not black for a fade.
        fade: Whether the shot before faded out to black.
    """

    time: float
    fade: bool = False


@dataclass(frozen=True, slots=True)
class Look:
    """What is kept of a picture.

    Attributes:
        time: Seconds.
        small: ``(36, 64)`` luma, ``float32``.
        traits: Where its brightnesses and edges lie, ``float32``; the halves sum to 1 each.
        dark: Whether it is black all over.
        change: Difference to the picture before, from 0 to 1.
    """

    time: float
    small: NDArray[np.float32]
    traits: NDArray[np.float32]
    dark: bool
    change: float


def shots(frames: Iterable[Frame]) -> Iterator[Shot]:
    """Yield the beginning of each shot but the first, a few pictures after it came."""
    detector = ShotDetector()
    for frame in frames:
        yield from detector.step(frame.time, frame.luma)
    yield from detector.flush()


class ShotDetector:
    """Finds shots picture by picture, with a few small copies as its memory."""

    def __init__(self) -> None:
        self._looks: deque[Look] = deque()
        self._judged = 1  # index in ``_looks`` of the next picture to judge
        self._dark = self._lit = False  # whether it is black now, and whether it ever was not
        self.latest: Look | None = None
        """What was kept of the picture that came last."""

    def step(self, time: float, luma: NDArray[np.uint8]) -> list[Shot]:
        """Take the next picture.

        Args:
            time: Seconds.
            luma: ``(H, W)``.
        """
        look = self.latest = self._look(time, luma)
        self._looks.append(look)
        found = self._faded(look)
        while self._judged + _WINDOW < len(self._looks) and self._after_flash(self._judged):
            found += self._judge(self._judged)
        while self._judged > _WINDOW:
            self._looks.popleft()
            self._judged -= 1
        return found

    def flush(self) -> list[Shot]:
        """Judge what is left: nothing more will come."""
        found: list[Shot] = []
        while self._judged < len(self._looks):
            found += self._judge(self._judged)
        return found

    def _look(self, time: float, luma: NDArray[np.uint8]) -> Look:
        # Every pixel of a big picture is more than a small copy needs.
        step = max(1, min(luma.shape[0] // (3 * _SIZE[1]), luma.shape[1] // (3 * _SIZE[0])))
        picture = cv2.resize(luma[::step, ::step], _SIZE, interpolation=cv2.INTER_AREA).astype(np.uint8)
        small = picture.astype(np.float32)
        traits = _traits(picture, small)
        before = self.latest
        change = difference(traits, before.traits) if before is not None else 0.0
        dark = bool(small.mean() < _BLACK and small.std() < _FLAT)
        return Look(time, small, traits, dark, change)

    def _after_flash(self, number: int) -> bool:
        """Say whether enough has come after a picture to tell whether it was a flash."""
        return self._looks[-1].time - self._looks[number].time > _FLASH

    def _judge(self, number: int) -> list[Shot]:
        """Say whether a shot begins at a picture."""
        self._judged += 1
        look, before = self._looks[number], self._looks[number - 1]
        if look.change < _LEAST or look.dark or before.dark:
            return []
        low = max(1, number - _WINDOW)
        around = [one.change for one in islice(self._looks, low, number + _WINDOW + 1) if one is not look]
        # The highest of the others may be a cut or the edge of a flash itself.
        rest = np.sort(around)[:-1] if len(around) > 1 else np.zeros(1)
        stands_out = look.change >= max(_TIMES * rest.mean(), rest.mean() + _DEVIATIONS * rest.std())
        return [Shot(look.time)] if stands_out and not self._flashed(number) else []

    def _flashed(self, number: int) -> bool:
        """Say whether a picture is the first of a flash, or the first after one."""
        look, before = self._looks[number], self._looks[number - 1]
        limit = _SAME * look.change
        for later in islice(self._looks, number + 1, None):
            if later.time - look.time > _FLASH:
                break
            if difference(later.traits, before.traits) < limit:
                return True
        for earlier in islice(self._looks, 0, number - 1):
            if look.time - earlier.time <= _FLASH + 1e-9 and difference(earlier.traits, look.traits) < limit:
                return True
        return False

    def _faded(self, look: Look) -> list[Shot]:
        """Tell of a fade once there is light again."""
        if look.dark:
            self._dark = True
            return []
        came, self._dark, self._lit = self._dark and self._lit, False, True
        return [Shot(look.time, fade=True)] if came else []


def difference(one: NDArray[np.float32], other: NDArray[np.float32]) -> float:
    """Return how much two pictures' traits differ, from 0 to 1."""
    return float(np.abs(one - other).sum()) / 4.0


def _traits(picture: NDArray[np.uint8], small: NDArray[np.float32]) -> NDArray[np.float32]:
    rows, columns = _BLOCKS
    height, width = picture.shape
    block = _BLOCK_OF
    bins = (picture >> 4).astype(np.intp) + block
    histogram = np.bincount(bins.ravel(), minlength=rows * columns * _BINS).astype(np.float32)
    histogram /= height * width
    across = cv2.Sobel(small, cv2.CV_32F, 1, 0)
    down = cv2.Sobel(small, cv2.CV_32F, 0, 1)
    edges = cv2.resize(cv2.magnitude(across, down), (16, 9), interpolation=cv2.INTER_AREA).ravel() + 1.0
    return np.concatenate([histogram, edges / edges.sum()])


def _block_of() -> NDArray[np.intp]:
    down = np.arange(_SIZE[1]) * _BLOCKS[0] // _SIZE[1]
    across = np.arange(_SIZE[0]) * _BLOCKS[1] // _SIZE[0]
    return ((down[:, None] * _BLOCKS[1] + across[None, :]) * _BINS).astype(np.intp)


_BLOCK_OF = _block_of()
