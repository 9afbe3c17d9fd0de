"""Restricted Boltzmann machines: hidden units that switch patterns on and off.

Visible units are real numbers of unit variance around what the hidden units ask for (Gaussian-Bernoulli;
Welling, Rosen-Zvi, Hinton, "Exponential family harmoniums", 2004), or switches themselves. scikit-learn has
only the latter, without sparsity, momentum or weight decay.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import scipy
from numpy.typing import NDArray

Values = NDArray[np.floating]
"""``(n, visible)``, or ``(n, hidden)``: one sample in each row."""


@dataclass(frozen=True, slots=True, eq=False)
class Machine:
    """A restricted Boltzmann machine.

    Its energy is ``E(v, h) = ½|v - visible|² - hidden·h - v·weights·h`` with real ``v``, or
    ``-visible·v - hidden·h - v·weights·h`` with binary ``v``; ``h`` is binary.

    Attributes:
        weights: ``(visible, hidden)``.
        visible: ``(visible,)`` biases; of real units, their mean while no hidden unit is on.
        hidden: ``(hidden,)`` biases.
        real: Whether the visible units are real numbers.
    """

    weights: NDArray[np.floating]
    visible: NDArray[np.floating]
    hidden: NDArray[np.floating]
    real: bool = True

    def up(self, values: Values) -> Values:
        """Return ``(n, hidden)`` the chance that each hidden unit is on."""
        chance: Values = scipy.special.expit(self.hidden + values @ self.weights)
        return chance

    def down(self, hidden: Values) -> Values:
        """Return ``(n, visible)`` the mean of each visible unit."""
        asked: Values = self.visible + hidden @ self.weights.T
        return asked if self.real else np.asarray(scipy.special.expit(asked))

    def rebuild(self, values: Values) -> Values:
        """Return ``(n, visible)`` values as the hidden units would have them (mean field)."""
        return self.down(self.up(values))

    def free_energy(self, values: Values) -> NDArray[np.floating]:
        """Return ``(n,)`` ``-log(sum over h of exp(-E(v, h)))``: lower is more likely."""
        inner = np.logaddexp(0.0, self.hidden + values @ self.weights).sum(axis=1)
        outer = 0.5 * np.square(values - self.visible).sum(axis=1) if self.real else -(values @ self.visible)
        free: NDArray[np.floating] = outer - inner
        return free

    def walk(self, values: Values, random: np.random.Generator) -> Values:
        """Return ``(n, visible)`` values after one step of Gibbs sampling: up and down again."""
        chance = self.up(values)
        on = (random.random(chance.shape, np.float32) < chance).astype(values.dtype)
        mean = self.down(on)
        if self.real:
            return mean + random.standard_normal(mean.shape, np.float32)
        return (random.random(mean.shape, np.float32) < mean).astype(values.dtype)

    def slope(self, values: Values, weight: NDArray[np.floating] | None = None) -> Machine:
        """Return how the mean free energy of values falls with each parameter, in the shape of a machine.

        That of data minus that of what the machine itself believes in is the gradient of the log-likelihood.

        Args:
            values: ``(n, visible)``.
            weight: ``(n,)`` that sum to 1; equal where not given.
        """
        share = np.full(len(values), 1.0 / len(values), values.dtype) if weight is None else weight
        weighted = values * share[:, None]
        chance = self.up(values)
        visible = weighted.sum(axis=0) - (self.visible if self.real else 0.0)
        return Machine(weighted.T @ chance, visible, share @ chance, self.real)


@dataclass(frozen=True, slots=True)
class Training:
    """How a machine is trained (Hinton, "A practical guide to training restricted Boltzmann machines", 2010).

    Attributes:
        hidden: Units.
        epochs: Times that all data are gone through.
        rate: Of learning at first; it falls to zero linearly. Between switches alone it must be about ten
            times as high, or the weights never leave zero.
        momentum: After the first epochs; before, 0.5 at most.
        decay: Of the weights.
        sparsity: Share of the time that a hidden unit should be on (Lee, Ekanadham, Ng, "Sparse deep belief
            net model for visual area V2", 2007).
        insist: How much that counts; 0 leaves the units free.
        steps: Of Gibbs sampling for each update: contrastive divergence (Hinton 2002).
        persistent: Whether the chains go on from update to update (Tieleman, "Training restricted Boltzmann
            machines using approximations to the likelihood gradient", 2008) instead of starting at the data.
        batch: Samples for each update.
    """

    hidden: int = 32
    epochs: int = 30
    rate: float = 0.01
    momentum: float = 0.9
    decay: float = 1e-3
    sparsity: float = 0.1
    insist: float = 0.1
    steps: int = 1
    persistent: bool = False
    batch: int = 100


_CALM = 5  # epochs of low momentum, until the weights are where they are going to
_REMEMBER = 0.9  # of the running mean of how often a hidden unit is on


def train(values: Values, training: Training, seed: int = 0, *, real: bool = True) -> Machine:
    """Train a machine on ``(n, visible)`` values; real ones should have about unit variance.

    Raises:
        ValueError: If there are none.
    """
    if len(values) == 0:
        raise ValueError("a machine needs at least one sample to learn from")
    data = np.asarray(values, np.float32)
    random = np.random.default_rng(seed)
    machine = _begin(data, training, random, real=real)
    batch = min(training.batch, len(data))
    chains = data[random.permutation(len(data))[:batch]]
    often = np.full(training.hidden, training.sparsity, np.float32)
    speed = Machine(
        np.zeros_like(machine.weights), np.zeros_like(machine.visible), np.zeros_like(often), real
    )
    for epoch in range(training.epochs):
        rate = np.float32(training.rate * (1.0 - epoch / training.epochs))
        momentum = np.float32(min(0.5, training.momentum) if epoch < _CALM else training.momentum)
        order = random.permutation(len(data))
        for start in range(0, len(data) - batch + 1, batch):
            seen = data[order[start : start + batch]]
            chains = chains if training.persistent else seen
            for _ in range(training.steps):
                chains = machine.walk(chains, random)
            fact, belief = machine.slope(seen), machine.slope(chains)
            often = np.float32(_REMEMBER) * often + np.float32(1.0 - _REMEMBER) * fact.hidden
            wanted = np.float32(training.insist) * (np.float32(training.sparsity) - often)
            pull = np.float32(training.decay) * machine.weights
            speed = Machine(
                momentum * speed.weights + rate * (fact.weights - belief.weights - pull),
                momentum * speed.visible + rate * (fact.visible - belief.visible),
                momentum * speed.hidden + rate * (fact.hidden - belief.hidden + wanted),
                real,
            )
            machine = Machine(
                machine.weights + speed.weights,
                machine.visible + speed.visible,
                machine.hidden + speed.hidden,
                real,
            )
    return machine


def _begin(data: Values, training: Training, random: np.random.Generator, *, real: bool) -> Machine:
    """Return a machine with small weights that believes in the mean of the data."""
    mean = data.mean(axis=0)
    if not real:
        mean = np.clip(mean, 0.01, 0.99)
        mean = np.log(mean / (1.0 - mean))
    weights = random.normal(0.0, 0.01, (data.shape[1], training.hidden)).astype(np.float32)
    off = np.log(training.sparsity / (1.0 - training.sparsity))
    return Machine(weights, mean, np.full(training.hidden, off, np.float32), real)


def train_stack(values: Values, layers: Sequence[Training], seed: int = 0) -> tuple[Machine, ...]:
    """Train machines one on top of the other, each on how likely the units below are on.

    Greedily, layer by layer: Hinton, Osindero, Teh, "A fast learning algorithm for deep belief nets", 2006.

    Args:
        values: ``(n, visible)`` real.
        layers: How each is trained, from the bottom.
        seed: Of all that is random.
    """
    stack: list[Machine] = []
    for number, training in enumerate(layers):
        stack.append(train(values, training, seed + number, real=number == 0))
        values = stack[-1].up(values)
    return tuple(stack)


def rebuild(stack: Sequence[Machine], values: Values) -> Values:
    """Return ``(n, visible)`` values after going all the way up and down again (mean field)."""
    for machine in stack:
        values = machine.up(values)
    for machine in reversed(stack):
        values = machine.down(values)
    return values
