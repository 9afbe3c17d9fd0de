"""``rbm``: motion patterns of the size of a body, and how badly learned patterns explain them."""

from __future__ import annotations

from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from everyframe.anomaly.boltzmann import Machine, Training, rebuild, train_stack
from everyframe.anomaly.detector import Attribute
from everyframe.anomaly.patterns import PLANES, VALUES, PatternLook
from everyframe.anomaly.pooled import PLACED, PooledDetector
from everyframe.anomaly.windows import Rows, Windows
from everyframe.types import Deviation

_WILD = 8.0  # standard deviations; what is further out counts as that, so that it cannot pull the weights
_LEAST = 1e-3  # of a standard deviation
_SWITCHES = 0.1  # rate of learning above the first layer: weights between switches take off only then
_NORMAL = 0.99  # share of the patterns that normal speeds are taken from


class RbmDetector(PooledDetector):
    """Restricted Boltzmann machines that learn the patterns of motion, one on top of the other.

    Few hidden units are on at a time and none can be more than on, so what is faster, or arranged otherwise,
    than what was learned is not rebuilt by them.

    Args:
        columns: How many values a row has beside ``x``, ``y`` and ``hour``: three planes of the same size.
        capacity: Rows in the sample at most.
        seed: Of all that is random.
        hidden: Units of the first layer.
        deep: Units of the second layer; 0 leaves it out, as it told nothing more on footage.

    Attributes:
        pool_: The sample.
        model_: ``mean`` ``(columns,)`` and ``scale`` ``(columns,)`` of the patterns, and of each layer
            ``weights``, ``visible``, ``hidden`` with its number; ``residual`` ``(1,)``, the mean square
            left unexplained; ``fastest`` ``(1,)``, the speed that nearly all patterns stay below.
    """

    # A pattern is a mean over half a second already, so its scores need not be averaged as long as others'.
    # On one walkway (Ped2) that made a difference, on a quiet room (upcam) none.
    attributes: ClassVar[tuple[Attribute, ...]] = (Attribute("pattern", back=1.0, least=0.05),)

    def __init__(
        self, columns: int = VALUES, capacity: int = 4_000, seed: int = 0, hidden: int = 32, deep: int = 0
    ) -> None:
        super().__init__(columns, capacity, seed)
        self.hidden = hidden
        self.deep = deep

    @classmethod
    def look(cls, windows: Windows) -> PatternLook:
        """Return what cuts patterns out of a camera's scenes."""
        return PatternLook(windows)

    @classmethod
    def fresh(cls, windows: Windows) -> Self:  # noqa: ARG003 - patterns are the same at all cameras
        """Return a detector that has learned nothing."""
        return cls()

    def restore(self, state: dict[str, NDArray[Any]]) -> None:
        """Take back what ``state`` returned.

        Raises:
            ValueError: If an array is missing or has another shape.
        """
        super().restore(state)
        if not self.model_:
            return
        wanted: dict[str, tuple[int, ...]] = dict.fromkeys(("residual", "fastest"), (1,))
        wanted |= dict.fromkeys(("mean", "scale"), (self.columns,))
        below = self.columns
        # However many units the layers have, each must fit onto the one below.
        for number in range(max(1, sum(name.startswith("weights") for name in self.model_))):
            units = self.model_.get(f"hidden{number}", np.empty(0)).size
            wanted |= {f"weights{number}": (below, units), f"visible{number}": (below,)}
            wanted[f"hidden{number}"] = (units,)
            below = units
        for name, shape in wanted.items():
            if name not in self.model_ or self.model_[name].shape != shape:
                raise ValueError(f"what was learned has no {name} of the shape {shape}")

    def tell(self, attribute: int, row: Rows, score: float, windows: Windows) -> Deviation:
        """Return how a pattern ``(3 + columns,)`` differs from what the learned ones make of it."""
        name = self.attributes[attribute].name
        values = self._checked(row[None])[:, PLACED:]
        if not getattr(self, "model_", None):
            return Deviation(name, 0.0, 0.0, "", "moves where no pattern was learned yet", score)
        tall = float(windows.tall[windows.places(row[None])[0][0]])
        pace, fastest = tall * float(self._paces(values)[0]), tall * float(self.model_["fastest"][0])
        if pace > fastest:
            usual = (
                f"{100 * _NORMAL:.0f} % of the patterns of motion learned here stay below {fastest:.0f} px/s"
            )
            return Deviation(name, pace, fastest, "px/s", f"moves at {pace:.0f} px/s; {usual}", score)
        missed = float(self._cost(values)[0, attribute])
        text = (
            f"moves in a pattern that those learned here miss {missed:.1f} times as far as they normally do"
        )
        return Deviation(name, missed, 1.0, "", text, score)

    def machines(self) -> tuple[Machine, ...]:
        """Return the machines that were learned, from the bottom; none before anything was."""
        layers = sum(name.startswith("weights") for name in getattr(self, "model_", {}))
        return tuple(
            Machine(
                self.model_[f"weights{k}"], self.model_[f"visible{k}"], self.model_[f"hidden{k}"], real=k == 0
            )
            for k in range(layers)
        )

    def rebuilt(self, values: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return ``(n, columns)`` patterns as the machines make them of ``(n, columns)`` values."""
        mean, scale = self.model_["mean"], self.model_["scale"]
        back: NDArray[np.float32] = rebuild(self.machines(), (values - mean) / scale) * scale + mean
        return back

    def _learn(self, values: NDArray[np.float32]) -> dict[str, NDArray[Any]]:
        mean = values.mean(axis=0)
        scale = self._scales(values - mean)
        data = np.clip((values - mean) / scale, -_WILD, _WILD)
        layers = [Training(self.hidden)]
        if self.deep:
            layers.append(Training(self.deep, rate=_SWITCHES))
        stack = train_stack(data, layers, self.seed)
        left = np.square(data - rebuild(stack, data)).mean()
        model: dict[str, NDArray[Any]] = {
            "mean": mean,
            "scale": scale,
            "residual": np.array([max(left, _LEAST)], np.float32),
            "fastest": np.array([np.quantile(self._paces(values), _NORMAL)], np.float32),
        }
        for number, machine in enumerate(stack):
            for name in ("weights", "visible", "hidden"):
                model[f"{name}{number}"] = getattr(machine, name)
        return model

    def _cost(self, values: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return ``(n, 1)`` what the machines leave unexplained, as a multiple of what they normally do.

        The free energy goes with it (a correlation of 0.995 on footage) and told no more beside it.
        """
        left = np.square((values - self.rebuilt(values)) / self.model_["scale"]).mean(axis=1, keepdims=True)
        cost: NDArray[np.float32] = (left / self.model_["residual"]).astype(np.float32)
        return cost

    def _paces(self, values: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return ``(n,)`` mean speeds of what moves in patterns, in typical heights per second."""
        right, down, moving = values.reshape(len(values), len(PLANES), -1).sum(axis=2).T
        paces: NDArray[np.float32] = np.hypot(right, down) / np.maximum(moving, 1.0)
        return paces

    def _scales(self, centred: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return ``(columns,)`` deviations: one for both directions, one for what moves.

        Flow is as noisy downwards as rightwards; each on its own scale, the noise across a walkway would
        weigh as much as the walking along it.
        """
        third = self.columns // len(PLANES)
        spread = np.square(centred).mean(axis=0)
        scale = np.empty(self.columns, np.float32)
        scale[: 2 * third] = np.sqrt(spread[: 2 * third].mean())
        scale[2 * third :] = np.sqrt(spread[2 * third :].mean())
        return np.maximum(scale, np.float32(_LEAST))
