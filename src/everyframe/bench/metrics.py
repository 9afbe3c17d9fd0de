"""Accuracy per frame: how well scores rank what people labelled, and how often alerts are false.

Scores are higher where a frame is more abnormal. Where several clips are measured, ``scores`` and ``labels``
hold one array per clip.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy
from numpy.typing import ArrayLike, NDArray

from everyframe.errors import DatasetError
from everyframe.types import Floats


def auc(scores: ArrayLike, labels: ArrayLike) -> float:
    """Return the area under the ROC curve: the chance that an abnormal frame scores above a normal one.

    A tie counts one half. Hanley and McNeil, "The meaning and use of the area under a receiver operating
    characteristic (ROC) curve", Radiology 1982.

    Args:
        scores: ``(n,)`` finite numbers.
        labels: ``(n,)`` bool, true where abnormal.

    Returns:
        A number in [0, 1].

    Raises:
        DatasetError: All frames have the same label, so that there is nothing to rank.
        ValueError: Scores and labels differ in length, or a score is not finite.
    """
    values, abnormal = _checked(scores, labels)
    positives = int(abnormal.sum())
    negatives = len(abnormal) - positives
    ranks = float(scipy.stats.rankdata(values)[abnormal].sum())
    return (ranks - positives * (positives + 1) / 2) / (positives * negatives)


def auc_micro(scores: Sequence[ArrayLike], labels: Sequence[ArrayLike]) -> float:
    """Return the AUC of all frames of all clips in one ranking, scores as they are.

    This is what a camera can have: one threshold for whatever comes.

    Raises:
        DatasetError: All frames have the same label.
        ValueError: Scores and labels differ in length, or a score is not finite.
    """
    return auc(*_joined(scores, labels))


def auc_micro_rescaled(scores: Sequence[ArrayLike], labels: Sequence[ArrayLike]) -> float:
    """Return the AUC of all frames after each clip was rescaled by its own minimum and maximum.

    Many papers report this. It has seen the future: a frame's score depends on frames that come after it,
    so no camera can reach it; for comparison with papers only. A clip of equal scores becomes zeros.

    Raises:
        DatasetError: All frames have the same label.
        ValueError: Scores and labels differ in length, or a score is not finite.
    """
    return auc(*_joined([_rescaled(np.asarray(clip, dtype=np.float64)) for clip in scores], labels))


def roc(scores: ArrayLike, labels: ArrayLike) -> tuple[Floats, Floats]:
    """Return the ROC curve as shares of false and of true alarms, ``(k,)`` each, from (0, 0) to (1, 1).

    Raises:
        DatasetError: All frames have the same label.
        ValueError: Scores and labels differ in length, or a score is not finite.
    """
    values, abnormal = _checked(scores, labels)
    order = np.argsort(-values, kind="stable")
    ranked = values[order]
    # A threshold takes equal scores together, so the curve has a point only where the score changes.
    ends = np.append(np.flatnonzero(np.diff(ranked)), len(ranked) - 1)
    hits = np.cumsum(abnormal[order])[ends]
    false = ends + 1 - hits
    return np.append(0.0, false / false[-1]), np.append(0.0, hits / hits[-1])


def equal_error_rate(scores: ArrayLike, labels: ArrayLike) -> float:
    """Return where the share of false alarms equals the share of misses, interpolated along the ROC curve.

    Returns:
        A number in [0, 1]; lower is better.

    Raises:
        DatasetError: All frames have the same label.
        ValueError: Scores and labels differ in length, or a score is not finite.
    """
    false, true = roc(scores, labels)
    excess = false - (1 - true)  # rises from -1 to 1 along the curve
    after = int(np.argmax(excess >= 0))
    before = after - 1
    share = -excess[before] / (excess[after] - excess[before])
    return float(false[before] + share * (false[after] - false[before]))


def eer(scores: Sequence[ArrayLike], labels: Sequence[ArrayLike]) -> float:
    """Return :func:`equal_error_rate` of all frames of all clips in one ranking."""
    return equal_error_rate(*_joined(scores, labels))


@dataclass(frozen=True, slots=True)
class ClipRow:
    """One clip's line in the table.

    Attributes:
        name: Which clip.
        frames: How many were scored.
        abnormal: How many of them are labelled so.
        auc: Of this clip alone; ``None`` where all its frames have the same label.
        low: Lowest score.
        median: Median score.
        high: Highest score.
    """

    name: str
    frames: int
    abnormal: int
    auc: float | None
    low: float
    median: float
    high: float


def per_clip(names: Sequence[str], scores: Sequence[ArrayLike], labels: Sequence[ArrayLike]) -> list[ClipRow]:
    """Return one row per clip, to see which one costs the accuracy.

    Raises:
        ValueError: The three differ in length, or a clip is empty.
    """
    rows = []
    for name, clip, marks in zip(names, scores, labels, strict=True):
        values, abnormal = np.asarray(clip, dtype=np.float64), np.asarray(marks, dtype=bool)
        if not values.size:
            raise ValueError(f"{name} has no scores")
        mixed = bool(abnormal.any()) and not bool(abnormal.all())
        low, median, high = np.quantile(values, [0, 0.5, 1]).tolist()
        own = auc(values, abnormal) if mixed else None
        rows.append(ClipRow(name, values.size, int(abnormal.sum()), own, low, median, high))
    return rows


@dataclass(frozen=True, slots=True)
class AlertRate:
    """How often a camera alerts.

    Attributes:
        alerts: How many there were.
        days: Camera-days of footage.
        per_day: Alerts per camera-day.
        low: Lower end of the confidence interval, alerts per camera-day.
        high: Upper end.
    """

    alerts: int
    days: float
    per_day: float
    low: float
    high: float


def alert_rate(alerts: int, seconds: float, confidence: float = 0.95) -> AlertRate:
    """Return alerts per camera-day with the exact Poisson confidence interval.

    Garwood, "Fiducial limits for the Poisson distribution", Biometrika 1936.

    Args:
        alerts: How many alerts.
        seconds: How long the footage is, over all cameras.
        confidence: Share of such intervals that hold the true rate, in (0, 1).

    Raises:
        ValueError: Alerts are below zero, there is no footage, or the confidence is not in (0, 1).
    """
    if alerts < 0 or not seconds > 0 or not 0 < confidence < 1:
        raise ValueError(f"no rate of {alerts} alerts in {seconds} s at a confidence of {confidence}")
    days = seconds / 86_400
    tail = (1 - confidence) / 2
    low = float(scipy.stats.chi2.ppf(tail, 2 * alerts)) / 2 if alerts else 0.0
    high = float(scipy.stats.chi2.ppf(1 - tail, 2 * alerts + 2)) / 2
    return AlertRate(alerts, days, alerts / days, low / days, high / days)


def _rescaled(values: Floats) -> Floats:
    if not values.size:
        return values
    # Halved, so that the span of two numbers of any size is finite.
    halves = values / 2
    low = halves.min()
    span = halves.max() - low
    return (halves - low) / span if span > 0 else np.zeros_like(values)


def _joined(scores: Sequence[ArrayLike], labels: Sequence[ArrayLike]) -> tuple[Floats, NDArray[np.bool_]]:
    values: list[NDArray[Any]] = [np.asarray(clip, dtype=np.float64) for clip in scores]
    marks = [np.asarray(clip, dtype=bool) for clip in labels]
    if [len(clip) for clip in values] != [len(clip) for clip in marks]:
        raise ValueError("each clip needs as many labels as scores")
    if not values:
        raise DatasetError("there is no labelled clip, so there is no accuracy to measure; add one to test")
    return np.concatenate(values), np.concatenate(marks)


def _checked(scores: ArrayLike, labels: ArrayLike) -> tuple[Floats, NDArray[np.bool_]]:
    values, abnormal = np.asarray(scores, dtype=np.float64), np.asarray(labels, dtype=bool)
    if values.shape != abnormal.shape or values.ndim != 1:
        raise ValueError(f"scores {values.shape} and labels {abnormal.shape} should both be (n,)")
    if not np.isfinite(values).all():
        raise ValueError("a score is not finite")
    if not abnormal.any() or abnormal.all():
        which = "abnormal" if abnormal.any() else "normal"
        raise DatasetError(
            f"every labelled frame is {which}, so there is nothing to rank; the labels need both"
        )
    return values, abnormal
