from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import average_precision_score

from everyframe.highlights.measuring import average_precision, mean_average_precision, spotted
from everyframe.highlights.segments import Segment


def at(middle: float, confidence: float = 1.0, label: str = "hit") -> Segment:
    return Segment(middle - 0.5, middle + 0.5, label, confidence)


def test_average_precision_of_a_case_counted_by_hand() -> None:
    truth = [at(10.0), at(20.0), at(30.0)]
    told = [at(10.4, 0.9), at(15.0, 0.8), at(20.4, 0.7), at(20.1, 0.6)]
    # right, wrong, right, the same event again: precision 1 and 2/3 at the two hits, of three events
    assert average_precision(told, truth, 1.0) == pytest.approx((1.0 + 2.0 / 3.0) / 3.0)
    assert average_precision(told, truth, 0.5) == pytest.approx((1.0 / 4.0) / 3.0)
    assert average_precision([], truth, 1.0) == 0.0


def test_the_mean_is_over_classes_that_happen() -> None:
    truth = [at(10.0, label="hit"), at(20.0, label="miss")]
    told = [at(10.0, label="hit"), at(20.0, label="hit"), at(40.0, label="else")]
    assert mean_average_precision(told, truth, 1.0) == pytest.approx(0.5)


def test_precision_and_recall_with_and_without_the_name() -> None:
    truth = [at(10.0, label="hit"), at(20.0, label="miss"), at(30.0, label="miss")]
    told = [at(10.0, label="hit"), at(20.0, label="hit"), at(50.0, label="miss")]
    named = spotted(told, truth, 1.0)
    assert (named.precision, named.recall, named.f1) == pytest.approx((1 / 3, 1 / 3, 1 / 3))
    assert spotted(told, truth, 1.0, named=False).recall == pytest.approx(2 / 3)
    assert spotted([], truth, 1.0).precision == 1.0


@given(
    st.lists(
        st.tuples(st.booleans(), st.integers(1, 1000)), min_size=1, max_size=20, unique_by=lambda t: t[1]
    )
)
def test_it_is_that_of_scikit_learn_where_every_event_is_told_but_at_the_envelope(
    told: list[tuple[bool, int]],
) -> None:
    if not any(right for right, _ in told):
        return
    spots = [
        at(100.0 * k if right else 100.0 * k + 50.0, score / 1000) for k, (right, score) in enumerate(told, 1)
    ]
    truth = [at(100.0 * k) for k, (right, _) in enumerate(told, 1) if right]
    plain = average_precision_score([right for right, _ in told], [score for _, score in told])
    found = average_precision(spots, truth, 1.0)
    assert found >= plain - 1e-9  # ours is the envelope of the curve
    assert found <= 1.0
    order = [right for right, _ in sorted(told, key=lambda one: -one[1])]
    if np.all(np.diff(np.cumsum(order) / np.arange(1, len(order) + 1)) <= 0):
        assert found == pytest.approx(plain)
