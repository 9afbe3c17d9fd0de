"""The synthetic park, drawn once and played many times."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

import pytest

from everyframe.anomaly import Baseline
from everyframe.sources.scene import ParkScene, Scripted
from everyframe.types import Frame, Gap, StreamInfo
from everyframe.watching import learn

SIZE = (240, 136)


class Tape:
    """A source that plays what was recorded, or parts of it, at other times."""

    def __init__(
        self, items: Iterable[Frame | Gap], info: StreamInfo, truth: Iterable[Scripted] = ()
    ) -> None:
        self.items = list(items)
        self.truth = list(truth)
        self.info = info
        self.closed = 0

    def __iter__(self) -> Iterator[Frame | Gap]:
        return iter(self.items)

    def between(self, start: float, end: float) -> Iterator[Frame]:
        return (frame for frame in self.frames if start <= frame.time <= end)

    def close(self) -> None:
        self.closed += 1

    @property
    def frames(self) -> list[Frame]:
        return [item for item in self.items if isinstance(item, Frame)]

    def of(self, items: Iterable[Frame | Gap]) -> Tape:
        """Return a tape of other items."""
        return Tape(items, self.info, self.truth)

    def part(self, start: float, end: float) -> Tape:
        """Return what lies between two times, as it was."""
        return self.of(self.between(start, end))

    def later(self, seconds: float) -> Tape:
        """Return the same, later."""
        return self.of(
            replace(item, time=item.time + seconds)
            if isinstance(item, Frame)
            else replace(item, start=item.start + seconds, end=item.end + seconds)
            for item in self.items
        )

    def with_gap(self, gap: Gap) -> Tape:
        """Return the same with a gap in which its frames are missing."""
        before = [frame for frame in self.frames if frame.time <= gap.start]
        after = [frame for frame in self.frames if frame.time >= gap.end]
        return self.of([*before, gap, *after])

    @staticmethod
    def joined(*tapes: Tape, gap: Callable[[float, float], Gap] | None = None, pause: float = 0.1) -> Tape:
        """Return tapes one after the other, ``pause`` seconds apart, with a gap between each two."""
        items: list[Frame | Gap] = []
        end: float | None = None
        for tape in tapes:
            frames = tape.frames
            shift = 0.0 if end is None else end + pause - frames[0].time
            if end is not None and gap is not None:
                items.append(gap(end, end + pause))
            items += [replace(frame, time=frame.time + shift) for frame in frames]
            end = frames[-1].time + shift
        numbered = (
            replace(item, index=number) if isinstance(item, Frame) else item
            for number, item in enumerate(items)
        )
        return tapes[0].of(numbered)


def _record(scene: ParkScene) -> Tape:
    return Tape(scene, scene.info, scene.truth)


@pytest.fixture(scope="session")
def record() -> Callable[[ParkScene], Tape]:
    """Return what draws a scene once and for all."""
    return _record


@pytest.fixture(scope="session")
def park_baseline() -> Baseline:
    """Three minutes of the park; do not change it."""
    return learn(ParkScene(seed=3, duration=180.0, size=SIZE, fps=5))


@pytest.fixture(scope="session")
def quiet() -> Tape:
    """A normal minute of another day."""
    return _record(ParkScene(seed=5, duration=60.0, size=SIZE, fps=10))


@pytest.fixture(scope="session")
def ride() -> Tape:
    """A cyclist comes by."""
    return _record(ParkScene(seed=6, size=SIZE, fps=10, script="cyclist"))


@pytest.fixture(scope="session")
def knocked() -> Tape:
    """The camera is knocked, and set right ten seconds later."""
    return _record(ParkScene(seed=7, size=SIZE, fps=5, script="moved"))
