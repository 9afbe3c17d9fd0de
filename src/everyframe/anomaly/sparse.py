"""``sparse``: what normal motion, of which few bases suffice, cannot reconstruct cheaply."""

from __future__ import annotations

from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from everyframe.anomaly.coding import costs
from everyframe.anomaly.detector import Attribute
from everyframe.anomaly.dictionary import Dictionary
from everyframe.anomaly.mhof import BINS, COLUMNS, ORIENTATIONS, TYPES, MhofLook
from everyframe.anomaly.pool import Pool
from everyframe.anomaly.pooled import PLACED, PooledDetector
from everyframe.anomaly.sparse_picture import CodedSample, draw_coefficients
from everyframe.anomaly.usual import SHAPE, learn_usual, usual_at
from everyframe.anomaly.windows import Rows, Windows
from everyframe.types import RGB, Deviation

_NORMAL = 0.99  # share of what is normal that costs no more than 1
_JUDGED = 1_000  # rows of the sample that tell it
_WEIGHTS = (1.0, 3.0)  # of slow and of fast motion
_NEW = 0.25  # share of all that was learned after which the dictionaries are updated,
_FRESH = 150  # with so many rows of it
_NEARBY = 50  # rows of the sample among which one is ordinary
_WORKS = 0.02  # of the largest coefficient: below it a base does not count as used

