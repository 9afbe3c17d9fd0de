"""What each attribute earns."""

from __future__ import annotations

import numpy as np
import pytest

from everyframe.bench.ablation import ablate

LABELS = [np.array([False, False, True, True])]


def test_an_attribute_that_alone_knows_is_missed_when_it_is_gone() -> None:
    said = [np.array([[0.0, 0.5], [0.1, 0.2], [2.0, 0.3], [3.0, 0.1]])]
    knows, guesses = ablate(["speed", "size"], said, LABELS)
    assert (knows.attribute, knows.auc_alone) == ("speed", 1.0)
    assert knows.auc_without == guesses.auc_alone == pytest.approx(0.25)
    assert guesses.auc_without == 1.0


def test_a_single_attribute_has_nothing_beside_it() -> None:
    (only,) = ablate(["scene"], [np.array([[0.0], [1.0], [2.0], [3.0]])], LABELS)
    assert only.auc_alone == 1.0
    assert only.auc_without is None
