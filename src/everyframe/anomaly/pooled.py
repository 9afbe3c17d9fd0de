"""What the detectors share that learn a model of all rows at once, from a fair sample of them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from everyframe.anomaly.detector import Attribute
from everyframe.anomaly.estimator import Estimator
from everyframe.anomaly.pool import Pool
from everyframe.anomaly.windows import Rows
from everyframe.types import RGB

PLACED = 3
"""Columns of a row that say where and when: ``x``, ``y``, ``hour``."""

_FIRST = 400  # rows in the pool before a model is worth fitting
_AGAIN = 2.0  # fitted anew when so many times as much was seen


class PooledDetector(Estimator, ABC):
    """Learns a model of a fair sample of rows, anew each time that twice as much was seen.

    Subclasses say how to learn (``_learn``) and what a row costs (``_cost``); the rest of the contract
    (``Detector``) is here.

    Args:
        columns: How many values a row has beside ``x``, ``y`` and ``hour``.
        capacity: Rows in the sample at most.
        seed: Of all that is random.

    Attributes:
        pool_: The sample.
        model_: What was learned, as named arrays; empty before the first fit.
    """

    attributes: ClassVar[tuple[Attribute, ...]]
    model_: dict[str, NDArray[Any]]
    fitted_at_: float

    def __init__(self, columns: int = 1, capacity: int = 4_000, seed: int = 0) -> None:
        self.columns = columns
        self.capacity = capacity
        self.seed = seed

    @abstractmethod
    def _learn(self, values: NDArray[np.float32]) -> dict[str, NDArray[Any]]:
        """Return the model of ``(n, columns)`` values as named arrays."""

    @abstractmethod
    def _cost(self, values: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return ``(n, k)`` what ``(n, columns)`` values cost under ``model_``, for each attribute."""

    def fit(self, X: Rows, y: None = None) -> Self:  # noqa: ARG002
        """Forget everything and learn from ``(n, 3 + columns)`` rows.

        Raises:
            ValueError: If the rows have other columns.
        """
        self._begin()
        self.pool_.add(self._checked(X))
        self._refit()
        return self

    def partial_fit(self, X: Rows, y: None = None) -> Self:  # noqa: ARG002
        """Take ``(n, 3 + columns)`` rows into account; the model follows when enough has come.

        Raises:
            ValueError: If the rows have other columns.
        """
        if not hasattr(self, "pool_"):
            self._begin()
        self.pool_.add(self._checked(X))
        if len(self.pool_.rows) >= min(_FIRST, self.capacity) and self.pool_.seen >= _AGAIN * self.fitted_at_:
            self._refit()
        return self

    def observe(self, X: Rows, hour: float) -> None:  # noqa: ARG002 - every hour is in one sample
        """Learn the rows of one moment."""
        self.partial_fit(X)

    def attribute_scores(self, X: Rows) -> NDArray[np.float32]:
        """Return ``(n, k)`` costs; zero while nothing was learned."""
        rows = self._checked(X)
        if len(rows) == 0 or not getattr(self, "model_", None):
            return np.zeros((len(rows), len(self.attributes)), np.float32)
        return self._cost(rows[:, PLACED:])

    def decision_function(self, X: Rows) -> NDArray[np.float32]:
        """Return ``(n,)`` the strongest attribute of each row; higher is more abnormal."""
        found: NDArray[np.float32] = self.attribute_scores(X).max(axis=1, initial=0.0)
        return found

    def where(self, X: Rows) -> NDArray[np.float32]:
        """Return ``(n, 2)`` the place (``x``, ``y``, 0 to 1) of each row."""
        return self._checked(X)[:, :2]

    def picture(self, row: Rows) -> RGB | None:  # noqa: ARG002
        """Return ``None``: there is no picture beside the words."""
        return None

    def merge(self, other: Self) -> Self:
        """Return a new detector that has learned what both have."""
        both = type(self)(**self.get_params())
        both._begin()
        pools = [one.pool_ for one in (self, other) if hasattr(one, "pool_")]
        for pool in pools:
            both.pool_ = both.pool_.merge(pool)
        both._refit()
        return both

    def forget(self, share: float) -> None:
        """Let what was seen so far count for ``share`` less."""
        if hasattr(self, "pool_"):
            self.pool_.forget(share)
            self.fitted_at_ = min(self.fitted_at_, self.pool_.seen)

    def state(self) -> dict[str, NDArray[Any]]:
        """Return everything learned as named arrays."""
        if not hasattr(self, "pool_"):
            self._begin()
        kept = {f"pool.{name}": value for name, value in self.pool_.state().items()}
        return {**kept, **{f"model.{name}": value for name, value in self.model_.items()}}

    def restore(self, state: dict[str, NDArray[Any]]) -> None:
        """Take back what ``state`` returned.

        Raises:
            ValueError: If the sample has other columns.
        """
        self._begin()
        self.pool_.restore({name[5:]: value for name, value in state.items() if name.startswith("pool.")})
        self.model_ = {name[6:]: value for name, value in state.items() if name.startswith("model.")}
        self.fitted_at_ = self.pool_.seen

    def _begin(self) -> None:
        self.pool_ = Pool(PLACED + self.columns, self.capacity, self.seed)
        self.model_ = {}
        self.fitted_at_ = 0.0
        self.n_features_in_ = PLACED + self.columns

    def _refit(self) -> None:
        if len(self.pool_.rows):
            # Many small products: several threads spend their time on waiting for each other.
            with threadpool_limits(limits=1):
                self.model_ = self._learn(self.pool_.rows[:, PLACED:])
            self.fitted_at_ = self.pool_.seen

    def _checked(self, X: Rows) -> Rows:
        rows: Rows = np.asarray(X, np.float32)
        if rows.ndim != 2 or rows.shape[1] != PLACED + self.columns:
            raise ValueError(f"rows have the shape (n, {PLACED + self.columns}), not {rows.shape}")
        return rows
