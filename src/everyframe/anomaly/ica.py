"""``ica``: independent components of motion in space and time, in two layers."""

from __future__ import annotations

from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from everyframe.anomaly.detector import Attribute, Look
from everyframe.anomaly.factors import find_factors
from everyframe.anomaly.independent import cost, learn_filters
from everyframe.anomaly.pooled import PLACED, PooledDetector
from everyframe.anomaly.stacks import CHANNELS, COLUMNS, MOMENTS, SIDE, StackLook
from everyframe.anomaly.windows import Rows, Windows
from everyframe.types import Deviation

PART = (2, 4, 4, CHANNELS)
"""Moments, rows, columns and channels of the part of a patch that a feature of the first layer sees."""

_SHIFT = 2  # samples between two parts
_TIMES = MOMENTS - PART[0] + 1
_PLACES = (SIDE - PART[1]) // _SHIFT + 1
_ENOUGH = 400  # rows that factors are counted in
_SWEEPS = 20  # of that count; the features are learned by other means
_PARTS = 4_000  # parts that the first layer is learned from
_NORMAL = 0.99  # share of what was learned that costs less than what counts as normal
_FLOOR = 1e-6

Floats32 = NDArray[np.float32]


class IcaDetector(PooledDetector):
    """Learns what motion is made of; what takes more to describe is abnormal.

    The first layer learns sparse features of parts of space-time patches (``independent.learn_filters``). The
    second learns features of what the first one answers, rectified and pooled over each quarter of the patch
    and over all moments, so that it sees more and minds less where exactly (stacked as in Le, Zou, Yeung and
    Ng, "Learning hierarchical invariant spatio-temporal features for action recognition with independent
    subspace analysis", CVPR 2011). How many features each layer has is not set: it is how many factors a beta
    process finds in the layer's input (``factors.find_factors``); learning begins at these. A patch costs
    what the layers minimise: the energy of its features and what they miss.

    Args:
        columns: Values of a row beside ``x``, ``y`` and ``hour``; always ``stacks.COLUMNS``.
        capacity: Rows in the sample at most.
        seed: Of all that is random.
    """

    attributes: ClassVar[tuple[Attribute, ...]] = (Attribute("parts"), Attribute("whole"))

    def __init__(self, columns: int = COLUMNS, capacity: int = 1_500, seed: int = 0) -> None:
        super().__init__(columns, capacity, seed)

    @classmethod
    def look(cls, windows: Windows) -> Look:
        """Return what cuts patches of a camera's motion."""
        return StackLook(windows)

    @classmethod
    def fresh(cls, windows: Windows) -> Self:  # noqa: ARG003 - patches of all cameras are alike
        """Return a detector that has learned nothing."""
        return cls()

    def _learn(self, values: Floats32) -> dict[str, NDArray[Any]]:
        random = np.random.default_rng(self.seed)
        parts = parts_of(values)
        flat = parts.reshape(-1, parts.shape[-1])
        flat = flat[random.permutation(len(flat))[:_PARTS]]
        scale = _scale(flat)
        first = learn_filters(flat / scale, _factors(flat))
        pooled = _pool(parts / scale, first)
        mean = pooled.mean(axis=0)
        pooled -= mean
        second_scale = _scale(pooled)
        chosen = pooled[random.permutation(len(pooled))]
        second = learn_filters(pooled / second_scale, _factors(chosen))
        model = {
            "scales": np.array([scale, second_scale], np.float32),
            "first": first,
            "mean": mean,
            "second": second,
        }
        return {**model, "normal": np.quantile(_costs(values, model), _NORMAL, axis=0).astype(np.float32)}

    def _cost(self, values: Floats32) -> Floats32:
        return _costs(values, self.model_)

    def tell(self, attribute: int, row: Rows, score: float, windows: Windows) -> Deviation:  # noqa: ARG002
        """Return how much more a patch takes to describe than nearly all that was seen."""
        name = self.attributes[attribute].name
        normal = float(self.model_["normal"][attribute]) if getattr(self, "model_", None) else 0.0
        patch = row[PLACED:].reshape(-1, CHANNELS)
        fastest = float(np.quantile(np.hypot(patch[:, 0], patch[:, 1]), 0.9))
        times = score / normal if normal > _FLOOR else 0.0
        what = "its parts move" if attribute == 0 else "it moves as a whole"
        text = (
            f"{what} unlike anything learned, at up to {fastest:.1f} of its height per second: it takes"
            f" {times:.1f} times as much to describe as 99 % of what was seen"
        )
        return Deviation(name, float(score), normal, "", text, float(score))


def parts_of(values: Floats32) -> Floats32:
    """Return ``(n, parts, d)`` the overlapping parts of ``(n, COLUMNS)`` patches, flattened from ``PART``."""
    patches = values.reshape(-1, MOMENTS, SIDE, SIDE, CHANNELS)
    seen = np.lib.stride_tricks.sliding_window_view(patches, PART[:3], axis=(1, 2, 3))
    seen = seen[:, :, ::_SHIFT, ::_SHIFT]  # (n, times, places, places, channels, *PART[:3])
    seen = np.moveaxis(seen, 4, -1)
    return np.ascontiguousarray(seen).reshape(len(patches), _TIMES * _PLACES**2, -1)


def _factors(values: Floats32) -> Floats32:
    """Return ``(k, d)`` the factors of ``(n, d)`` values, as many as there are; one at least."""
    loadings = find_factors(values[:_ENOUGH], _SWEEPS).loadings if len(values) > 1 else np.empty((0, 0))
    if len(loadings) == 0:
        loadings = np.eye(1, values.shape[1])
    found: Floats32 = loadings.astype(np.float32)
    return found


def _scale(values: Floats32) -> np.float32:
    return np.float32(max(float(np.sqrt((values**2).mean())), _FLOOR))


def _pool(parts: Floats32, filters: Floats32) -> Floats32:
    """Return ``(n, 4 k)`` root mean squares of what the filters answer, over each quarter of the patch."""
    answers = (parts @ filters.T).reshape(len(parts), _TIMES, _PLACES, _PLACES, -1) ** 2
    half = _PLACES // 2 + 1
    quarters = [
        np.sqrt(answers[:, :, down, across].mean(axis=(1, 2, 3)))
        for down in (slice(half), slice(-half, None))
        for across in (slice(half), slice(-half, None))
    ]
    return np.concatenate(quarters, axis=1)


def _costs(values: Floats32, model: dict[str, NDArray[Any]]) -> Floats32:
    """Return ``(n, 2)`` the mean cost of the parts, and the cost of the whole."""
    parts = parts_of(values) / model["scales"][0]
    pooled = (_pool(parts, model["first"]) - model["mean"]) / model["scales"][1]
    return np.stack([cost(parts, model["first"]).mean(axis=1), cost(pooled, model["second"])], axis=1)
