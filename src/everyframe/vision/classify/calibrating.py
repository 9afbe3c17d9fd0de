"""How sure is meant: confidence made true on pictures that were not learned from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax, softmax

BINS = 10
COLDEST, HOTTEST = 0.25, 10.0  # a few pictures that are all told right would else make it sure of anything


@dataclass(frozen=True, slots=True)
class Figures:
    """How well classes are told.

    Attributes:
        pictures: That were told.
        accuracy: Share that is right.
        loss: Mean negative logarithm of the confidence in what is right.
        ece: Expected calibration error: how far confidence is from the share that is right, on average.
        by_class: Share that is right of each class, in order.
    """

    pictures: int
    accuracy: float
    loss: float
    ece: float
    by_class: tuple[float, ...]


def temperature_of(logits: NDArray[np.float32], labels: NDArray[np.int64]) -> float:
    """Return what to divide logits by, so that confidence is most nearly true.

    Guo et al., "On calibration of modern neural networks" (ICML 2017).

    Args:
        logits: ``(N, classes)``, of pictures that were not learned from.
        labels: ``(N,)``.
    """
    told = minimize_scalar(
        lambda power: _loss(logits / np.exp(power), labels),
        bounds=(np.log(COLDEST), np.log(HOTTEST)),
        method="bounded",
    )
    return float(np.exp(told.x))


def figures(logits: NDArray[np.float32], labels: NDArray[np.int64], temperature: float = 1.0) -> Figures:
    """Return how well ``(N, classes)`` logits tell ``(N,)`` labels."""
    said = np.asarray(softmax(logits / temperature, axis=1), np.float64)
    right = said.argmax(axis=1) == labels
    by_class = [right[labels == number] for number in range(said.shape[1])]
    return Figures(
        pictures=len(labels),
        accuracy=float(right.mean()),
        loss=_loss(logits / temperature, labels),
        ece=calibration_error(said, labels),
        by_class=tuple(float(one.mean()) if len(one) else float("nan") for one in by_class),
    )


def calibration_error(said: NDArray[np.float64], labels: NDArray[np.int64], bins: int = BINS) -> float:
    """Return the expected calibration error of ``(N, classes)`` confidences.

    Naeini, Cooper and Hauskrecht, "Obtaining well calibrated probabilities using Bayesian binning" (AAAI
    2015): bins of equal width, each counting as many as are in it.
    """
    sure, right = said.max(axis=1), said.argmax(axis=1) == labels
    place = np.minimum((sure * bins).astype(np.int64), bins - 1)
    gaps = [
        abs(float(sure[place == one].sum() - right[place == one].sum()))
        for one in range(bins)
        if (place == one).any()
    ]
    return float(sum(gaps) / len(labels))


def _loss(logits: NDArray[np.float32], labels: NDArray[np.int64]) -> float:
    said = log_softmax(np.asarray(logits, np.float64), axis=1)
    return float(-said[np.arange(len(labels)), labels].mean())
