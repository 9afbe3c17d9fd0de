"""``scene``: the picture as a whole, what stands still in it, against the nearest that was normal."""

from __future__ import annotations

from typing import Any, ClassVar, Self

import cv2
import numpy as np
from numpy.typing import NDArray

from everyframe.anomaly.detector import Attribute, Look, Scene
from everyframe.anomaly.estimator import Estimator
from everyframe.anomaly.histograms import PlaceHistograms
from everyframe.anomaly.pooled import PLACED
from everyframe.anomaly.windows import Rows, Windows
from everyframe.types import RGB, Deviation

_ACROSS = 8  # blocks
_CELLS = 4  # cells of a block, across and down
_SETTLE = 4.0  # seconds over which the picture is averaged, so that who passes by is hardly in it
_EVERY = 2.0  # seconds between two looks
_FIRST = 6.0  # seconds until the first look
_AGAIN = 10.0  # seconds without a picture after which the next look is a first one
_CAPACITY = 2_000  # looks kept
_RADIUS = 0.02  # of local contrast: looks nearer than this to one another are the same
_WIDER = 1.25  # the radius grows by so much when there is no more room
_NORMAL = 0.99  # share of what was seen that counts as normal
_WORST = 4.0  # power of the mean over blocks: near the maximum, but several wrong blocks are worse than one
_USUAL = 0.05  # of local contrast: how far a block is from its nearest as long as nothing is known
_PATIENCE = 100.0  # pictures that this counts for
_LEAST = 0.01  # of local contrast: noise

Blocks = NDArray[np.float32]
"""``(blocks, n, 16)``: ``n`` pictures, block by block."""


class SceneLook:
    """Sees the picture as a whole every few seconds, as local contrast on a coarse grid."""

    def __init__(self, down: int) -> None:
        self._size = (_ACROSS * _CELLS, down * _CELLS)
        self._seen: NDArray[np.float32] | None = None
        self._time: float | None = None
        self._looked = 0.0  # seconds that the present picture is an average of
        self._due = 0.0

    def rows(self, scene: Scene) -> Rows | None:
        """Return one row ``(1, 3 + d)`` every two seconds, ``None`` in between and until the first is due.

        The first look takes as long as it takes to see who only passes by: a moment's picture is like none
        of the averages that were learned.
        """
        time = scene.field.time
        seen = self._seen
        if seen is None or self._time is None or not 0.0 <= time - self._time < _AGAIN:
            seen = scene.settled.copy()
            self._looked, self._due = 0.0, time + _FIRST
        elif time > self._time:
            # A running average that forgets, and at first a plain one, so that its first picture has no
            # more weight than any other. What was not seen has none.
            passed = min(time - self._time, 1.0)
            self._looked += passed
            share = np.expm1(-passed / _SETTLE) / np.expm1(-self._looked / _SETTLE)
            seen += np.float32(share) * (scene.settled - seen)
        self._seen, self._time = seen, time
        if time < self._due:
            return None
        self._due = time + _EVERY
        small = cv2.resize(seen, self._size, interpolation=cv2.INTER_AREA)
        row = np.empty((1, PLACED + small.size), np.float32)
        row[0, :PLACED] = 0.5, 0.5, scene.hour
        row[0, PLACED:] = small.ravel()
        return row

    def reset(self) -> None:
        """Forget the present picture."""
        self._seen = None
        self._time = None


