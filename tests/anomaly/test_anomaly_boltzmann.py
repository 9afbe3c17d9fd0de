"""Restricted Boltzmann machines, against the exact likelihood of small ones."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.special import logsumexp

from everyframe.anomaly.boltzmann import Machine, Training, rebuild, train, train_stack

Matrix = NDArray[np.floating]

VISIBLE, HIDDEN = 3, 4
NAMES = ("weights", "visible", "hidden")


def states(units: int) -> Matrix:
    """Return ``(2 ** units, units)`` all states of binary units."""
    return np.array(np.meshgrid(*[[0.0, 1.0]] * units, indexing="ij")).reshape(units, -1).T


def small(seed: int = 0, *, real: bool) -> Machine:
    random = np.random.default_rng(seed)
    weights = random.normal(0, 0.8, (VISIBLE, HIDDEN))
    return Machine(weights, random.normal(0, 0.5, VISIBLE), random.normal(0, 0.5, HIDDEN), real)


def energy(machine: Machine, v: Matrix, h: Matrix) -> Matrix:
    """Return ``(n, m)`` the energy of each v with each h, word for word as it is defined."""
    alone = 0.5 * np.square(v - machine.visible).sum(axis=1) if machine.real else -(v @ machine.visible)
    return alone[:, None] - (h @ machine.hidden)[None] - v @ machine.weights @ h.T


def log_partition(machine: Machine) -> float:
    """Sum over all hidden states; integrate (real: a Gaussian integral) or sum over the visible ones."""
    h = states(machine.hidden.size)
    if not machine.real:
        return float(logsumexp(-energy(machine, states(machine.visible.size), h)))
    pushed = h @ machine.weights.T
    inner = h @ machine.hidden + pushed @ machine.visible + 0.5 * np.square(pushed).sum(axis=1)
    return float(logsumexp(inner)) + machine.visible.size / 2 * float(np.log(2 * np.pi))


def log_likelihood(machine: Machine, v: NDArray[np.floating]) -> float:
    exact = logsumexp(-energy(machine, np.asarray(v, np.float64), states(machine.hidden.size)), axis=1)
    return float(np.mean(exact)) - log_partition(machine)


def believed(machine: Machine) -> tuple[Matrix, Matrix]:
    """Return points ``(n, visible)`` and shares ``(n,)`` that have the moments of what a machine believes."""
    if not machine.real:
        v = states(VISIBLE)
        return v, np.exp(-machine.free_energy(v) - log_partition(machine))
    # A mixture of one Gaussian for each hidden state; quadrature replaces each of them.
    nodes, weight = np.polynomial.hermite_e.hermegauss(24)
    grid = np.stack(np.meshgrid(*[nodes] * VISIBLE, indexing="ij")).reshape(VISIBLE, -1).T
    part = np.prod(np.meshgrid(*[weight / weight.sum()] * VISIBLE, indexing="ij"), axis=0).ravel()
    h = states(HIDDEN)
    pushed = h @ machine.weights.T
    log_share = h @ machine.hidden + pushed @ machine.visible + 0.5 * np.square(pushed).sum(axis=1)
    share = np.exp(log_share - logsumexp(log_share))
    points = (machine.visible + pushed)[:, None] + grid[None]
    return points.reshape(-1, VISIBLE), (share[:, None] * part[None]).ravel()


def sample(count: int, seed: int = 0, *, real: bool) -> Matrix:
    v = np.random.default_rng(seed).normal(0.2, 1.2, (count, VISIBLE))
    return v if real else (v > 0).astype(np.float64)


def with_(machine: Machine, name: str, value: Matrix) -> Machine:
    weights, visible, hidden = (value if one == name else getattr(machine, one) for one in NAMES)
    return Machine(weights, visible, hidden, machine.real)


def exact_gradient(machine: Machine, v: Matrix) -> dict[str, Matrix]:
    """Return the gradient of the mean log-likelihood by central differences."""
    step = 1e-5
    found: dict[str, Matrix] = {}
    for name in NAMES:
        value = np.asarray(getattr(machine, name), np.float64)
        slope = np.empty_like(value)
        for index in np.ndindex(value.shape):
            ends = []
            for sign in (1.0, -1.0):
                moved = value.copy()
                moved[index] += sign * step
                ends.append(log_likelihood(with_(machine, name, moved), v))
            slope[index] = (ends[0] - ends[1]) / (2 * step)
        found[name] = slope
    return found


def flat(parts: dict[str, Matrix] | Machine) -> Matrix:
    return np.concatenate(
        [np.ravel(parts[name] if isinstance(parts, dict) else getattr(parts, name)) for name in NAMES]
    )


@pytest.mark.parametrize("real", [True, False])
@given(seed=st.integers(0, 10_000))
@settings(max_examples=20)
def test_free_energy_sums_over_all_hidden_states(real: bool, seed: int) -> None:
    machine, v = small(seed, real=real), sample(20, seed, real=real)
    np.testing.assert_allclose(
        machine.free_energy(v),
        -logsumexp(-energy(machine, v, states(HIDDEN)), axis=1),
        rtol=1e-10,
        atol=1e-10,
    )


@pytest.mark.parametrize("real", [True, False])
@given(seed=st.integers(0, 10_000))
@settings(max_examples=20)
def test_hidden_units_are_on_as_often_as_their_energies_say(real: bool, seed: int) -> None:
    machine, v = small(seed, real=real), sample(20, seed, real=real)
    h = states(HIDDEN)
    posterior = np.exp(-energy(machine, v, h) + machine.free_energy(v)[:, None])
    np.testing.assert_allclose(machine.up(v), posterior @ h, rtol=1e-9)


@pytest.mark.parametrize("real", [True, False])
def test_the_slopes_of_data_and_belief_make_the_gradient_of_the_likelihood(real: bool) -> None:
    machine, v = small(1, real=real), sample(30, real=real)
    fact, belief = machine.slope(v), machine.slope(*believed(machine))
    np.testing.assert_allclose(
        flat(fact) - flat(belief), flat(exact_gradient(machine, v)), rtol=1e-5, atol=1e-7
    )


@pytest.mark.parametrize("real", [True, False])
def test_gibbs_sampling_keeps_what_the_machine_believes(real: bool) -> None:
    machine = small(2, real=real)
    random = np.random.default_rng(0)
    chains = sample(40_000, real=real)
    for _ in range(60):
        chains = machine.walk(chains, random)
    points, share = believed(machine)
    np.testing.assert_allclose(chains.mean(axis=0), share @ points, atol=0.04)
    np.testing.assert_allclose(flat(machine.slope(chains)), flat(machine.slope(points, share)), atol=0.06)


@pytest.mark.parametrize("real", [True, False])
@pytest.mark.parametrize("steps", [1, 3])
def test_contrastive_divergence_goes_uphill(real: bool, steps: int) -> None:
    machine, v = small(3, real=real), sample(200, 4, real=real)
    random = np.random.default_rng(0)
    chains = np.repeat(v, 100, axis=0)  # many chains from each sample: the mean direction
    for _ in range(steps):
        chains = machine.walk(chains, random)
    direction = flat(machine.slope(v)) - flat(machine.slope(chains))
    uphill = flat(exact_gradient(machine, v))
    assert direction @ uphill > 0.7 * np.linalg.norm(direction) * np.linalg.norm(uphill)


def clusters(count: int, seed: int = 0) -> NDArray[np.float32]:
    """Return three kinds of real samples."""
    random = np.random.default_rng(seed)
    middles = np.array([[3.0, 0.0, 0.0], [0.0, 3.0, -1.0], [-2.0, -2.0, 2.0]])
    kind = random.integers(0, 3, count)
    return (middles[kind] + random.normal(0, 1, (count, 3))).astype(np.float32)


@pytest.mark.parametrize("persistent", [False, True])
@pytest.mark.parametrize("real", [True, False])
def test_training_raises_the_exact_likelihood(real: bool, persistent: bool) -> None:
    seen, unseen = clusters(600), clusters(600, 1)
    if not real:
        # The third unit repeats the first: something to learn beyond the mean.
        seen, unseen = ((v > 0.5)[:, [0, 1, 0]].astype(np.float32) for v in (seen, unseen))
    training = Training(
        HIDDEN,
        epochs=60 if real else 200,
        rate=0.02 if real else 0.1,
        decay=0.0,
        sparsity=0.1 if real else 0.5,
        insist=0.0,
        persistent=persistent,
    )
    begun = train(seen, replace(training, epochs=0), real=real)
    trained = train(seen, training, real=real)
    assert log_likelihood(trained, unseen) > log_likelihood(begun, unseen) + 0.3


def test_chains_that_go_on_are_other_than_chains_that_start_at_the_data() -> None:
    v = clusters(300)
    one, other = (train(v, Training(6, persistent=persistent)) for persistent in (False, True))
    assert not np.array_equal(flat(one), flat(other))


def test_units_are_on_as_rarely_as_they_should_if_one_insists() -> None:
    v = clusters(1_000) / 2
    activity = {}
    for insist in (0.0, 0.3, 3.0):
        machine = train(v, Training(12, epochs=60, sparsity=0.05, insist=insist), seed=3)
        activity[insist] = float(np.abs(machine.up(v).mean(axis=0) - 0.05).mean())
    assert activity[3.0] < activity[0.3] < activity[0.0]
    assert activity[3.0] < 0.03


def test_decay_keeps_weights_small() -> None:
    v = clusters(500)
    small_ones, large_ones = (
        np.square(train(v, Training(8, decay=decay)).weights).sum() for decay in (0.3, 0.0)
    )
    assert small_ones < 0.8 * large_ones


def test_the_same_seed_gives_the_same_machine_and_another_one_another() -> None:
    v = clusters(300)
    one, same, other = (train(v, Training(6, epochs=3), seed) for seed in (5, 5, 6))
    np.testing.assert_array_equal(flat(one), flat(same))
    assert not np.array_equal(flat(one), flat(other))


def test_a_stack_learns_what_the_layer_below_makes_of_the_data() -> None:
    v = clusters(1_000)
    layers = [Training(12, epochs=40), Training(5, epochs=100, rate=0.1)]
    below, above = train_stack(v, layers, seed=2)
    assert (below.real, above.real) == (True, False)
    assert (below.weights.shape, above.weights.shape) == ((3, 12), (12, 5))
    np.testing.assert_array_equal(flat(below), flat(train(v, layers[0], 2)))
    np.testing.assert_array_equal(flat(above), flat(train(below.up(v), layers[1], 3, real=False)))
    hidden = below.up(v)
    assert np.square(hidden - above.rebuild(hidden)).mean() < 0.5 * hidden.var(axis=0).mean()
    through = below.down(above.down(above.up(below.up(v))))
    np.testing.assert_array_equal(rebuild((below, above), v), through)


def test_a_trained_machine_rebuilds_what_it_knows_better_than_what_it_does_not() -> None:
    machine = train(clusters(1_000), Training(16, epochs=60))
    known, unknown = clusters(200, 9), clusters(200, 9) * np.float32(-2.0)
    error = [np.square(v - machine.rebuild(v)).mean() for v in (known, unknown)]
    assert error[0] < np.square(known - known.mean(axis=0)).mean() / 2
    assert error[1] > 3 * error[0]
    assert machine.free_energy(unknown).mean() > machine.free_energy(known).mean()


@given(
    count=st.integers(1, 300),
    hidden=st.integers(1, 40),
    persistent=st.booleans(),
    real=st.booleans(),
    seed=st.integers(0, 1_000),
)
@settings(max_examples=25, deadline=None)
def test_training_ends_with_finite_numbers(
    count: int, hidden: int, persistent: bool, real: bool, seed: int
) -> None:
    v = np.random.default_rng(seed).standard_t(3, (count, 20)).clip(-8, 8).astype(np.float32)
    if not real:
        v = (v > 0).astype(np.float32)
    machine = train(v, Training(hidden, epochs=4, persistent=persistent), seed, real=real)
    assert np.isfinite(flat(machine)).all()
    assert np.isfinite(machine.free_energy(v)).all()


def test_nothing_teaches_nothing() -> None:
    with pytest.raises(ValueError, match="at least one sample"):
        train(np.empty((0, 3), np.float32), Training())
