"""How many latent factors data have: a beta process decides, nobody types the number in."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy
from numpy.typing import NDArray

Matrix = NDArray[np.float64]

_CLEANEST = 1e-3  # noise as a share of the variance: no camera is cleaner, and the search ends there
_SWEEPS = 100  # at most, between two proposals
_STILL = 1e-2  # relative change of the noise and of all energies below which the posterior has settled
_TINY = 1e-12


@dataclass(frozen=True, slots=True, eq=False)
class Factors:
    """The factors that data were found to have, strongest first.

    Attributes:
        loadings: ``(k, d)`` each factor in the space of the data, of unit length.
        usage: ``(k,)`` about the share of the rows in which each factor is active, in (0, 1].
        energy: ``(k,)`` its variance over all rows.
        noise: Variance of what no factor explains, for each entry.
        mean: ``(d,)`` of the data.
    """

    loadings: Matrix
    usage: Matrix
    energy: Matrix
    noise: float
    mean: Matrix

    @property
    def count(self) -> int:
        """How many there are."""
        return len(self.loadings)


def find_factors(data: NDArray[np.floating], sweeps: int = _SWEEPS) -> Factors:
    """Find the latent factors of ``(n, d)`` data, and how many there are.

    Each row is a sum of factors that a beta process switches on (Paisley and Carin, "Nonparametric factor
    analysis with beta process priors", ICML 2009), whose marginal is the Indian buffet process (Griffiths and
    Ghahramani, JMLR 2011): ``x = sum_k z_k s_k d_k + noise``, ``z_k`` Bernoulli with a share from
    ``Beta(1/K, (K-1)/K)``, ``s_k`` normal with a variance of its own, ``d_k`` and the noise normal. ``K``
    bounds the process, not the answer: it is the highest rank that such data can have. The posterior is
    approximated by mean-field variational inference, which finds the dimension of dense factors (Nakajima,
    Tomioka, Sugiyama and Babacan, "Perfect dimensionality recovery by variational Bayesian PCA", NIPS 2012).
    Principal components of what is left are proposed until none survives. No random number is drawn. Factors
    are linearly independent: what lies in the span of others is not counted, so there are never more than the
    data have dimensions.

    Args:
        data: ``(n, d)`` rows; their mean is taken off.
        sweeps: Over all factors, at most.

    Returns:
        The factors; none where the data do not vary.

    Raises:
        ValueError: If the data are no matrix, or fewer than two rows, or not finite.
    """
    rows = np.asarray(data, np.float64)
    if rows.ndim != 2 or len(rows) < 2 or not np.isfinite(rows).all():
        raise ValueError(f"factors are found in two or more finite rows, not in an array {rows.shape}")
    mean = rows.mean(axis=0)
    rows = rows - mean
    scale = float(np.sqrt((rows**2).mean())) if rows.size else 0.0
    if scale < _TINY:
        none = np.empty(0)
        return Factors(np.empty((0, rows.shape[1])), none, none, 0.0, mean)
    posterior = _Posterior(rows / scale)
    while posterior.propose():
        before = len(posterior.loadings) - posterior.proposed
        posterior.settle(sweeps, hold=True)
        posterior.settle(sweeps)
        while posterior.drop_repeated():
            posterior.settle(sweeps)
        if len(posterior.loadings) <= before:
            break
    return posterior.factors(scale, mean)


class _Posterior:
    """Mean-field posterior of the beta process factor analysis of centred rows of unit variance."""

    def __init__(self, rows: Matrix) -> None:
        n, d = rows.shape
        self.rows = rows
        self.total = float((rows**2).sum())
        self.bound = min(n - 1, d)  # of the truncated process: centred rows have no higher rank
        # All is noise until factors explain it: noise that starts too low is never told from factors.
        self.noise = 1.0
        self.proposed = 0
        # Prior of a loading: unit length; so a weight has the scale of its factor.
        self.loadings = np.empty((0, d))  # (k, d) means
        self.unsure = np.empty((0, 0))  # (k, k) covariance, alike in all d columns
        self.weight = np.empty((n, 0))  # (n, k) means where active
        self.active = np.empty((n, 0))  # (n, k) chance to be
        self.spread = np.empty(0)  # (k,) variance of a weight
        self.prior = np.empty(0)  # (k,) its prior variance

    def propose(self) -> bool:
        """Add the directions of what is left that vary more than the noise; return whether there are any."""
        room = self.bound - len(self.loadings)
        left = self.rows - (self.active * self.weight) @ self.loadings
        values, vectors = np.linalg.eigh(left.T @ left / len(left))
        new = np.flatnonzero(values > self.noise)[::-1][:room]
        self.proposed = len(new)
        self.loadings = np.vstack([self.loadings, vectors[:, new].T])
        self.unsure = np.pad(self.unsure, (0, len(new)))
        self.weight = np.column_stack([self.weight, left @ vectors[:, new]])
        self.active = np.column_stack([self.active, np.ones((len(left), len(new)))])
        self.spread = np.append(self.spread, np.zeros(len(new)))
        self.prior = np.append(self.prior, values[new])
        return len(new) > 0

    def settle(self, sweeps: int, *, hold: bool = False) -> None:
        """Sweep until nothing changes any more; ``hold`` the noise, lest it give way to what is noise."""
        before = self._summary()
        for _ in range(sweeps):
            if len(self.loadings):
                self._update_weights()
                self._update_loadings()
            if not hold:
                self._update_noise()
            self.drop_faded()
            now = self._summary()
            if len(now) == len(before) and (np.abs(now - before) < _STILL * now).all():
                break
            before = now

    def _update_weights(self) -> None:
        """Switch and weigh one factor after the other, given all others."""
        n, d = self.rows.shape
        towards = self.rows @ self.loadings.T
        gram = self.loadings @ self.loadings.T + d * self.unsure
        use = self.active.sum(axis=0)
        odds = scipy.special.digamma(use + 1.0 / self.bound) - scipy.special.digamma(
            n - use + 1.0 - 1.0 / self.bound + _TINY
        )
        self.spread = 1.0 / (1.0 / self.prior + gram.diagonal() / self.noise)
        mean = np.asfortranarray(self.active * self.weight)
        for k in range(len(self.loadings)):
            rest = towards[:, k] - mean @ gram[k] + mean[:, k] * gram[k, k]
            self.weight[:, k] = rest * (self.spread[k] / self.noise)
            gain = self.weight[:, k] ** 2 / (2.0 * self.spread[k])
            gain += odds[k] + 0.5 * np.log(self.spread[k] / self.prior[k])
            self.active[:, k] = scipy.special.expit(gain)
            mean[:, k] = self.active[:, k] * self.weight[:, k]
        power = (self.active * (self.weight**2 + self.spread)).sum(axis=0)
        self.prior = np.maximum(power / np.maximum(self.active.sum(axis=0), _TINY), _TINY)

    def _update_loadings(self) -> None:
        d = self.rows.shape[1]
        mean, power = self._moments()
        precision = power / self.noise + d * np.eye(len(power))
        factor = scipy.linalg.cho_factor(precision)
        self.unsure = scipy.linalg.cho_solve(factor, np.eye(len(power)))
        self.loadings = scipy.linalg.cho_solve(factor, mean.T @ self.rows) / self.noise

    def _update_noise(self) -> None:
        n, d = self.rows.shape
        mean, power = self._moments()
        gram = self.loadings @ self.loadings.T + d * self.unsure
        explained = 2.0 * float(((mean.T @ self.rows) * self.loadings).sum())
        left = self.total - explained + float((power * gram).sum())
        self.noise = max(left / (n * d), _CLEANEST)

    def _moments(self) -> tuple[Matrix, Matrix]:
        """Return ``(n, k)`` means of the weights and the ``(k, k)`` second moments summed over rows."""
        mean = self.active * self.weight
        power = mean.T @ mean
        extra = (self.active * (self.weight**2 + self.spread) - mean**2).sum(axis=0)
        return mean, power + np.diag(extra)

    def energy(self) -> Matrix:
        """Return ``(k,)`` the variance that each factor explains, over all entries of a row."""
        mean = self.active * self.weight
        found: Matrix = (mean**2).mean(axis=0) * (self.loadings**2).sum(axis=1)
        return found

    def _summary(self) -> Matrix:
        return np.append(self.energy(), self.noise)

    def drop_faded(self) -> None:
        """Leave out what no row uses, or what is too weak to be told from the noise by so many rows.

        That limit is sharp (Baik, Ben Arous and Péché, 2005); what shrank below it only takes long to vanish.
        """
        stays = (self.energy() > self._limit()) & (self.active.sum(axis=0) >= 1.0)
        if not stays.all():
            self._keep(stays)

    def drop_repeated(self) -> bool:
        """Leave out one factor that lies among the others; return whether there was one.

        Mean-field inference may settle with a factor in two parts, the smaller one taking turns with the
        larger. What a factor adds is the part of it that is outside the span of all others.
        """
        length = np.sqrt((self.loadings**2).sum(axis=1, keepdims=True))
        unit = self.loadings / np.maximum(length, _TINY)
        own = 1.0 / np.maximum(np.linalg.pinv(unit @ unit.T, hermitian=True).diagonal(), 1.0)
        energy = self.energy()
        repeated = np.flatnonzero(energy * own <= self._limit())
        if len(repeated) == 0:
            return False
        self._keep(np.arange(len(energy)) != repeated[energy[repeated].argmin()])
        return True

    def _limit(self) -> float:
        """Return the variance below which so many rows cannot tell a factor from the noise."""
        n, d = self.rows.shape
        return float(self.noise * np.sqrt(d / n))

    def _keep(self, stays: NDArray[np.bool_]) -> None:
        self.loadings, self.unsure = self.loadings[stays], self.unsure[np.ix_(stays, stays)]
        self.weight, self.active = self.weight[:, stays], self.active[:, stays]
        self.spread, self.prior = self.spread[stays], self.prior[stays]

    def factors(self, scale: float, mean: Matrix) -> Factors:
        order = np.argsort(-self.energy())
        length = np.sqrt((self.loadings**2).sum(axis=1, keepdims=True))
        return Factors(
            (self.loadings / np.maximum(length, _TINY))[order],
            self.active.mean(axis=0)[order],
            self.energy()[order] * scale**2,
            self.noise * scale**2,
            mean,
        )
