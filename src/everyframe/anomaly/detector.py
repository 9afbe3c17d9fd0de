"""What a detector is: it looks at a scene, learns what is normal, and says how far from it things are."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from everyframe.anomaly.windows import Rows, Windows
from everyframe.motion.field import Field, Grid
from everyframe.types import RGB, Deviation

_FEW = 60  # moments: ten minutes


@dataclass(frozen=True, slots=True)
class Attribute:
    """One thing that can deviate, and how its score is read.

    Attributes:
        name: As it is told.
        back: Seconds (standard deviation) over which its scores are averaged into the past.
        agree: Places that must agree: a single window may catch a reflection, a body fills several.
        least: Differences of its score below which nothing is meant.
        tail: Share of normal moments whose scores make its tail.
        silent: In nats: below it the attribute has nothing to say, as long as little footage is known.
        weight: Of what it says beyond that.
        moves: Whether it is about what moves, and not about what stands still.
    """

    name: str
    back: float = 2.0
    agree: int = 3
    least: float = 1e-3
    tail: float = 0.1
    silent: float = 5.5
    weight: float = 2.0
    moves: bool = True

    def after(self, moments: int) -> Attribute:
        """Return how it is read once so many normal moments are known.

        A few minutes of footage cannot know how rare a rare thing is, so attributes that are about rare
        things are silent below what such footage can tell. With more footage they speak earlier, until what
        each says is worth the same.
        """
        if self.silent <= 0.0:
            return self
        silent = max(0.0, self.silent - math.log(max(1.0, moments / _FEW)))
        return replace(self, silent=silent, weight=1.0 + (self.weight - 1.0) * silent / self.silent)


@dataclass(frozen=True, slots=True, eq=False)
class Scene:
    """What there is to look at in one moment.

    Attributes:
        field: The motion.
        stayed: ``(gh, gw)`` seconds that something foreign has stayed, from ``Background.step``.
        settled: ``(gh, gw)`` local contrast of what stands still, from ``Background``.
        hour: Local time of day, 0 to 24; NaN where unknown.
    """

    field: Field
    stayed: Grid
    settled: Grid
    hour: float


class Look(Protocol):
    """Makes rows of scenes, one after another; one instance watches one source."""

    def rows(self, scene: Scene) -> Rows | None:
        """Return ``(n, 3 + d)`` rows: ``x``, ``y`` (0 to 1), ``hour`` and what the detector looks at.

        ``None`` says that there is nothing new to see: the last rows stand.
        """
        ...

    def reset(self) -> None:
        """Forget what came before: the next scene may be another one."""
        ...


@runtime_checkable
class Detector(Protocol):
    """Learns rows, and scores them attribute by attribute; higher is more abnormal.

    All are scikit-learn estimators beside: ``fit``, ``partial_fit`` and ``decision_function`` take the same
    rows.
    """

    attributes: ClassVar[tuple[Attribute, ...]]

    @classmethod
    def look(cls, windows: Windows) -> Look:
        """Return what makes this detector's rows of a camera's scenes."""
        ...

    @classmethod
    def fresh(cls, windows: Windows) -> Detector:
        """Return a detector for a camera that has learned nothing."""
        ...

    def observe(self, X: Rows, hour: float) -> None:
        """Learn the rows of one moment at a local ``hour`` (NaN: no clock), even if there are none."""
        ...

    def attribute_scores(self, X: Rows) -> NDArray[np.float32]:
        """Return ``(n, k)`` a score of each row for each attribute."""
        ...

    def where(self, X: Rows) -> NDArray[np.float32]:
        """Return ``(n, 2)`` the place (``x``, ``y``, 0 to 1) of what deviates in each row."""
        ...

    def merge(self, other: Any) -> Detector:
        """Return a new detector that has learned what both have."""
        ...

    def forget(self, share: float) -> None:
        """Let everything learned so far count for ``share`` less."""
        ...

    def state(self) -> dict[str, NDArray[Any]]:
        """Return everything learned as named arrays."""
        ...

    def restore(self, state: dict[str, NDArray[Any]]) -> None:
        """Take back what ``state`` returned.

        Raises:
            ValueError: If an array is missing or has another shape.
        """
        ...

    def tell(self, attribute: int, row: Rows, score: float, windows: Windows) -> Deviation:
        """Return why a row ``(3 + d,)`` deviates in an attribute, in words with its numbers."""
        ...

    def picture(self, row: Rows) -> RGB | None:
        """Return a picture of why a row ``(3 + d,)`` deviates, where words and numbers do not say it all."""
        ...
