"""How many latent factors data have."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.stats import ortho_group

from everyframe.anomaly.factors import find_factors


def benchmark() -> Any:
    """Return the module of the benchmark, wherever tests are run from."""
    path = Path(__file__).parents[2] / "benchmarks" / "factors.py"
    spec = importlib.util.spec_from_file_location("benchmarks_factors", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


BENCHMARK = benchmark()


def made(
    count: int, decibels: float, active: float, seed: int, rows: int, columns: int
) -> NDArray[np.float64]:
    data: NDArray[np.float64] = BENCHMARK.made(count, decibels, active, seed, rows, columns)
    return data


@pytest.mark.parametrize("active", [1.0, 0.2], ids=["dense", "sparse"])
@pytest.mark.parametrize(("count", "decibels"), [(5, 20.0), (5, 5.0), (20, 10.0), (20, 5.0)])
def test_the_number_that_data_were_made_with_is_found(count: int, decibels: float, active: float) -> None:
    found = find_factors(made(count, decibels, active, seed=100, rows=1_000, columns=60))
    assert abs(found.count - count) <= 1


def test_noise_alone_has_no_factors() -> None:
    found = find_factors(np.random.default_rng(0).normal(size=(800, 30)))
    assert found.count == 0
    assert found.noise == pytest.approx(1.0, rel=0.05)


def test_what_does_not_vary_has_no_factors() -> None:
    assert find_factors(np.full((20, 4), 7.0)).count == 0


def test_the_space_of_the_factors_and_the_noise_are_found() -> None:
    random = np.random.default_rng(3)
    basis = np.linalg.qr(random.normal(size=(40, 6)))[0].T
    data = 5.0 + random.normal(size=(1_000, 6)) @ (3.0 * basis) + 0.5 * random.normal(size=(1_000, 40))
    found = find_factors(data)
    assert found.count == 6
    assert found.noise == pytest.approx(0.25, rel=0.1)
    np.testing.assert_allclose(found.mean, data.mean(axis=0))
    np.testing.assert_allclose(np.linalg.norm(found.loadings, axis=1), 1.0)
    inside = np.linalg.norm(found.loadings @ basis.T, axis=1)
    assert inside.min() > 0.97
    assert (np.diff(found.energy) <= 0).all()


def test_a_rare_factor_is_told_from_one_that_is_always_there_and_neither_is_counted_twice() -> None:
    random = np.random.default_rng(4)
    basis = np.linalg.qr(random.normal(size=(40, 2)))[0].T
    # Weights of different size tell the principal components apart, so that each is one factor.
    weights = random.normal(size=(2_000, 2)) * (3.0, 20.0)
    weights[:, 1] *= random.random(2_000) < 0.2
    found = find_factors(weights @ basis + 0.3 * random.normal(size=(2_000, 40)))
    assert found.count == 2
    rare = int(np.argmax(np.abs(found.loadings @ basis[1])))
    # Shares of the posterior, not counts: directions that are a little off make rare ones look less rare.
    assert 0.15 < found.usage[rare] < 0.35
    assert found.usage[1 - rare] > 0.8


def low_rank(seed: int, count: int) -> NDArray[np.float64]:
    return made(count, 10.0, 1.0, seed, rows=200, columns=15)


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 1_000), st.integers(1, 4), st.floats(1e-3, 1e3), st.floats(-50, 50))
def test_neither_scale_nor_offset_nor_turning_changes_the_number(
    seed: int, count: int, scale: float, offset: float
) -> None:
    data = low_rank(seed, count)
    turned = data @ ortho_group.rvs(15, random_state=seed)
    assert find_factors(turned * scale + offset * scale).count == find_factors(data).count


@settings(max_examples=15, deadline=None)
@given(st.integers(2, 12), st.integers(1, 12), st.integers(0, 1_000))
def test_there_are_never_more_than_the_rank_of_centred_rows(rows: int, columns: int, seed: int) -> None:
    found = find_factors(np.random.default_rng(seed).normal(size=(rows, columns)))
    assert found.count <= min(rows - 1, columns)
    assert np.isfinite(found.loadings).all()
    assert ((found.usage > 0) & (found.usage <= 1)).all()


@pytest.mark.parametrize("data", [np.zeros(3), np.zeros((1, 3)), np.full((4, 2), np.nan)])
def test_refuses_what_has_no_factors_to_find(data: NDArray[np.float64]) -> None:
    with pytest.raises(ValueError, match="two or more finite rows"):
        find_factors(data)


@pytest.mark.parametrize(("hits", "status"), [(10, 0), (9, 0), (8, 1)])
def test_the_benchmark_fails_where_the_number_is_missed_in_two_of_ten(
    hits: int, status: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def cells(seeds: int) -> Iterator[tuple[str, int, float, list[int]]]:
        yield "dense", 5, 20.0, [6] * 10
        yield "sparse", 5, 20.0, [5] * hits + [7] * (10 - hits)

    monkeypatch.setattr(BENCHMARK, "cells", cells)
    monkeypatch.setattr(sys, "argv", ["factors"])
    assert BENCHMARK.main() == status
    assert f"| {hits} of 10 |" in capsys.readouterr().out


def test_the_benchmark_asks_for_every_number_at_every_noise(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def find(data: NDArray[np.float64]) -> Any:
        asked.append(data.shape)
        return type("Found", (), {"count": 5})()

    monkeypatch.setattr(BENCHMARK, "find_factors", find)
    cells = [cell[:3] for cell in BENCHMARK.cells(1)]
    assert set(cells) == {
        (kind, count, noise)
        for kind in ("dense", "sparse")
        for count in (5, 10, 20, 40)
        for noise in (20.0, 10.0, 5.0)
    }
    assert set(asked) == {(2_000, 100)}
