"""The reading by likeness, on rows of numbers: it needs no footage and no PyTorch."""

from __future__ import annotations

import numpy as np
import pytest

from everyframe.vision.pooled import Likeness

WIDTHS = [4, 6]


def examples() -> tuple[np.ndarray, np.ndarray]:
    """Return twelve rows of each of three classes, the last of which is nothing."""
    chance = np.random.default_rng(0)
    kinds = np.repeat([0, 1, 2], 12)
    rows = chance.normal(0.0, 0.3, (36, 10)) + np.eye(10)[kinds] * 3.0
    return rows.astype(np.float32), kinds


def test_what_is_like_no_example_is_nothing() -> None:
    rows, kinds = examples()
    far = np.full((1, 10), 60.0, np.float32)
    knows = Likeness.fit(rows, kinds, WIDTHS, nothing=2)
    assert knows.scores(far)[0] == pytest.approx([-1.0, -1.0, 1.0], abs=1e-3)
    assert Likeness.fit(rows, kinds, WIDTHS).scores(far)[0] == pytest.approx([0.0, 0.0, 0.0], abs=1e-3)
    assert np.array_equal(knows.scores(rows).argmax(axis=1), kinds)


def test_without_a_class_that_is_nothing_nothing_is_assumed() -> None:
    """Taking every class to be absent until seen, or none of them, differs by the same for all."""
    rows, kinds = examples()
    plain = Likeness.fit(rows, kinds, WIDTHS)
    assert not plain.prior.any()
    knows = Likeness.fit(rows, kinds, WIDTHS, nothing=2)
    beside = rows + 1.0
    one, other = plain.scores(beside), knows.scores(beside)
    assert one[:, 0] - one[:, 1] == pytest.approx(other[:, 0] - other[:, 1], abs=1e-4)


def test_a_class_that_is_added_is_taken_to_be_absent_too() -> None:
    rows, kinds = examples()
    far = np.full((1, 10), 60.0, np.float32)
    knows = Likeness.fit(rows, kinds, WIDTHS, nothing=2)
    knows.add(rows[:8] - 4.0)
    assert knows.scores(far)[0] == pytest.approx([-1.0, -1.0, 1.0, -1.0], abs=1e-3)
    plain = Likeness.fit(rows, kinds, WIDTHS)
    plain.add(rows[:8] - 4.0)
    assert not plain.prior.any()
