"""A linear probe: what a backbone sees, computed once, and the best lines over it."""

from __future__ import annotations

import warnings

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, StratifiedKFold
from sklearn.preprocessing import StandardScaler

from everyframe.vision.classify.networks import Network

_STRENGTHS = (1e-4, 1e-3, 1e-2, 1e-1, 1.0)  # inverse of how much large weights cost
_FOLDS = 5
_ENOUGH = 2000  # rounds


def probe(network: Network, features: NDArray[np.float32], labels: NDArray[np.int64], seed: int) -> None:
    """Set a network's head to what logistic regression finds best.

    How much it is held back is cross-validated.

    Args:
        network: Whose head is set.
        features: ``(N, width)``, of what is learned from.
        labels: ``(N,)``; each class at least once.
        seed: Of the folds.
    """
    scale = StandardScaler().fit(features)
    told = scale.transform(features)
    folds = min(_FOLDS, int(np.bincount(labels).min()))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # a line that is nearly the best will do
        if folds >= 2:
            choice = GridSearchCV(
                LogisticRegression(max_iter=_ENOUGH, class_weight="balanced"),
                {"C": _STRENGTHS},
                scoring="neg_log_loss",
                cv=StratifiedKFold(folds, shuffle=True, random_state=seed),
            ).fit(told, labels)
            found = choice.best_estimator_
        else:
            found = LogisticRegression(C=_STRENGTHS[1], max_iter=_ENOUGH, class_weight="balanced").fit(
                told, labels
            )
    lines, offsets = found.coef_, found.intercept_
    if len(lines) == 1:  # two classes have one line between them
        lines, offsets = np.concatenate([-lines, lines]) / 2, np.concatenate([-offsets, offsets]) / 2
    lines = lines / scale.scale_
    with torch.no_grad():
        network.head.weight.copy_(torch.from_numpy(lines))
        network.head.bias.copy_(torch.from_numpy(offsets - lines @ scale.mean_))
