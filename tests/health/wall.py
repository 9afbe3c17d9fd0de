"""A drawn wall of windows, doors and signs, which a camera with a little grain looks at."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

import cv2
import numpy as np

from everyframe.health import HealthEvent, HealthKind, HealthWatcher
from everyframe.types import Frame, Gap, Luma, StreamInfo

SIZE = (320, 180)
Effect = Callable[[Luma, float], Luma]


def wall(seed: int = 1) -> Luma:
    """Return a picture with edges of all directions everywhere."""
    random = np.random.default_rng(seed)
    picture = np.full(SIZE[::-1], 120, np.uint8)
    for _ in range(140):
        x, y = int(random.integers(0, SIZE[0])), int(random.integers(0, SIZE[1]))
        width, height = (int(side) for side in random.integers(6, 40, 2))
        box = cv2.boxPoints(((x, y), (width, height), float(random.uniform(0, 90))))
        cv2.fillPoly(picture, [box.astype(np.int32)], int(random.integers(30, 220)))
    return picture


class Camera:
    """Sees the wall twice a second.

    Args:
        effect: What is done to the picture, by time.
        start: Time of its first frame.
        utc: POSIX seconds of time 0.
    """

    def __init__(self, effect: Effect | None = None, start: float = 0.0, utc: float | None = None) -> None:
        self._effect, self._start, self._utc = effect, start, utc
        self._wall = wall()
        self.info = StreamInfo("wall", *SIZE, start_utc=utc)

    def frames(self, seconds: float, rate: float = 2.0) -> Iterator[Frame]:
        random = np.random.default_rng(round(self._start))
        grains = random.integers(-2, 3, (8, *SIZE[::-1]), dtype=np.int16)  # drawn once: it takes longest
        for number in range(round(seconds * rate)):
            time = self._start + number / rate
            luma = self._wall if self._effect is None else self._effect(self._wall, time)
            seen = np.clip(luma + grains[number % 8], 0, 255).astype(np.uint8)
            yield Frame(number, time, seen, None if self._utc is None else self._utc + time)


def play(watcher: HealthWatcher, items: Iterable[Frame | Gap]) -> list[HealthEvent]:
    return [event for item in items for event in watcher.step(item)]


def between(start: float, end: float, effect: Callable[[Luma], Luma]) -> Effect:
    """Return an effect that lasts from one time to another."""
    return lambda luma, time: effect(luma) if start <= time < end else luma


def told_once(
    told: list[HealthEvent], kind: HealthKind, start: float, end: float, within: float = 1.5
) -> None:
    """Assert that one fault was told, twice, and nothing else."""
    assert [event.kind for event in told] == [kind, kind], told
    began, over = told
    assert began.end is None
    assert over.start == began.start
    assert over.end is not None
    assert abs(began.start - start) <= within
    assert abs(over.end - end) <= within