_SCALES = [np.flatnonzero(np.arange(COLUMNS) // ORIENTATIONS % 2 == fast) for fast in (0, 1)]


class SparseDetector(PooledDetector):
    """Sparse reconstruction cost over three types of spatio-temporal bases.

    After Cong, Yuan and Liu ("Sparse reconstruction cost for abnormal event detection", CVPR 2011; "Abnormal
    event detection in crowded scenes using sparse representation", Pattern Recognition 46, 2013). What is
    normal is put together from few of the bases chosen from normal footage; what is not needs many or stays
    apart. A row is a block, its neighbours and its past; each type has a dictionary of its own, and the score
    is the mean of their costs, each as a multiple of what 99 % of normal rows stay below: a sample that is
    odd for one type by chance is not for the others.

    Histograms enter by their square roots (the Hellinger map, that stabilises their variance), relative to
    what is usual at their place, as the perspective of a camera is never known exactly.

    Args:
        columns: Values of a row; those of ``mhof``.
        capacity: Rows in the sample at most.
        seed: Of all that is random.
    """

    # A row holds some of its past already, and rows are a third of a body apart.
    attributes: ClassVar[tuple[Attribute, ...]] = (Attribute("composition", back=1.0, agree=2),)
    _new: Pool
    _updated_at: float

    def __init__(self, columns: int = COLUMNS, capacity: int = 4_000, seed: int = 0) -> None:
        super().__init__(columns, capacity, seed)

    @classmethod
    def look(cls, windows: Windows) -> MhofLook:
        """Return what makes rows of a camera's scenes."""
        return MhofLook(windows)

    @classmethod
    def fresh(cls, windows: Windows) -> SparseDetector:  # noqa: ARG003 - every camera begins alike
        """Return a detector that has learned nothing."""
        return cls()

    def partial_fit(self, X: Rows, y: None = None) -> Self:
        """Take ``(n, 3 + columns)`` rows into account.

        Everything is learned anew when twice as much was seen; in between, the dictionaries follow what is
        new.

        Raises:
            ValueError: If the rows have other columns.
        """
        fitted = getattr(self, "fitted_at_", 0.0)
        super().partial_fit(X, y)
        if self.fitted_at_ != fitted or not self.model_:
            self._start_afresh()
            return self
        self._new.add(self._checked(X))
        if self._new.seen >= _NEW * self._updated_at:
            self.update(self._new.rows)
        return self

    def update(self, X: Rows) -> Self:
        """Let the dictionaries follow ``(n, 3 + columns)`` normal rows, without learning all anew.

        Raises:
            ValueError: If the rows have other columns.
        """
        values = self._relative(self._checked(X))
        found = {
            name: one.updated(values[:, TYPES[name]], 1.0 / _NEW) for name, one in self.dictionaries().items()
        }
        self.model_ = {"usual": self.model_["usual"], **self._judged(found, self._sample())}
        self._start_afresh()
        return self

    def attribute_scores(self, X: Rows) -> NDArray[np.float32]:
        """Return ``(n, 1)`` costs, 1 being what 99 % of what is normal stays below; 0 if nothing is known."""
        rows = self._checked(X)
        if len(rows) == 0 or not getattr(self, "model_", None):
            return np.zeros((len(rows), 1), np.float32)
        return self._cost(self._relative(rows))

    def costs(self, X: Rows) -> dict[str, NDArray[np.float32]]:
        """Return ``(n,)`` costs for each type of basis, 1 being what 99 % of what is normal stays below.

        Empty before anything was learned.
        """
        if not self.dictionaries():
            return {}
        return self._costs(self._relative(self._checked(X)))

    def coefficients(self, row: Rows) -> dict[str, NDArray[np.float32]]:
        """Return ``(m,)`` the coefficients of a row ``(3 + columns,)`` over the bases of each type.

        Empty before anything was learned.
        """
        if not self.dictionaries():
            return {}
        values = self._relative(self._checked(row[None]))
        return {name: one.encode(values[:, TYPES[name]])[0] for name, one in self.dictionaries().items()}

    def dictionaries(self) -> dict[str, Dictionary]:
        """Return what was learned for each type of basis; empty before anything was."""
        if not getattr(self, "model_", None):
            return {}
        return {
            name: Dictionary(
                self.model_[f"{name}.bases"],
                self.model_[f"{name}.use"],
                float(self.model_[f"{name}.size"][0]),
            )
            for name in TYPES
        }

    def tell(self, attribute: int, row: Rows, score: float, windows: Windows) -> Deviation:  # noqa: ARG002
        """Return how much more the row costs than what is normal, and how many bases it takes."""
        cost = float(self.attribute_scores(row[None])[0, 0])
        used = sum(used_bases(one) for one in self.coefficients(row).values())
        usual = float(self.model_["used"][0])
        text = (
            f"moves in a pattern {cost:.1f} times as far from what was learned as 99 % of it "
            f"({used} bases for it, {usual:.0f} as a rule)"
        )
        return Deviation(self.attributes[attribute].name, cost, 1.0, "", text, score)

    def picture(self, row: Rows) -> RGB | None:
        """Return its coefficients over the bases beside those of something ordinary from nearby."""
        if not self.dictionaries():
            return None
        rows = self.pool_.rows
        near = rows[np.hypot(*(rows[:, :2] - row[:2]).T).argsort()[:_NEARBY]]
        cost = self.attribute_scores(np.concatenate([row[None], near]))[:, 0]
        ordinary = int(cost[1:].argsort()[len(near) // 2])
        return draw_coefficients(
            [
                CodedSample("this event", float(cost[0]), self.coefficients(row)),
                CodedSample(
                    "ordinary motion nearby", float(cost[1 + ordinary]), self.coefficients(near[ordinary])
                ),
            ]
        )

    def forget(self, share: float) -> None:
        """Let what was seen so far count for ``share`` less."""
        super().forget(share)
        if hasattr(self, "pool_"):
            self._updated_at = min(self._updated_at, self.pool_.seen)

    def restore(self, state: dict[str, NDArray[Any]]) -> None:
        """Take back what ``state`` returned.

        Raises:
            ValueError: If an array is missing or has another shape.
        """
        if any(name.startswith("model.") for name in state):
            _check_model(state)
        super().restore(state)
        self._start_afresh()

    def _refit(self) -> None:
        rows = self.pool_.rows
        if len(rows):
            values = _roots(rows[:, PLACED:])
            # Of the block alone: its neighbours and its past are measured by the same.
            energy = [(values[:, scale[scale < BINS]] ** 2).sum(axis=1) for scale in _SCALES]
            usual = np.stack([learn_usual(rows[:, 0], rows[:, 1], one) for one in energy])
            self.model_ = {"usual": usual}
            self.model_ = {"usual": usual, **self._learn(self._relative(rows))}
            self.fitted_at_ = self.pool_.seen
        self._start_afresh()

    def _learn(self, values: NDArray[np.float32]) -> dict[str, NDArray[Any]]:
        mixed = values[np.random.default_rng(self.seed).permutation(len(values))]
        found = {name: Dictionary.chosen_from(mixed[:, columns]) for name, columns in TYPES.items()}
        return self._judged(found, mixed[:_JUDGED])

    def _judged(self, found: dict[str, Dictionary], values: NDArray[np.float32]) -> dict[str, NDArray[Any]]:
        """Return dictionaries as named arrays, with what normal ``values`` cost under them."""
        model: dict[str, NDArray[Any]] = {}
        used = 0.0
        for name, one in found.items():
            samples = values[:, TYPES[name]]
            model[f"{name}.bases"], model[f"{name}.use"] = one.bases, one.use
            model[f"{name}.size"] = np.array([one.size])
            coded = one.encode(samples)
            worth = costs(samples, one.bases, one.price, coded)
            model[f"{name}.normal"] = np.array([max(float(np.quantile(worth, _NORMAL)), 1e-6)], np.float32)
            used += float(np.median([used_bases(row) for row in coded]))
        return {**model, "used": np.array([used], np.float32)}

    def _cost(self, values: NDArray[np.float32]) -> NDArray[np.float32]:
        fused: NDArray[np.float32] = np.mean([*self._costs(values).values()], axis=0)[:, None]
        return fused

    def _costs(self, values: NDArray[np.float32]) -> dict[str, NDArray[np.float32]]:
        return {
            name: one.costs(values[:, TYPES[name]]) / self.model_[f"{name}.normal"]
            for name, one in self.dictionaries().items()
        }

    def _relative(self, rows: Rows) -> NDArray[np.float32]:
        """Return ``(n, columns)`` roots of the histograms, relative to what is usual at the place."""
        values = _roots(rows[:, PLACED:])
        for columns, usual, weight in zip(_SCALES, self.model_["usual"], _WEIGHTS, strict=True):
            norm = np.sqrt(np.maximum(usual_at(usual, rows[:, 0], rows[:, 1]), np.float32(1e-9)))
            values[:, columns] *= np.float32(weight) / norm[:, None]
        return values

    def _sample(self) -> NDArray[np.float32]:
        """Return some of the sample, at random, relative to what is usual."""
        rows = self.pool_.rows
        some = np.random.default_rng(self.seed).permutation(len(rows))[:_JUDGED]
        return self._relative(rows[some])

    def _start_afresh(self) -> None:
        self._new = Pool(PLACED + self.columns, _FRESH, self.seed)
        self._updated_at = self.pool_.seen


def used_bases(coefficients: NDArray[np.float32]) -> int:
    """Return how many of ``(m,)`` coefficients are at work."""
    size = np.abs(coefficients)
    return int((size > _WORKS * max(float(size.max(initial=0.0)), 1e-9)).sum())


def _roots(values: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.sqrt(np.maximum(values, np.float32(0.0)))


def _check_model(state: dict[str, NDArray[Any]]) -> None:
    wanted = {"usual": (len(_SCALES), *SHAPE), "used": (1,)}
    for name, columns in TYPES.items():
        bases = len(state.get(f"model.{name}.use", ()))
        wanted |= {f"{name}.bases": (bases, len(columns)), f"{name}.use": (bases,)}
        wanted |= {f"{name}.size": (1,), f"{name}.normal": (1,)}
    for name, shape in wanted.items():
        if f"model.{name}" not in state:
            raise ValueError(f"the state lacks {name}")
        if state[f"model.{name}"].shape != shape:
            raise ValueError(f"{name} has the shape {state[f'model.{name}'].shape}, not {shape}")
