"""What each attribute earns: the accuracy with it alone, and without it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from everyframe.bench.metrics import auc_micro


@dataclass(frozen=True, slots=True)
class Share:
    """What one attribute is worth on a set.

    Attributes:
        attribute: Its name.
        auc_alone: Frame-level AUC (micro) of this attribute alone.
        auc_without: Of all others together; ``None`` where there is no other.
    """

    attribute: str
    auc_alone: float
    auc_without: float | None


def ablate(
    names: Sequence[str], said: Sequence[NDArray[np.float64]], labels: Sequence[NDArray[np.bool_]]
) -> list[Share]:
    """Take each attribute away, and all others.

    Args:
        names: Of the ``k`` attributes.
        said: For each clip ``(n, k)`` what each attribute says of each frame; the joint score is the largest.
        labels: For each clip ``(n,)`` whether each frame is abnormal.

    Raises:
        DatasetError: All frames have the same label.
    """
    found = []
    for number, name in enumerate(names):
        alone = auc_micro([clip[:, number] for clip in said], labels)
        without = None
        if len(names) > 1:
            without = auc_micro([np.delete(clip, number, axis=1).max(axis=1) for clip in said], labels)
        found.append(Share(name, alone, without))
    return found