class SceneDetector(Estimator):
    """How unlike every picture that was seen is this one, in its worst parts?

    Normal pictures are kept as exemplars, one for all that are nearly the same (leader clustering: Hartigan
    1975), and a picture is as strange as its distance from the nearest of them: nearest-neighbour novelty
    (Breitenstein, Grabner, Van Gool, "Hunting Nessie: real-time abnormality detection from webcams", ICCV
    Workshops 2009). The distance is nearly that of the worst block, so that a small part counts that is
    wrong, and all blocks are held against the same exemplar, so that things count that were each seen before
    and never together: somebody at a desk whose screens are dark. Blocks that are hardly ever twice the same
    (a screen, a tree) count for less.

    Args:
        down: Blocks from top to bottom; there are eight from left to right.

    Attributes:
        exemplars_: ``(8 * down, n, 16)`` pictures that were normal, block by block.
        radius_: Distance below which two pictures are the same.
        unrest_: ``(8 * down,)`` mean square of how far each block of a new picture was from the nearest.
        seen_: How many pictures that is a mean of.
        nearest_: Histogram of the distance of new pictures from those seen before.
    """

    attributes: ClassVar[tuple[Attribute, ...]] = (
        # What stands still has time; who comes near for a moment is not meant. Quiet and busy hours are
        # crowds of their own, so only the farthest make the tail.
        Attribute("scene", back=6.0, agree=1, least=0.005, tail=0.01, moves=False),
    )

    exemplars_: Blocks
    unrest_: NDArray[np.float64]
    nearest_: PlaceHistograms

    def __init__(self, down: int = 4) -> None:
        self.down = down

    @classmethod
    def look(cls, windows: Windows) -> Look:
        """Return what makes this detector's rows."""
        return SceneLook(_down(windows))

    @classmethod
    def fresh(cls, windows: Windows) -> SceneDetector:
        """Return a detector for a camera that has learned nothing."""
        return cls(_down(windows))

    def fit(self, X: Rows, y: None = None) -> Self:
        """Forget everything and learn from ``(n, 3 + 128 * down)`` rows; see ``partial_fit``."""
        self._begin()
        return self.partial_fit(X, y)

    def partial_fit(self, X: Rows, y: None = None) -> Self:  # noqa: ARG002
        """Take pictures into account, one after another.

        Raises:
            ValueError: If ``X`` has another shape.
        """
        if not hasattr(self, "exemplars_"):
            self._begin()
        pictures = self._blocks(X)
        for number in range(pictures.shape[1]):
            self._add(pictures[:, number : number + 1])
        return self

    def observe(self, X: Rows, hour: float) -> None:  # noqa: ARG002 - any hour may look like any other
        """Learn the rows of one moment."""
        self.partial_fit(X)

    def attribute_scores(self, X: Rows) -> NDArray[np.float32]:
        """Return ``(n, 1)`` distance from the nearest exemplar, in its worst block; 0 before there is any."""
        pictures = self._blocks(X)
        if not hasattr(self, "exemplars_") or self.exemplars_.shape[1] == 0:
            return np.zeros((pictures.shape[1], 1), np.float32)
        found: NDArray[np.float32] = self._apart(pictures, self.exemplars_)[0].min(axis=1)[:, None]
        return found

    def decision_function(self, X: Rows) -> NDArray[np.float32]:
        """Return ``(n,)`` the distance of each picture; higher is more abnormal."""
        return self.attribute_scores(X)[:, 0]

    def where(self, X: Rows) -> NDArray[np.float32]:
        """Return ``(n, 2)`` the middle (``x``, ``y``, 0 to 1) of the block that deviates most."""
        pictures = self._blocks(X)
        whole, blocks = self._apart(pictures, self.exemplars_)
        nearest = whole.argmin(axis=1)
        worst = blocks[:, np.arange(len(nearest)), nearest].argmax(axis=0)
        row, column = np.divmod(worst, _ACROSS)
        return np.stack([(column + 0.5) / _ACROSS, (row + 0.5) / self.down], axis=1).astype(np.float32)

    def picture(self, row: Rows) -> RGB | None:  # noqa: ARG002
        """Return ``None``: the thumbnail shows it."""
        return None

    def merge(self, other: SceneDetector) -> SceneDetector:
        """Return a new detector that has learned what both have."""
        both = SceneDetector(self.down)
        both._begin()
        both.radius_ = max([one.radius_ for one in (self, other) if hasattr(one, "radius_")], default=_RADIUS)
        learned = [one for one in (self, other) if hasattr(one, "exemplars_")]
        both.seen_ = sum(one.seen_ for one in learned)
        if both.seen_:
            both.unrest_ = np.sum([one.unrest_ * one.seen_ for one in learned], axis=0) / both.seen_
        for one in learned:
            both.nearest_.counts += one.nearest_.counts
            for number in range(one.exemplars_.shape[1]):
                both._keep(one.exemplars_[:, number : number + 1])
        return both

    def forget(self, share: float) -> None:
        """Let the distances seen so far count for ``share`` less; looks stay until there is no room."""
        if hasattr(self, "nearest_"):
            self.nearest_.counts *= np.float32(1.0 - share)

    def state(self) -> dict[str, NDArray[Any]]:
        """Return everything learned as named arrays."""
        if not hasattr(self, "exemplars_"):
            self._begin()
        return {
            "exemplars": self.exemplars_.astype(np.float16),
            "radius": np.array([self.radius_, self.seen_]),
            "unrest": self.unrest_,
            "nearest": self.nearest_.counts,
        }

    def restore(self, state: dict[str, NDArray[Any]]) -> None:
        """Take back what ``state`` returned.

        Raises:
            ValueError: If the exemplars have another shape.
        """
        self._begin()
        exemplars = state["exemplars"].astype(np.float32)
        if exemplars.ndim != 3 or exemplars.shape[::2] != (_ACROSS * self.down, _CELLS**2):
            raise ValueError(f"exemplars have the shape {exemplars.shape}")
        self.exemplars_ = exemplars
        self.radius_, self.seen_ = (float(value) for value in state["radius"])
        self.unrest_ = state["unrest"].astype(np.float64).reshape(self.unrest_.shape)
        self.nearest_.counts = state["nearest"].astype(np.float32).reshape(self.nearest_.counts.shape)

    def tell(self, attribute: int, row: Rows, score: float, windows: Windows) -> Deviation:  # noqa: ARG002
        """Return how unlike everything seen a picture is."""
        value = float(self.attribute_scores(row[None])[0, 0])
        normal = float(self.nearest_.quantile(_NORMAL)[0, 0])
        ratio = value / max(normal, 1e-6)
        if ratio >= 1.05:
            text = f"the scene looks {ratio:.1f} times less like anything seen than 99 % of normal footage"
        else:
            text = "the scene looks less like anything seen than most of normal footage"
        return Deviation("scene", value, normal, "", text, score)

    def _begin(self) -> None:
        self.exemplars_ = np.empty((_ACROSS * self.down, 0, _CELLS**2), np.float32)
        self.radius_ = _RADIUS
        self.unrest_ = np.full(_ACROSS * self.down, _USUAL**2)
        self.seen_ = 0.0
        self.nearest_ = PlaceHistograms((1, 1), 0.005, 5.0)
        self.n_features_in_ = PLACED + _ACROSS * self.down * _CELLS**2

    def _add(self, picture: Blocks) -> None:
        """Count one picture ``(blocks, 1, 16)``, and keep it if it is new."""
        apart = self._keep(picture)
        if apart is None:
            return
        whole, blocks = apart
        nowhere = np.zeros(1, np.intp)
        self.nearest_.add(nowhere, nowhere, np.array([whole]))
        self.seen_ += 1.0
        self.unrest_ += (blocks**2 - self.unrest_) / (self.seen_ + _PATIENCE)

    def _keep(self, picture: Blocks) -> tuple[float, NDArray[np.float32]] | None:
        """Keep a picture that is new; return how far it is from the nearest, whole and ``(blocks,)``."""
        apart = None
        if self.exemplars_.shape[1]:
            whole, blocks = self._apart(picture, self.exemplars_)
            nearest = int(whole[0].argmin())
            apart = float(whole[0, nearest]), blocks[:, 0, nearest]
            if apart[0] <= self.radius_:
                return apart
        if self.exemplars_.shape[1] >= _CAPACITY:
            self._thin()
        self.exemplars_ = np.concatenate([self.exemplars_, picture], axis=1)
        return apart

    def _thin(self) -> None:
        """Make room: exemplars that are alike by a larger radius become one."""
        while self.exemplars_.shape[1] >= _CAPACITY:
            self.radius_ *= _WIDER
            kept = np.zeros(self.exemplars_.shape[1], bool)
            for number in range(len(kept)):
                picture, before = self.exemplars_[:, number : number + 1], self.exemplars_[:, kept]
                kept[number] = not kept.any() or self._apart(picture, before)[0].min() > self.radius_
            self.exemplars_ = self.exemplars_[:, kept]

    def _apart(self, some: Blocks, others: Blocks) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Return how far ``n`` pictures are from ``m`` others: ``(n, m)`` as a whole, ``(blocks, n, m)``."""
        blocks = _distances(some, others)
        usual = np.sqrt(np.sqrt(self.unrest_) + _LEAST)
        weight = (usual.mean() / usual).astype(np.float32)
        whole = ((blocks * weight[:, None, None]) ** _WORST).mean(axis=0) ** (1.0 / _WORST)
        return whole, blocks

    def _blocks(self, X: Rows) -> Blocks:
        rows: Rows = np.asarray(X, np.float32)
        columns = PLACED + _ACROSS * self.down * _CELLS**2
        if rows.ndim != 2 or rows.shape[1] != columns:
            raise ValueError(f"rows have the shape (n, {columns}), not {rows.shape}")
        cells = rows[:, PLACED:].reshape(-1, self.down, _CELLS, _ACROSS, _CELLS)
        blocks: Blocks = np.ascontiguousarray(
            cells.transpose(1, 3, 0, 2, 4).reshape(self.down * _ACROSS, len(rows), _CELLS**2)
        )
        return blocks


def _distances(some: Blocks, others: Blocks) -> NDArray[np.float32]:
    """Return ``(blocks, n, m)`` root mean square differences between pictures, block by block."""
    square = (some**2).sum(axis=2)[:, :, None] + (others**2).sum(axis=2)[:, None, :]
    square -= 2.0 * (some @ others.transpose(0, 2, 1))
    found: NDArray[np.float32] = np.sqrt(np.maximum(square, 0.0) / np.float32(_CELLS**2))
    return found


def _down(windows: Windows) -> int:
    """Return how many blocks as wide as high the picture has from top to bottom."""
    rows, columns = windows.shape
    aspect = rows * windows.cell[1] / (columns * windows.cell[0])
    return int(np.clip(round(_ACROSS * aspect), 2, 2 * _ACROSS))
