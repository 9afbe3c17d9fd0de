"""What is usual at each place."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from everyframe.anomaly.usual import SHAPE, learn_usual, usual_at


def test_near_and_far_have_what_is_usual_there() -> None:
    random = np.random.default_rng(0)
    x, y = random.random((2, 5_000))
    usual = learn_usual(x, y, np.where(y > 0.5, 4.0, 1.0))
    far, near = usual_at(usual, np.array([0.5, 0.5]), np.array([0.15, 0.85]))
    assert far == pytest.approx(1.0, rel=0.1)
    assert near == pytest.approx(4.0, rel=0.1)


def test_where_nothing_was_seen_is_as_everywhere() -> None:
    random = np.random.default_rng(1)
    x, y = random.random(1_000), random.uniform(0.7, 1.0, 1_000)
    usual = learn_usual(x, y, random.uniform(1.0, 3.0, 1_000))
    assert usual_at(usual, np.array([0.5]), np.array([0.05]))[0] == pytest.approx(2.0, rel=0.05)


def test_one_row_does_not_say_what_is_usual_here() -> None:
    x, y = np.full(1_001, 0.2), np.full(1_001, 0.2)
    x[-1] = y[-1] = 0.9
    energy = np.ones(1_001)
    energy[-1] = 100.0
    assert usual_at(learn_usual(x, y, energy), np.array([0.9]), np.array([0.9]))[0] < 40.0


@given(st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1), st.floats(0.01, 100)), max_size=30))
def test_it_is_between_the_least_and_the_most(rows: list[tuple[float, float, float]]) -> None:
    x, y, energy = np.array(rows, float).reshape(-1, 3).T
    usual = learn_usual(x, y, energy)
    assert usual.shape == SHAPE
    assert usual.min() >= (energy.min() if len(energy) else 1.0) * (1 - 1e-5)
    assert usual.max() <= (energy.max() if len(energy) else 1.0) * (1 + 1e-5)
