"""Several detectors that watch one camera together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from everyframe.anomaly.density import DensityDetector
from everyframe.anomaly.detector import Detector, Look, Scene
from everyframe.anomaly.reading import strongest
from everyframe.anomaly.windows import Rows, Windows


@dataclass(frozen=True, slots=True, eq=False)
class View:
    """What one detector saw in one moment.

    Attributes:
        rows: ``(n, 3 + d)``.
        scores: ``(n, k)`` of the rows, for each of its attributes.
        best: ``(k,)`` the strongest of each.
    """

    rows: Rows
    scores: NDArray[np.float32]
    best: NDArray[np.float32]


class Eyes:
    """Looks at one source for all members of an ensemble."""

    def __init__(self, looks: Sequence[Look]) -> None:
        self._looks = tuple(looks)

    def rows(self, scene: Scene) -> list[Rows | None]:
        """Return each member's rows; ``None`` where its last ones stand."""
        return [look.rows(scene) for look in self._looks]

    def reset(self) -> None:
        """Forget what came before."""
        for look in self._looks:
            look.reset()


class Ensemble:
    """Detectors as one.

    The first is always a ``DensityDetector``: what is normal by place and hour is shown as a map whichever
    detector judges. Where it was not asked for, it learns but does not score.

    Args:
        kinds: What was asked for.
        windows: Of the camera.
    """

    def __init__(self, kinds: Sequence[type[Detector]], windows: Windows) -> None:
        self.kinds = tuple(sorted(kinds, key=lambda kind: kind is not DensityDetector))
        self._windows = windows
        learned: list[type[Detector]] = list(self.kinds)
        if DensityDetector not in learned:
            learned.insert(0, DensityDetector)
        self._scored_from = len(learned) - len(self.kinds)
        self.members: list[Detector] = [kind.fresh(windows) for kind in learned]
        self.attributes = tuple(attribute for kind in self.kinds for attribute in kind.attributes)

    @property
    def maps(self) -> DensityDetector:
        """What is normal by place and hour."""
        first = self.members[0]
        assert isinstance(first, DensityDetector)
        return first

    @property
    def scored(self) -> list[Detector]:
        """The members that judge."""
        return self.members[self._scored_from :]

    def eyes(self) -> Eyes:
        """Return what looks at one source for all members."""
        return Eyes([type(member).look(self._windows) for member in self.members])

    def whose(self, attribute: int) -> tuple[int, int]:
        """Return which of the scored members an attribute belongs to, and its number there."""
        for number, member in enumerate(self.scored):
            if attribute < len(member.attributes):
                return number, attribute
            attribute -= len(member.attributes)
        raise IndexError("there is no such attribute")

    def tails_of(self, member: int) -> slice:
        """Return which attributes the scored member has."""
        before = sum(len(one.attributes) for one in self.scored[:member])
        return slice(before, before + len(self.scored[member].attributes))

    def where(self, member: int, rows: Rows) -> NDArray[np.float32]:
        """Return ``(n, 2)`` the place (``x``, ``y``, 0 to 1) of what deviates in a scored member's rows."""
        if len(rows) == 0:
            return np.empty((0, 2), np.float32)
        return self.scored[member].where(rows)

    def observe(self, rows: Sequence[Rows | None], hour: float) -> None:
        """Learn what each member saw; ``None`` where it saw nothing new."""
        for member, seen in zip(self.members, rows, strict=True):
            if seen is not None:
                member.observe(seen, hour)

    def views(self, rows: Sequence[Rows | None], before: Sequence[View] = ()) -> tuple[View, ...]:
        """Score what each member saw.

        Args:
            rows: For each member.
            before: Views of the moment before, which stand where a member saw nothing new.
        """
        found = []
        for number, member in enumerate(self.scored):
            seen = rows[self._scored_from + number]
            if seen is None and before:
                found.append(before[number])
                continue
            if seen is None:
                seen = np.empty((0, 3), np.float32)
                scores = np.zeros((0, len(member.attributes)), np.float32)
            else:
                scores = member.attribute_scores(seen)
            found.append(View(seen, scores, strongest(scores, member.attributes)))
        return tuple(found)

    def merge(self, other: Ensemble) -> Ensemble:
        """Return a new ensemble that has learned what both have."""
        both = Ensemble(self.kinds, self._windows)
        both.members = [one.merge(two) for one, two in zip(self.members, other.members, strict=True)]
        return both

    def forget(self, share: float) -> None:
        """Let everything learned so far count for ``share`` less."""
        for member in self.members:
            member.forget(share)

    def state(self) -> dict[str, NDArray[Any]]:
        """Return everything learned as named arrays."""
        return {
            f"{number}.{name}": value
            for number, member in enumerate(self.members)
            for name, value in member.state().items()
        }

    def restore(self, state: dict[str, NDArray[Any]]) -> None:
        """Take back what ``state`` returned.

        Raises:
            ValueError: If an array has another shape.
            KeyError: If one is missing.
        """
        for number, member in enumerate(self.members):
            prefix = f"{number}."
            member.restore({n[len(prefix) :]: v for n, v in state.items() if n.startswith(prefix)})
