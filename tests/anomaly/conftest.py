"""A yard seen as motion only: no pictures are drawn, so that it is learned fast."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import pytest

from everyframe.anomaly import Baseline, Learner
from everyframe.motion import Field
from everyframe.types import StreamInfo

SIZE = (160, 120)
GRID = (80, 60)
RATE = 5.0


@dataclass(slots=True)
class Body:
    """Somebody who crosses the yard.

    Attributes:
        enters: Seconds.
        speed: px/s, negative to the left.
        row: Of the middle, in cells.
        high: Cells.
        wide: Cells.
        leaves: Seconds, where that is before the other side is reached.
    """

    enters: float
    speed: float
    row: int = 30
    high: int = 10
    wide: int = 5
    leaves: float = float("inf")


@dataclass(slots=True)
class Yard:
    """People cross from left to right, one after the other, at about 30 px/s."""

    ground: np.ndarray[tuple[int, ...], np.dtype[np.float32]] = field(
        default_factory=lambda: np.random.default_rng(9).uniform(60, 160, GRID[::-1]).astype(np.float32)
    )

    @property
    def info(self) -> StreamInfo:
        return StreamInfo("yard.mp4", *SIZE)

    @staticmethod
    def body(
        enters: float,
        speed: float,
        row: int = 30,
        high: int = 10,
        wide: int = 5,
        leaves: float = float("inf"),
    ) -> Body:
        return Body(enters, speed, row, high, wide, leaves)

    def walkers(self, seconds: float, seed: int = 0) -> list[Body]:
        random = np.random.default_rng(seed)
        enters = np.cumsum(random.uniform(5.0, 9.0, int(seconds / 5) + 1))
        return [
            Body(
                t, float(random.normal(30.0, 2.5)), int(random.integers(27, 34)), int(random.integers(9, 12))
            )
            for t in enters
        ]

    def fields(
        self,
        seconds: float,
        extra: tuple[Body, ...] = (),
        *,
        seed: int = 0,
        start: float = 0.0,
        utc: float | None = None,
        normal: bool = True,
    ) -> Iterator[Field]:
        """Yield the fields of some seconds; ``extra`` come beside (or without ``normal``, instead)."""
        random = np.random.default_rng(seed + 1)
        bodies = [*(self.walkers(seconds, seed) if normal else ()), *extra]
        for number in range(round(seconds * RATE)):
            time = number / RATE
            velocity = np.zeros((*GRID[::-1], 2), np.float32)
            moving = np.zeros(GRID[::-1], np.float32)
            luma = self.ground + random.normal(0, 1, GRID[::-1]).astype(np.float32)
            for body in bodies:
                self._draw(body, time, velocity, moving, luma, random)
            clock = None if utc is None else utc + time
            yield Field(number, start + time, clock, velocity, moving, luma, SIZE, number > 0)

    def _draw(
        self,
        body: Body,
        time: float,
        velocity: np.ndarray[tuple[int, ...], np.dtype[np.float32]],
        moving: np.ndarray[tuple[int, ...], np.dtype[np.float32]],
        luma: np.ndarray[tuple[int, ...], np.dtype[np.float32]],
        random: np.random.Generator,
    ) -> None:
        if not body.enters <= time <= body.leaves:
            return
        gone = (time - body.enters) * body.speed / 2.0  # cells are two pixels wide
        left = round(gone if body.speed >= 0 else GRID[0] + gone)
        columns = slice(max(0, left - body.wide), max(0, left))
        rows = slice(max(0, body.row - body.high // 2), body.row + body.high // 2)
        shape = moving[rows, columns].shape
        moving[rows, columns] = 1.0
        velocity[rows, columns, 0] = body.speed + random.normal(0, 1.0, shape)
        velocity[rows, columns, 1] = random.normal(0, 1.0, shape)
        luma[rows, columns] = 20.0

    def learn(self, seconds: float = 240.0, seed: int = 0, utc: float | None = None) -> Baseline:
        learner = Learner()
        learner.begin(self.info)
        for one in self.fields(seconds, seed=seed, utc=utc):
            learner.step(one)
        return learner.finish()


@pytest.fixture(scope="session")
def yard() -> Yard:
    return Yard()


@pytest.fixture(scope="session")
def yard_baseline(yard: Yard) -> Baseline:
    """Four minutes of the yard; do not change it."""
    return yard.learn()
