"""Histograms that lend each other strength."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from everyframe.anomaly.histograms import PlaceHistograms

SHAPE = (6, 8)


def filled(
    values: np.ndarray[tuple[int, ...], np.dtype[np.float64]], j: int = 3, i: int = 4
) -> PlaceHistograms:
    histograms = PlaceHistograms(SHAPE, 0.02, 12.0)
    where = np.full(len(values), j), np.full(len(values), i)
    histograms.add(*where, values)
    return histograms


def test_quantiles_of_a_place_are_those_of_its_values() -> None:
    values = np.random.default_rng(0).lognormal(0.0, 0.3, 20_000)
    histograms = filled(values)
    for share in (0.5, 0.9, 0.99):
        # A bin is 7 % wide.
        assert histograms.quantile(share)[3, 4] == pytest.approx(np.quantile(values, share), rel=0.07)


@given(st.lists(st.floats(0.001, 50.0), min_size=1, max_size=30), st.floats(0.05, 0.94))
def test_quantiles_rise_with_the_share_and_stay_in_range(values: list[float], share: float) -> None:
    histograms = filled(np.array(values))
    low, high = histograms.quantile(share), histograms.quantile(min(1.0, share + 0.05))
    assert (low <= high * (1 + 1e-5)).all()
    assert low.min() >= 0.02 * 0.999
    assert high.max() <= 12.0 * 1.001


def test_densities_are_densities() -> None:
    density = filled(np.array([0.5, 1.0, 2.0])).smoothed()
    assert density.min() >= 0
    np.testing.assert_allclose(density.sum(axis=-1), 1.0)


def test_a_place_without_footage_borrows_from_the_whole_picture() -> None:
    histograms = filled(np.full(500, 1.0))
    assert histograms.quantile(0.5)[0, 0] == pytest.approx(1.0, rel=0.1)


def test_what_was_seen_at_a_place_outweighs_what_is_lent() -> None:
    histograms = filled(np.full(5_000, 0.2), 1, 1)
    histograms.add(np.full(5_000, 5), np.full(5_000, 7), np.full(5_000, 4.0))
    median = histograms.quantile(0.5)
    assert median[1, 1] == pytest.approx(0.2, rel=0.1)
    assert median[5, 7] == pytest.approx(4.0, rel=0.1)


def test_without_anything_the_lowest_value_is_normal() -> None:
    assert (PlaceHistograms(SHAPE, 0.02, 12.0).quantile(0.99) == np.float32(0.02)).all()
